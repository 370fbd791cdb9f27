/**
 * The proof line of one job: waits for the run without faults, then follows what the job commits.
 * It reads ids from the store, so that it can begin, and begin again after a restart, at any time.
 */
import type { ProofView } from '@tidemark/protocol';
import type { Witness } from '../jobs/live-job.ts';
import type { Logger } from '../log.ts';
import type { JobStore } from '../store/jobs.ts';
import type { MatchStore } from '../store/matches.ts';
import { Comparison } from './comparison.ts';
import { type ReferenceInput, type References, TooMany } from './reference.ts';

const BATCH = 2_000;

export interface ProofEnvironment {
  readonly references: References;
  readonly matches: MatchStore;
  readonly jobs: JobStore;
  readonly log: Logger;
  readonly tell: (proof: ProofView) => void;
}

const empty = (state: ProofView['state'], detail: string | null = null): ProofView =>
  ({ topic: 'proof', state, upTo: null, expected: 0, committed: 0, missing: 0, doubled: 0, unexpected: 0, detail });

export class Proof implements Witness {
  readonly #jobId: string;
  readonly #environment: ProofEnvironment;
  #comparison: Comparison | null = null;
  #seq = 0;
  /** Input position of the newest checkpoint; and how far the comparison has been told. */
  #position: number | null = null;
  #told: number | null = null;
  #finished = false;
  /** Why there is nothing to compare with. */
  #hopeless: ProofView | null = null;
  #over = false;
  #release: () => void = () => {};
  #turn: Promise<void>;
  #due = false;
  readonly #inOrder: boolean;

  constructor(jobId: string, input: ReferenceInput, environment: ProofEnvironment) {
    this.#jobId = jobId;
    this.#inOrder = input.inOrder ?? true;
    this.#environment = environment;
    environment.tell(empty('waiting'));
    this.#turn = this.#begin(input);
  }

  committed(): void {
    this.#look();
  }

  /** Where several subtasks read, a position says how much was read, not what: then only the end counts. */
  checkpointCompleted(inputPosition: number): void {
    if (!this.#inOrder) return;
    this.#position = inputPosition;
    this.#look();
  }

  finished(): void {
    this.#finished = true;
    this.#look();
  }

  ended(): void {
    if (this.#finished) return; // the comparison goes on to its end
    this.#over = true;
    this.#release();
  }

  /** Resolves when everything told so far has been compared. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  async #begin(input: ReferenceInput): Promise<void> {
    const { references, tell, log } = this.#environment;
    const { timeDomain, idlenessMs } = input.document;
    if (timeDomain === 'PROCESSING_TIME' || idlenessMs !== undefined) {
      this.#hopeless = empty('not-applicable', timeDomain === 'PROCESSING_TIME'
        ? 'The job goes by processing time, so another run of the same events may give other lines.'
        : 'Idle splits are not waited for, so another run of the same events may give other lines.');
      tell(this.#hopeless);
      return;
    }
    try {
      const wanted = await references.want(input);
      this.#release = wanted.release;
      if (this.#over) wanted.release();
      this.#comparison = new Comparison(await wanted.expected);
      await this.#compare();
    } catch (error) {
      if (this.#over) return;
      if (error instanceof TooMany) this.#hopeless = empty('not-applicable', error.message);
      else {
        log.warn({ err: error, job: this.#jobId }, 'the run without faults failed');
        this.#hopeless = empty('failed', error instanceof Error ? error.message : String(error));
      }
      tell(this.#hopeless);
      await this.#compare();
    } finally {
      this.#release();
    }
  }

  #look(): void {
    if (this.#due || this.#over) return;
    this.#due = true;
    this.#turn = this.#turn.then(() => {
      this.#due = false;
      return this.#compare();
    }).catch((error: unknown) => this.#environment.log.error({ err: error, job: this.#jobId }, 'the proof stopped'));
  }

  async #compare(): Promise<void> {
    const comparison = this.#comparison;
    if (this.#over) return;
    const { matches, jobs, tell } = this.#environment;
    if (this.#hopeless !== null && this.#finished) {
      this.#over = true;
      await jobs.setProof(this.#jobId, this.#hopeless);
    }
    if (comparison === null) return;
    const [position, finished] = [this.#position, this.#finished]; // what is read below was committed after these
    for (;;) {
      const ids = await matches.ids(this.#jobId, this.#seq, BATCH);
      for (const id of ids) comparison.committed(id);
      this.#seq += ids.length;
      if (ids.length < BATCH) break;
    }
    if (position !== null && position !== this.#told) {
      this.#told = position;
      comparison.checkpoint(position);
    }
    if (finished) {
      comparison.finish();
      this.#over = true;
    }
    const stored = await jobs.find(this.#jobId);
    const view = comparison.view(stored?.doubled ?? 0);
    tell(view);
    if (finished) await jobs.setProof(this.#jobId, view);
  }
}
