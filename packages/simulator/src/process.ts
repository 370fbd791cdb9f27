/**
 * A process of a simulated machine, and the world as it sees it: clock, disk, links.
 *
 * Always  when it dies nothing of it happens any more: its timers, its calls under way, its promises. A disk call that was
 *         under way may or may not have happened. Its links close at their other ends some time later, in order behind
 *         what was sent before.
 */
import type { Clock, FileSystem, WritableFile } from '@tidemark/core';
import type { Link } from '@tidemark/cluster';
import { type Disk, DiskError, type FileNode } from './disk.ts';
import type { Random } from '@tidemark/testkit';
import type { Alive, Scheduler } from './scheduler.ts';

/** What the machine does to its processes; drawn once for each world. */
export interface MachineOptions {
  /** Longest delay of a frame on a link and of a disk call, virtual ms. */
  readonly linkDelayMs: number;
  readonly diskDelayMs: number;
  /** Probability that a changing disk call fails (EIO, ENOSPC). */
  readonly diskErrors: number;
  /** How long a process runs on before it notices that its peer died. */
  readonly closeDelayMs: number;
}

export class Machine {
  readonly scheduler: Scheduler;
  readonly disk: Disk;
  readonly random: Random;
  readonly options: MachineOptions;
  /** Called before a rename becomes visible: the invariants look at it. */
  onRename: (from: string, to: string) => void = () => {};
  onMakeDirectory: (path: string) => void = () => {};
  onQuietCall: (process: string, path: string) => void = () => {};
  #pids = 100;

  constructor(scheduler: Scheduler, disk: Disk, random: Random, options: MachineOptions) {
    this.scheduler = scheduler;
    this.disk = disk;
    this.random = random;
    this.options = options;
  }

  start(name: string): Process {
    return new Process(this, name, ++this.#pids);
  }
}

export class Process implements Alive {
  readonly name: string;
  readonly pid: number;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly #onDeath = new Set<() => void>();
  #alive = true;
  pausedFrom = 0;
  pausedUntil = 0;
  /** What the world watches of a worker. */
  mayTouchDisk = true;
  failures = 0;
  deployment = 0;

  constructor(machine: Machine, name: string, pid: number) {
    this.machine = machine;
    this.name = name;
    this.pid = pid;
    const { scheduler } = machine;
    this.clock = {
      now: () => 1_700_000_000_000 + scheduler.now,
      monotonic: () => scheduler.now,
      schedule: (ms, callback) => scheduler.after(ms, this, callback),
    };
    this.files = new ProcessFiles(this);
  }

  get alive(): boolean { return this.#alive; }

  onDeath(callback: () => void): void {
    this.#onDeath.add(callback);
  }

  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const callback of this.#onDeath) callback();
  }

  /** Nothing happens in it for so long; then everything that has gathered, in order. */
  pause(ms: number): void {
    const { now } = this.machine.scheduler;
    if (this.pausedUntil > now) return;
    this.pausedFrom = now;
    this.pausedUntil = now + ms;
  }

  defer(callback: () => void): void {
    this.machine.scheduler.after(this.machine.random.next() * 0.2, this, callback);
  }
}

class ProcessFiles implements FileSystem {
  readonly #process: Process;

  constructor(process: Process) {
    this.#process = process;
  }

