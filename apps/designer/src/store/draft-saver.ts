/**
 * Saves a draft by itself: at most a second after a change, one request at a time, never over a newer revision.
 *
 *   DS1  What was saved last is compared with what is there: nothing changed, nothing sent.
 *   DS2  While a request is under way changes wait; the newest document is sent when it has ended.
 *   DS3  Without an answer the draft is kept in the browser and tried again, later and later (1 s to 30 s).
 *   DS4  A newer revision on the runtime stops saving until the person has chosen; nothing is overwritten unasked.
 *   DS5  What waits to be saved is kept in the browser too, so that a closed tab loses nothing.
 *
 * Not here: HTTP, timers and storage; they come in as `SaverPorts`.
 */
export type SaveState =
  | { readonly kind: 'saved' }
  | { readonly kind: 'dirty' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'offline' }
  | { readonly kind: 'conflict'; readonly revision: number; readonly document: unknown }
  /** Refused for another reason: the sentence. */
  | { readonly kind: 'failed'; readonly error: unknown };

export type SaveAnswer =
  | { readonly kind: 'saved'; readonly revision: number }
  | { readonly kind: 'newer'; readonly revision: number; readonly document: unknown }
  | { readonly kind: 'no-answer' }
  | { readonly kind: 'refused'; readonly error: unknown };

export interface SaverPorts<D> {
  send(baseRevision: number, document: D): Promise<SaveAnswer>;
  /** Keeps the unsaved document in the browser; null = forget it. */
  keep(draft: { readonly baseRevision: number; readonly document: D } | null): void;
  /** Calls `run` after `ms`; answers how to call it off. */
  after(ms: number, run: () => void): () => void;
  changed(state: SaveState): void;
}

export const SAVE_DELAY_MS = 500;
const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 30_000;

export class DraftSaver<D> {
  readonly #ports: SaverPorts<D>;
  #revision: number;
  #saved: D;
  #document: D;
  #state: SaveState = { kind: 'saved' };
  #callOff: (() => void) | null = null;
  #retryMs = RETRY_FIRST_MS;
  #under: Promise<void> | null = null;

  /** `saved` is what the runtime holds as `revision`. */
  constructor(revision: number, saved: D, ports: SaverPorts<D>) {
    this.#revision = revision;
    this.#saved = saved;
    this.#document = saved;
    this.#ports = ports;
  }

  get state(): SaveState { return this.#state; }
  get revision(): number { return this.#revision; }
  /** Whether the runtime lacks something. */
  get unsaved(): boolean { return !sameJson(this.#document, this.#saved); }

  edit(document: D): void {
    if (document === this.#document) return;
    this.#document = document;
    if (this.#state.kind === 'conflict') { this.#keep(); return; }
    if (!this.unsaved && this.#under === null) {
      this.#clearTimer();
      this.#ports.keep(null);
      this.#set({ kind: 'saved' });
      return;
    }
    this.#keep();
    if (this.#state.kind !== 'offline' && this.#state.kind !== 'saving') this.#set({ kind: 'dirty' });
    if (this.#under === null) this.#plan(this.#state.kind === 'offline' ? this.#retryMs : SAVE_DELAY_MS);
  }

  /** Saves now what waits; resolves when nothing is under way any more. */
  async flush(): Promise<void> {
    this.#clearTimer();
    while (this.#under !== null) await this.#under;
    do {
      if (this.#state.kind === 'conflict' || !this.unsaved) return;
      await this.#send();
      this.#clearTimer();
    } while ((this.#state as SaveState).kind === 'dirty');
  }

  /** The person takes the newer revision: it is now what is saved. The caller shows `document`. */
  takeNewer(revision: number, document: D): void {
    this.#revision = revision;
    this.#saved = document;
    this.#document = document;
    this.#ports.keep(null);
    this.#set({ kind: 'saved' });
  }

  /** The person keeps what is on the page: it becomes the revision after the newer one. */
  keepMine(): void {
    if (this.#state.kind !== 'conflict') return;
    this.#revision = this.#state.revision;
    this.#set({ kind: 'dirty' });
    void this.#send();
  }

  close(): void { this.#clearTimer(); }

  #keep(): void { this.#ports.keep({ baseRevision: this.#revision, document: this.#document }); }

  #plan(ms: number): void {
    this.#clearTimer();
    this.#callOff = this.#ports.after(ms, () => { this.#callOff = null; void this.#send(); });
  }
  #clearTimer(): void { this.#callOff?.(); this.#callOff = null; }

  #send(): Promise<void> {
    if (this.#under !== null) return this.#under;
    if (this.#state.kind !== 'offline') this.#set({ kind: 'saving' });
    this.#under = this.#sendOnce().finally(() => { this.#under = null; this.#next(); });
    return this.#under;
  }

  async #sendOnce(): Promise<void> {
    const document = this.#document;
    const answer = await this.#ports.send(this.#revision, document).catch((error: unknown): SaveAnswer => ({ kind: 'refused', error }));
    switch (answer.kind) {
      case 'saved':
        this.#revision = answer.revision;
        this.#saved = document;
        this.#retryMs = RETRY_FIRST_MS;
        if (this.unsaved) { this.#keep(); this.#set({ kind: 'dirty' }); } else { this.#ports.keep(null); this.#set({ kind: 'saved' }); }
        return;
      case 'newer':
        if (sameJson(answer.document, document)) { // our own save, whose answer was lost
          this.#revision = answer.revision;
          this.#saved = document;
          this.#set(this.unsaved ? { kind: 'dirty' } : { kind: 'saved' });
          if (!this.unsaved) this.#ports.keep(null);
          return;
        }
        this.#set({ kind: 'conflict', revision: answer.revision, document: answer.document });
        return;
      case 'no-answer':
        this.#set({ kind: 'offline' });
        return;
      default:
        this.#set({ kind: 'failed', error: answer.error });
    }
  }

  #next(): void {
    if (this.#state.kind === 'dirty') this.#plan(SAVE_DELAY_MS);
    else if (this.#state.kind === 'offline') {
      this.#plan(this.#retryMs);
      this.#retryMs = Math.min(RETRY_LAST_MS, this.#retryMs * 2);
    }
  }

  #set(state: SaveState): void {
    this.#state = state;
    this.#ports.changed(state);
  }
}

/** Equal as JSON, whatever the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const one = a as Record<string, unknown>;
  const two = b as Record<string, unknown>;
  const keysOne = Object.keys(one).filter((key) => one[key] !== undefined);
  const keysTwo = Object.keys(two).filter((key) => two[key] !== undefined);
  return keysOne.length === keysTwo.length && keysOne.every((key) => sameJson(one[key], two[key]));
}
