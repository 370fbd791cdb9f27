/**
 * The image of one subtask at one checkpoint, as a file: header, named sections, trailer with length and sha256.
 *
 * Shape   magic, version, header {jobId, checkpointId, uid, subtask, epoch, attempt, stateHash}, sections (name, bytes),
 *         trailer {length of all before it, sha256 of all before the sum}.
 * Always  what decodeSnapshot returns is byte for byte what was encoded, or it throws: a changed, cut, padded or foreign
 *         file is never half read (SN1). No clock, no randomness: equal input gives equal bytes (SN2).
 * Not here: where the file lies and how it gets there durably (cluster), what a section means (who wrote it).
 */
import { type Attempt, ByteReader, ByteWriter, type CheckpointId, type Epoch, attempt, checkpointId, epoch } from '@tidemark/core';
import { type Sha256, hex, sha256 as portable } from './sha256.ts';

/** "TMSN", little-endian. */
export const SNAPSHOT_MAGIC = 0x4e534d54;
export const SNAPSHOT_VERSION = 1;
const TRAILER_BYTES = 8 + 32;

export interface SnapshotHeader {
  readonly jobId: string;
  readonly checkpointId: CheckpointId;
  /** The operator's stable name: state finds its operator by it, never by its place in the graph. */
  readonly uid: string;
  readonly subtask: number;
  readonly epoch: Epoch;
  readonly attempt: Attempt;
  /** Hash of what gives the state its meaning (the pattern's version): state of another pattern is refused. */
  readonly stateHash: string;
}

export interface Snapshot {
  readonly header: SnapshotHeader;
  readonly sections: ReadonlyMap<string, Uint8Array>;
}

/** The file is not what was written. The world's fault: another checkpoint must do. */
export class SnapshotCorrupt extends Error {
  override readonly name = 'SnapshotCorrupt';
  readonly expected: string;
  readonly actual: string;

  constructor(what: string, expected: string, actual: string) {
    super(`snapshot ${what}: expected ${expected}, found ${actual}`);
    this.expected = expected;
    this.actual = actual;
  }
}

export function encodeSnapshot(snapshot: Snapshot, sha256: Sha256 = portable): Uint8Array {
  const { header } = snapshot;
  const writer = new ByteWriter(4096);
  writer.u32(SNAPSHOT_MAGIC);
  writer.u16(SNAPSHOT_VERSION);
  writer.text(header.jobId);
  writer.f64(header.checkpointId);
  writer.text(header.uid);
  writer.u32(header.subtask);
  writer.u32(header.epoch);
  writer.u32(header.attempt);
  writer.text(header.stateHash);
  writer.u32(snapshot.sections.size);
  for (const [name, bytes] of snapshot.sections) {
    writer.text(name);
    writer.blob(bytes);
  }
  writer.f64(writer.length);
  const sum = sha256(writer.view());
  const file = new Uint8Array(writer.length + sum.length);
  file.set(writer.view());
  file.set(sum, writer.length);
  return file;
}

/** Errors: SnapshotCorrupt, and nothing else, whatever the bytes are. Sections are views into `bytes`. */
export function decodeSnapshot(bytes: Uint8Array, sha256: Sha256 = portable): Snapshot {
  if (bytes.length < TRAILER_BYTES) throw new SnapshotCorrupt('length', `at least ${TRAILER_BYTES}`, String(bytes.length));
  const end = bytes.length - TRAILER_BYTES;
  const trailer = new ByteReader(bytes.subarray(end));
  const length = trailer.f64();
  if (length !== end) throw new SnapshotCorrupt('length', String(length), String(end));
  const expected = hex(bytes.subarray(bytes.length - 32));
  const actual = hex(sha256(bytes.subarray(0, bytes.length - 32)));
  if (expected !== actual) throw new SnapshotCorrupt('sha256', expected, actual);

  const reader = new ByteReader(bytes.subarray(0, end));
  const magic = reader.u32();
  if (magic !== SNAPSHOT_MAGIC) throw new SnapshotCorrupt('magic', SNAPSHOT_MAGIC.toString(16), magic.toString(16));
  const version = reader.u16();
  if (version !== SNAPSHOT_VERSION) throw new SnapshotCorrupt('version', String(SNAPSHOT_VERSION), String(version));
  const header: SnapshotHeader = {
    jobId: reader.text(),
    checkpointId: checkpointId(reader.f64()),
    uid: reader.text(),
    subtask: reader.u32(),
    epoch: epoch(reader.u32()),
    attempt: attempt(reader.u32()),
    stateHash: reader.text(),
  };
  const sections = new Map<string, Uint8Array>();
  for (let count = reader.u32(); count > 0; count -= 1) {
    const name = reader.text();
    sections.set(name, reader.blob());
  }
  return { header, sections };
}