  /** Some time passes, then the call happens, then some time passes until its caller knows. */
  call<T>(changes: boolean, path: string, work: (disk: Disk) => T): Promise<T> {
    const { machine } = this.#process;
    const { scheduler, random, options, disk } = machine;
    if (!this.#process.mayTouchDisk) machine.onQuietCall(this.#process.name, path);
    const error = changes && random.chance(options.diskErrors) ? random.pick(['EIO', 'ENOSPC']) : null;
    const happensAnyway = random.chance(0.5);
    return new Promise((resolve, reject) => {
      scheduler.after(random.next() * options.diskDelayMs, null, () => {
        // A call of a process that died while it was under way: the kernel may have finished it.
        if (!this.#process.alive && !happensAnyway) return;
        let settle: () => void;
        try {
          if (error) throw new DiskError(error, path);
          const value = work(disk);
          settle = () => resolve(value);
        } catch (cause) {
          settle = () => reject(cause as Error);
        }
        scheduler.after(random.next() * options.diskDelayMs, this.#process, settle);
      });
    });
  }

  makeDirectory(path: string): Promise<void> {
    return this.call(true, path, (disk) => {
      disk.makeDirectory(path);
      this.#process.machine.onMakeDirectory(path);
    });
  }

  async create(path: string): Promise<WritableFile> {
    return new ProcessFile(this, path, await this.call(true, path, (disk) => disk.create(path)));
  }

  async append(path: string): Promise<WritableFile> {
    return new ProcessFile(this, path, await this.call(true, path, (disk) => disk.file(path)));
  }

  read(path: string): Promise<Uint8Array> {
    return this.call(false, path, (disk) => disk.file(path).seen.slice());
  }

  rename(from: string, to: string): Promise<void> {
    return this.call(true, from, (disk) => {
      this.#process.machine.onRename(from, to);
      disk.rename(from, to);
    });
  }

  list(path: string): Promise<readonly string[]> {
    return this.call(false, path, (disk) => disk.list(path));
  }

  unlink(path: string): Promise<void> {
    return this.call(true, path, (disk) => disk.unlink(path));
  }

  removeDirectory(path: string): Promise<void> {
    return this.call(true, path, (disk) => disk.removeDirectory(path));
  }

  fsyncDirectory(path: string): Promise<void> {
    return this.call(true, path, (disk) => disk.fsyncDirectory(path));
  }
}

class ProcessFile implements WritableFile {
  readonly #files: ProcessFiles;
  readonly #path: string;
  readonly #node: FileNode;

  constructor(files: ProcessFiles, path: string, node: FileNode) {
    this.#files = files;
    this.#path = path;
    this.#node = node;
  }

  write(bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice();
    return this.#files.call(true, this.#path, (disk) => disk.write(this.#node, copy));
  }

  fsync(): Promise<void> {
    return this.#files.call(true, this.#path, (disk) => disk.fsync(this.#node));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** One end of a pipe between two processes: frames in order, each with a delay of its own. */
export class SimulatedLink implements Link {
  readonly #owner: Process;
  #peer: SimulatedLink | null = null;
  #handlers: Parameters<Link['open']>[0] | null = null;
  /** Arrived and not yet seen by the owner. */
  #inbox: Uint8Array[] = [];
  #sendingEnded = false;
  #closeArrived = false;
  #closeSeen = false;
  #lastArrival = 0;

  constructor(owner: Process) {
    this.#owner = owner;
    owner.onDeath(() => this.#endSending(owner.machine.options.closeDelayMs));
  }

  static pair(a: Process, b: Process): readonly [SimulatedLink, SimulatedLink] {
    const near = new SimulatedLink(a);
    const far = new SimulatedLink(b);
    near.#peer = far;
    far.#peer = near;
    return [near, far];
  }

  send(frame: Uint8Array): void {
    if (this.#sendingEnded) return;
    const copy = frame.slice();
    this.#deliver(0, (peer) => {
      peer.#inbox.push(copy);
      // Sometimes several frames are seen in one turn, as from one read of a socket.
      const { scheduler, random, options } = this.#owner.machine;
      if (random.chance(0.3)) scheduler.after(random.next() * options.linkDelayMs, peer.#owner, () => peer.#drain());
      else peer.#drain();
    });
  }

  open(handlers: Parameters<Link['open']>[0]): void {
    this.#owner.machine.scheduler.after(0, this.#owner, () => {
      this.#handlers = handlers;
      this.#drain();
    });
  }

  close(): void {
    if (this.#closeArrived) return;
    this.#endSending(0);
    this.#inbox = [];
    this.#closeArrived = true;
    this.#owner.machine.scheduler.after(0, this.#owner, () => this.#drain());
  }

  #endSending(delayMs: number): void {
    if (this.#sendingEnded) return;
    this.#sendingEnded = true;
    this.#deliver(delayMs, (peer) => {
      peer.#closeArrived = true;
      peer.#endSending(0);
      peer.#drain();
    });
  }

  #drain(): void {
    const handlers = this.#handlers;
    if (!handlers) return;
    while (this.#inbox.length > 0 && !this.#closeSeen) handlers.onFrame(this.#inbox.shift() as Uint8Array);
    if (!this.#closeArrived || this.#closeSeen) return;
    this.#closeSeen = true;
    handlers.onClose();
  }

  /** Never before what was sent earlier; ties are broken at random, so a hair later. */
  #deliver(delayMs: number, what: (peer: SimulatedLink) => void): void {
    const { scheduler, random, options } = this.#owner.machine;
    const peer = this.#peer as SimulatedLink;
    const at = Math.max(scheduler.now + random.next() * (options.linkDelayMs + delayMs), this.#lastArrival + 1e-6);
    this.#lastArrival = at;
    scheduler.after(at - scheduler.now, peer.#owner, () => what(peer));
  }
}
