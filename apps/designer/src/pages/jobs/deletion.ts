/**
 * Deleting a project: gone from the page at once, gone from the runtime only after a while in which it can be taken back.
 *
 * Always  nothing is sent before the time is up or the page is left; what was taken back is never sent; a deletion
 *         that the runtime refuses brings the row back.
 */
export const UNDO_MS = 8_000;

export interface DeletionEnvironment {
  remove(projectId: string, leaving: boolean): Promise<void>;
  schedule(delayMs: number, run: () => void): () => void;
  changed(hidden: ReadonlySet<string>): void;
  failed(projectId: string, reason: unknown): void;
}

export class Deletions {
  readonly #environment: DeletionEnvironment;
  readonly #waiting = new Map<string, () => void>();
  readonly #sent = new Set<string>();

  constructor(environment: DeletionEnvironment) { this.#environment = environment; }

  request(projectId: string): void {
    if (this.#waiting.has(projectId) || this.#sent.has(projectId)) return;
    this.#waiting.set(projectId, this.#environment.schedule(UNDO_MS, () => this.#send(projectId, false)));
    this.#tell();
  }

  undo(projectId: string): void {
    this.#waiting.get(projectId)?.();
    if (this.#waiting.delete(projectId)) this.#tell();
  }

  /** The page is left: what was asked for is done. */
  flush(): void { for (const projectId of Array.from(this.#waiting.keys())) this.#send(projectId, true); }

  #send(projectId: string, leaving: boolean): void {
    this.#waiting.get(projectId)?.();
    this.#waiting.delete(projectId);
    this.#sent.add(projectId);
    this.#environment.remove(projectId, leaving).catch((reason: unknown) => {
      this.#sent.delete(projectId);
      this.#tell();
      this.#environment.failed(projectId, reason);
    });
  }

  #tell(): void { this.#environment.changed(new Set([...this.#waiting.keys(), ...this.#sent])); }
}
