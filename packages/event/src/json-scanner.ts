/**
 * JsonScanner: the usual JSON object, from bytes straight into columns, in one pass and without allocating.
 *
 * Shape   members are compared with the names of the record before, in order: a stream of alike records never hashes
 *         a name. Only the schema's fields are stored; all others are checked and skipped.
 * Always  what scan() accepts, JSON.parse accepts with the same values; everything unusual (escapes, nested values,
 *         duplicate fields, exponents, a wrong type, a missing field) is answered with -1 and left to the full parser.
 * Assumes a line feed somewhere at or after the record: no byte of JSON outside strings skips it, and in strings it
 *         is illegal, so that no loop needs a bound of its own.
 */
import { Dictionary } from './dictionary.ts';
import type { EventBatch } from './event-batch.ts';
import { POWERS_OF_TEN, asciiText, numberOfText } from './number-text.ts';
import { KIND, type RowWriter } from './row-writer.ts';
import { timeOfNumber, timeOfText } from './time-text.ts';
import { isUtf8 } from './utf8.ts';

const LAYOUT_MEMBERS_MAX = 128;
/** Names are remembered up to here; further unknown ones are compared each time. */
const NAMES_MAX = 4_096;
/** 1 for bytes that stand for themselves in a JSON text: no quote, no backslash, no control character. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 32 && byte !== 34 && byte !== 92 ? 1 : 0));
const encoder = new TextEncoder();

export class JsonScanner {
  readonly #writer: RowWriter;
  readonly #names = new Dictionary();
  /** By code of the name: field or -1; place in the layout or -1. */
  readonly #fieldOfName: number[] = [];
  readonly #placeOfName: number[] = [];
  /** Names in the order seen, each as it stands in compact JSON: quote, name, quote, colon. */
  readonly #layoutLengths = new Int32Array(LAYOUT_MEMBERS_MAX + 1);
  /** Four bytes at a time, the last four overlapping: words [#layoutStarts[place], #layoutStarts[place + 1]). */
  #layoutWords = new Int32Array(256);
  readonly #layoutStarts = new Int32Array(LAYOUT_MEMBERS_MAX + 1);
  readonly #layoutFields = new Int32Array(LAYOUT_MEMBERS_MAX);
  #layoutSize = 0;
  /** Which scan last wrote a field: finds duplicate members without clearing anything. */
  readonly #seen: Int32Array;
  #scan = 0;
  /** Of the last name looked up: where it ends (at its quote), its field, its place. */
  #nameEnd = 0;
  #nameField = -1;
  #namePlace = -1;

  constructor(writer: RowWriter) {
    this.#writer = writer;
    this.#seen = new Int32Array(writer.fieldCount);
    writer.schema.fields.forEach((field, index) => {
      const bytes = encoder.encode(field.name);
      const code = this.#names.encodeBytes(bytes, 0, bytes.length);
      this.#fieldOfName[code] = index;
      this.#placeOfName[code] = -1;
    });
  }

  /** The slow way to a member: finds its name's end and meaning, learns its place. False = leave it to the parser. */
  #lookUp(bytes: Uint8Array, quote: number): boolean {
    let at = quote + 1;
    for (;;) {
      const byte = bytes[at] as number;
      if (byte === 34) break;
      if (byte < 32 || byte === 92) return false;
      at += 1;
    }
    this.#nameEnd = at;
    let code = this.#names.findBytes(bytes, quote + 1, at);
    if (code < 0) {
      this.#nameField = -1;
      this.#namePlace = -1;
      if (this.#names.size >= NAMES_MAX) return isUtf8(bytes, quote + 1, at);
      code = this.#names.encodeBytes(bytes, quote + 1, at);
      if (code < 0) return false;
      this.#fieldOfName[code] = -1;
      this.#placeOfName[code] = -1;
    }
    this.#nameField = this.#fieldOfName[code] as number;
    let place = this.#placeOfName[code] as number;
    if (place < 0 && this.#layoutSize < LAYOUT_MEMBERS_MAX && at > quote + 1) {
      place = this.#layoutSize;
      const member = new DataView(new ArrayBuffer(at - quote + 2));
      for (let i = 0; i < member.byteLength - 1; i++) member.setUint8(i, bytes[quote + i] as number);
      member.setUint8(member.byteLength - 1, 58);
      const start = this.#layoutStarts[place] as number;
      const words = (member.byteLength + 3) >> 2;
      if (start + words > this.#layoutWords.length) {
        const grown = new Int32Array((start + words) * 2);
        grown.set(this.#layoutWords);
        this.#layoutWords = grown;
      }
      for (let word = 0; word < words; word++) {
        this.#layoutWords[start + word] = member.getInt32(Math.min(word * 4, member.byteLength - 4), true);
      }
      this.#layoutStarts[place + 1] = start + words;
      this.#layoutLengths[place] = member.byteLength;
      this.#layoutFields[place] = this.#nameField;
      this.#placeOfName[code] = place;
      this.#layoutSize = place + 1;
    }
    this.#namePlace = place;
    return true;
  }

  /**
   * Appends the objects of bytes[from..last], one a line, to the writer's batch until it has `rowEnd` rows; the first one
   * gets the ordinal `ordinal`. bytes[last] is a line feed.
   * Returns the index after the last line taken: that of the first line that is unusual (or longer than `lineMax`), or
   * last + 1. Beyond its length the batch may hold rubbish of that line (RowWriter.clear).
   */
  scan(bytes: Uint8Array, from: number, last: number, rowEnd: number, ordinal: number, lineMax: number): number {
    const writer = this.#writer;
    const batch = writer.batch as EventBatch;
    const { kinds, required, requiredCount, values, codes, present, dictionaries, time, timeFormat } = writer;
    const { position } = batch;
    const layoutStarts = this.#layoutStarts;
    const layoutLengths = this.#layoutLengths;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const viewEnd = bytes.byteLength;
    const layoutFields = this.#layoutFields;
    const seen = this.#seen;
    let row = batch.length;
    let start = from;
    lines: while (start <= last && row < rowEnd && bytes[start] === 123) {
    if (this.#scan === 0x7fffffff) {
      this.#scan = 0;
      seen.fill(0);
    }
    const scan = ++this.#scan;
    let found = 0;
    let mask = 0;
    let place = 0;
    let at = start + 1;
    let byte = bytes[at] as number;
    while (byte <= 32 && (byte === 32 || byte === 9)) byte = bytes[++at] as number;
    if (byte === 125) break; // nothing but the time is required, and it is missing

    for (;;) {
      // A member's name. Compared with the expected one first: it includes quotes and colon.
      let field = -1;
      const layoutWords = this.#layoutWords;
      const length = layoutLengths[place] as number; // 0 where nothing is expected
      let word = 0;
      let wordEnd = -1;
      if (length > 0 && at + length <= viewEnd) {
        word = layoutStarts[place] as number;
        wordEnd = (layoutStarts[place + 1] as number) - 1;
        let other = at;
        while (word < wordEnd && view.getInt32(other, true) === layoutWords[word]) {
          word += 1;
          other += 4;
        }
        if (view.getInt32(at + length - 4, true) !== layoutWords[wordEnd]) word = -1;
      }
      if (word === wordEnd) {
        field = layoutFields[place] as number;
        place += 1;
        at += length;
        byte = bytes[at] as number;
      } else {
        if (byte !== 34 || !this.#lookUp(bytes, at)) break lines;
        field = this.#nameField;
        if (this.#namePlace >= 0) place = this.#namePlace + 1;
        at = this.#nameEnd + 1;
        byte = bytes[at] as number;
        while (byte <= 32 && (byte === 32 || byte === 9)) byte = bytes[++at] as number;
        if (byte !== 58) break lines;
        byte = bytes[++at] as number;
      }
      while (byte <= 32 && (byte === 32 || byte === 9)) byte = bytes[++at] as number;

      let kind = -1;
      if (field >= 0) {
        // A duplicate: the last one counts, and the parser knows how.
        if (field < 31) {
          const bit = 1 << field;
          if ((mask & bit) !== 0) break lines;
          mask |= bit;
        } else {
          if (seen[field] === scan) break lines;
          seen[field] = scan;
        }
        kind = kinds[field] as number;
      }

      if (byte === 34) {
        const first = ++at;
        if (kind === KIND.string) {
          byte = bytes[at] as number;
          while (PLAIN[byte] === 1) byte = bytes[++at] as number;
          if (byte !== 34) break lines;
          const code = (dictionaries[field] as Dictionary).encodeView(bytes, view, first, at);
          if (code < 0) break lines;
          (codes[field] as Int32Array)[row] = code;
        } else {
          let all = 0;
          byte = bytes[at] as number;
          while (PLAIN[byte] === 1) {
            all |= byte;
            byte = bytes[++at] as number;
          }
          if (byte !== 34) break lines;
          if (all > 127 && !isUtf8(bytes, first, at)) break lines;
          if (kind >= 0) {
            if (kind !== KIND.time) break lines;
            const format = timeFormat;
            const ms = format === 'iso8601' || format === 'datetime'
              ? timeOfText(bytes, first, at) : timeOfNumber(numberOfText(bytes, first, at), format);
            if (Number.isNaN(ms)) break lines;
            (values[field] as Float64Array)[row] = ms;
            time[row] = ms;
          }
        }
        at += 1;
      } else if (byte === 45 || (byte >= 48 && byte <= 57)) {
        const first = at;
        const negative = byte === 45;
        if (negative) byte = bytes[++at] as number;
        const whole = at;
        let head = byte - 48;
        if (head < 0 || head > 9) break lines;
        byte = bytes[++at] as number;
        if (head === 0) {
          if (byte >= 48 && byte <= 57) break lines; // JSON has no leading zeros
        } else {
          // Nine digits stay in 32-bit arithmetic, where a step costs half of what it costs in a double.
          const stop = whole + 9;
          while (byte >= 48 && byte <= 57 && at < stop) {
            head = (Math.imul(head, 10) + (byte - 48)) | 0;
            byte = bytes[++at] as number;
          }
        }
        let mantissa = head;
        if (byte >= 48 && byte <= 57) {
          const before = at;
          const stop = at + 9;
          let part = 0;
          while (byte >= 48 && byte <= 57 && at < stop) {
            part = (Math.imul(part, 10) + (byte - 48)) | 0;
            byte = bytes[++at] as number;
          }
          mantissa = head * (POWERS_OF_TEN[at - before] as number) + part;
          while (byte >= 48 && byte <= 57) byte = bytes[++at] as number; // more than a double holds: see below
        }
        let digits = at - whole;
        let fraction = 0;
        if (byte === 46) {
          byte = bytes[++at] as number;
          if (byte < 48 || byte > 57) break lines;
          const point = at;
          const stop = at + 9;
          let part = 0;
          while (byte >= 48 && byte <= 57 && at < stop) {
            part = (Math.imul(part, 10) + (byte - 48)) | 0;
            byte = bytes[++at] as number;
          }
          mantissa = mantissa * (POWERS_OF_TEN[at - point] as number) + part;
          while (byte >= 48 && byte <= 57) {
            mantissa = mantissa * 10 + (byte - 48);
            byte = bytes[++at] as number;
          }
          fraction = at - point;
          digits += fraction;
        }
        if (byte === 69 || byte === 101) break lines;
        if (kind >= 0) {
          let value: number;
          if (digits <= 16 && mantissa <= 9_007_199_254_740_991) {
            value = fraction === 0 ? mantissa : mantissa / (POWERS_OF_TEN[fraction] as number);
            if (negative) value = -value;
          } else value = Number(asciiText(bytes, first, at));
          if (kind === KIND.double) {
            if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) break lines;
          } else if (kind === KIND.int) {
            if (fraction > 0 || !Number.isSafeInteger(value)) break lines;
            value += 0;
          } else if (kind === KIND.time) {
            if (timeFormat !== 'epoch-ms' || fraction > 0) value = timeOfNumber(value, timeFormat);
            if (!Number.isSafeInteger(value)) break lines;
            value += 0;
            time[row] = value;
          } else break lines;
          (values[field] as Float64Array)[row] = value;
        }
      } else if (byte === 116) {
        if (bytes[at + 1] !== 114 || bytes[at + 2] !== 117 || bytes[at + 3] !== 101) break lines;
        at += 4;
        if (kind >= 0) {
          if (kind !== KIND.bool) break lines;
          (writer.flags[field] as Uint8Array)[row] = 1;
        }
      } else if (byte === 102) {
        if (bytes[at + 1] !== 97 || bytes[at + 2] !== 108 || bytes[at + 3] !== 115 || bytes[at + 4] !== 101) break lines;
        at += 5;
        if (kind >= 0 && kind !== KIND.bool) break lines;
      } else if (byte === 110) {
        if (bytes[at + 1] !== 117 || bytes[at + 2] !== 108 || bytes[at + 3] !== 108) break lines;
        at += 4;
        kind = -1; // absent
      } else break lines;

      if (kind >= 0) {
        (present[field] as Uint8Array)[row] = 1;
        found += required[field] as number;
      }

      byte = bytes[at] as number;
      while (byte <= 32 && (byte === 32 || byte === 9)) byte = bytes[++at] as number;
      if (byte === 44) {
        byte = bytes[++at] as number;
        while (byte <= 32 && (byte === 32 || byte === 9)) byte = bytes[++at] as number;
      } else if (byte === 125) {
        if (found !== requiredCount) break lines;
        byte = bytes[++at] as number;
        while (byte === 13 || byte === 32 || byte === 9) byte = bytes[++at] as number;
        if (byte !== 10 || at - start > lineMax) break lines;
        position[row] = ordinal;
        ordinal += 1;
        row += 1;
        start = at + 1;
        continue lines;
      } else break lines;
    }
    }
    batch.length = row;
    return start;
  }
}
