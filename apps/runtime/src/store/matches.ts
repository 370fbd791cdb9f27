/**
 * Committed output of jobs, row by row, as dashboards read it.
 *
 * The match store is no participant of the two-phase commit: it follows. Lines come from committed segments only,
 * each batch in one transaction with the segment's position, so that a crash at any point loses and doubles nothing:
 * what was not taken is taken at the next start.
 *
 * Always  `seq` counts the rows of a job from 1 without gaps; a match id stands once. A line whose id is already
 *         there although its segment is read for the first time was committed twice: it is counted as doubled.
 */
import type { MatchKind, MatchPage, MatchRow } from '@tidemark/protocol';
import type { Database } from './database.ts';

export interface Segment {
  readonly path: string;
  readonly checkpointId: number;
}

export interface TakenRow {
  readonly seq: number;
  readonly matchId: string;
  readonly kind: MatchKind;
  readonly committedIn: number;
  readonly line: string;
}

export interface Taken {
  readonly rows: readonly TakenRow[];
  readonly doubled: number;
}

const KINDS: ReadonlySet<string> = new Set<MatchKind>(['match', 'timed-out', 'late', 'dead-letter']);

export class MatchStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** How far each segment of a job has been taken, by path. */
  async progress(jobId: string): Promise<Map<string, { readonly taken: number; readonly done: boolean }>> {
    const rows = await this.#db.query.selectFrom('segments').select(['path', 'taken', 'done']).where('job_id', '=', jobId).execute();
    return new Map(rows.map((row) => [row.path, { taken: row.taken, done: row.done === 1 }]));
  }

  /** Takes lines [from, from + lines.length) of a segment; those taken before are passed over. `last`: no line follows. */
  take(jobId: string, segment: Segment, from: number, lines: readonly string[], last: boolean): Promise<Taken> {
    return this.#db.exclusive((raw) => {
      const known = raw.prepare('select taken from segments where job_id = ? and path = ?').get(jobId, segment.path) as { taken: number } | undefined;
      const start = Math.max(from, known?.taken ?? 0);
      const job = raw.prepare('select rows from jobs where id = ?').get(jobId) as { rows: number } | undefined;
      if (job === undefined) return { rows: [], doubled: 0 };
      const insert = raw.prepare('insert into matches (job_id, seq, match_id, pattern_id, kind, committed_in, line) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing');
      const rows: TakenRow[] = [];
      let seq = job.rows;
      let doubled = 0;
      let matches = 0;
      for (let index = start - from; index < lines.length; index++) {
        const line = lines[index] as string;
        const { matchId, pattern, kind } = JSON.parse(line) as { matchId: string; pattern: string; kind: string };
        if (typeof matchId !== 'string' || !KINDS.has(kind)) throw new Error(`line ${from + index + 1} of ${segment.path} is no output line`);
        if (insert.run(jobId, seq + 1, matchId, pattern ?? '', kind, segment.checkpointId, line).changes === 0) {
          doubled += 1;
          continue;
        }
        seq += 1;
        if (kind === 'match') matches += 1;
        rows.push({ seq, matchId, kind: kind as MatchKind, committedIn: segment.checkpointId, line });
      }
      raw.prepare(`insert into segments (job_id, path, checkpoint_id, taken, done) values (?, ?, ?, ?, ?)
        on conflict (job_id, path) do update set taken = max(taken, excluded.taken), done = max(done, excluded.done)`)
        .run(jobId, segment.path, segment.checkpointId, from + lines.length, last ? 1 : 0);
      raw.prepare('update jobs set rows = ?, committed_matches = committed_matches + ?, doubled = doubled + ? where id = ?').run(seq, matches, doubled, jobId);
      return { rows, doubled };
    });
  }

  async page(jobId: string, request: { cursor?: number | undefined; order: 'newest' | 'oldest'; limit: number; kind?: MatchKind | undefined }): Promise<MatchPage> {
    const newest = request.order === 'newest';
    let query = this.#db.query.selectFrom('matches').select(['seq', 'match_id', 'pattern_id', 'kind', 'committed_in', 'line'])
      .where('job_id', '=', jobId).orderBy('seq', newest ? 'desc' : 'asc').limit(request.limit + 1);
    if (request.cursor !== undefined) query = query.where('seq', newest ? '<' : '>', request.cursor);
    if (request.kind !== undefined) query = query.where('kind', '=', request.kind);
    const found = await query.execute();
    const rows = found.slice(0, request.limit).map((row): MatchRow => ({
      seq: row.seq, matchId: row.match_id, patternId: row.pattern_id, kind: row.kind as MatchKind,
      committedIn: row.committed_in, line: JSON.parse(row.line) as Record<string, unknown>,
    }));
    const job = await this.#db.query.selectFrom('jobs').select('rows').where('id', '=', jobId).executeTakeFirst();
    return { rows, next: found.length > request.limit ? rows.at(-1)?.seq ?? null : null, total: job?.rows ?? 0 };
  }

  /** Ids in order of seq, after `seq`: since seq has no gaps, `seq + answer.length` goes on. */
  async ids(jobId: string, afterSeq: number, limit: number): Promise<string[]> {
    const rows = await this.#db.query.selectFrom('matches').select('match_id').where('job_id', '=', jobId).where('seq', '>', afterSeq).orderBy('seq').limit(limit).execute();
    return rows.map((row) => row.match_id);
  }

  /** Lines in order of seq, after `seq`, at most `limit`: for whole outputs, batch by batch. */
  async lines(jobId: string, afterSeq: number, limit: number): Promise<{ seq: number; matchId: string; line: string }[]> {
    const rows = await this.#db.query.selectFrom('matches').select(['seq', 'match_id', 'line'])
      .where('job_id', '=', jobId).where('seq', '>', afterSeq).orderBy('seq').limit(limit).execute();
    return rows.map((row) => ({ seq: row.seq, matchId: row.match_id, line: row.line }));
  }
}
