/** Sessions that were closed before their cookie ran out. Only these are remembered: the cookie proves the rest. */
import type { Database } from './database.ts';
import type { Session } from '../auth/session.ts';

export class ClosedSessions {
  readonly #db: Database;
  readonly #closed = new Map<string, number>();

  private constructor(db: Database) {
    this.#db = db;
  }

  static async load(db: Database, now: number): Promise<ClosedSessions> {
    const sessions = new ClosedSessions(db);
    await db.query.deleteFrom('closed_sessions').where('expires_at', '<=', now).execute();
    for (const row of await db.query.selectFrom('closed_sessions').selectAll().execute()) sessions.#closed.set(row.id, row.expires_at);
    return sessions;
  }

  has(id: string): boolean {
    return this.#closed.has(id);
  }

  async close(session: Session): Promise<void> {
    this.#closed.set(session.id, session.expiresAt);
    await this.#db.query.insertInto('closed_sessions').values({ id: session.id, expires_at: session.expiresAt }).onConflict((on) => on.doNothing()).execute();
  }
}
