/**
 * The scanner of json-scanner.ts once more, in AssemblyScript, for WebAssembly with SIMD: the usual NDJSON lines of one
 * block of bytes into columns, sixteen bytes at a time.
 *
 * Shape   the host (src/wasm-scanner.ts) puts bytes at block() and calls scan(); rows come out in one column of values
 *         and one of presence for each field. `npm run wasm` compiles this file into src/wasm-module.ts.
 * Always  a line that is taken is a line that JSON.parse takes, with the same values; whatever is unusual in a needed
 *         field (an escape, another type, a number out of the ordinary, a duplicate) is not taken, and the host leaves
 *         it to the scanner and the parser behind it. Members that are no fields are checked and skipped: escapes and
 *         nested values in them are usual.
 *         A line feed ends the block. No loop passes it: outside of texts it is no part of JSON's grammar here, and in
 *         texts it is illegal. Loads reach at most 64 bytes beyond it, which belong to nobody.
 * How     the name of a member is predicted: after the member p comes the one that came after p last time, and one
 *         vector comparison says whether that is so. Texts get codes from a cache in front of the host's dictionary.
 * Not here: blank lines, byte-order marks, lines that are too long, dead letters (the host's). Not shared with tsc:
 *         usize, load<T> and v128 are AssemblyScript's.
 */

// Calls to the host; byte positions are addresses.
// @ts-ignore: decorator
@external("host", "text")
declare function hostText(field: i32, from: usize, to: usize): i32;
// @ts-ignore: decorator
@external("host", "number")
declare function hostNumber(from: usize, to: usize): f64;
// @ts-ignore: decorator
@external("host", "time")
declare function hostTime(from: usize, to: usize): f64;

/** Rows that the columns hold. */
export const ROWS: usize = 1024;
export const BLOCK_BYTES: usize = 65536;
export const FIELDS_MAX: u32 = 256;
/** Of a name as it stands in the text, with quotes and colon. */
export const NAME_BYTES_MAX: usize = 64;

// Memory, from 0: masks, powers of ten, places, fields; then what init() lays out; then what grows.
const MASKS: usize = 0; // 16 bytes of ones, 16 of zeros
const POWERS: usize = 32; // 1e0 .. 1e22
const PLACES: usize = 512;
const PLACES_MAX: usize = 128;

// A place: what is known about a member's name. 128 bytes, the first 64 are its text.
const PLACE: usize = 128;
const P_MASK: usize = 64; // of the first 16 bytes
const P_LENGTH: usize = 80;
const P_FIELD: usize = 84;
const P_NEXT: usize = 88; // the place that came after it last time
const P_KIND: usize = 92;

const ROOT: usize = PLACES; // before the first member
const NOWHERE: usize = PLACES + PLACE; // its text matches nothing
const STRANGER: usize = PLACES + 2 * PLACE; // a name that is not remembered
const NAMED: usize = PLACES + 3 * PLACE;
const PLACES_END: usize = PLACES + (PLACES_MAX + 3) * PLACE;

// A field: 64 bytes.
const FIELDS: usize = PLACES_END;
const FIELD: usize = 64;
const F_SEEN: usize = 0; // u64, the line in which it came last
const F_VALUES: usize = 8;
const F_PRESENT: usize = 12;
const F_TABLE: usize = 16;
const F_COUNT: usize = 20;
const F_SHIFT: usize = 24; // u64: 64 - log2(slots)
const F_LIMIT: usize = 32; // texts from which the table grows; 0 = it takes no more
const F_REQUIRED: usize = 36;
const F_KIND: usize = 40;
const F_INDEX: usize = 44;

