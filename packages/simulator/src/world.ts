/**
 * One world: a cluster on a simulated machine, with the faults that its seed brings, and what came out of it.
 *
 * Always  equal options give equal worlds, step by step. The cluster is the production one; only clock, disk, links and
 *         processes are simulated.
 * Asserted at every step
 *   I1   checkpoint ids rise; no checkpoint directory is made twice
 *   I4, I5  a segment becomes visible only when a power cut could not take away a checkpoint that lists it
 *   I6   no segment becomes visible twice
 *   I10  no task of an older deployment works after a newer one has begun (JM1)
 *   WK1  a worker that answered a cancel leaves the disk alone until it is deployed again
 *   WK2  a deployment reports one failure at most
 * and, by the production code itself: I3 (coordinator), I13 (checksums), I14 (valves).
 * At the end: I7 nothing pending; JM4 the end and the whole output file are durable; I8 (by the caller) the committed
 * lines are those of the run without faults.
 */
import { type FileSystem, type JobId, jobId, unreachable, workerId } from '@tidemark/core';
import { Cluster, type ClusterEnvironment, type JobHandle, type JobSpec, type JobState, type JobWiring, type Link, TaskManager, type WireJob, decodeToWorker } from '@tidemark/cluster';
import type { PlannedFault } from '@tidemark/faults';
import { createSha256 } from '@tidemark/state';
import { type BrokenVariant, brokenTaskManager, lazyMetadata } from './broken-variants.ts';
import { Disk } from './disk.ts';
import { fork } from './fork.ts';
import { Machine, type MachineOptions, Process, SimulatedLink } from './process.ts';
import { Random } from '@tidemark/testkit';
import { Scheduler } from './scheduler.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly document: JobSpec['document'];
  readonly wire: WireJob;
  readonly workers: number;
  readonly machine: MachineOptions;
  readonly faults: readonly PlannedFault[];
  readonly broken: BrokenVariant | null;
  readonly trace: ((line: string) => void) | null;
}

export interface WorldResult {
  readonly state: JobState | 'STUCK';
  readonly cause: string | null;
  /** Committed lines, sorted by matchId. */
  readonly lines: readonly string[];
  readonly violations: readonly string[];
  readonly virtualMs: number;
  readonly steps: number;
  readonly faults: number;
  readonly restarts: number;
  readonly checkpoints: number;
  /** Damaged checkpoints that were found and put aside. */
  readonly quarantined: number;
  /** Checkpoints that ran out of time. */
  readonly expired: number;
}

const JOB: JobId = jobId('job');
const DATA = '/data';
const OUTPUT = '/data/out.ndjson';
const STEPS_MAX = 300_000;

export async function runWorld(options: WorldOptions): Promise<WorldResult> {
  return new World(options).run();
}

