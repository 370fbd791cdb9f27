/**
 * One upload in a component: runs upload.ts, sends by send-sample.ts, and reads the first bytes here meanwhile, so that
 * the proposal is there before the last byte has left.
 */
import { inferSchema } from '@tidemark/event';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Proposal } from '@tidemark/protocol';
import { errorText } from '../shell/states.tsx';
import { estimatedRecords } from './correction.ts';
import { sendSample } from './send-sample.ts';
import { NO_UPLOAD, type SampleFormat, type UploadEvent, type UploadState, decideUpload, formatOfName, refusalOf } from './upload.ts';

/** Bytes that are looked at in the page: some ten thousand events, read in well under a second. */
const PEEK_BYTES = 1_000_000;

export interface Peek { readonly proposal: Proposal; readonly format: SampleFormat; readonly records: number }
export interface Upload {
  readonly state: UploadState;
  /** What the first bytes say; null before. */
  readonly peek: Peek | null;
  choose(file: Blob, name: string, folder?: boolean): void;
  cancel(): void;
  retry(): void;
  reset(): void;
}

export function useUpload(): Upload {
  const [state, setState] = useState<UploadState>(NO_UPLOAD);
  const [peek, setPeek] = useState<Peek | null>(null);
  const last = useRef<{ file: Blob; name: string; folder: boolean } | null>(null);
  const ticket = useRef(0);
  const abort = useRef<AbortController | null>(null);
  const handle = useCallback((event: UploadEvent) => setState((known) => decideUpload(known, event)), []);

  const choose = useCallback((file: Blob, name: string, folder = false): void => {
    abort.current?.abort();
    last.current = { file, name, folder };
    const own = ++ticket.current;
    setPeek(null);
    const candidate = { name, size: file.size, type: file.type };
    handle({ kind: 'chosen', ticket: own, file: candidate, folder });
    if (refusalOf(candidate, folder) !== null) return;
    const controller = new AbortController();
    abort.current = controller;
    const look = async (): Promise<void> => {
      const bytes = new Uint8Array(await file.slice(0, PEEK_BYTES).arrayBuffer());
      if (ticket.current !== own) return;
      const { format, schema: _, ...proposal } = inferSchema(bytes, name, file.size <= PEEK_BYTES);
      setPeek({ format, proposal: { ...proposal, schema: null }, records: estimatedRecords(proposal.records, bytes.length, file.size) });
    };
    const send = async (): Promise<void> => {
      try {
        const sample = await sendSample(file, { name, format: formatOfName(name), signal: controller.signal, onProgress: (sent) => handle({ kind: 'progress', ticket: own, sent }) });
        handle({ kind: 'answered', ticket: own, sample });
      } catch (error) {
        if (!controller.signal.aborted) handle({ kind: 'failed', ticket: own, reason: errorText(error) });
      }
    };
    // A file that cannot be read here (it was moved, or is a folder after all) fails in sending, with its reason.
    look().catch(() => undefined);
    void send();
  }, [handle]);

  const cancel = useCallback(() => {
    abort.current?.abort();
    handle({ kind: 'cancel' });
  }, [handle]);
  const reset = useCallback(() => {
    abort.current?.abort();
    ticket.current += 1;
    setPeek(null);
    handle({ kind: 'reset' });
  }, [handle]);
  const retry = useCallback(() => { if (last.current !== null) choose(last.current.file, last.current.name, last.current.folder); }, [choose]);
  useEffect(() => () => abort.current?.abort(), []);
  return { state, peek, choose, cancel, retry, reset };
}
