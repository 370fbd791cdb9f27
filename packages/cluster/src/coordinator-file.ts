/**
 * What a job's coordinator must never forget: its epoch, the ids it used, whether a checkpoint ever completed.
 *
 * Always  an epoch and a checkpoint id are durable here before anything carries them (I1); every start of the job
 *         raises the epoch. A damaged file is replaced from what the checkpoints on disk say.
 */
import { type CheckpointId, type Epoch, type FileSystem, type Hash, epoch, errorCode } from '@tidemark/core';
import type { CheckpointStorage } from './checkpoint-storage.ts';
import { sealJson, unsealJson, writeDurably } from './durable-file.ts';

const NAME = 'coordinator.json';

interface Content {
  readonly epoch: number;
  readonly nextId: number;
  /** Newest checkpoint that was told to the sinks as complete, 0 = none ever. */
  readonly completed: number;
}

export class CoordinatorFile {
  readonly #files: FileSystem;
  readonly #createSha256: () => Hash;
  readonly #job: string;
  #content: Content;

  private constructor(files: FileSystem, createSha256: () => Hash, job: string, content: Content) {
    this.#files = files;
    this.#createSha256 = createSha256;
    this.#job = job;
    this.#content = content;
  }

  /** Begins a new epoch. */
  static async open(files: FileSystem, createSha256: () => Hash, job: string, storage: CheckpointStorage): Promise<CoordinatorFile> {
    let content: Content = { epoch: 0, nextId: 1, completed: 0 };
    try {
      content = unsealJson(createSha256, await files.read(`${job}/${NAME}`)) as Content;
    } catch (error) {
      if (errorCode(error) !== null && errorCode(error) !== 'ENOENT') throw error;
      for (const id of await storage.list()) {
        const metadata = await storage.metadata(id).catch(() => null);
        if (metadata) content = { epoch: Math.max(content.epoch, metadata.epoch), nextId: content.nextId, completed: id };
      }
    }
    const onDisk = (await storage.list()).at(-1) ?? 0;
    const file = new CoordinatorFile(files, createSha256, job, content);
    await file.#write({ epoch: content.epoch + 1, nextId: Math.max(content.nextId, onDisk + 1), completed: content.completed });
    return file;
  }

  get epoch(): Epoch { return epoch(this.#content.epoch); }
  get nextId(): number { return this.#content.nextId; }
  get completed(): number { return this.#content.completed; }

  async useId(id: CheckpointId): Promise<void> {
    await this.#write({ ...this.#content, nextId: id + 1 });
  }

  async noteCompleted(id: CheckpointId): Promise<void> {
    await this.#write({ ...this.#content, completed: id });
  }

  async #write(content: Content): Promise<void> {
    await writeDurably(this.#files, this.#job, NAME, sealJson(this.#createSha256, content));
    this.#content = content;
  }
}
