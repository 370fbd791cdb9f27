/** A worker process: takes its names from the command line, its orders from descriptor 3, and ends when that closes. */
import { flushCompileCache } from 'node:module';
import { Socket } from 'node:net';
import { workerId } from '@tidemark/core';
import type { WireJob } from '../job-wiring.ts';
import { TaskManager } from '../task-manager.ts';
import { FrameLink } from './frame-link.ts';
import { nodeClock } from './node-clock.ts';
import { nodeSha256 } from './node-environment.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { SocketNetwork } from './socket-network.ts';

/** Arguments: worker id, fence (found by the next life of the runtime in the command line), directory of sockets. */
export function runWorker(wire: WireJob, [id, fence, sockets]: readonly string[] = process.argv.slice(2)): void {
  if (id === undefined || fence === undefined || sockets === undefined) throw new Error('a worker is started by its job manager');
  process.title = `tidemark-worker ${id} ${fence}`;
  process.on('SIGINT', () => {}); // a Ctrl-C reaches the whole group; the runtime decides when workers end
  const usage = cpuUsage();
  const manager = new TaskManager({
    workerId: workerId(id),
    clock: nodeClock,
    files: nodeFileSystem,
    createSha256: nodeSha256,
    network: new SocketNetwork(sockets, `${id}-${process.pid}`),
    control: new FrameLink(new Socket({ fd: 3, readable: true, writable: true })),
    wire,
    defer: (callback) => { setImmediate(callback); },
    stepsPerTurn: 8,
    usage: () => ({ memoryBytes: process.memoryUsage.rss(), cpuShare: usage() }),
    exit: () => process.exit(0),
  });
  void manager.start();
  flushCompileCache(); // a worker is killed and has no other moment; where nothing is new, nothing is written
}

/** Share of one core used since the last call. */
function cpuUsage(): () => number {
  let used = process.cpuUsage();
  let at = performance.now();
  return () => {
    const now = performance.now();
    const { user, system } = process.cpuUsage(used);
    const share = now > at ? (user + system) / 1000 / (now - at) : 0;
    used = process.cpuUsage();
    at = now;
    return share;
  };
}
