/** The thread behind inference.ts: reads the head of a file (all of it where it is one JSON array) and proposes. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { detectFormat, inferSchema } from '@tidemark/event';
import type { Proposal } from '@tidemark/protocol';
import type { Inferred, InferenceTask } from './inference.ts';

const HEAD_BYTES = 8 * 1024 * 1024;

const { path, name } = workerData as InferenceTask;
const file = openSync(path, 'r');
const { size } = fstatSync(file);
const read = (length: number): Uint8Array => {
  const bytes = new Uint8Array(Math.min(size, length));
  let at = 0;
  while (at < bytes.length) {
    const count = readSync(file, bytes, at, bytes.length - at, at);
    if (count === 0) break;
    at += count;
  }
  return bytes.subarray(0, at);
};
let bytes = read(HEAD_BYTES);
if (bytes.length < size && detectFormat(bytes, name) === 'json') bytes = read(size);
closeSync(file);
const { format, ...proposal } = inferSchema(bytes, name, bytes.length === size);
parentPort?.postMessage({ proposal: proposal as unknown as Proposal, format } satisfies Inferred); // the same members, without `readonly`
