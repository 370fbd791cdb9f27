/**
 * Deliberately broken clusters: proof that the simulator sees what it must see.
 *
 * Nothing of this is a switch in the product: each is put in through a port (the disk of the runtime) or the wiring of
 * a worker (its aligner, the sections it restores).
 */
import { type CheckpointId, type FileSystem, WATERMARK_MIN, ByteWriter } from '@tidemark/core';
import type { Aligner, Alignment } from '@tidemark/dataflow';
import type { TaskManagerOptions } from '@tidemark/cluster';
import type { Process } from './process.ts';

export type BrokenVariant = 'commit-before-durable' | 'barrier-not-aligned' | 'watermark-not-restored';
export const BROKEN_VARIANTS: readonly BrokenVariant[] = ['commit-before-durable', 'barrier-not-aligned', 'watermark-not-restored'];

/** The metadata of a checkpoint is reported as written and synced at once, and reaches the disk a little later. */
export function lazyMetadata(process: Process): FileSystem {
  const { files, clock } = process;
  const isMetadata = (path: string): boolean => path.includes('/_metadata');
  const later = (work: () => Promise<void>): void => { clock.schedule(15, () => { work().catch(() => {}); }); };
  let tail: Promise<void> = Promise.resolve();
  const queue = (work: () => Promise<void>): Promise<void> => {
    later(async () => {
      tail = tail.then(work).catch(() => {});
      await tail;
    });
    return Promise.resolve();
  };
  return {
    makeDirectory: (path) => files.makeDirectory(path),
    create: (path) => {
      if (!isMetadata(path)) return files.create(path);
      const file = (async () => {
        await new Promise<void>((resolve) => { clock.schedule(15, resolve); });
        return files.create(path);
      })();
      file.catch(() => {});
      return Promise.resolve({
        write: (bytes) => queue(async () => (await file).write(bytes)),
        fsync: () => queue(async () => (await file).fsync()),
        close: () => Promise.resolve(),
      });
    },
    append: (path) => files.append(path),
    read: (path) => files.read(path),
    rename: (from, to) => (isMetadata(from) ? queue(async () => files.rename(from, to)) : files.rename(from, to)),
    list: (path) => files.list(path),
    unlink: (path) => files.unlink(path),
    removeDirectory: (path) => files.removeDirectory(path),
    fsyncDirectory: (path) => files.fsyncDirectory(path),
  };
}

/** Takes the first barrier of a checkpoint for the last one, and blocks nothing. */
class HastyAligner implements Aligner {
  #current = 0;

  isBlocked(): boolean {
    return false;
  }

  onBarrier(_channel: number, id: CheckpointId): Alignment {
    if (id <= this.#current) return { kind: 'ignored' };
    this.#current = id;
    return { kind: 'aligned', checkpointId: id, aborted: null };
  }

  onCancelMarker(id: CheckpointId): Alignment {
    if (id <= this.#current) return { kind: 'ignored' };
    this.#current = id;
    return { kind: 'cancelled', checkpointId: id, aborted: null };
  }

  onEndOfInput(): Alignment {
    return { kind: 'ignored' };
  }
}

/** Watermarks begin anew after a restore, as Flink's do. */
function withoutWatermarks(sections: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  const changed = new Map(sections);
  const time = changed.get('split-time');
  if (time !== undefined) {
    const writer = new ByteWriter(time.length);
    writer.f64(WATERMARK_MIN);
    writer.bool(false);
    while (writer.length < time.length) {
      writer.f64(WATERMARK_MIN);
      writer.f64(WATERMARK_MIN);
      writer.bool(false);
    }
    changed.set('split-time', writer.finish());
  }
  changed.delete('watermarks');
  return changed;
}

export function brokenTaskManager(variant: BrokenVariant | null): TaskManagerOptions {
  switch (variant) {
    case 'barrier-not-aligned':
      return { createAligner: () => new HastyAligner() };
    case 'watermark-not-restored':
      return { restoreSections: withoutWatermarks };
    default:
      return {};
  }
}
