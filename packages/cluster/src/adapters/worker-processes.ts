/**
 * Worker processes of this machine: started with Node, held by a socket pair, killed with SIGKILL.
 *
 * Always  a worker's link closes only when its process is dead: the job manager restores nothing before (JM1).
 *         The child's end of the pair is descriptor 3; it closes with the death of either side.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { getCompileCacheDir } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { WorkerId } from '@tidemark/core';
import type { Link, WorkerHost, WorkerProcess } from '../environment.ts';
import { FrameLink } from './frame-link.ts';

const SOCKETS = 'tidemark-';

/** Of this process; removed when it ends. */
const socketDirectories = new Set<string>();

export interface WorkerProcessesOptions {
  /** File that a worker runs. Default: worker-main beside this one, .ts in a checkout and .js in a bundle. */
  readonly entry?: string;
}

export class WorkerProcesses implements WorkerHost {
  readonly #entry: string;
  readonly #sockets: string;

  constructor(options: WorkerProcessesOptions = {}) {
    this.#entry = options.entry ?? fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './worker-main.ts' : './worker-main.js', import.meta.url));
    sweepSockets();
    this.#sockets = mkdtempSync(join(tmpdir(), `${SOCKETS}${process.pid}-`)); // mode 0700
    if (socketDirectories.size === 0) process.once('exit', () => { for (const directory of socketDirectories) rmSync(directory, { recursive: true, force: true }); });
    socketDirectories.add(this.#sockets);
  }

  spawn(workerId: WorkerId, fence: string): WorkerProcess {
    const child = spawn(process.execPath, [this.#entry, workerId, fence, this.#sockets], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      // A worker needs nothing of the runtime's environment, least of all its secrets.
      env: { PATH: process.env.PATH ?? '', TZ: 'UTC', TMPDIR: tmpdir(), ...compileCache() },
    });
    const control = new ProcessLink(child);
    return { pid: child.pid ?? -1, control, kill: () => { child.kill('SIGKILL'); } };
  }

  async fence(pid: number, fence: string): Promise<void> {
    while (commandLineOf(pid).includes(fence)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        return; // gone in between
      }
      await sleep(10);
    }
  }
}

/** Where the runtime keeps compiled code, workers do too: their start is most of a recovery. */
function compileCache(): { readonly NODE_COMPILE_CACHE?: string } {
  const directory = getCompileCacheDir(); // Node's own, one for each of its versions, below the one that was named
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}

/** The near end of a worker's control link: closes when the process is dead, and kills it when its socket closes. */
class ProcessLink implements Link {
  readonly #child: ChildProcess;
  readonly #socket: FrameLink | null;
  readonly #dead: Promise<void>;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#dead = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve()); // it never started
    });
    const socket = child.stdio[3] as Socket | null | undefined;
    this.#socket = socket ? new FrameLink(socket) : null;
  }

  send(frame: Uint8Array): void {
    this.#socket?.send(frame);
  }

  open(handlers: Parameters<Link['open']>[0]): void {
    let dead = false;
    this.#socket?.open({
      onFrame: (frame) => { if (!dead) handlers.onFrame(frame); },
      onClose: () => this.close(),
    });
    const awaitDeath = async (): Promise<void> => {
      await this.#dead;
      dead = true;
      this.#socket?.close();
      handlers.onClose();
    };
    void awaitDeath();
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

/** '' for a process that is gone or is only waiting for its parent to take notice. */
function commandLineOf(pid: number): string {
  if (process.platform !== 'linux') return spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'latin1' }).stdout ?? '';
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

/** Socket directories of runtimes that were killed. */
function sweepSockets(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${SOCKETS}(\\d+)-`).exec(name);
    if (!owner) continue;
    try {
      process.kill(Number(owner[1]), 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}