// A slot of a table of texts: the first 16 bytes (zeros behind a shorter text), code + 1 (0 = free), length, address of a longer text.
const SLOT: usize = 32;
const S_CODE: usize = 16;
const S_LENGTH: usize = 20;
const S_TEXT: usize = 24;
const SLOTS_LOG_MIN: u64 = 8;
const SLOTS_LOG_MAX: u64 = 20;
/** Slots looked at before a text counts as not cached; a table has as many behind its last one. */
const PROBES: usize = 16;
const ARENA_BYTES_MAX: usize = 64 * 1024 * 1024;

const DOUBLE: i32 = 0;
const INT: i32 = 1;
const BOOL: i32 = 2;
const STRING: i32 = 3;
const TIME: i32 = 4;
const SKIP: i32 = 5;
const BROKEN: i32 = 6;

const EPOCH_MS: i32 = 0;
const EPOCH_S: i32 = 1;
const EPOCH_US: i32 = 2;
const TIME_TEXT: i32 = 3;

const WORD_TRUE: u32 = 0x65757274;
const WORD_FALS: u32 = 0x736c6166;
const WORD_NULL: u32 = 0x6c6c756e;
const SAFE_MAX: i64 = 9_007_199_254_740_991;

let top: usize = 0;
let blockAt: usize = 0;
let fieldCount: usize = 0;
let requiredCount: u32 = 0;
let timeFormat: i32 = 0;
let placesEnd: usize = NAMED;
/** Lines begun: the mark that a field was seen in this one. */
let line: u64 = 0;
let rowsTaken: usize = 0;
let arena: usize = 0;
let arenaEnd: usize = 0;
let arenaBytes: usize = 0;

/** `bytes` at the end of the memory, 0 where there are none to be had. */
function allocate(bytes: usize): usize {
  const at = top;
  const end = at + ((bytes + 63) & ~63);
  const pages = <i32>((end + 0xffff) >>> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) return 0;
  top = end;
  return at;
}

/** Lays out memory; once, before everything else. */
export function init(fields: usize, required: u32, format: i32): void {
  fieldCount = fields;
  requiredCount = required;
  timeFormat = format;
  top = 0;
  allocate(FIELDS + fields * FIELD);
  memory.fill(MASKS, 0xff, 16);
  let power: f64 = 1;
  for (let i: usize = 0; i < 23; i++) {
    store<f64>(POWERS + i * 8, power);
    power *= 10;
  }
  // Two line feeds: a name never begins with one.
  store<u16>(NOWHERE, 0x0a0a);
  store<u16>(NOWHERE, 0xffff, P_MASK);
  store<usize>(NOWHERE, 2, P_LENGTH);
  store<u32>(NOWHERE, <u32>BROKEN, P_KIND);
  store<usize>(NOWHERE, NOWHERE, P_NEXT);
  store<u32>(STRANGER, <u32>SKIP, P_KIND);
  store<usize>(STRANGER, NOWHERE, P_NEXT);
  store<usize>(ROOT, NOWHERE, P_NEXT);
  // what is above the block is for loads beyond its end
  blockAt = allocate(BLOCK_BYTES + 128);
  for (let index: usize = 0; index < fields; index++) {
    const field = FIELDS + index * FIELD;
    store<usize>(field, allocate(ROWS * 8), F_VALUES);
    store<usize>(field, allocate(ROWS), F_PRESENT);
    store<usize>(field, index, F_INDEX);
  }
}

export function block(): usize { return blockAt; }
export function rows(): usize { return rowsTaken; }
export function values(index: usize): usize { return load<usize>(FIELDS + index * FIELD, F_VALUES); }
export function present(index: usize): usize { return load<usize>(FIELDS + index * FIELD, F_PRESENT); }

/** Describes a field; its name stands at `name`, with quotes and colon. */
export function setField(index: usize, kind: i32, required: u32, name: usize, length: usize): void {
  const field = FIELDS + index * FIELD;
  store<u32>(field, required, F_REQUIRED);
  store<i32>(field, kind, F_KIND);
  learn(name, length, field, kind);
  if (kind == STRING) clearTexts(index);
}

