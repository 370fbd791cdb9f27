/**
 * A schema from a sample: types, optional fields, time and key, each with the evidence for it.
 *
 * Shape   the same as the wire's Proposal (packages/protocol), and the format that was detected.
 * Always  a proposal and no decision: the person corrects it. The first RECORDS_MAX records are looked at.
 *         The proposed schema decodes the sample with this package's decoders, but for what is counted undecodable
 *         and for values that are not of their field's main type.
 * Not here: nested values; a field that is never a scalar is not proposed.
 */
import type { RecordFormat } from './create-decoder.ts';
import { csvCells, csvHeader, csvRecordEnd } from './csv-text.ts';
import { RECORD_BYTES_MAX } from './record-decoder.ts';
import { flagOfCell, numberOfCell } from './row-writer.ts';
import type { EventSchema, FieldType, TimeFormat } from './schema.ts';
import { timeOfNumber, timeOfText } from './time-text.ts';
import { utf8Text } from './utf8.ts';

export interface FieldProposal {
  readonly name: string;
  readonly type: FieldType;
  readonly optional: boolean;
  /** Share of the records in which the field is present, 0..1. */
  readonly presence: number;
  /** Different values seen; counting stops at 50,000. */
  readonly distinct: number;
  /** Up to 10 most frequent values. */
  readonly top: { value: string; count: number }[];
  readonly min: number | null;
  readonly max: number | null;
  readonly reason: string;
}
export interface TimeProposal {
  readonly field: string;
  readonly format: TimeFormat;
  /** 0..1, the best first. */
  readonly score: number;
  readonly reason: string;
  readonly inOrder: boolean;
  /** The farthest that a time lies behind the latest before it. */
  readonly outOfOrdernessMs: number;
}
export interface KeyProposal {
  readonly field: string;
  readonly score: number;
  readonly distinct: number;
  readonly reason: string;
}
export interface SchemaProposal {
  readonly format: RecordFormat;
  /** null where no field looks like a time. */
  readonly schema: EventSchema | null;
  readonly fields: FieldProposal[];
  readonly time: TimeProposal[];
  readonly key: KeyProposal[];
  /** Records looked at, the undecodable ones included. */
  readonly records: number;
  readonly undecodable: number;
}

const RECORDS_MAX = 100_000;
const FIELDS_MAX = 500;
const DISTINCT_MAX = 50_000;
const encoder = new TextEncoder();

type Scalar = string | number | boolean;

/** What was seen of one field. */
class FieldEvidence {
  readonly name: string;
  texts = 0;
  flags = 0;
  wholes = 0;
  fractions = 0;
  nested = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  readonly counts = new Map<string, number>();
  /** Candidates for the time: how many values read so, and how far they run back. */
  readonly times = new Map<TimeFormat, { read: number; latest: number; behind: number }>();

  constructor(name: string) {
    this.name = name;
  }

  get distinct(): number {
    return this.counts.size;
  }

  get present(): number {
    return this.texts + this.flags + this.wholes + this.fractions;
  }

  add(value: Scalar): void {
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) this.wholes += 1;
      else this.fractions += 1;
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
      this.#time(epochFormat(value), () => timeOfNumber(value, epochFormat(value) as TimeFormat));
    } else if (typeof value === 'boolean') this.flags += 1;
    else {
      this.texts += 1;
      const format = textFormat(value);
      if (format) {
        const bytes = encoder.encode(value.trim());
        this.#time(format, () => timeOfText(bytes, 0, bytes.length));
      }
    }
    const text = String(value);
    const times = this.counts.get(text);
    if (times !== undefined) this.counts.set(text, times + 1);
    else if (this.counts.size < DISTINCT_MAX) this.counts.set(text, 1);
  }

  #time(format: TimeFormat | null, ms: () => number): void {
    if (!format) return;
    const time = ms();
    if (Number.isNaN(time)) return;
    const seen = this.times.get(format);
    if (!seen) {
      this.times.set(format, { read: 1, latest: time, behind: 0 });
      return;
    }
    seen.read += 1;
    if (time > seen.latest) seen.latest = time;
    else seen.behind = Math.max(seen.behind, seen.latest - time);
  }
}

/** Epoch numbers of the years 1973 to 2286 in each unit do not overlap. */
function epochFormat(value: number): TimeFormat | null {
  if (value >= 1e8 && value < 1e10) return 'epoch-s';
  if (value >= 1e11 && value < 1e13) return 'epoch-ms';
  if (value >= 1e14 && value < 1e16) return 'epoch-us';
  return null;
}

function textFormat(value: string): TimeFormat | null {
  const text = value.trim();
  if (text.length < 10 || text.length > 40 || text[4] !== '-' || text[7] !== '-') return null;
  if (text.length === 10) return 'iso8601';
  return text[10] === ' ' && /\d$/.test(text) && !/[+-]\d{2}:?\d{2}$/.test(text.slice(11)) ? 'datetime' : 'iso8601';
}

