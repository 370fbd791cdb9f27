/**
 * The exactly-once file sink, as one subtask writes it: transactions are segment files, a commit is a rename.
 *
 * Lines gather in memory and, when they are many, in the open transaction's file. preCommit(n) closes the transaction at
 * the cut; the file is then written, fsynced and its directory entry made durable before the task may acknowledge.
 * commit(n) renames all transactions up to n and fsyncs the directory. A transaction without lines leaves no file.
 *
 * Invariants (tests cite these ids):
 *   SK1  A line is visible (in a committed segment) only after commit(m), m >= the checkpoint that closed its transaction.
 *   SK2  What preCommit lists survives a power cut: content and name are durable before `durable` resolves.
 *   SK3  A transaction of an aborted checkpoint is listed and committed with the next one (T5, R9).
 *   SK4  commit(n) leaves transactions of later checkpoints alone (R10) and may be repeated.
 *   SK5  A line whose id is in the ledger was committed before the restore and is dropped, once; what is left of the
 *        ledger is part of the state, so that the next restore still knows it.
 *   SK6  A file whose write or fsync failed is thrown away and a new one is written; a second failure fails the
 *        checkpoint and keeps the lines for the next one (R20).
 *   SK7  After close() resolved, nothing of this writer touches the disk any more.
 *
 * Not here: recovery of segments after a death (segment-recovery.ts), the order of commits among subtasks (none).
 */
import {
  ByteReader, ByteWriter, type CheckpointId, type FileSystem, type Hash, JobFault, type WritableFile, errorCode, invariant,
} from '@tidemark/core';
import type { OutputLine, PreCommit, SinkWriter, Transaction } from '@tidemark/dataflow';
import { committedName, pendingName } from './segment-name.ts';

export interface SegmentWriterOptions {
  readonly files: FileSystem;
  readonly createSha256: () => Hash;
  readonly directory: string;
  /** e.g. `match/0` */
  readonly task: string;
  /** Epoch and attempt, e.g. `e1a3`: unique for each deployment of the task. */
  readonly life: string;
  /** Ids committed under checkpoints newer than the one that is restored. */
  readonly ledger: Iterable<string>;
  /** Characters after which an open transaction goes to its file. Default 1 Mi. */
  readonly spillCharacters?: number;
  /** Sees every line that is written (not the dropped ones), for the page's pending matches. */
  readonly onLine?: (line: OutputLine) => void;
}

const encoder = new TextEncoder();
const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The transaction that takes lines now. */
class OpenTransaction {
  lines = 0;
  buffered: string[] = [];
  bufferedCharacters = 0;
  /** Once spilled: the file, its running hash, and its appends in order. */
  spill: { readonly file: Promise<WritableFile>; readonly pending: string; readonly hash: Hash; bytes: number; tail: Promise<void> } | null = null;
}

interface ClosedTransaction {
  readonly checkpointId: CheckpointId;
  readonly lines: number;
  /** Kept until the file is durable; null for a spilled one. */
  content: Uint8Array | null;
  readonly spill: OpenTransaction['spill'];
  durable: Transaction | null;
}

