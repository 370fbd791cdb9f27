/**
 * Jobs and their history, so that both survive a restart of the runtime.
 *
 * Always  a job's row says what the cluster last told; figures are written a few times a minute, state and
 *         checkpoints when they change. Rows of committed output are store/matches.ts.
 */
import type { CheckpointRecord, FaultRecord, JobFigures, JobState, RecoveryRecord, SourcePath } from '@tidemark/cluster';
import type { JobSummary, ProofView } from '@tidemark/protocol';
import type { Selectable } from 'kysely';
import type { Database } from './database.ts';
import { newId } from './projects.ts';
import type { JobRow } from './tables.ts';

export interface StoredJob {
  readonly summary: JobSummary;
  readonly figures: JobFigures | null;
  readonly document: unknown;
  readonly sourcePath: SourcePath;
  /** First event time of a generator that has none of its own. */
  readonly baseTime: number;
  /** Rows of committed output, of any kind. */
  readonly rows: number;
  readonly doubled: number;
  readonly proof: ProofView | null;
}

export interface NewJob {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly version: number;
  readonly versionHash: string;
  readonly document: unknown;
  readonly outputPath: string;
  readonly sourcePath: SourcePath;
  readonly baseTime: number;
}

export interface History {
  /** Newest first. */
  readonly checkpoints: readonly CheckpointRecord[];
  readonly recoveries: readonly RecoveryRecord[];
}

const ENDED: ReadonlySet<string> = new Set<JobState>(['FINISHED', 'CANCELED', 'FAILED']);
export const hasEnded = (state: JobState): boolean => ENDED.has(state);

/** How many checkpoints of a job are remembered. */
const CHECKPOINTS_KEPT = 500;

function storedJob(row: Selectable<JobRow>): StoredJob {
  const figures = row.figures === null ? null : JSON.parse(row.figures) as JobFigures;
  const cause = row.cause === null ? null : JSON.parse(row.cause) as FaultRecord;
  return {
    figures,
    get document() {
      return JSON.parse(row.document) as unknown; // lists do not need it
    },
    sourcePath: row.source_path?.startsWith('[') ? JSON.parse(row.source_path) as string[] : row.source_path,
    baseTime: row.base_time,
    rows: row.rows,
    doubled: row.doubled,
    proof: row.proof === null ? null : JSON.parse(row.proof) as ProofView,
    summary: {
      id: row.id, projectId: row.project_id, name: row.name, version: row.version, versionHash: row.version_hash,
      state: row.state as JobState, createdAt: row.created_at, endedAt: row.ended_at, restarts: row.restarts,
      eventsRead: figures?.eventsRead ?? 0, committedMatches: row.committed_matches, lastCheckpoint: row.last_checkpoint,
      cause: cause === null ? null : { code: cause.code, message: cause.message, remedy: cause.remedy },
      outputPath: row.output_path,
    },
  };
}

export class JobStore {
  readonly #db: Database;
  readonly #now: () => number;

  constructor(db: Database, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  newJobId(): string {
    return newId('j');
  }

  async create(job: NewJob): Promise<StoredJob> {
    const row = await this.#db.query.insertInto('jobs').values({
      id: job.id, project_id: job.projectId, name: job.name, version: job.version, version_hash: job.versionHash,
      document: JSON.stringify(job.document), source_path: typeof job.sourcePath === 'string' ? job.sourcePath : job.sourcePath && JSON.stringify(job.sourcePath), base_time: job.baseTime, state: 'CREATED', created_at: this.#now(), ended_at: null, restarts: 0,
      figures: null, last_checkpoint: null, cause: null, output_path: job.outputPath, rows: 0, committed_matches: 0, doubled: 0, proof: null,
    }).returningAll().executeTakeFirstOrThrow();
    return storedJob(row);
  }

  async find(id: string): Promise<StoredJob | null> {
    const row = await this.#db.query.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? null : storedJob(row);
  }

  /** Newest first; of one project, or all. */
  async list(projectId: string | null = null): Promise<StoredJob[]> {
    let query = this.#db.query.selectFrom('jobs').selectAll().orderBy('number', 'desc');
    if (projectId !== null) query = query.where('project_id', '=', projectId);
    return (await query.execute()).map(storedJob);
  }

  /** Those that had not ended when the runtime last wrote. */
  async unfinished(): Promise<StoredJob[]> {
    return (await this.list()).filter((job) => !hasEnded(job.summary.state));
  }

  async count(): Promise<number> {
    const { count } = await this.#db.query.selectFrom('jobs').select((of) => of.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
    return count;
  }

  async setState(id: string, state: JobState, restarts: number, cause: FaultRecord | null): Promise<void> {
    const now = this.#now();
    await this.#db.query.updateTable('jobs').where('id', '=', id).set((of) => ({
      state, restarts, cause: cause === null ? null : JSON.stringify(cause),
      ended_at: hasEnded(state) ? of.fn.coalesce('ended_at', of.val(now)) : null, // told again at the next start
    })).execute();
  }

  async setFigures(id: string, figures: JobFigures): Promise<void> {
    await this.#db.query.updateTable('jobs').where('id', '=', id).set({ figures: JSON.stringify(figures) }).execute();
  }

  async setProof(id: string, proof: ProofView): Promise<void> {
    await this.#db.query.updateTable('jobs').where('id', '=', id).set({ proof: JSON.stringify(proof) }).execute();
  }

  async putCheckpoint(id: string, checkpoint: CheckpointRecord): Promise<void> {
    await this.#put(id, 'checkpoint', checkpoint.id, checkpoint);
    if (checkpoint.phase === 'completed') await this.#db.query.updateTable('jobs').where('id', '=', id).set({ last_checkpoint: checkpoint.id }).execute();
    if (checkpoint.id % 50 === 0) {
      await this.#db.query.deleteFrom('records').where('job_id', '=', id).where('kind', '=', 'checkpoint').where('id', '<=', checkpoint.id - CHECKPOINTS_KEPT).execute();
    }
  }

  async putRecovery(id: string, recovery: RecoveryRecord): Promise<void> {
    await this.#put(id, 'recovery', recovery.id, recovery);
  }

  async #put(jobId: string, kind: 'checkpoint' | 'recovery', id: number, record: unknown): Promise<void> {
    const text = JSON.stringify(record);
    await this.#db.query.insertInto('records').values({ job_id: jobId, kind, id, record: text })
      .onConflict((on) => on.columns(['job_id', 'kind', 'id']).doUpdateSet({ record: text })).execute();
  }

  async history(jobId: string): Promise<History> {
    const read = async <T>(kind: 'checkpoint' | 'recovery', limit: number): Promise<T[]> => {
      const rows = await this.#db.query.selectFrom('records').select('record').where('job_id', '=', jobId).where('kind', '=', kind).orderBy('id', 'desc').limit(limit).execute();
      return rows.map((row) => JSON.parse(row.record) as T);
    };
    return { checkpoints: await read<CheckpointRecord>('checkpoint', 50), recoveries: await read<RecoveryRecord>('recovery', 20) };
  }
}
