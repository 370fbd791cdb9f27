/**
 * What it costs to turn NDJSON bytes into columns.
 *
 * Measures   NdjsonDecoder over the workload `pair` (121 bytes a line, 5 of 8 fields in the schema), in chunks of 256 KiB and
 *            batches of 1,024 rows, as the source reads, with a new decoder and new dictionaries each time; and the same
 *            without WebAssembly.
 * Baseline   JSON.parse of each line, cut out of the same bytes: what an engine over objects must do at least.
 * Not here   reading files, keys, matching, garbage collection of what an engine keeps.
 * Read as    median of the ratios of rounds in which all ran one after the other, in processor time; the absolute numbers do not travel.
 */
import { Buffer } from 'node:buffer';
import { GENERATORS, generatedObject } from '@tidemark/connectors';
import { createDecoder, EventBatch, type EventSchema, type RecordDecoder, startCursor } from '@tidemark/event';
import { type Rates, interleave, ratio } from './calibrators/interleave.ts';

export const PAIR_SCHEMA: EventSchema = {
  fields: [
    { name: 'ts', type: 'int' }, { name: 'type', type: 'string' }, { name: 'key', type: 'string' },
    { name: 'value', type: 'double' }, { name: 'user', type: 'string' },
  ],
  time: { field: 'ts', format: 'epoch-ms' },
};

const CHUNK_BYTES = 256 * 1024;
const BATCH_ROWS = 1_024;
const FEED = 10;

/** `events` events of the workload as NDJSON. */
export function pairBytes(events: number, seed = 1, keys = 10_000): Buffer {
  const generator = GENERATORS.get('pair');
  if (!generator) throw new Error('the generator pair is gone');
  const write = generator.create(seed, 1_700_000_000_000, { keys });
  const lines: string[] = [];
  for (let i = 0; i < events; i++) lines.push(JSON.stringify(generatedObject(generator, write, i)));
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Decodes all of `bytes` the way the source does; calls `each` with every batch. Returns the count of rows. */
export function decodeAll(
  bytes: Uint8Array, schema: EventSchema, each: (batch: EventBatch) => void,
  decoder: RecordDecoder = createDecoder('ndjson', schema), batch: EventBatch = new EventBatch(schema, BATCH_ROWS),
): number {
  const cursor = startCursor();
  let rows = 0;
  const refuse = (letter: unknown): never => {
    throw new Error(JSON.stringify(letter));
  };
  for (let to = Math.min(CHUNK_BYTES, bytes.length); ;) {
    batch.clear();
    decoder.decode(bytes, cursor.offset, to, to === bytes.length, cursor, batch, refuse);
    rows += batch.length;
    if (batch.length > 0) each(batch);
    if (batch.length < BATCH_ROWS) {
      if (to === bytes.length) return rows;
      to = Math.min(bytes.length, to + CHUNK_BYTES);
    }
  }
}

/** Parses all lines of `bytes` into objects; calls `each` with every object. Returns their count. */
export function parseAll(bytes: Buffer, each: (event: { ts: number }) => void): number {
  let rows = 0;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(FEED, at);
    // latin1 is the fastest way to a string, and the workload is ASCII: the baseline gets the best it can have.
    each(JSON.parse(bytes.toString('latin1', at, end)) as { ts: number });
    rows += 1;
    at = end + 1;
  }
  return rows;
}

export interface DecodeFigures {
  /** Millions of events a second of processor time, medians. */
  readonly decoder: number;
  readonly typescript: number;
  readonly jsonParse: number;
  /** Median, least and greatest of the rounds' ratios decoder / JSON.parse. */
  readonly ratio: number;
  readonly ratioMin: number;
  readonly ratioMax: number;
  /** Median of the rounds' ratios of the decoder without WebAssembly. */
  readonly typescriptRatio: number;
  readonly rounds: number;
  readonly events: number;
}

/** Runs all over the same bytes, interleaved, `rounds` times after a round to warm up. */
export function measureDecode(options: { readonly events?: number; readonly rounds?: number } = {}): DecodeFigures {
  const { events = 1_000_000, rounds = 7 } = options;
  const bytes = pairBytes(events);
  // All add up the times, in the same order, so that none can leave the work out and all round alike.
  const decoded = (scanner: 'wasm' | 'typescript') => (): number => {
    let sum = 0;
    decodeAll(bytes, PAIR_SCHEMA, (batch) => { for (let row = 0; row < batch.length; row++) sum += batch.time[row] as number; }, createDecoder('ndjson', PAIR_SCHEMA, { scanner }));
    return sum;
  };
  const parsed = (): number => {
    let sum = 0;
    parseAll(bytes, (event) => { sum += event.ts; });
    return sum;
  };
  const rates = interleave([
    { name: 'decoder', events, run: decoded('wasm') }, { name: 'typescript', events, run: decoded('typescript') }, { name: 'JSON.parse', events, run: parsed },
  ], rounds);
  const [decoder, typescript, jsonParse] = [...rates.values()] as [Rates, Rates, Rates];
  const { median, least, greatest } = ratio(decoder, jsonParse);
  return {
    decoder: decoder.median, typescript: typescript.median, jsonParse: jsonParse.median,
    ratio: median, ratioMin: least, ratioMax: greatest, typescriptRatio: ratio(typescript, jsonParse).median, rounds, events,
  };
}

if (import.meta.main) {
  const figures = measureDecode();
  const show = (value: number): string => value.toFixed(2);
  process.stdout.write(
    `decoder ${show(figures.decoder)} M events/s, JSON.parse ${show(figures.jsonParse)} M events/s, `
    + `ratio ${show(figures.ratio)} (${show(figures.ratioMin)} to ${show(figures.ratioMax)}); without WebAssembly ${show(figures.typescript)} M events/s, `
    + `ratio ${show(figures.typescriptRatio)}; ${figures.rounds} rounds of ${figures.events} events\n`,
  );
}
