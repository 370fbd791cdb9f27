/**
 * The worker's side of a job: hosts tasks, moves elements between them, makes their images durable, commits their sinks.
 *
 * Always  one deployment at a time; when it is cancelled nothing of it touches disk or links any more before the answer
 *         goes out (WK1). A task that throws stops the whole deployment at once and is reported once (WK2).
 *         Barrier and state copy happen in one turn (the tasks see to that); files are written behind it.
 *         When the control link closes, the process ends: a worker without its job manager commits nothing (WK3, I10).
 * Not here: decisions about checkpoints and restarts (job manager), matching, sockets and files themselves (ports).
 */
import { type Attempt, type CheckpointId, JobFault, invariant, unreachable } from '@tidemark/core';
import { SegmentWriter, readLedger } from '@tidemark/connectors';
import {
  type Aligner, OperatorTask, OutputChannel, type OutputLine, SourceTask, type StreamElement, type TaskImage,
} from '@tidemark/dataflow';
import { CheckpointStorage } from './checkpoint-storage.ts';
import { type Deployment, type FromWorker, type TaskFigures, decodeToWorker, encodeMessage } from './control-message.ts';
import { decodeDataFrame, encodeDataFrame } from './data-frame.ts';
import type { Link } from './environment.ts';
import { SOURCE_UID, type Task, channelEnds, channelOf, keyGroupsOf, matchName, tasksOf } from './execution-graph.ts';
import { damageFault, diskFault } from './fault.ts';
import type { JobWiring } from './job-wiring.ts';
import type { WorkerEnvironment } from './worker-environment.ts';

/** Batches that a channel may hold at its receiver. */
const CREDITS = 4;
/** Pending lines shown in one sample. */
const PENDING_SAMPLE = 50;

export interface TaskManagerOptions {
  /** For the simulator's broken variants. */
  readonly createAligner?: (channelCount: number) => Aligner;
  readonly restoreSections?: (sections: ReadonlyMap<string, Uint8Array>) => ReadonlyMap<string, Uint8Array>;
}

export class TaskManager {
  readonly #environment: WorkerEnvironment;
  readonly #options: TaskManagerOptions;
  #deployment: RunningDeployment | null = null;
  #stopped = false;

  constructor(environment: WorkerEnvironment, options: TaskManagerOptions = {}) {
    this.#environment = environment;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { control, network, exit } = this.#environment;
    control.open({
      onFrame: (frame) => this.#onMessage(frame),
      onClose: () => {
        this.#stopped = true;
        this.#deployment?.stop();
        exit();
      },
    });
    const address = await network.listen((link) => this.#onDataLink(link));
    this.#send({ kind: 'hello', address });
  }

  #send(message: FromWorker): void {
    if (!this.#stopped) this.#environment.control.send(encodeMessage(message));
  }

  #onMessage(frame: Uint8Array): void {
    const message = decodeToWorker(frame);
    const deployment = this.#deployment;
    switch (message.kind) {
      case 'deploy':
        invariant(!deployment || deployment.cancelled, 'deployed over a running deployment');
        this.#deployment = new RunningDeployment(this.#environment, this.#options, message.deployment, (answer) => this.#send(answer));
        this.#deployment.prepare();
        return;
      case 'cancel':
        (deployment?.cancel() ?? Promise.resolve()).then(() => this.#send({ kind: 'cancelled', nonce: message.nonce }), () => this.#environment.exit());
        return;
      default:
        if (deployment && deployment.attempt === message.attempt) deployment.onMessage(message);
    }
  }

  #onDataLink(link: Link): void {
    let owner: RunningDeployment | null = null;
    link.open({
      onFrame: (bytes) => {
        const frame = decodeDataFrame(bytes);
        if (frame.kind === 'hello') {
          const deployment = this.#deployment;
          if (deployment && deployment.attempt === frame.attempt && deployment.accept(link)) owner = deployment;
          else link.close();
          return;
        }
        if (owner && frame.kind === 'element') owner.onElement(frame.channel, frame.element, link);
      },
      onClose: () => owner?.onLinkClosed(link),
    });
  }
}

/** A task with its place in the round of steps. */
interface Runner {
  readonly task: Task;
  readonly source: SourceTask | null;
  readonly operator: OperatorTask | null;
  readonly sink: SegmentWriter;
  scheduled: boolean;
}