/** Forgets the texts of a field: its dictionary is another one. */
export function clearTexts(index: usize): void {
  const field = FIELDS + index * FIELD;
  const table: usize = load<usize>(field, F_TABLE);
  if (table != 0) {
    memory.fill(table, 0, ((<usize>1 << <usize>(64 - load<u64>(field, F_SHIFT))) + PROBES) * SLOT);
    store<u32>(field, 0, F_COUNT);
  } else newTable(field, SLOTS_LOG_MIN);
}

function newTable(field: usize, log: u64): bool {
  const bytes = ((<usize>1 << <usize>log) + PROBES) * SLOT;
  const table = allocate(bytes);
  if (table == 0) {
    store<u32>(field, 0, F_LIMIT);
    return false;
  }
  memory.fill(table, 0, bytes);
  store<usize>(field, table, F_TABLE);
  store<u64>(field, 64 - log, F_SHIFT);
  store<u32>(field, <u32>((<usize>1 << <usize>log) / 8 * 5), F_LIMIT);
  return true;
}

function growTable(field: usize): void {
  const former: usize = load<usize>(field, F_TABLE);
  const log = 64 - load<u64>(field, F_SHIFT);
  if (log >= SLOTS_LOG_MAX) {
    store<u32>(field, 0, F_LIMIT);
    return;
  }
  if (!newTable(field, log + 2)) return;
  const end = former + ((<usize>1 << <usize>log) + PROBES) * SLOT;
  for (let slot = former; slot < end; slot += SLOT) {
    if (load<u32>(slot, S_CODE) == 0) continue;
    const key = v128.load(slot);
    const length = load<usize>(slot, S_LENGTH);
    const last = length > 16 ? v128.load(load<usize>(slot, S_TEXT) + length - 16) : key;
    const to = freeSlot(field, hash(key, last));
    if (to == 0) continue; // forgotten: the host knows it
    v128.store(to, key);
    v128.store(to, v128.load(slot, 16), 16);
  }
}

// @ts-ignore: decorator
@inline
function hash(key: v128, last: v128): u64 {
  return (i64x2.extract_lane(key, 0) * 0x9e3779b97f4a7c15) ^ (i64x2.extract_lane(last, 1) * 0xc2b2ae3d27d4eb4f);
}

/** A free slot for a text of this hash, 0 where there is none near. */
function freeSlot(field: usize, hashed: u64): usize {
  let slot: usize = load<usize>(field, F_TABLE) + (<usize>(hashed >>> load<u64>(field, F_SHIFT))) * SLOT;
  const end = slot + PROBES * SLOT;
  while (slot < end) {
    if (load<u32>(slot, S_CODE) == 0) return slot;
    slot += SLOT;
  }
  return 0;
}

/** Asks the host for the code of a text and remembers it. -1: no UTF-8. */
function newText(field: usize, from: usize, to: usize, key: v128, hashed: u64): i32 {
  const code = hostText(load<i32>(field, F_INDEX), from, to);
  if (code < 0) return code;
  const count = load<u32>(field, F_COUNT);
  const limit = load<u32>(field, F_LIMIT);
  if (limit == 0) return code;
  if (count >= limit) {
    growTable(field);
    if (load<u32>(field, F_LIMIT) == 0) return code;
  }
  const slot = freeSlot(field, hashed);
  if (slot == 0) return code;
  const length = to - from;
  if (length > 16) {
    const text = keep(from, length);
    if (text == 0) return code;
    store<usize>(slot, text, S_TEXT);
  }
  v128.store(slot, key);
  store<usize>(slot, length, S_LENGTH);
  store<i32>(slot, code + 1, S_CODE);
  store<u32>(field, count + 1, F_COUNT);
  return code;
}

