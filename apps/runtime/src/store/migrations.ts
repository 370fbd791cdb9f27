/**
 * How the database came to be, step by step. A step that has been released never changes: a new one follows it.
 * Names sort in order.
 */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const statements = (...texts: readonly string[]): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    for (const text of texts) await sql.raw(text).execute(db);
  },
});

export const MIGRATIONS: Record<string, Migration> = {
  '0001-projects-jobs-matches-samples': statements(
    `create table projects (
      id text primary key, name text not null, created_at integer not null, updated_at integer not null,
      draft_revision integer not null, draft_saved_at integer not null, draft_document text not null
    ) strict`,
    `create table versions (
      project_id text not null references projects (id) on delete cascade, number integer not null,
      hash text not null, created_at integer not null, document text not null,
      primary key (project_id, number)
    ) strict, without rowid`,
    `create table jobs (
      number integer primary key autoincrement, id text not null unique,
      project_id text not null references projects (id) on delete cascade, name text not null,
      version integer not null, version_hash text not null, document text not null, source_path text, base_time integer not null,
      state text not null, created_at integer not null, ended_at integer, restarts integer not null default 0,
      figures text, last_checkpoint integer, cause text, output_path text not null,
      rows integer not null default 0, committed_matches integer not null default 0, doubled integer not null default 0, proof text
    ) strict`,
    'create index jobs_by_project on jobs (project_id, number)',
    `create table matches (
      job_id text not null references jobs (id) on delete cascade, seq integer not null, match_id text not null,
      pattern_id text not null, kind text not null, committed_in integer not null, line text not null,
      primary key (job_id, seq)
    ) strict, without rowid`,
    'create unique index matches_by_id on matches (job_id, match_id)',
    `create table segments (
      job_id text not null references jobs (id) on delete cascade, path text not null,
      checkpoint_id integer not null, taken integer not null, done integer not null,
      primary key (job_id, path)
    ) strict, without rowid`,
    `create table records (
      job_id text not null references jobs (id) on delete cascade, kind text not null, id integer not null, record text not null,
      primary key (job_id, kind, id)
    ) strict, without rowid`,
    `create table samples (
      hash text primary key, name text not null, bytes integer not null, format text not null, uploaded_at integer not null
    ) strict`,
    'create table closed_sessions (id text primary key, expires_at integer not null) strict',
  ),
};