class World {
  readonly #options: WorldOptions;
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #disk = new Disk();
  readonly #machine: Machine;
  readonly #violations: string[] = [];
  readonly #workers = new Map<number, { readonly process: Process; readonly fence: string }>();
  readonly #listening = new Map<string, { readonly process: Process; readonly onLink: (link: Link) => void }>();
  readonly #visible = new Set<string>();
  readonly #damaged = new Set<string>();
  #newestCheckpoint = 0;
  #newestDeployment = 0;
  #runtime: Process | null = null;
  #job: JobHandle | null = null;
  #state: JobState | null = null;
  #faults = 0;
  #restarts = 0;
  #expired = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#scheduler = new Scheduler(fork(this.#random));
    this.#machine = new Machine(this.#scheduler, this.#disk, fork(this.#random), options.machine);
    this.#machine.onRename = (from, to) => this.#onRename(from, to);
    this.#machine.onQuietCall = (name, path) => this.#violations.push(`WK1: ${name} touches ${path} after it answered a cancel`);
    this.#machine.onMakeDirectory = (path) => this.#onMakeDirectory(path);
  }

  async run(): Promise<WorldResult> {
    this.#disk.makeDirectory(DATA);
    this.#disk.fsyncDirectory('/');
    this.#startRuntime();
    this.#planFault(0);
    const outcome = await this.#scheduler.runUntil(() => this.#state !== null || this.#violations.length > 0, STEPS_MAX);
    if (outcome !== 'done') this.#violations.push(`I11/I12: no progress (${outcome}) in state ${this.#job?.snapshot().state ?? 'not submitted'}`);
    const names = this.#segments();
    if (this.#state === 'FINISHED') this.#checkEnd(names);
    return {
      state: this.#state ?? 'STUCK', cause: this.#job?.snapshot().cause?.message ?? null, lines: this.#committedLines(names), violations: this.#violations, virtualMs: this.#scheduler.now,
      steps: this.#scheduler.steps, faults: this.#faults, restarts: this.#restarts + (this.#job?.snapshot().restarts ?? 0), checkpoints: this.#newestCheckpoint,
      quarantined: this.#list(`${DATA}/jobs/${JOB}/quarantine`).length, expired: this.#expired,
    };
  }

  // ---------------------------------------------------------------- the runtime and its workers

  #startRuntime(): void {
    const process = this.#machine.start('runtime');
    this.#trace(`start runtime ${process.pid}`);
    this.#runtime = process;
    const environment: ClusterEnvironment = {
      clock: process.clock,
      files: this.#filesOf(process),
      workers: { spawn: (id, fence) => this.#spawn(process, id, fence), fence: (pid, fence) => this.#fence(pid, fence) },
      createSha256,
      wire: this.#options.wire,
      unique: () => `f${Math.floor(this.#random.next() * 1e9)}`,
      report: (line) => this.#trace(`report: ${line}`),
    };
    const cluster = new Cluster(environment, { dataDir: DATA, workersPerJob: this.#options.workers, figuresIntervalMs: 0 });
    const life = async (): Promise<void> => {
      await cluster.recover();
      const job = cluster.job(JOB) ?? await cluster.submit({ jobId: JOB, document: this.#options.document, sourcePath: null, outputPath: OUTPUT, baseTime: 0 });
      this.#job = job;
      job.subscribe((event) => {
        if (event.kind === 'checkpoint' && event.checkpoint.failure?.startsWith('not all tasks')) this.#expired += 1;
        if (event.kind !== 'workers' && this.#options.trace) this.#trace(`job ${JSON.stringify(event)}`);
      });
      const state = await job.ended;
      if (process.alive) this.#state = state;
    };
    life().catch((error: unknown) => {
      // A disk that fails under submit or recover: whoever runs the runtime starts it again.
      this.#trace(`runtime failed: ${String(error)}`);
      if (process.alive) this.#killRuntime();
    });
  }

  #filesOf(process: Process): FileSystem {
    return this.#options.broken === 'commit-before-durable' ? lazyMetadata(process) : process.files;
  }

  #spawn(runtime: Process, id: string, fence: string): { readonly pid: number; readonly control: Link; kill(): void } {
    const process = this.#machine.start(id);
    this.#workers.set(process.pid, { process, fence });
    process.onDeath(() => this.#trace(`${id} ${process.pid} dies`));
    const [near, far] = SimulatedLink.pair(runtime, process);
    this.#scheduler.after(this.#random.next() * 20, process, () => {
      this.#trace(`start ${id} ${process.pid}`);
      const manager = new TaskManager({
        workerId: workerId(id),
        clock: process.clock,
        files: process.files,
        createSha256,
        network: {
          listen: (onLink) => {
            const address = `${id}-${process.pid}`;
            this.#listening.set(address, { process, onLink });
            return Promise.resolve(address);
          },
          connect: (address) => this.#connect(process, address),
        },
        control: this.#watched(far, process),
        wire: (spec) => this.#watchedWiring(this.#options.wire(spec), process),
        defer: (callback) => process.defer(callback),
        stepsPerTurn: 1,
        usage: () => ({ memoryBytes: null, cpuShare: null }),
        exit: () => process.kill(),
      }, brokenTaskManager(this.#options.broken));
      void manager.start();
    });
    return { pid: process.pid, control: near, kill: () => process.kill() };
  }

  #connect(from: Process, address: string): Link {
    const listening = this.#listening.get(address);
    const target = listening?.process ?? from;
    const [near, far] = SimulatedLink.pair(from, target);
    if (listening?.process.alive) this.#scheduler.after(this.#random.next() * this.#options.machine.linkDelayMs, target, () => listening.onLink(far));
    else near.close();
    return near;
  }

  async #fence(pid: number, fence: string): Promise<void> {
    const worker = this.#workers.get(pid);
    if (worker?.fence === fence) worker.process.kill();
    await Promise.resolve();
  }

  // ---------------------------------------------------------------- faults

  #planFault(index: number): void {
    const fault = this.#options.faults[index];
    if (!fault) return;
    this.#scheduler.after(fault.afterMs, null, () => {
      if (this.#state === null) this.#inflict(fault);
      this.#planFault(index + 1);
    });
  }

  #inflict({ kind, lastsMs }: PlannedFault): void {
    this.#faults += 1;
    switch (kind) {
      case 'kill-worker':
        this.#killSomeWorker();
        return;
      case 'kill-runtime':
        this.#trace('fault: the runtime is killed');
        this.#killRuntime();
        return;
      case 'power-cut':
        this.#trace('fault: power cut');
        for (const { process } of this.#workers.values()) process.kill();
        this.#killRuntime();
        this.#disk.powerCut(this.#random);
        // A commit that was not synced yet was taken back, and comes again.
        for (const name of this.#visible) if (!this.#segments().includes(name)) this.#visible.delete(name);
        return;
      case 'damage-checkpoint':
        this.#damageNewestCheckpoint();
        this.#killSomeWorker();
        return;
      case 'pause-worker': {
        const worker = this.#someWorker();
        if (!worker) return;
        this.#trace(`fault: ${worker.name} ${worker.pid} stands still for ${lastsMs.toFixed(1)} ms`);
        worker.pause(lastsMs);
        return;
      }
      default:
        unreachable(kind);
    }
  }

  #killSomeWorker(): void {
    const worker = this.#someWorker();
    if (!worker) return;
    this.#trace(`fault: ${worker.name} ${worker.pid} is killed`);
    worker.kill();
  }

  #someWorker(): Process | null {
    const alive = [...this.#workers.values()].filter((worker) => worker.process.alive);
    return alive.length === 0 ? null : this.#random.pick(alive).process;
  }

  #killRuntime(): void {
    if (!this.#runtime?.alive) return;
    this.#restarts += (this.#job?.snapshot().restarts ?? 0) + 1;
    this.#job = null;
    this.#runtime.kill();
    this.#scheduler.after(this.#random.next() * 60, null, () => this.#startRuntime());
  }

  /** One bit of one file, if an older checkpoint is there to fall back to. */
  #damageNewestCheckpoint(): void {
    const root = `${DATA}/jobs/${JOB}/checkpoints`;
    const complete = this.#list(root).filter((name) => this.#list(`${root}/${name}`).includes('_metadata')).sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));
    const newest = complete.at(-1);
    complete.splice(0, Math.max(0, complete.length - this.#options.document.checkpointing.retained)); // the rest is on its way out
    if (newest === undefined || !complete.some((name) => name !== newest && !this.#damaged.has(name))) return;
    this.#damaged.add(newest);
    const name = this.#random.pick(this.#list(`${root}/${newest}`));
    const file = this.#disk.file(`${root}/${newest}/${name}`);
    if (file.seen.length === 0) return;
    const bytes = file.seen.slice();
    const at = this.#random.between(0, bytes.length - 1);
    bytes[at] = (bytes[at] as number) ^ (1 << this.#random.between(0, 7));
    file.seen = bytes;
    file.durable = bytes;
    this.#trace(`fault: bit flipped in ${newest}/${name} at ${at}`);
  }

  // ---------------------------------------------------------------- invariants and outcome

  #onMakeDirectory(path: string): void {
    const id = Number(/\/chk-(\d+)$/.exec(path)?.[1] ?? 0);
    if (id === 0) return;
    if (id <= this.#newestCheckpoint) this.#violations.push(`I1: checkpoint ${id} begins after ${this.#newestCheckpoint}`);
    this.#newestCheckpoint = Math.max(this.#newestCheckpoint, id);
  }

  #onRename(from: string, to: string): void {
    const name = /\/segments\/(cp.*\.ndjson)$/.exec(to)?.[1];
    if (name === undefined) return;
    this.#trace(`commit ${from.slice(from.lastIndexOf('/') + 1)} -> ${name}`);
    if (this.#visible.has(name)) this.#violations.push(`I6: segment ${name} becomes visible again`);
    this.#visible.add(name);
    const root = `${DATA}/jobs/${JOB}/checkpoints`;
    const decoder = new TextDecoder();
    for (const checkpoint of this.#list(root)) {
      const metadata = this.#disk.durableFile(`${root}/${checkpoint}/_metadata`);
      if (metadata && decoder.decode(metadata).includes(name)) return;
    }
    this.#violations.push(`I4/I5: segment ${name} becomes visible before a checkpoint that lists it is durable`);
  }

  /** A worker's control link, with an eye on what goes through. */
  #watched(link: Link, process: Process): Link {
    return {
      send: (frame) => {
        const message = kindOf(frame);
        if (message === 'cancelled') process.mayTouchDisk = false;
        if (message === 'failed' && ++process.failures > 1) this.#violations.push(`WK2: ${process.name} reports a second failure of one deployment`);
        link.send(frame);
      },
      open: ({ onFrame, onClose }) => link.open({
        onFrame: (frame) => {
          if (kindOf(frame) === 'deploy') {
            const { deployment } = decodeToWorker(frame) as Extract<ReturnType<typeof decodeToWorker>, { readonly kind: 'deploy' }>;
            process.mayTouchDisk = true;
            process.failures = 0;
            process.deployment = deployment.epoch * 1e6 + deployment.attempt;
            this.#newestDeployment = Math.max(this.#newestDeployment, process.deployment);
          }
          onFrame(frame);
        },
        onClose,
      }),
      close: () => link.close(),
    };
  }

  #watchedWiring(wiring: JobWiring, process: Process): JobWiring {
    const { deployment } = process;
    const check = (): void => {
      if (deployment < this.#newestDeployment) this.#violations.push(`I10: a task of deployment ${deployment} works after ${this.#newestDeployment} began`);
    };
    return {
      ...wiring,
      exchanges: wiring.exchanges.map((exchange) => ({
        ...exchange,
        createOperator: (write) => {
          const operator = exchange.createOperator((line) => {
            check();
            write(line);
          });
          return {
            processBatch: (batch, watermark) => {
              check();
              operator.processBatch(batch, watermark);
            },
            processWatermark: (watermark) => {
              check();
              operator.processWatermark(watermark);
            },
            snapshot: () => operator.snapshot(),
            restore: (images, keyGroups) => operator.restore(images, keyGroups),
            stageFigures: () => operator.stageFigures(),
          };
        },
      })),
    };
  }

  #checkEnd(names: readonly string[]): void {
    for (const name of names) if (name.endsWith('.pending')) this.#violations.push(`I7: ${name} is still pending`);
    const decoder = new TextDecoder();
    const end = this.#disk.durableFile(`${DATA}/jobs/${JOB}/end.json`);
    if (!end || !decoder.decode(end).includes('"state":"FINISHED"') || !decoder.decode(end).includes('"settled":true')) this.#violations.push('JM4: finished before its end is durable');
    const output = this.#disk.durableFile(OUTPUT);
    const segments = names.map((name) => decoder.decode(this.#disk.file(`${DATA}/jobs/${JOB}/segments/${name}`).seen)).join('');
    if (!output || decoder.decode(output) !== segments) this.#violations.push('JM4: finished before its output file is whole and durable');
  }

  #segments(): readonly string[] {
    return this.#list(`${DATA}/jobs/${JOB}/segments`);
  }

  #committedLines(names: readonly string[]): readonly string[] {
    const decoder = new TextDecoder();
    const lines: { readonly id: string; readonly line: string }[] = [];
    for (const name of names) {
      if (!name.endsWith('.ndjson')) continue;
      for (const line of decoder.decode(this.#disk.file(`${DATA}/jobs/${JOB}/segments/${name}`).seen).split('\n')) {
        if (line !== '') lines.push({ id: (JSON.parse(line) as { readonly matchId: string }).matchId, line });
      }
    }
    return lines.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)).map(({ line }) => line);
  }

  #list(path: string): string[] {
    try {
      return this.#disk.list(path);
    } catch {
      return [];
    }
  }

  #trace(line: string): void {
    this.#options.trace?.(`${this.#scheduler.now.toFixed(3).padStart(10)}  ${line}`);
  }
}

/** The kind of a control message, without reading it all. */
function kindOf(frame: Uint8Array): string {
  return /^\{"kind":"([a-z-]+)"/.exec(new TextDecoder().decode(frame.subarray(0, 40)))?.[1] ?? '';
}
