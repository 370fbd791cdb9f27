/**
 * Projects: one draft each (which may be invalid), and immutable numbered versions.
 *
 * Always  a draft's revision rises by one with each save, and a save names the revision it was made from: on a
 *         newer one nothing is overwritten. A version, once made, never changes; deploying an unchanged document
 *         uses the version that is there.
 */
import { randomBytes } from 'node:crypto';
import type { Draft, Version } from '@tidemark/protocol';
import type { Database } from './database.ts';
import type { ProjectRow } from './tables.ts';

export interface StoredProject {
  readonly id: string;
  readonly name: string;
  readonly updatedAt: number;
  readonly draft: Draft;
}

type DraftDocument = Draft['document'];
export type SaveOutcome =
  | { readonly kind: 'saved'; readonly revision: number; readonly savedAt: number }
  | { readonly kind: 'newer'; readonly current: Draft }
  | { readonly kind: 'missing' };

/** Short, without a meaning, hard to guess: 80 random bits in hexadecimal. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(10).toString('hex')}`;

const draftOf = (row: ProjectRow): Draft => ({
  revision: row.draft_revision, savedAt: row.draft_saved_at, document: JSON.parse(row.draft_document) as DraftDocument,
});
const projectOf = (row: ProjectRow): StoredProject => ({ id: row.id, name: row.name, updatedAt: row.updated_at, draft: draftOf(row) });

/** A drawing carries its name; a draft may lack it. */
const nameIn = (document: DraftDocument): string | null => {
  const name = document.name;
  return typeof name === 'string' && name.trim() !== '' ? name.slice(0, 200) : null;
};

export class ProjectStore {
  readonly #db: Database;
  readonly #now: () => number;

  constructor(db: Database, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  async create(name: string, document: DraftDocument): Promise<StoredProject> {
    const now = this.#now();
    const row: ProjectRow = {
      id: newId('p'), name, created_at: now, updated_at: now, draft_revision: 1, draft_saved_at: now, draft_document: JSON.stringify(document),
    };
    await this.#db.query.insertInto('projects').values(row).execute();
    return projectOf(row);
  }

  async list(): Promise<StoredProject[]> {
    return (await this.#db.query.selectFrom('projects').selectAll().orderBy('updated_at', 'desc').orderBy('id').execute()).map(projectOf);
  }

  async find(id: string): Promise<StoredProject | null> {
    const row = await this.#db.query.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? null : projectOf(row);
  }

  async delete(id: string): Promise<void> {
    await this.#db.query.deleteFrom('projects').where('id', '=', id).execute();
  }

  saveDraft(id: string, baseRevision: number, document: DraftDocument): Promise<SaveOutcome> {
    return this.#db.query.transaction().execute(async (tx): Promise<SaveOutcome> => {
      const row = await tx.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) return { kind: 'missing' };
      if (row.draft_revision !== baseRevision) return { kind: 'newer', current: draftOf(row) };
      const savedAt = this.#now();
      const revision = baseRevision + 1;
      await tx.updateTable('projects').where('id', '=', id).set({
        name: nameIn(document) ?? row.name, updated_at: savedAt, draft_revision: revision, draft_saved_at: savedAt, draft_document: JSON.stringify(document),
      }).execute();
      return { kind: 'saved', revision, savedAt };
    });
  }

  async versions(projectId: string): Promise<Version[]> {
    const rows = await this.#db.query.selectFrom('versions').select(['number', 'hash', 'created_at'])
      .where('project_id', '=', projectId).orderBy('number', 'desc').execute();
    return rows.map((row) => ({ number: row.number, hash: row.hash, createdAt: row.created_at }));
  }

  async version(projectId: string, number: number): Promise<{ version: Version; document: unknown } | null> {
    const row = await this.#db.query.selectFrom('versions').selectAll().where('project_id', '=', projectId).where('number', '=', number).executeTakeFirst();
    return row === undefined ? null : { version: { number: row.number, hash: row.hash, createdAt: row.created_at }, document: JSON.parse(row.document) };
  }

  /** The newest version if it holds this very document, else a new one. */
  makeVersion(projectId: string, hash: string, document: unknown): Promise<Version> {
    const text = JSON.stringify(document);
    return this.#db.query.transaction().execute(async (tx): Promise<Version> => {
      const newest = await tx.selectFrom('versions').selectAll().where('project_id', '=', projectId).orderBy('number', 'desc').limit(1).executeTakeFirst();
      if (newest !== undefined && newest.hash === hash && newest.document === text) {
        return { number: newest.number, hash, createdAt: newest.created_at };
      }
      const version = { number: (newest?.number ?? 0) + 1, hash, createdAt: this.#now() };
      await tx.insertInto('versions').values({ project_id: projectId, number: version.number, hash, created_at: version.createdAt, document: text }).execute();
      return version;
    });
  }
}
