/**
 * Rows of the metadata database, as Kysely sees them. Times are wall times in ms; documents and records are JSON texts.
 * Not here: how the tables come to be (migrations.ts).
 */
import type { Generated } from 'kysely';

export interface ProjectRow {
  id: string;
  name: string;
  created_at: number;
  updated_at: number;
  draft_revision: number;
  draft_saved_at: number;
  draft_document: string;
}

export interface VersionRow {
  project_id: string;
  number: number;
  /** Hash of what can change matches or output lines (pattern's `versionHash`). */
  hash: string;
  created_at: number;
  document: string;
}

export interface JobRow {
  /** Order of creation. */
  number: Generated<number>;
  id: string;
  project_id: string;
  name: string;
  version: number;
  version_hash: string;
  document: string;
  source_path: string | null;
  base_time: number;
  state: string;
  created_at: number;
  ended_at: number | null;
  restarts: number;
  /** Newest figures, JSON. */
  figures: string | null;
  last_checkpoint: number | null;
  cause: string | null;
  output_path: string;
  /** Committed rows so far = the highest seq. */
  rows: number;
  /** Of them, those of kind `match`. */
  committed_matches: number;
  /** Lines of committed segments whose id had been committed before: 0, or the sink is broken. */
  doubled: number;
  /** What the proof came to, once it has. */
  proof: string | null;
}

/** Committed output. `seq` counts from 1 without gaps within a job. */
export interface MatchTableRow {
  job_id: string;
  seq: number;
  match_id: string;
  pattern_id: string;
  kind: string;
  committed_in: number;
  line: string;
}

/** How far a committed segment has been taken over. */
export interface SegmentRow {
  job_id: string;
  path: string;
  checkpoint_id: number;
  /** Lines taken. */
  taken: number;
  /** 1 once the last line has been taken. */
  done: number;
}

/** History that outlives the process: one row for each checkpoint and recovery of a job, the record as JSON. */
export interface RecordRow {
  job_id: string;
  kind: 'checkpoint' | 'recovery';
  id: number;
  record: string;
}

export interface SampleRow {
  hash: string;
  name: string;
  bytes: number;
  format: string;
  uploaded_at: number;
}

export interface ClosedSessionRow {
  id: string;
  expires_at: number;
}

export interface Tables {
  projects: ProjectRow;
  versions: VersionRow;
  jobs: JobRow;
  matches: MatchTableRow;
  segments: SegmentRow;
  records: RecordRow;
  samples: SampleRow;
  closed_sessions: ClosedSessionRow;
}
