/**
 * The samples that people and templates brought: files, what is known of them, and the proposal made from them.
 * The proposal is made once, from the head of the file, and kept; a lost one is made again.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Proposal, Sample } from '@tidemark/protocol';
import type { SampleRecord, SampleStore } from '../store/samples.ts';
import { type Inferred, type SampleFormat, infer } from './inference.ts';
import type { SampleFiles } from './sample-files.ts';

export class SampleLibrary {
  readonly #store: SampleStore;
  readonly #files: SampleFiles;
  readonly #now: () => number;

  constructor(store: SampleStore, files: SampleFiles, now: () => number) {
    this.#store = store;
    this.#files = files;
    this.#now = now;
  }

  async add(name: string, format: SampleFormat | undefined, stream: AsyncIterable<Uint8Array>): Promise<Sample> {
    const { hash, bytes } = await this.#files.receive(stream);
    const { proposal, format: detected } = await this.#propose(hash, name);
    const record: SampleRecord = { hash, name: printable(name), bytes, format: format ?? detected, uploadedAt: this.#now() };
    await this.#store.put(record);
    return sampleOf(record, proposal);
  }

  /** A sample that comes with the product: taken once, left alone when it is there. */
  async provide(name: string, format: SampleFormat, bytes: Uint8Array): Promise<void> {
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (await this.#store.find(hash) === null || !await this.#files.has(hash)) await this.add(name, format, Readable.from([bytes]));
  }

  async list(): Promise<Sample[]> {
    return Promise.all((await this.#store.list()).map((record) => this.#complete(record)));
  }

  async find(hash: string): Promise<Sample | null> {
    const record = await this.#store.find(hash);
    return record !== null && await this.#files.has(hash) ? this.#complete(record) : null;
  }

  /** Absolute path of the bytes, or null where there is no such sample. */
  async path(hash: string): Promise<string | null> {
    return await this.#files.has(hash) ? this.#files.path(hash) : null;
  }

  read(hash: string): NodeJS.ReadableStream {
    return this.#files.read(hash);
  }

  async #complete(record: SampleRecord): Promise<Sample> {
    return sampleOf(record, await this.#files.proposal(record.hash) ?? (await this.#propose(record.hash, record.name)).proposal);
  }

  async #propose(hash: string, name: string): Promise<Inferred> {
    const inferred = await infer({ path: this.#files.path(hash), name });
    await this.#files.putProposal(hash, inferred.proposal);
    return inferred;
  }
}

const sampleOf = ({ hash, name, bytes, format, uploadedAt }: SampleRecord, proposal: Proposal): Sample => ({ hash, name, bytes, format, uploadedAt, proposal });

/** A name is shown and never a path; control characters would only disturb. */
const printable = (name: string): string => name.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim().slice(0, 255) || 'sample';