class RunningDeployment {
  readonly attempt: Attempt;
  readonly #environment: WorkerEnvironment;
  readonly #options: TaskManagerOptions;
  readonly #deployment: Deployment;
  readonly #send: (message: FromWorker) => void;
  readonly #storage: CheckpointStorage;
  readonly #wiring: JobWiring;
  readonly #runners = new Map<string, Runner>();
  /** Sending ends, by channel; and where credits of a channel go. */
  readonly #outputs = new Map<number, OutputChannel>();
  readonly #upstreamLinks = new Map<number, Link>();
  readonly #downstreamLinks = new Map<number, Link>();
  readonly #links = new Set<Link>();
  readonly #timers = new Set<() => void>();
  /** Everything of this deployment that touches the disk. */
  readonly #work = new Set<Promise<void>>();
  /** Set by a failure, a cancellation or the end of the process: no task makes another step. */
  #halted = false;
  cancelled = false;
  #pending: string[] = [];
  #omitted = 0;

  constructor(environment: WorkerEnvironment, options: TaskManagerOptions, deployment: Deployment, send: (message: FromWorker) => void) {
    this.attempt = deployment.attempt;
    this.#environment = environment;
    this.#options = options;
    this.#deployment = deployment;
    this.#send = send;
    this.#storage = new CheckpointStorage(environment.files, environment.createSha256, deployment.jobDirectory);
    this.#wiring = environment.wire(deployment.spec);
  }

  prepare(): void {
    this.#track(async () => {
      const mine = tasksOf(this.#wiring).filter((task) => this.#deployment.placement[task.name] === this.#environment.workerId);
      for (const task of mine) await this.#createTask(task);
      if (!this.#halted) this.#send({ kind: 'deployed', attempt: this.attempt });
    }, 'deployment');
  }