/** A copy of a longer text, 0 where there is no room for it. */
function keep(from: usize, length: usize): usize {
  if (arena + length > arenaEnd) {
    const bytes = max<usize>(length, arenaBytes == 0 ? 16384 : min<usize>(arenaBytes, 1048576));
    if (arenaBytes + bytes > ARENA_BYTES_MAX) return 0;
    arena = allocate(bytes);
    if (arena == 0) {
      arenaEnd = 0;
      return 0;
    }
    arenaBytes += bytes;
    arenaEnd = arena + bytes;
  }
  const at = arena;
  memory.copy(at, from, length);
  arena = at + length;
  return at;
}

/** The code of the text [from, to), whose first 16 bytes are `key`. */
// @ts-ignore: decorator
@inline
function shortText(field: usize, from: usize, length: usize, raw: v128): i32 {
  const key = v128.and(raw, v128.load(MASKS + 16 - length));
  const hashed = hash(key, key);
  let slot: usize = load<usize>(field, F_TABLE) + (<usize>(hashed >>> load<u64>(field, F_SHIFT))) * SLOT;
  const end = slot + PROBES * SLOT;
  do {
    const code = load<i32>(slot, S_CODE);
    if (i8x16.all_true(i8x16.eq(v128.load(slot), key)) && load<usize>(slot, S_LENGTH) == length && code != 0) return code - 1;
    if (code == 0) break;
    slot += SLOT;
  } while (slot < end);
  return newText(field, from, from + length, key, hashed);
}

function longText(field: usize, from: usize, to: usize): i32 {
  const key = v128.load(from);
  const length = to - from;
  const hashed = hash(key, v128.load(to - 16));
  let slot: usize = load<usize>(field, F_TABLE) + (<usize>(hashed >>> load<u64>(field, F_SHIFT))) * SLOT;
  const end = slot + PROBES * SLOT;
  do {
    const code = load<i32>(slot, S_CODE);
    if (code == 0) break;
    if (load<usize>(slot, S_LENGTH) == length && i8x16.all_true(i8x16.eq(v128.load(slot), key))
      && equal(from, load<usize>(slot, S_TEXT), length)) return code - 1;
    slot += SLOT;
  } while (slot < end);
  return newText(field, from, to, key, hashed);
}

/** Are `length` bytes, at least 16, the same? */
function equal(one: usize, other: usize, length: usize): bool {
  const last = length - 16;
  for (let i: usize = 16; i < last; i += 16) {
    if (!i8x16.all_true(i8x16.eq(v128.load(one + i), v128.load(other + i)))) return false;
  }
  return i8x16.all_true(i8x16.eq(v128.load(one + last), v128.load(other + last)));
}

/** Remembers a name: quote, text, quote, colon at [at, at + length). 0 where there is no room for it. */
function learn(at: usize, length: usize, field: usize, kind: i32): usize {
  if (length > NAME_BYTES_MAX) return 0;
  if (placesEnd == PLACES_END && field == 0) return 0;
  const place = placesEnd;
  placesEnd = place + PLACE;
  memory.copy(place, at, length);
  v128.store(place, v128.load(MASKS + 16 - min<usize>(length, 16)), P_MASK);
  store<usize>(place, length, P_LENGTH);
  store<usize>(place, field, P_FIELD);
  store<usize>(place, NOWHERE, P_NEXT);
  store<i32>(place, kind, P_KIND);
  return place;
}

// @ts-ignore: decorator
@inline
function isNamed(at: usize, place: usize): bool {
  if (v128.any_true(v128.and(v128.xor(v128.load(at), v128.load(place)), v128.load(place, P_MASK)))) return false;
  const length: usize = load<usize>(place, P_LENGTH);
  return length <= 16 || equal(at, place, length);
}

