/**
 * What is known of each sample; its bytes and its proposal are files named by content hash (samples/sample-files.ts).
 * The same content uploaded twice is one sample: the newer name stays.
 */
import type { Database } from './database.ts';

export interface SampleRecord {
  readonly hash: string;
  readonly name: string;
  readonly bytes: number;
  readonly format: 'ndjson' | 'csv' | 'json';
  readonly uploadedAt: number;
}

export class SampleStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async put(sample: SampleRecord): Promise<void> {
    const row = { hash: sample.hash, name: sample.name, bytes: sample.bytes, format: sample.format, uploaded_at: sample.uploadedAt };
    await this.#db.query.insertInto('samples').values(row)
      .onConflict((on) => on.column('hash').doUpdateSet({ name: row.name, format: row.format, uploaded_at: row.uploaded_at })).execute();
  }

  async list(): Promise<SampleRecord[]> {
    const rows = await this.#db.query.selectFrom('samples').selectAll().orderBy('uploaded_at', 'desc').orderBy('hash').execute();
    return rows.map((row) => this.#record(row));
  }

  async find(hash: string): Promise<SampleRecord | null> {
    const row = await this.#db.query.selectFrom('samples').selectAll().where('hash', '=', hash).executeTakeFirst();
    return row === undefined ? null : this.#record(row);
  }

  #record(row: { hash: string; name: string; bytes: number; format: string; uploaded_at: number }): SampleRecord {
    return { hash: row.hash, name: row.name, bytes: row.bytes, format: row.format as SampleRecord['format'], uploadedAt: row.uploaded_at };
  }
}