  onMessage(message: Exclude<ReturnType<typeof decodeToWorker>, { readonly kind: 'deploy' | 'cancel' }>): void {
    if (this.#halted) return;
    switch (message.kind) {
      case 'start':
        this.#connect();
        this.#send({ kind: 'started', attempt: this.attempt });
        for (const runner of this.#runners.values()) this.#wake(runner);
        this.#sampleFigures();
        return;
      case 'trigger':
        this.#guard(SOURCE_UID, () => {
          for (const runner of this.#runners.values()) {
            runner.source?.trigger({ kind: 'barrier', checkpointId: message.checkpointId, timestamp: message.timestamp, final: message.final });
          }
        });
        return;
      case 'aborted':
        for (const runner of this.#runners.values()) {
          runner.source?.abortCheckpoint(message.checkpointId);
          runner.operator?.abortCheckpoint(message.checkpointId);
        }
        return;
      case 'complete':
        for (const runner of this.#runners.values()) this.#commit(runner, message.checkpointId, message.final);
        return;
      default:
        unreachable(message);
    }
  }

  /** The process is going down: stop touching anything. */
  stop(): void {
    this.#halted = true;
    for (const cancelTimer of this.#timers) cancelTimer();
    this.#timers.clear();
  }

  async cancel(): Promise<void> {
    this.cancelled = true;
    this.stop();
    for (const link of this.#links) link.close();
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
    for (const runner of this.#runners.values()) {
      await runner.sink.close();
      await runner.source?.close();
    }
  }

  accept(link: Link): boolean {
    if (this.#halted) return false;
    this.#links.add(link);
    return true;
  }

  onElement(channel: number, element: StreamElement, from: Link): void {
    if (this.#halted) return;
    this.#upstreamLinks.set(channel, from);
    this.#deliver(channel, element);
  }

  onLinkClosed(link: Link): void {
    this.#links.delete(link);
    this.#fail('deployment', new JobFault('a data link to another worker closed', {
      domain: 'external', retry: 'with-backoff', code: 'link-lost', operatorId: null, remedy: null,
    }));
  }

  #deliver(channel: number, element: StreamElement): void {
    const ends = channelEnds(this.#wiring, channel);
    const runner = this.#runners.get(matchName(ends));
    invariant(runner?.operator, `element for ${matchName(ends)}, which is not here`);
    runner.operator.receive(ends.source, element);
    this.#wake(runner);
  }

  async #createTask(task: Task): Promise<void> {
    const { files, createSha256 } = this.#environment;
    const { restore, epoch } = this.#deployment;
    const ledger = await readLedger(files, this.#storage.segments, restore?.checkpointId ?? 0, restore === null || restore.sameTasks ? task.name : null);
    const images: ReadonlyMap<string, Uint8Array>[] = [];
    for (const handle of restore?.states[task.name] ?? []) {
      const snapshot = await this.#storage.readState((restore as NonNullable<typeof restore>).checkpointId, handle);
      if (snapshot.header.stateHash !== this.#wiring.stateHash) {
        throw new JobFault('the checkpoint holds state of another version of the pattern', {
          domain: 'user', retry: 'no-retry', code: 'state-of-another-pattern', operatorId: task.name, remedy: 'Deploy the changed pattern as a new job.',
        });
      }
      images.push(this.#options.restoreSections?.(snapshot.sections) ?? snapshot.sections);
    }
    if (this.#halted) return;
    const sink = new SegmentWriter({
      files, createSha256, directory: this.#storage.segments, task: task.name, life: `e${epoch}a${this.attempt}`, ledger,
      onLine: (line) => this.#onLine(line),
    });
    let runner: Runner;
    if (task.exchange === null) {
      const source = this.#createSource(task, sink, () => runner);
      runner = { task, source, operator: null, sink, scheduled: false };
      if (images[0]) source.restore(images[0]);
    } else {
      const operator = this.#createOperator(task, task.exchange, sink);
      runner = { task, source: null, operator, sink, scheduled: false };
      operator.restore(images, keyGroupsOf(this.#wiring, { exchange: task.exchange, match: task.subtask }));
    }
    this.#runners.set(task.name, runner);
  }

  #createSource(task: Task, sink: SegmentWriter, runner: () => Runner): SourceTask {
    const wiring = this.#wiring;
    const matchers = wiring.exchanges.flatMap(({ parallelism }, exchange) => Array.from({ length: parallelism }, (_, match) => ({ exchange, match })));
    const channels = matchers.map((matcher) => {
      const channel = channelOf(wiring, { source: task.subtask, ...matcher });
      const output = new OutputChannel(CREDITS, (element) => this.#sendElement(channel, element));
      this.#outputs.set(channel, output);
      return output;
    });
    const writeIfWanted = (line: OutputLine | null): void => { if (line) sink.write(line); };
    const splits: number[] = [];
    for (let split = task.subtask; split < wiring.splits; split += wiring.sources) splits.push(split);
    const source: SourceTask = new SourceTask(
      {
        splits, schema: wiring.schema, outOfOrdernessMs: wiring.outOfOrdernessMs, idlenessMs: wiring.idlenessMs, processingTime: wiring.processingTime,
        rate: wiring.rate, ignoreRate: this.#deployment.spec.ignoreRate,
      },
      splits.map((split) => wiring.createReader(split, (deadLetter) => source.addDeadLetter(deadLetter))),
      channels,
      sink,
      {
        now: () => this.#environment.clock.monotonic(),
        wallClock: () => this.#environment.clock.now(),
        wake: (afterMs) => {
          if (afterMs > 0) this.#after(afterMs, () => this.#wake(runner()));
          else this.#wake(runner());
        },
        onFault: (error) => this.#fail(task.name, error),
        exchanges: wiring.exchanges.map((exchange) => ({ channels: exchange.parallelism, route: exchange.createRoute() })),
        encoders: matchers.map(() => wiring.createEncoder()),
        onLate: (batch, row) => { for (const line of wiring.formatLate(batch, row)) sink.write(line); },
        onDeadLetter: (deadLetter) => writeIfWanted(wiring.formatDeadLetter(deadLetter)),
        onImage: (image) => this.#onImage(runner(), image),
        onEnd: () => this.#send({ kind: 'input-ended', attempt: this.attempt, task: task.name }),
      },
    );
    return source;
  }

  #createOperator(task: Task, exchange: number, sink: SegmentWriter): OperatorTask {
    const wiring = this.#wiring;
    return new OperatorTask(
      { count: wiring.sources, credits: CREDITS },
      (wiring.exchanges[exchange] as JobWiring['exchanges'][number]).createOperator((line) => sink.write(line)),
      sink,
      {
        returnCredit: (input) => this.#returnCredit(channelOf(wiring, { source: input, exchange, match: task.subtask })),
        decoders: Array.from({ length: wiring.sources }, () => wiring.createDecoder()),
        onImage: (image) => this.#onImage(this.#runners.get(task.name) as Runner, image),
        onAlignmentAborted: (checkpointId, detail) => this.#send({ kind: 'declined', attempt: this.attempt, checkpointId, task: task.name, detail }),
      },
      this.#options.createAligner?.(wiring.sources),
    );
  }

  #connect(): void {
    const { placement, addresses } = this.#deployment;
    const links = new Map<string, Link>();
    for (const channel of this.#outputs.keys()) {
      const worker = placement[matchName(channelEnds(this.#wiring, channel))] as string;
      if (worker === this.#environment.workerId || links.has(worker)) continue;
      const link = this.#environment.network.connect(addresses[worker] as string);
      links.set(worker, link);
      this.#links.add(link);
      link.open({
        onFrame: (bytes) => {
          const frame = decodeDataFrame(bytes);
          if (frame.kind === 'credit' && !this.#halted) this.#onCredit(frame.channel);
        },
        onClose: () => this.onLinkClosed(link),
      });
      link.send(encodeDataFrame({ kind: 'hello', attempt: this.attempt }));
    }
    for (const channel of this.#outputs.keys()) {
      const link = links.get(placement[matchName(channelEnds(this.#wiring, channel))] as string);
      if (link) this.#downstreamLinks.set(channel, link);
    }
  }

  #sendElement(channel: number, element: StreamElement): void {
    const link = this.#downstreamLinks.get(channel);
    if (link) link.send(encodeDataFrame({ kind: 'element', channel, element }));
    else this.#deliver(channel, element);
  }

  #returnCredit(channel: number): void {
    const link = this.#upstreamLinks.get(channel);
    if (link) link.send(encodeDataFrame({ kind: 'credit', channel }));
    else this.#onCredit(channel);
  }

  #onCredit(channel: number): void {
    this.#outputs.get(channel)?.addCredit();
    const runner = this.#runners.get(`${SOURCE_UID}/${channelEnds(this.#wiring, channel).source}`);
    if (runner) this.#wake(runner);
  }

  #wake(runner: Runner): void {
    if (runner.scheduled || this.#halted) return;
    runner.scheduled = true;
    this.#environment.defer(() => {
      runner.scheduled = false;
      if (this.#halted) return;
      this.#guard(runner.task.name, () => {
        const task = runner.source ?? (runner.operator as OperatorTask);
        for (let step = 1; task.step(); step += 1) {
          if (step < this.#environment.stepsPerTurn) continue;
          this.#wake(runner);
          break;
        }
      });
    });
  }

  #after(ms: number, callback: () => void): void {
    const cancelTimer = this.#environment.clock.schedule(ms, () => {
      this.#timers.delete(cancelTimer);
      callback();
    });
    this.#timers.add(cancelTimer);
  }

  #onImage(runner: Runner, image: TaskImage): void {
    const { checkpointId, sections, output, inputPosition } = image;
    const { task } = runner;
    this.#track(async () => {
      try {
        const header = {
          jobId: this.#deployment.spec.jobId, checkpointId, uid: task.uid, subtask: task.subtask,
          epoch: this.#deployment.epoch, attempt: this.attempt, stateHash: this.#wiring.stateHash,
        };
        const [written, durable] = await Promise.allSettled([this.#storage.writeState(header, sections), output.durable]);
        if (durable.status === 'rejected') throw durable.reason;
        if (written.status === 'rejected') throw written.reason;
        if (!this.#halted) {
          this.#send({ kind: 'ack', attempt: this.attempt, checkpointId, task: task.name, ack: { state: written.value, output: durable.value, inputPosition } });
        }
      } catch (error) {
        if (error instanceof JobFault) throw error;
        if (!this.#halted) this.#send({ kind: 'declined', attempt: this.attempt, checkpointId, task: task.name, detail: String(error) });
      }
    }, task.name);
  }

  #commit(runner: Runner, checkpointId: CheckpointId, final: boolean): void {
    this.#track(async () => {
      const segments = await runner.sink.commit(checkpointId);
      if (this.#halted) return;
      if (final) {
        runner.source?.finish();
        this.#sendFigures(); // the last ones, for the page
      }
      this.#send({ kind: 'committed', attempt: this.attempt, checkpointId, task: runner.task.name, segments });
    }, runner.task.name);
  }

  #track(work: () => Promise<void>, task: string): void {
    const tracked = work().catch((error: unknown) => this.#fail(task, error)).finally(() => { this.#work.delete(tracked); });
    this.#work.add(tracked);
  }

  #guard(task: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(task, error);
    }
  }

  #fail(task: string, error: unknown): void {
    if (this.#halted) return;
    this.stop();
    const { message, domain, retry, code, operatorId, remedy } = diskFault(error) ?? damageFault(error) ?? this.#wiring.faultOf(error, task);
    this.#send({ kind: 'failed', attempt: this.attempt, task, fault: { message, domain, retry, code, operatorId, remedy } });
  }

  #onLine(line: OutputLine): void {
    if (this.#deployment.figuresIntervalMs === 0) return;
    if (this.#pending.length < PENDING_SAMPLE) this.#pending.push(line.line);
    else this.#omitted += 1;
  }

  #sampleFigures(): void {
    const { figuresIntervalMs } = this.#deployment;
    if (figuresIntervalMs === 0 || this.#halted) return;
    this.#sendFigures();
    this.#after(figuresIntervalMs, () => this.#sampleFigures());
  }

  #sendFigures(): void {
    if (this.#deployment.figuresIntervalMs === 0) return;
    const tasks = [...this.#runners.values()].map(({ task, source, operator, sink }): TaskFigures => ({
      task: task.name,
      source: source?.figures() ?? null,
      position: source?.position ?? null,
      watermark: source?.figures().watermark ?? (operator as OperatorTask).watermark,
      matches: sink.matches,
      stages: operator?.operator.stageFigures() ?? [],
    }));
    this.#send({ kind: 'figures', attempt: this.attempt, tasks, pending: this.#pending, omitted: this.#omitted, ...this.#environment.usage() });
    this.#pending = [];
    this.#omitted = 0;
  }
}