export class SegmentWriter implements SinkWriter {
  readonly #options: SegmentWriterOptions;
  readonly #spillCharacters: number;
  readonly #ledger: Set<string>;
  #open = new OpenTransaction();
  #closedTransactions: ClosedTransaction[] = [];
  /** Files that are open. */
  readonly #spills = new Set<NonNullable<OpenTransaction['spill']>>();
  #ordinal = 0;
  #matches = 0;
  /** All I/O of this writer, one after the other. */
  #tail: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
    this.#spillCharacters = options.spillCharacters ?? 1 << 20;
    this.#ledger = new Set(options.ledger);
  }

  /** Matches so far, also those of the lives that this one was restored from. */
  get matches(): number { return this.#matches; }

  write(line: OutputLine): void {
    if (line.kind === 'match') this.#matches += 1;
    if (this.#ledger.size > 0 && this.#ledger.delete(line.matchId)) return;
    const open = this.#open;
    open.buffered.push(line.line);
    open.bufferedCharacters += line.line.length + 1;
    open.lines += 1;
    this.#options.onLine?.(line);
    if (open.bufferedCharacters >= this.#spillCharacters && !this.#closed) this.#spill(open);
  }

  preCommit(checkpointId: CheckpointId): PreCommit {
    const open = this.#open;
    this.#open = new OpenTransaction();
    if (open.lines > 0) {
      if (open.spill && !this.#closed) this.#spill(open);
      this.#closedTransactions.push({
        checkpointId, lines: open.lines, content: open.spill ? null : encode(open.buffered), spill: open.spill, durable: null,
      });
    }
    const listed = [...this.#closedTransactions];
    return { state: this.#remember(), durable: this.#enqueue(() => this.#makeDurable(listed)) };
  }

  commit(checkpointId: CheckpointId): Promise<readonly Transaction[]> {
    return this.#enqueue(async () => {
      const { files, directory } = this.#options;
      const committed: Transaction[] = [];
      for (const transaction of this.#closedTransactions) {
        if (transaction.checkpointId > checkpointId) continue;
        const { durable } = transaction;
        invariant(durable, `commit of checkpoint ${checkpointId} before its transaction is durable`);
        await files.rename(`${directory}/${durable.pending}`, `${directory}/${durable.name}`);
        committed.push(durable);
      }
      if (committed.length > 0) await files.fsyncDirectory(directory);
      this.#closedTransactions = this.#closedTransactions.filter((transaction) => !committed.includes(transaction.durable as Transaction));
      return committed;
    });
  }

  restore(state: Uint8Array): void {
    const reader = new ByteReader(state);
    this.#matches += reader.f64();
    for (let count = reader.u32(); count > 0; count -= 1) this.#ledger.add(reader.text());
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
    for (const spill of this.#spills) {
      await spill.tail.catch(() => {});
      await spill.file.then((file) => file.close()).catch(() => {});
    }
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => {
      if (this.#closed) throw new JobFault('the sink was closed', { domain: 'internal', retry: 'with-backoff', code: 'sink-closed', operatorId: this.#options.task, remedy: null });
      return work();
    });
    this.#tail = settled(result);
    return result;
  }

  #remember(): Uint8Array {
    const writer = new ByteWriter(64);
    writer.f64(this.#matches);
    writer.u32(this.#ledger.size);
    for (const id of this.#ledger) writer.text(id);
    return writer.finish();
  }

  async #makeDurable(listed: readonly ClosedTransaction[]): Promise<readonly Transaction[]> {
    const { files, directory } = this.#options;
    const transactions: Transaction[] = [];
    let wrote = false;
    for (const transaction of listed) {
      if (!transaction.durable) {
        transaction.durable = transaction.spill ? await this.#finishSpilled(transaction) : await this.#writeWhole(transaction);
        transaction.content = null;
        wrote = true;
      }
      transactions.push(transaction.durable);
    }
    if (wrote) await files.fsyncDirectory(directory);
    return transactions;
  }

  async #writeWhole(transaction: ClosedTransaction): Promise<Transaction> {
    const { files, directory, task, life, createSha256 } = this.#options;
    const content = transaction.content as Uint8Array;
    const hash = createSha256();
    hash.update(content);
    const sha256 = hexOf(hash.digest());
    for (let attempt = 0; ; attempt += 1) {
      const pending = pendingName(task, life, this.#ordinal++);
      try {
        const file = await files.create(`${directory}/${pending}`);
        try {
          await file.write(content);
          await file.fsync();
        } finally {
          await file.close();
        }
        return {
          checkpointId: transaction.checkpointId, name: committedName(transaction.checkpointId, task, life), pending,
          lines: transaction.lines, bytes: content.length, sha256,
        };
      } catch (error) {
        await files.unlink(`${directory}/${pending}`).catch(() => {});
        if (attempt === 1 || this.#closed) throw error;
      }
    }
  }

  #spill(open: OpenTransaction): void {
    const { files, directory, task, life, createSha256 } = this.#options;
    if (!open.spill) {
      const pending = pendingName(task, life, this.#ordinal++);
      open.spill = { file: files.create(`${directory}/${pending}`), pending, hash: createSha256(), bytes: 0, tail: Promise.resolve() };
      open.spill.file.catch(() => {}); // seen by its first append
      this.#spills.add(open.spill);
    }
    if (open.buffered.length === 0) return;
    const { spill } = open;
    const content = encode(open.buffered);
    open.buffered = [];
    open.bufferedCharacters = 0;
    spill.bytes += content.length;
    spill.hash.update(content);
    spill.tail = spill.tail.then(async () => (await spill.file).write(content));
    spill.tail.catch(() => {}); // seen when the transaction is made durable
  }

  /** Lines of a spilled transaction are nowhere else: if its file fails, the task must go back to the last checkpoint. */
  async #finishSpilled(transaction: ClosedTransaction): Promise<Transaction> {
    const spill = transaction.spill as NonNullable<OpenTransaction['spill']>;
    const { directory, task, life } = this.#options;
    try {
      await spill.tail;
      const file = await spill.file;
      await file.fsync();
      await file.close();
      this.#spills.delete(spill);
    } catch (error) {
      throw new JobFault(`output file ${directory}/${spill.pending} could not be written (${errorCode(error) ?? String(error)})`, {
        domain: 'external', retry: 'with-backoff', code: 'sink-write-failed', operatorId: task, remedy: 'Check that the disk of the data directory is writable and not full.',
      }, { cause: error });
    }
    return {
      checkpointId: transaction.checkpointId, name: committedName(transaction.checkpointId, task, life), pending: spill.pending,
      lines: transaction.lines, bytes: spill.bytes, sha256: hexOf(spill.hash.digest()),
    };
  }
}

function encode(lines: readonly string[]): Uint8Array {
  return encoder.encode(`${lines.join('\n')}\n`);
}

async function settled(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch {
    // Its caller sees it.
  }
}