/** The place of the name at `at`, learnt if it is new; 0: leave the line to the parser. */
function find(at: usize): usize {
  if (load<u8>(at) != 34) return 0;
  for (let place = NAMED; place < placesEnd; place += PLACE) if (isNamed(at, place)) return place;
  const end = textEnd(at + 1, false);
  if (end == 0) return 0;
  // A blank before the colon: the name may be a known one all the same.
  if (load<u8>(end, 1) != 58) return 0;
  const length = end + 2 - at;
  const place = learn(at, length, 0, SKIP);
  if (place != 0) return place;
  store<usize>(STRANGER, length, P_LENGTH);
  return STRANGER;
}

function blanks(at: usize): usize {
  while (true) {
    const byte = load<u8>(at);
    if (byte != 32 && byte != 9 && byte != 13) return at;
    at++;
  }
}

/** Quote, backslash and control characters: what ends a run of plain bytes in a text. */
// @ts-ignore: decorator
@inline
function stops(bytes: v128): i32 {
  // Bit 1 turned over puts the quote (0x22) at the end of the control characters and leaves those among themselves.
  return i8x16.bitmask(v128.or(
    i8x16.le_u(v128.xor(bytes, i8x16.splat(2)), i8x16.splat(0x20)),
    i8x16.eq(bytes, i8x16.splat(92)),
  ));
}

function isHex(byte: u32): bool {
  return byte - 48 <= 9 || (byte | 32) - 97 <= 5;
}

/** The quote that ends the text whose first byte is at `first`; 0 where it is none, is no UTF-8, or has an escape that may not be. */
function textEnd(first: usize, escapes: bool): usize {
  let at = first;
  let high: i32 = 0;
  while (true) {
    const bytes = v128.load(at);
    const mask = stops(bytes);
    if (mask == 0) {
      high |= i8x16.bitmask(bytes);
      at += 16;
      continue;
    }
    const count = ctz(mask);
    high |= i8x16.bitmask(bytes) & ((1 << count) - 1);
    at += count;
    const byte = load<u8>(at);
    if (byte == 34) return high == 0 || isUtf8(first, at) ? at : 0;
    if (byte != 92 || !escapes) return 0;
    const escaped = load<u8>(at, 1);
    if (escaped == 117) {
      if (!isHex(load<u8>(at, 2)) || !isHex(load<u8>(at, 3)) || !isHex(load<u8>(at, 4)) || !isHex(load<u8>(at, 5))) return 0;
      at += 6;
    } else {
      // " / \ b f n r t
      if (escaped != 34 && escaped != 47 && escaped != 92 && escaped != 98 && escaped != 102 && escaped != 110 && escaped != 114 && escaped != 116) return 0;
      at += 2;
    }
  }
}