const TIME_NAMES = new Set(['ts', 'time', 'timestamp', 'datetime', 'date', 'eventtime', 'event_time', '@timestamp', 'created', 'createdat', 'created_at', 'occurredat', 'occurred_at', 'timecreated', 'utctime', 'at', 't']);
const KEY_WORDS = new Set(['key', 'host', 'hostname', 'user', 'username', 'account', 'customer', 'client', 'device', 'machine', 'sensor', 'session', 'card', 'ip', 'srcip', 'src', 'source', 'address', 'order', 'symbol', 'vehicle', 'patient', 'tenant', 'asset']);
const KIND_WORDS = new Set(['type', 'kind', 'name', 'event', 'action', 'status', 'state', 'level', 'severity', 'channel', 'outcome', 'result', 'message', 'category', 'code', 'reason', 'process', 'service', 'value', 'count', 'port']);
/** Fields of measures are doubles even where a sample happens to be whole. */
const MEASURE_WORDS = new Set(['value', 'price', 'amount', 'temperature', 'temp', 'pressure', 'score', 'rate', 'ratio', 'percent', 'speed', 'lat', 'lon', 'latitude', 'longitude', 'weight', 'voltage', 'humidity', 'total', 'balance']);

/** `srcIp`, `src_ip`, `src-ip` -> src, ip. */
const wordsOf = (name: string): string[] =>
  name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== '');
const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
const count = (n: number): string => n.toLocaleString('en-US');

/** The format of a sample; the name decides only where the bytes do not. */
export function detectFormat(bytes: Uint8Array, name: string): RecordFormat {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length && (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 10 || bytes[at] === 13)) at += 1;
  if (bytes[at] === 91) return 'json';
  if (bytes[at] === 123) {
    // One object a line, or one object over several lines?
    const feed = bytes.indexOf(10, at);
    const line = utf8Text(bytes, at, feed < 0 ? bytes.length : feed);
    if (line !== null && parsed(line) !== undefined) return 'ndjson';
    return (feed >= 0 && /\.json$/i.test(name)) || wholeObject(bytes, at) ? 'json' : 'ndjson';
  }
  if (at === bytes.length) return /\.json$/i.test(name) ? 'json' : /\.(ndjson|jsonl)$/i.test(name) ? 'ndjson' : 'csv';
  return /\.(ndjson|jsonl)$/i.test(name) ? 'ndjson' : 'csv';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function wholeObject(bytes: Uint8Array, at: number): boolean {
  const text = utf8Text(bytes, at, bytes.length);
  return text !== null && parsed(text) !== undefined;
}

/** Records of the sample, one call each; null = undecodable. */
function eachRecord(format: RecordFormat, bytes: Uint8Array, whole: boolean, visit: (record: ReadonlyMap<string, Scalar | null | object> | null) => boolean): void {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  if (format === 'csv') eachCsv(bytes, start, whole, visit);
  else if (format === 'ndjson') {
    for (let at = start; at < bytes.length;) {
      const feed = bytes.indexOf(10, at);
      if (feed < 0 && !whole) return;
      const text = utf8Text(bytes, at, feed < 0 ? bytes.length : feed);
      at = feed < 0 ? bytes.length : feed + 1;
      if (text?.trim() === '') continue;
      if (!visit(text === null ? null : membersOf(parsed(text)))) return;
    }
  } else eachElement(bytes, start, whole, visit);
}

function membersOf(value: unknown): ReadonlyMap<string, Scalar | null | object> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return new Map(Object.entries(value) as [string, Scalar | null | object][]);
}

function eachElement(bytes: Uint8Array, start: number, whole: boolean, visit: (record: ReadonlyMap<string, Scalar | null | object> | null) => boolean): void {
  const all = utf8Text(bytes, start, bytes.length);
  const value = all === null ? undefined : parsed(all);
  if (Array.isArray(value)) {
    for (const element of value) if (!visit(membersOf(element))) return;
    return;
  }
  if (value !== undefined) {
    visit(membersOf(value));
    return;
  }
  // The beginning of a larger file, or a broken one: element by element, cut where brackets balance.
  let depth = 0;
  let inString = false;
  let first = -1;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === 92) at += 1;
      else if (byte === 34) inString = false;
    } else if (byte === 34) inString = true;
    else if (byte === 123 || byte === 91) {
      depth += 1;
      if (depth === 2 && first < 0) first = at;
    } else if (byte === 125 || byte === 93) {
      depth -= 1;
      if (depth === 1 && first >= 0) {
        const text = utf8Text(bytes, first, at + 1);
        if (!visit(text === null ? null : membersOf(parsed(text)))) return;
        first = -1;
      }
    }
  }
  if (whole && first >= 0) visit(null);
}

