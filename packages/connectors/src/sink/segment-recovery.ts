/**
 * The sink after a death: what the restored checkpoint lists is committed, everything else that is pending goes.
 *
 * Always  read-only until the checkpoint is known to be whole; every step may be repeated after a death in the middle.
 *   SK8   After recover(), committed = all segments committed before + all that the checkpoint lists; nothing is pending.
 *   SK9   The ledger holds the id of every line committed under a checkpoint newer than the restored one: falling back
 *         to an older checkpoint replays those lines, and the writers drop them.
 * Not here: which checkpoint (the job manager's choice).
 */
import { type CheckpointId, type FileSystem, type Hash, errorCode } from '@tidemark/core';
import type { Transaction } from '@tidemark/dataflow';
import { type SegmentName, isPendingName, parseCommittedName } from './segment-name.ts';

/** A listed segment is missing or is not what was written: the checkpoint that lists it is no good. */
export class SegmentDamaged extends Error {
  override readonly name = 'SegmentDamaged';
}

export async function listCommitted(files: FileSystem, directory: string): Promise<readonly SegmentName[]> {
  const segments: SegmentName[] = [];
  for (const name of await files.list(directory)) {
    const segment = parseCommittedName(name);
    if (segment) segments.push(segment);
  }
  return segments;
}

/** Errors: SegmentDamaged. Changes nothing. */
export async function verifyTransactions(
  files: FileSystem, createSha256: () => Hash, directory: string, transactions: readonly Transaction[],
): Promise<void> {
  const names = new Set(await files.list(directory));
  for (const transaction of transactions) {
    const name = names.has(transaction.name) ? transaction.name : transaction.pending;
    const content = await files.read(`${directory}/${name}`).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') throw new SegmentDamaged(`segment ${transaction.name} is missing`);
      throw error;
    });
    const hash = createSha256();
    hash.update(content);
    const sum = Array.from(hash.digest(), (byte) => byte.toString(16).padStart(2, '0')).join('');
    if (sum !== transaction.sha256) throw new SegmentDamaged(`segment ${name}: expected sha256 ${transaction.sha256}, found ${sum} in ${content.length} bytes`);
  }
}

/** Commits what `listed` names and deletes all other pending files. `listed` was verified before. */
export async function recoverTransactions(files: FileSystem, directory: string, listed: readonly Transaction[]): Promise<void> {
  const names = new Set(await files.list(directory));
  for (const transaction of listed) {
    if (names.has(transaction.name)) continue;
    await files.rename(`${directory}/${transaction.pending}`, `${directory}/${transaction.name}`);
    names.delete(transaction.pending);
  }
  for (const name of names) if (isPendingName(name)) await files.unlink(`${directory}/${name}`);
  await files.fsyncDirectory(directory);
}

/** Ids of the lines that `task` (or any task, if null) committed under checkpoints newer than `restored` (0 = all). */
export async function readLedger(files: FileSystem, directory: string, restored: CheckpointId | 0, task: string | null): Promise<readonly string[]> {
  const ids: string[] = [];
  const decoder = new TextDecoder();
  for (const segment of await listCommitted(files, directory)) {
    if (segment.checkpointId <= restored || (task !== null && segment.task !== task)) continue;
    for (const line of decoder.decode(await files.read(`${directory}/${segment.name}`)).split('\n')) {
      if (line !== '') ids.push((JSON.parse(line) as { readonly matchId: string }).matchId);
    }
  }
  return ids;
}

/** All committed lines, in order of checkpoint, as one file's bytes, segment by segment. */
export async function* readCommitted(files: FileSystem, directory: string): AsyncGenerator<Uint8Array> {
  for (const segment of await listCommitted(files, directory)) yield await files.read(`${directory}/${segment.name}`);
}