/** utf8.ts has it with its reasons. */
function isUtf8(from: usize, to: usize): bool {
  let at = from;
  while (at < to) {
    const lead: u32 = load<u8>(at);
    if (lead < 0x80) {
      at++;
      continue;
    }
    let low: u32 = 0x80;
    let high: u32 = 0xbf;
    let more: usize;
    if (lead >= 0xc2 && lead <= 0xdf) more = 1;
    else if (lead >= 0xe0 && lead <= 0xef) {
      more = 2;
      if (lead == 0xe0) low = 0xa0;
      else if (lead == 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      more = 3;
      if (lead == 0xf0) low = 0x90;
      else if (lead == 0xf4) high = 0x8f;
    } else return false;
    if (at + more >= to) return false;
    const second: u32 = load<u8>(at, 1);
    if (second < low || second > high) return false;
    for (let i: usize = 2; i <= more; i++) if ((load<u8>(at + i) & 0xc0) != 0x80) return false;
    at += more + 1;
  }
  return true;
}

/** Bit i is set where byte i is no digit; bit 16 always. `digits` = bytes - 48. */
// @ts-ignore: decorator
@inline
function noDigits(digits: v128): i32 {
  return i8x16.bitmask(i8x16.gt_u(digits, i8x16.splat(9))) | 0x10000;
}

/** The end of a number by JSON's whole grammar, 0 where it is none. */
function numberEnd(at: usize): usize {
  if (load<u8>(at) == 45) at++;
  if (load<u8>(at) == 48) at++;
  else {
    const end = digitsEnd(at);
    if (end == at) return 0;
    at = end;
  }
  if (load<u8>(at) == 46) {
    const end = digitsEnd(at + 1);
    if (end == at + 1) return 0;
    at = end;
  }
  if ((load<u8>(at) | 32) == 101) {
    at++;
    if (load<u8>(at) == 45 || load<u8>(at) == 43) at++;
    const end = digitsEnd(at);
    if (end == at) return 0;
    at = end;
  }
  return at;
}

function digitsEnd(at: usize): usize {
  while (<u32>load<u8>(at) - 48 <= 9) at++;
  return at;
}

/** The end of a number that nobody needs. */
// @ts-ignore: decorator
@inline
function skipNumber(at: usize): usize {
  const first = at + <usize>(load<u8>(at) == 45);
  const mask = noDigits(i8x16.sub(v128.load(first), i8x16.splat(48)));
  const whole = ctz(mask);
  const end = first + whole;
  const byte: u32 = load<u8>(end);
  // No digit, a leading zero, a fraction, an exponent, or more than sixteen digits: the long way.
  if (whole == 0 || whole == 16 || (whole > 1 && load<u8>(first) == 48) || byte == 46 || (byte | 32) == 101) return numberEnd(at);
  return end;
}

/** The end of a value that is no object and no array, 0 where it is none. */
// @ts-ignore: decorator
@inline
function skipScalar(at: usize, byte: u32): usize {
  if (byte == 34) {
    const end = textEnd(at + 1, true);
    return end == 0 ? 0 : end + 1;
  }
  if (byte == 45 || byte - 48 <= 9) return skipNumber(at);
  const word = load<u32>(at);
  if (word == WORD_TRUE || word == WORD_NULL) return at + 4;
  if (word == WORD_FALS && load<u8>(at, 4) == 101) return at + 5;
  return 0;
}

/** From a member's name within a nested object to its value; 0 where there is none. */
function nestedName(at: usize): usize {
  if (load<u8>(at) != 34) return 0;
  const end = textEnd(at + 1, true);
  if (end == 0) return 0;
  at = blanks(end + 1);
  return load<u8>(at) == 58 ? blanks(at + 1) : 0;
}

/** The end of the object or array at `at`, 0 where it is none or deeper than 64. */
function skipNested(at: usize): usize {
  let objects: u64 = 0; // a bit for each open bracket, the innermost is bit 0
  let depth: u32 = 0;
  while (true) {
    const byte: u32 = load<u8>(at);
    if (byte == 123 || byte == 91) {
      if (depth == 64) return 0;
      at = blanks(at + 1);
      if (<u32>load<u8>(at) == byte + 2) at++;
      else {
        objects = (objects << 1) | <u64>(byte == 123);
        depth++;
        if (byte == 123) {
          at = nestedName(at);
          if (at == 0) return 0;
        }
        continue;
      }
    } else {
      at = skipScalar(at, byte);
      if (at == 0) return 0;
    }
    while (true) {
      if (depth == 0) return at;
      at = blanks(at);
      const after: u32 = load<u8>(at);
      if (after == 44) {
        at = blanks(at + 1);
        if ((objects & 1) != 0) {
          at = nestedName(at);
          if (at == 0) return 0;
        }
        break;
      }
      if (after != ((objects & 1) != 0 ? 125 : 93)) return 0;
      at++;
      objects >>= 1;
      depth--;
    }
  }
}

/** The value of 1 to 16 digits: `digits` in order, right-aligned, zeros before them. */
// @ts-ignore: decorator
@inline
function numberOfDigits(digits: v128): i64 {
  const tens = i8x16(10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1);
  const pairs = i16x8.narrow_i32x4_u(
    i32x4.extadd_pairwise_i16x8_u(i16x8.extmul_low_i8x16_u(digits, tens)),
    i32x4.extadd_pairwise_i16x8_u(i16x8.extmul_high_i8x16_u(digits, tens)),
  );
  const fours = i32x4.dot_i16x8_s(pairs, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), i16x8(10000, 1, 10000, 1, 10000, 1, 10000, 1));
  return <i64>i32x4.extract_lane(eights, 0) * 100000000 + <i64>i32x4.extract_lane(eights, 1);
}