function eachCsv(bytes: Uint8Array, start: number, whole: boolean, visit: (record: ReadonlyMap<string, Scalar | null | object> | null) => boolean): void {
  let header: readonly string[] | null = null;
  let delimiter = ',';
  for (let at = start; at < bytes.length;) {
    const feed = bytes.indexOf(10, at);
    const lineEnd = feed < 0 ? bytes.length : feed;
    const end = header ? csvRecordEnd(bytes, at, Math.min(bytes.length, at + RECORD_BYTES_MAX), delimiter.charCodeAt(0)) : lineEnd;
    if (end < 0 && feed < 0 && !whole) return;
    const to = end < 0 ? lineEnd : end;
    const text = utf8Text(bytes, at, bytes[to - 1] === 13 ? to - 1 : to);
    at = to + 1;
    if (text === '') continue;
    if (!header) {
      const found = text === null ? null : csvHeader(text);
      if (!found) return;
      header = found.columns;
      delimiter = found.delimiter;
      continue;
    }
    const cells = text === null ? null : csvCells(text, delimiter);
    if (!cells || cells.length !== header.length) {
      if (!visit(null)) return;
      continue;
    }
    const record = new Map<string, Scalar | null>();
    header.forEach((name, column) => {
      if (!record.has(name)) record.set(name, cells[column] as string | null);
    });
    if (!visit(record)) return;
  }
}

/** CSV cells are texts: a column is numbers or flags where all its cells read so. */
class ColumnEvidence extends FieldEvidence {
  readonly #asNumbers: FieldEvidence;
  readonly #asFlags: FieldEvidence;
  #onlyNumbers = true;
  #onlyFlags = true;

  constructor(name: string) {
    super(name);
    this.#asNumbers = new FieldEvidence(name);
    this.#asFlags = new FieldEvidence(name);
  }

  override add(value: Scalar): void {
    super.add(value);
    const cell = String(value);
    if (this.#onlyNumbers) {
      const number = numberOfCell(cell);
      // 007 is a name, not a number.
      if (Number.isFinite(number) && !/^\s*[+-]?0\d/.test(cell)) {
        this.#asNumbers.add(number);
        // "1.0" says that others may be 1.5.
        if (Number.isSafeInteger(number) && /[.eE]/.test(cell)) {
          this.#asNumbers.wholes -= 1;
          this.#asNumbers.fractions += 1;
        }
      } else this.#onlyNumbers = false;
    }
    if (this.#onlyFlags) {
      const flag = flagOfCell(cell);
      if (flag >= 0) this.#asFlags.add(flag === 1);
      else this.#onlyFlags = false;
    }
  }

  settle(): FieldEvidence {
    if (this.present === 0) return this;
    return this.#onlyFlags ? this.#asFlags : this.#onlyNumbers ? this.#asNumbers : this;
  }
}

function typeOf(field: FieldEvidence): { type: FieldType; reason: string } {
  const { texts, flags, wholes, fractions, present } = field;
  const numbers = wholes + fractions;
  const main = Math.max(texts, flags, numbers);
  const mixed = present > main ? ` ${count(present - main)} other values do not fit and would be dead letters.` : '';
  if (present === 0) return { type: 'string', reason: 'Always empty: read as text.' };
  if (main === numbers) {
    if (fractions > 0) return { type: 'double', reason: `${count(numbers)} numbers, ${count(fractions)} of them not whole or written with a point.${mixed}` };
    const measure = wordsOf(field.name).some((word) => MEASURE_WORDS.has(word));
    if (measure) return { type: 'double', reason: `${count(numbers)} whole numbers, but the name says that it is a measure.${mixed}` };
    return { type: 'int', reason: `All ${count(numbers)} numbers are whole.${mixed}` };
  }
  if (main === flags) return { type: 'bool', reason: `${count(flags)} values true or false.${mixed}` };
  return { type: 'string', reason: `${count(texts)} texts, ${count(field.distinct)} different.${mixed}` };
}

