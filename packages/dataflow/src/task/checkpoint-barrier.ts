/** What a task hands to its shell at the cut: everything was copied, the shell only has to make it durable and acknowledge. */
import type { CheckpointId } from '@tidemark/core';
import type { PreCommit } from './sink-writer.ts';

export interface TaskImage {
  readonly checkpointId: CheckpointId;
  /** By name, in a fixed order. */
  readonly sections: ReadonlyMap<string, Uint8Array>;
  readonly output: PreCommit;
  /** Records of the input that this image covers; null for tasks that read no input. */
  readonly inputPosition: number | null;
  readonly final: boolean;
}

/** Checkpoints that were aborted before their barrier came (T5): bounded, oldest forgotten first. */
export class AbortedCheckpoints {
  readonly #ids = new Set<CheckpointId>();
  #newest = 0;

  add(id: CheckpointId): void {
    this.#ids.add(id);
    if (id > this.#newest) this.#newest = id;
    if (this.#ids.size > 16) for (const oldest of this.#ids) { this.#ids.delete(oldest); break; }
  }

  has(id: CheckpointId): boolean {
    return this.#ids.has(id);
  }
}