/** Time of an epoch number, as timeOfNumber has it. */
// @ts-ignore: decorator
@inline
function timeOf(value: f64): f64 {
  if (timeFormat == EPOCH_MS) return Math.floor(value);
  if (timeFormat == EPOCH_S) return Math.floor(value * 1000 + 0.0005);
  if (timeFormat == EPOCH_US) return Math.floor(value / 1000);
  return NaN;
}

// @ts-ignore: decorator
@inline
function isSafe(value: f64): bool {
  return Math.abs(value) <= <f64>SAFE_MAX; // false for NaN
}

/** Writes "absent" into a row. */
function absent(field: usize, row: usize): void {
  const column: usize = load<usize>(field, F_VALUES);
  const kind = load<i32>(field, F_KIND);
  if (kind == STRING) store<i32>(column + row * 4, -1);
  else if (kind == BOOL) store<u8>(column + row, 0);
  else store<f64>(column + row * 8, 0);
  store<u8>(load<usize>(field, F_PRESENT) + row, 0);
}

/** One line into one row. The address after its line feed, 0 where the line is unusual. */
function scanLine(start: usize, row: usize, lineMax: usize): usize {
  let at = start + 1;
  let byte: u32 = load<u8>(at);
  if (byte <= 32) {
    at = blanks(at);
    byte = load<u8>(at);
  }
  if (byte == 125) return 0; // the time is missing
  const mark = ++line;
  let found: u32 = 0;
  let handled: usize = 0;
  let before = ROOT;
  while (true) {
    let place: usize = load<usize>(before, P_NEXT);
    if (!isNamed(at, place)) {
      place = find(at);
      if (place == 0) return 0;
      if (place != STRANGER) store<usize>(before, place, P_NEXT);
    }
    before = place;
    at += load<usize>(place, P_LENGTH);
    byte = load<u8>(at);
    if (byte <= 32) {
      at = blanks(at);
      byte = load<u8>(at);
    }
    const kind = load<i32>(place, P_KIND);
    if (kind == SKIP) {
      if (byte == 123 || byte == 91) at = skipNested(at);
      else at = skipScalar(at, byte);
      if (at == 0) return 0;
    } else {
      const field: usize = load<usize>(place, P_FIELD);
      if (load<u64>(field, F_SEEN) == mark) return 0; // a duplicate: the last one counts, and the parser knows how
      store<u64>(field, mark, F_SEEN);
      handled++;
      if (byte == 110) {
        if (load<u32>(at) != WORD_NULL) return 0;
        at += 4;
        absent(field, row);
      } else {
        const column: usize = load<usize>(field, F_VALUES);
        if (kind == STRING) {
          if (byte != 34) return 0;
          const first = at + 1;
          const bytes = v128.load(first);
          const mask = stops(bytes);
          let code: i32;
          if (mask != 0) {
            const length = <usize>ctz(mask);
            at = first + length;
            if (load<u8>(at) != 34) return 0;
            code = shortText(field, first, length, bytes);
          } else {
            at = first + 16;
            while (true) {
              const further = stops(v128.load(at));
              if (further != 0) {
                at += ctz(further);
                break;
              }
              at += 16;
            }
            if (load<u8>(at) != 34) return 0;
            code = at - first == 16 ? shortText(field, first, 16, bytes) : longText(field, first, at);
          }
          if (code < 0) return 0;
          store<i32>(column + row * 4, code);
          at++;
        } else if (kind == BOOL) {
          const word = load<u32>(at);
          if (word == WORD_TRUE) {
            store<u8>(column + row, 1);
            at += 4;
          } else {
            if (word != WORD_FALS || load<u8>(at, 4) != 101) return 0;
            store<u8>(column + row, 0);
            at += 5;
          }
        } else if (byte == 34) {
          // Text formats of the time; an epoch in quotes is left to the parser.
          if (kind != TIME || timeFormat != TIME_TEXT) return 0;
          const end = textEnd(at + 1, false);
          if (end == 0) return 0;
          const ms = hostTime(at + 1, end);
          if (isNaN(ms)) return 0;
          store<f64>(column + row * 8, ms);
          at = end + 1;
        } else {
          const negative = byte == 45;
          const first = at + <usize>negative;
          const bytes = v128.load(first);
          const digits = i8x16.sub(bytes, i8x16.splat(48));
          const mask = noDigits(digits);
          const whole = ctz(mask);
          let end = first + whole;
          let fraction: i32 = 0;
          let count = whole;
          let after: u32 = load<u8>(end);
          let usual = whole != 0 && whole != 16 && (whole == 1 || load<u8>(first) != 48);
          if (after == 46) {
            fraction = ctz(mask & (mask - 1)) - whole - 1;
            count = whole + fraction;
            end += fraction + 1;
            after = load<u8>(end);
            usual = usual && fraction > 0 && count < 15;
          }
          let value: f64;
          if (usual && (after | 32) != 101) {
            // Digits to the right end, the point left out: lane i takes digit i + count - 16.
            const order = i8x16.add(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>(count - 16)));
            const source = i8x16.sub(order, i8x16.ge_s(order, i8x16.splat(<i8>whole)));
            value = <f64>numberOfDigits(i8x16.swizzle(digits, source));
            if (fraction != 0) value /= load<f64>(POWERS + (<usize>fraction << 3));
            if (negative) value = -value;
          } else {
            end = numberEnd(at);
            if (end == 0) return 0;
            value = hostNumber(at, end);
            fraction = 1; // the whole numbers among these are left to the parser
          }
          at = end;
          if (kind == DOUBLE) {
            if (!(Math.abs(value) <= f64.MAX_VALUE)) return 0;
          } else {
            if (kind == INT) {
              if (fraction != 0) return 0;
            } else value = timeOf(value);
            if (!isSafe(value)) return 0;
            value += 0; // -0 is 0
          }
          store<f64>(column + row * 8, value);
        }
        store<u8>(load<usize>(field, F_PRESENT) + row, 1);
        found += load<u32>(field, F_REQUIRED);
      }
    }
    byte = load<u8>(at);
    if (byte <= 32) {
      at = blanks(at);
      byte = load<u8>(at);
    }
    if (byte == 44) {
      at++;
      if (load<u8>(at) <= 32) at = blanks(at);
    } else if (byte == 125) break;
    else return 0;
  }
  if (found != requiredCount) return 0;
  at++;
  if (load<u8>(at) != 10) {
    at = blanks(at);
    if (load<u8>(at) != 10) return 0;
  }
  if (at - start > lineMax) return 0;
  if (handled != fieldCount) {
    for (let field = FIELDS; field < FIELDS + fieldCount * FIELD; field += FIELD) if (load<u64>(field, F_SEEN) != mark) absent(field, row);
  }
  return at + 1;
}

/**
 * Takes lines from `at` on, into the rows from `row` on, as long as there are rows below `rowEnd` and lines below `end`
 * (a line feed is right before it). The address after the last line taken; rows() says how far the rows came.
 */
export function scan(at: usize, end: usize, row: usize, rowEnd: usize, lineMax: usize): usize {
  while (at < end && row < rowEnd && load<u8>(at) == 123) {
    const next = scanLine(at, row, lineMax);
    if (next == 0) break;
    row++;
    at = next;
  }
  rowsTaken = row;
  return at;
}
