export { type Sha256, createSha256, hex, sha256 } from './sha256.ts';
export {
  SNAPSHOT_MAGIC, SNAPSHOT_VERSION, type Snapshot, SnapshotCorrupt, type SnapshotHeader, decodeSnapshot, encodeSnapshot,
} from './snapshot.ts';