function timeProposals(fields: readonly FieldEvidence[], decodable: number): TimeProposal[] {
  const proposals: TimeProposal[] = [];
  for (const field of fields) {
    const named = TIME_NAMES.has(field.name.toLowerCase()) || wordsOf(field.name).some((word) => word === 'time' || word === 'timestamp' || word === 'date');
    let best: { format: TimeFormat; read: number; behind: number } | null = null;
    for (const [format, seen] of field.times) if (!best || seen.read > best.read) best = { format, ...seen };
    // Small whole numbers by the name of a time: milliseconds since the start of something.
    if (!best && named && field.wholes > 0 && field.wholes === field.present && field.min >= 0) {
      best = { format: 'epoch-ms', read: 0, behind: 0 };
    }
    if (!best || decodable === 0) continue;
    const presence = field.present / decodable;
    const share = best.read / field.present;
    const guessed = best.read === 0;
    if (!guessed && (share < 0.9 || presence < 0.9)) continue;
    const inOrder = !guessed && best.behind === 0;
    const moving = field.distinct > 1 || field.present === 1;
    const score = Math.min(1, (guessed ? 0.2 : 0.4 * share) + (named ? 0.35 : 0) + (inOrder && moving ? 0.2 : 0) + (presence === 1 ? 0.05 : 0));
    const order = guessed ? 'The numbers are small, so the unit is a guess.'
      : inOrder ? 'They are in order.' : `They run back by up to ${count(best.behind)} ms.`;
    proposals.push({
      field: field.name, format: best.format, score: Math.round(score * 100) / 100, inOrder, outOfOrdernessMs: best.behind,
      reason: guessed ? `The name says time, and all values are whole numbers. ${order}` : `${percent(share)} of the values read as ${best.format}${named ? ', and the name says time' : ''}. ${order}`,
    });
  }
  return proposals.sort((a, b) => b.score - a.score);
}

function keyProposals(fields: readonly FieldProposal[], timeField: string | null, decodable: number): KeyProposal[] {
  const proposals: KeyProposal[] = [];
  for (const field of fields) {
    if (field.name === timeField || (field.type !== 'string' && field.type !== 'int')) continue;
    if (field.presence < 0.95 || field.distinct < 2) continue;
    const perKey = (field.presence * decodable) / field.distinct;
    if (perKey < 2) continue;
    const words = wordsOf(field.name);
    const last = words.at(-1) ?? '';
    let score = field.type === 'string' ? 0.3 : 0.2;
    const named = words.some((word) => KEY_WORDS.has(word)) || (last === 'id' && !words.some((word) => KIND_WORDS.has(word)));
    if (named) score += 0.5;
    else if (words.some((word) => KIND_WORDS.has(word))) score -= 0.2;
    if (perKey >= 5) score += 0.1;
    if (field.presence === 1) score += 0.1;
    if (score < 0.3) continue;
    proposals.push({
      field: field.name, score: Math.round(Math.min(1, score) * 100) / 100, distinct: field.distinct,
      reason: `${count(field.distinct)} different values, about ${count(Math.round(perKey))} records each${named ? ', and the name says who or what an event is about' : ''}.`,
    });
  }
  return proposals.sort((a, b) => b.score - a.score);
}

/**
 * Proposes a schema for a sample. `name`: the file's, for its extension; `whole`: the bytes are the entire file, so
 * that what stands at their end is a record and not the beginning of one.
 */
export function inferSchema(bytes: Uint8Array, name: string, whole: boolean): SchemaProposal {
  const format = detectFormat(bytes, name);
  const evidence = new Map<string, FieldEvidence>();
  let records = 0;
  let undecodable = 0;
  eachRecord(format, bytes, whole, (record) => {
    records += 1;
    if (!record) undecodable += 1;
    else {
      for (const [field, value] of record) {
        let seen = evidence.get(field);
        if (!seen) {
          if (field === '' || field.length > 128 || evidence.size >= FIELDS_MAX) continue;
          seen = format === 'csv' ? new ColumnEvidence(field) : new FieldEvidence(field);
          evidence.set(field, seen);
        }
        if (value === null) continue;
        if (typeof value === 'object') seen.nested += 1;
        else seen.add(value);
      }
    }
    return records < RECORDS_MAX;
  });

  const decodable = records - undecodable;
  const settled = [...evidence.values()]
    .filter((field) => field.present > 0 || field.nested === 0)
    .map((field) => (field instanceof ColumnEvidence ? field.settle() : field));
  const time = timeProposals(settled, decodable);
  const fields = settled.map((field): FieldProposal => {
    const { type, reason } = typeOf(field);
    const top = [...field.counts].sort((a, b) => b[1] - a[1]).slice(0, 10).map(([value, times]) => ({ value: value.slice(0, 200).toWellFormed(), count: times }));
    return {
      name: field.name, type, optional: field.present < decodable, presence: decodable === 0 ? 0 : field.present / decodable,
      distinct: field.distinct, top,
      min: Number.isFinite(field.min) ? field.min : null, max: Number.isFinite(field.max) ? field.max : null, reason,
    };
  });
  const best = time[0];
  const schema: EventSchema | null = best ? {
    fields: fields.map(({ name: field, type, optional }) =>
      (field === best.field ? { name: field, type: 'int' as const } : optional ? { name: field, type, optional: true } : { name: field, type })),
    time: { field: best.field, format: best.format },
  } : null;
  return { format, schema, fields, time, key: keyProposals(fields, best?.field ?? null, decodable), records, undecodable };
}
