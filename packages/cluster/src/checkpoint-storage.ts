/**
 * Checkpoints of one job as files, and the only place that knows where they lie.
 *
 *   <job>/checkpoints/chk-7/match-0.e1a3.state    one per task, checksummed (packages/state)
 *   <job>/checkpoints/chk-7/_metadata             sealed JSON: every file's name, length, sha256; output to be committed
 *   <job>/quarantine/chk-7                        damaged, never deleted by us
 *   <job>/segments/                               the sink's files (packages/connectors)
 *
 * Always  a checkpoint exists iff its _metadata exists and verifies, and every file it names verifies (CS1).
 *         A damaged one is never read into a task, and never deleted (CS2, I13).
 * Not here: when to write or delete (the coordinator).
 */
import { type CheckpointId, type FileSystem, type Hash, checkpointId, errorCode } from '@tidemark/core';
import type { CheckpointMetadata, StateHandle } from '@tidemark/checkpoint';
import { SegmentDamaged, verifyTransactions } from '@tidemark/connectors';
import { type Snapshot, SnapshotCorrupt, type SnapshotHeader, decodeSnapshot, encodeSnapshot } from '@tidemark/state';
import { makeDirectoryDurably, sealJson, sha256Of, unsealJson, writeDurably } from './durable-file.ts';

export class CheckpointDamaged extends Error {
  override readonly name = 'CheckpointDamaged';
  readonly checkpointId: CheckpointId;

  constructor(id: CheckpointId, detail: string) {
    super(`checkpoint ${id}: ${detail}`);
    this.checkpointId = id;
  }
}

const METADATA = '_metadata';
const DIRECTORY = /^chk-(\d+)$/;

export class CheckpointStorage {
  readonly #files: FileSystem;
  readonly #createSha256: () => Hash;
  readonly #job: string;

  constructor(files: FileSystem, createSha256: () => Hash, jobDirectory: string) {
    this.#files = files;
    this.#createSha256 = createSha256;
    this.#job = jobDirectory;
  }

  get segments(): string { return `${this.#job}/segments`; }
  get #checkpoints(): string { return `${this.#job}/checkpoints`; }
  #directory(id: CheckpointId): string { return `${this.#checkpoints}/chk-${id}`; }

  async prepare(): Promise<void> {
    for (const name of ['checkpoints', 'quarantine', 'segments']) await makeDirectoryDurably(this.#files, this.#job, name);
  }

  /** Exclusively: EEXIST would mean that an id was used twice (I1). */
  async begin(id: CheckpointId): Promise<void> {
    await this.#files.makeDirectory(this.#directory(id));
    await this.#files.fsyncDirectory(this.#checkpoints);
  }

  async writeState(header: SnapshotHeader, sections: ReadonlyMap<string, Uint8Array>): Promise<StateHandle> {
    const sha256 = (bytes: Uint8Array): Uint8Array => {
      const hash = this.#createSha256();
      hash.update(bytes);
      return hash.digest();
    };
    const bytes = encodeSnapshot({ header, sections }, sha256);
    const name = `${header.uid}-${header.subtask}.e${header.epoch}a${header.attempt}.state`;
    await writeDurably(this.#files, this.#directory(header.checkpointId), name, bytes);
    return { name, bytes: bytes.length, sha256: sha256Of(this.#createSha256, bytes) };
  }

  /** Errors: FateUnknown when it may be there all the same. */
  async complete(metadata: CheckpointMetadata): Promise<void> {
    await writeDurably(this.#files, this.#directory(metadata.checkpointId), METADATA, sealJson(this.#createSha256, metadata));
  }

  /** Ids that have a directory, ascending, complete or not. */
  async list(): Promise<readonly CheckpointId[]> {
    const ids: CheckpointId[] = [];
    for (const name of await this.#files.list(this.#checkpoints)) {
      const parts = DIRECTORY.exec(name);
      if (parts) ids.push(checkpointId(Number(parts[1])));
    }
    return ids.sort((a, b) => a - b);
  }

  /** Verified metadata, or null when the checkpoint never completed. Errors: CheckpointDamaged. */
  async metadata(id: CheckpointId): Promise<CheckpointMetadata | null> {
    let bytes: Uint8Array;
    try {
      bytes = await this.#files.read(`${this.#directory(id)}/${METADATA}`);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    }
    try {
      return unsealJson(this.#createSha256, bytes) as CheckpointMetadata;
    } catch (error) {
      throw new CheckpointDamaged(id, `${METADATA}: ${(error as Error).message}`);
    }
  }

  /** Reads every file that the checkpoint names. Errors: CheckpointDamaged. */
  async verify(metadata: CheckpointMetadata): Promise<void> {
    for (const task of metadata.tasks) await this.readState(metadata.checkpointId, task.state);
    try {
      await verifyTransactions(this.#files, this.#createSha256, this.segments, metadata.tasks.flatMap((task) => task.output));
    } catch (error) {
      if (error instanceof SegmentDamaged) throw new CheckpointDamaged(metadata.checkpointId, error.message);
      throw error;
    }
  }

  /**
   * A writer that was killed between rename and fsync leaves metadata that can be seen and can still vanish with the
   * power. Whoever is about to act on it (commit!) makes it stay first.
   */
  async confirm(id: CheckpointId): Promise<void> {
    await this.#files.fsyncDirectory(this.#directory(id));
    await this.#files.fsyncDirectory(this.#checkpoints);
  }

  /** Errors: CheckpointDamaged. */
  async readState(id: CheckpointId, handle: StateHandle): Promise<Snapshot> {
    let bytes: Uint8Array;
    try {
      bytes = await this.#files.read(`${this.#directory(id)}/${handle.name}`);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') throw new CheckpointDamaged(id, `${handle.name} is missing`);
      throw error;
    }
    const sum = sha256Of(this.#createSha256, bytes);
    if (sum !== handle.sha256) throw new CheckpointDamaged(id, `${handle.name}: expected sha256 ${handle.sha256}, found ${sum} in ${bytes.length} bytes`);
    try {
      return decodeSnapshot(bytes, (part) => {
        const hash = this.#createSha256();
        hash.update(part);
        return hash.digest();
      });
    } catch (error) {
      if (error instanceof SnapshotCorrupt) throw new CheckpointDamaged(id, `${handle.name}: ${error.message}`);
      throw error;
    }
  }

  async quarantine(id: CheckpointId): Promise<void> {
    const taken = new Set(await this.#files.list(`${this.#job}/quarantine`));
    let name = `chk-${id}`;
    for (let count = 2; taken.has(name); count += 1) name = `chk-${id}.${count}`;
    await this.#files.rename(this.#directory(id), `${this.#job}/quarantine/${name}`);
    await this.#files.fsyncDirectory(`${this.#job}/quarantine`);
    await this.#files.fsyncDirectory(this.#checkpoints);
  }

  /** First the metadata goes, durably, so that a half deleted checkpoint does not look like a damaged one. */
  async remove(id: CheckpointId): Promise<void> {
    const directory = this.#directory(id);
    try {
      await this.#files.unlink(`${directory}/${METADATA}`);
      await this.#files.fsyncDirectory(directory);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    await this.#files.removeDirectory(directory);
  }
}
