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
import { Dictionary, HASH_PRIME, HASH_SEED } from './dictionary.ts';
import { POWERS_OF_TEN, asciiText, numberOfText } from './number-text.ts';
import { KIND, type RowWriter } from './row-writer.ts';
import { timeOfNumber, timeOfText } from './time-text.ts';
import { isUtf8 } from './utf8.ts';

const LAYOUT_MEMBERS_MAX = 128;
/** Names are remembered up to here; further unknown ones are compared each time. */
const NAMES_MAX = 4_096;
const encoder = new TextEncoder();

export class JsonScanner {
  readonly #writer: RowWriter;
  readonly #names = new Dictionary();
  /** By code of the name: field or -1; place in the layout or -1. */
  readonly #fieldOfName: number[] = [];
  readonly #placeOfName: number[] = [];
  /** Names in the order seen, each as it stands in compact JSON: quote, name, quote, colon. */
  #layoutBytes = new Uint8Array(1024);
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
    let hash = HASH_SEED;
    let at = quote + 1;
    for (;;) {
      const byte = bytes[at] as number;
      if (byte === 34) break;
      if (byte < 32 || byte === 92) return false;
      hash = Math.imul(hash ^ byte, HASH_PRIME);
      at += 1;
    }
    this.#nameEnd = at;
    let code = this.#names.findHashed(bytes, quote + 1, at, hash);
    if (code < 0) {
      this.#nameField = -1;
      this.#namePlace = -1;
      if (this.#names.size >= NAMES_MAX) return isUtf8(bytes, quote + 1, at);
      code = this.#names.encodeHashed(bytes, quote + 1, at, hash);
      if (code < 0) return false;
      this.#fieldOfName[code] = -1;
      this.#placeOfName[code] = -1;
    }
    this.#nameField = this.#fieldOfName[code] as number;
    let place = this.#placeOfName[code] as number;
    if (place < 0 && this.#layoutSize < LAYOUT_MEMBERS_MAX) {
      place = this.#layoutSize;
      const start = this.#layoutStarts[place] as number;
      const length = at - quote + 2;
      if (start + length > this.#layoutBytes.length) {
        const grown = new Uint8Array((start + length) * 2);
        grown.set(this.#layoutBytes);
        this.#layoutBytes = grown;
      }
      this.#layoutBytes.set(bytes.subarray(quote, at + 1), start);
      this.#layoutBytes[start + length - 1] = 58;
      this.#layoutStarts[place + 1] = start + length;
      this.#layoutFields[place] = this.#nameField;
      this.#placeOfName[code] = place;
      this.#layoutSize = place + 1;
    }
    this.#namePlace = place;
    return true;
  }

  /**
   * Writes the object that begins at bytes[start] into `row` of the writer's batch.
   * Returns the index after its closing brace, or -1; after -1 the row may hold rubbish (RowWriter.clear).
   */
  scan(bytes: Uint8Array, start: number, row: number): number {
    if (bytes[start] !== 123) return -1;
    const writer = this.#writer;
    const { kinds, required, values, codes, present, dictionaries } = writer;
    const layoutStarts = this.#layoutStarts;
    const seen = this.#seen;
    if (this.#scan === 0x7fffffff) {
      this.#scan = 0;
      seen.fill(0);
    }
    const scan = ++this.#scan;
    let found = 0;
    let place = 0;
    let at = start + 1;
    let byte = bytes[at] as number;
    while (byte === 32 || byte === 9) byte = bytes[++at] as number;
    if (byte === 125) return writer.requiredCount === 0 ? at + 1 : -1;

    for (;;) {
      // A member's name. Compared with the expected one first: it includes quotes and colon.
      let field = -1;
      const layoutBytes = this.#layoutBytes;
      let expected = layoutStarts[place] as number;
      const expectedEnd = place < this.#layoutSize ? (layoutStarts[place + 1] as number) : -1;
      let from = at;
      while (expected < expectedEnd && layoutBytes[expected] === bytes[from]) {
        expected += 1;
        from += 1;
      }
      if (expected === expectedEnd) {
        field = this.#layoutFields[place] as number;
        place += 1;
        at = from;
        byte = bytes[at] as number;
      } else {
        if (byte !== 34 || !this.#lookUp(bytes, at)) return -1;
        field = this.#nameField;
        if (this.#namePlace >= 0) place = this.#namePlace + 1;
        at = this.#nameEnd + 1;
        byte = bytes[at] as number;
        while (byte === 32 || byte === 9) byte = bytes[++at] as number;
        if (byte !== 58) return -1;
        byte = bytes[++at] as number;
      }
      while (byte === 32 || byte === 9) byte = bytes[++at] as number;

      let kind = -1;
      if (field >= 0) {
        if (seen[field] === scan) return -1; // a duplicate: the last one counts, and the parser knows how
        seen[field] = scan;
        kind = kinds[field] as number;
      }

      if (byte === 34) {
        const first = ++at;
        if (kind === KIND.string) {
          let hash = HASH_SEED;
          byte = bytes[at] as number;
          while (byte !== 34) {
            if (byte < 32 || byte === 92) return -1;
            hash = Math.imul(hash ^ byte, HASH_PRIME);
            byte = bytes[++at] as number;
          }
          const code = (dictionaries[field] as Dictionary).encodeHashed(bytes, first, at, hash);
          if (code < 0) return -1;
          (codes[field] as Int32Array)[row] = code;
        } else {
          let all = 0;
          byte = bytes[at] as number;
          while (byte !== 34) {
            if (byte < 32 || byte === 92) return -1;
            all |= byte;
            byte = bytes[++at] as number;
          }
          if (all > 127 && !isUtf8(bytes, first, at)) return -1;
          if (kind >= 0) {
            if (kind !== KIND.time) return -1;
            const format = writer.timeFormat;
            const ms = format === 'iso8601' || format === 'datetime'
              ? timeOfText(bytes, first, at) : timeOfNumber(numberOfText(bytes, first, at), format);
            if (Number.isNaN(ms)) return -1;
            (values[field] as Float64Array)[row] = ms;
            writer.time[row] = ms;
          }
        }
        at += 1;
      } else if (byte === 45 || (byte >= 48 && byte <= 57)) {
        const first = at;
        const negative = byte === 45;
        if (negative) byte = bytes[++at] as number;
        let mantissa = byte - 48;
        if (mantissa < 0 || mantissa > 9) return -1;
        byte = bytes[++at] as number;
        let digits = 1;
        let fraction = 0;
        if (mantissa === 0) {
          if (byte >= 48 && byte <= 57) return -1; // JSON has no leading zeros
        } else {
          while (byte >= 48 && byte <= 57) {
            mantissa = mantissa * 10 + (byte - 48);
            digits += 1;
            byte = bytes[++at] as number;
          }
        }
        if (byte === 46) {
          byte = bytes[++at] as number;
          if (byte < 48 || byte > 57) return -1;
          do {
            mantissa = mantissa * 10 + (byte - 48);
            fraction += 1;
            byte = bytes[++at] as number;
          } while (byte >= 48 && byte <= 57);
          digits += fraction;
        }
        if (byte === 69 || byte === 101) return -1;
        if (kind >= 0) {
          let value: number;
          if (digits <= 16 && mantissa <= 9_007_199_254_740_991) {
            value = fraction === 0 ? mantissa : mantissa / (POWERS_OF_TEN[fraction] as number);
            if (negative) value = -value;
          } else value = Number(asciiText(bytes, first, at));
          if (kind === KIND.double) {
            if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return -1;
          } else if (kind === KIND.int) {
            if (fraction > 0 || !Number.isSafeInteger(value)) return -1;
            value += 0;
          } else if (kind === KIND.time) {
            value = timeOfNumber(value, writer.timeFormat);
            if (Number.isNaN(value)) return -1;
            writer.time[row] = value;
          } else return -1;
          (values[field] as Float64Array)[row] = value;
        }
      } else if (byte === 116) {
        if (bytes[at + 1] !== 114 || bytes[at + 2] !== 117 || bytes[at + 3] !== 101) return -1;
        at += 4;
        if (kind >= 0) {
          if (kind !== KIND.bool) return -1;
          (writer.flags[field] as Uint8Array)[row] = 1;
        }
      } else if (byte === 102) {
        if (bytes[at + 1] !== 97 || bytes[at + 2] !== 108 || bytes[at + 3] !== 115 || bytes[at + 4] !== 101) return -1;
        at += 5;
        if (kind >= 0 && kind !== KIND.bool) return -1;
      } else if (byte === 110) {
        if (bytes[at + 1] !== 117 || bytes[at + 2] !== 108 || bytes[at + 3] !== 108) return -1;
        at += 4;
        kind = -1; // absent
      } else return -1;

      if (kind >= 0) {
        (present[field] as Uint8Array)[row] = 1;
        found += required[field] as number;
      }

      byte = bytes[at] as number;
      while (byte === 32 || byte === 9) byte = bytes[++at] as number;
      if (byte === 44) {
        byte = bytes[++at] as number;
        while (byte === 32 || byte === 9) byte = bytes[++at] as number;
      } else if (byte === 125) {
        return found === writer.requiredCount ? at + 1 : -1;
      } else return -1;
    }
  }
}
