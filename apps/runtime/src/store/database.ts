/**
 * The metadata database: `node:sqlite` behind Kysely.
 *
 * Always  one connection, which Kysely hands out to one user at a time; `exclusive` takes the same turn for work
 *         that is many small statements (a batch of matches), which is then one synchronous transaction.
 *         Write-ahead log with synchronous=NORMAL: a killed process loses nothing, a power cut may lose the last
 *         transactions but not their order; what is written here from outside (committed segments) is read again.
 */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './tables.ts';

export class Database {
  readonly query: Kysely<Tables>;
  readonly #raw: DatabaseSync;

  private constructor(raw: DatabaseSync) {
    this.#raw = raw;
    this.query = new Kysely<Tables>({
      dialect: new SqliteDialect({
        database: {
          close: () => raw.close(),
          prepare: (sql) => {
            const statement = raw.prepare(sql);
            return {
              reader: statement.columns().length > 0,
              all: (values) => statement.all(...(values as SQLInputValue[])),
              run: (values) => statement.run(...(values as SQLInputValue[])),
              iterate: (values) => statement.iterate(...(values as SQLInputValue[])),
            };
          },
        },
      }),
    });
  }

  /** Opens or makes the file and brings it to the newest version. `:memory:` for tests. */
  static async open(path: string): Promise<Database> {
    const raw = new DatabaseSync(path);
    raw.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;');
    const database = new Database(raw);
    const { error } = await new Migrator({ db: database.query, provider: { getMigrations: async () => MIGRATIONS } }).migrateToLatest();
    if (error !== undefined) {
      await database.close();
      throw error instanceof Error ? error : new Error(String(error));
    }
    return database;
  }

  /** One synchronous transaction on the raw connection, when nobody else is in one. */
  exclusive<T>(work: (raw: DatabaseSync) => T): Promise<T> {
    return this.query.connection().execute(async () => {
      this.#raw.exec('BEGIN IMMEDIATE');
      try {
        const result = work(this.#raw);
        this.#raw.exec('COMMIT');
        return result;
      } catch (error) {
        this.#raw.exec('ROLLBACK');
        throw error;
      }
    });
  }

  close(): Promise<void> {
    return this.query.destroy();
  }
}
