/**
 * One file on its way to the runtime, as a state machine without I/O.
 *
 * Invariants (tests cite these ids):
 *   DU1  What cannot work is refused before a byte is sent: nothing chosen, empty, too large, a folder, another kind of file.
 *   DU2  Progress never goes back and never says done before the runtime has answered.
 *   DU3  After cancel or failure nothing that still arrives changes the state; trying again starts from zero.
 *
 * Not here: sending (send-sample.ts), what the data is (correction.ts).
 */
import type { Sample } from '@tidemark/protocol';

export const UPLOAD_BYTES_MAX = 100 * 1000 * 1000;
export type SampleFormat = Sample['format'];
export type Refusal = 'empty' | 'too-large' | 'folder' | 'kind';

export interface CandidateFile { readonly name: string; readonly size: number; readonly type: string }

export type UploadState =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly name: string; readonly size: number }
  | { readonly kind: 'sending'; readonly ticket: number; readonly name: string; readonly sent: number; readonly size: number }
  /** All bytes are sent; the runtime reads them. */
  | { readonly kind: 'reading'; readonly ticket: number; readonly name: string; readonly size: number }
  | { readonly kind: 'done'; readonly sample: Sample }
  | { readonly kind: 'failed'; readonly name: string; readonly size: number; readonly reason: string }
  | { readonly kind: 'cancelled'; readonly name: string };

export type UploadEvent =
  | { readonly kind: 'chosen'; readonly ticket: number; readonly file: CandidateFile; readonly folder: boolean }
  | { readonly kind: 'progress'; readonly ticket: number; readonly sent: number }
  | { readonly kind: 'answered'; readonly ticket: number; readonly sample: Sample }
  | { readonly kind: 'failed'; readonly ticket: number; readonly reason: string }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'reset' };

export const NO_UPLOAD: UploadState = { kind: 'none' };

const EXTENSIONS: Readonly<Record<string, SampleFormat>> = {
  csv: 'csv', tsv: 'csv', ndjson: 'ndjson', jsonl: 'ndjson', log: 'ndjson', json: 'json',
};
/** Kinds that are surely not lines of text. An unknown ending is left to the runtime, which looks at the bytes. */
const REFUSED = new Set(['zip', 'gz', 'xlsx', 'xls', 'parquet', 'avro', 'pdf', 'png', 'jpg', 'jpeg', 'gif', 'mp4', 'exe', 'docx']);

const extension = (name: string): string => (name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '');
/** The format by the file's name; null leaves it to who looks at the bytes. */
export const formatOfName = (name: string): SampleFormat | null => EXTENSIONS[extension(name)] ?? null;

export function refusalOf(file: CandidateFile, folder: boolean): Refusal | null {
  if (folder) return 'folder';
  if (file.size === 0) return 'empty';
  if (file.size > UPLOAD_BYTES_MAX) return 'too-large';
  if (REFUSED.has(extension(file.name))) return 'kind';
  return null;
}

export function decideUpload(state: UploadState, event: UploadEvent): UploadState {
  switch (event.kind) {
    case 'chosen': {
      const { name, size } = event.file;
      const refusal = refusalOf(event.file, event.folder);
      return refusal ? { kind: 'refused', refusal, name, size } : { kind: 'sending', ticket: event.ticket, name, sent: 0, size };
    }
    case 'progress': {
      if (state.kind !== 'sending' || state.ticket !== event.ticket) return state;
      const sent = Math.min(state.size, Math.max(state.sent, event.sent));
      return sent >= state.size ? { kind: 'reading', ticket: state.ticket, name: state.name, size: state.size } : { ...state, sent };
    }
    case 'answered':
      return isUnderWay(state) && state.ticket === event.ticket ? { kind: 'done', sample: event.sample } : state;
    case 'failed':
      return isUnderWay(state) && state.ticket === event.ticket ? { kind: 'failed', name: state.name, size: state.size, reason: event.reason } : state;
    case 'cancel':
      return isUnderWay(state) ? { kind: 'cancelled', name: state.name } : state;
    case 'reset':
      return NO_UPLOAD;
  }
}

type UnderWay = Extract<UploadState, { readonly ticket: number }>;
export const isUnderWay = (state: UploadState): state is UnderWay => state.kind === 'sending' || state.kind === 'reading';
/** Share of the bytes that are sent, 0..1; null where there is nothing to show. */
export const sentShare = (state: UploadState): number | null =>
  state.kind === 'sending' ? state.sent / Math.max(1, state.size) : state.kind === 'reading' || state.kind === 'done' ? 1 : null;
