/**
 * The scanner of json-scanner.ts once more, in AssemblyScript, for WebAssembly with SIMD: the usual NDJSON lines of one
 * block of bytes into columns, sixteen bytes at a time.
 *
 * Shape   the host (src/wasm-scanner.ts) puts bytes at block() and calls scan(); rows come out in one column of values
 *         and one of presence for each field. `npm run wasm` compiles this file into src/wasm-module.ts.
 * Always  a line that is taken is a line that JSON.parse takes, with the same values; whatever is unusual in a needed
 *         field (another type, an integer of many digits, a duplicate, an escape in the name) is not taken, and the host
 *         leaves it to the scanner and the parser behind it. Members that are no fields are checked and skipped, nested
 *         values and all.
 *         A line feed ends the block. No loop passes it: outside of texts it is no part of a line's JSON here, and in
 *         texts it is illegal. Loads reach at most 64 bytes beyond it, which belong to nobody.
 * How     what stands between two values (comma, name, colon, white space) is predicted: after the joint p comes the
 *         one that came after p last time, and one vector comparison says whether that is so. The end of a line is a
 *         joint as well. Texts get codes from a cache in front of the host's dictionary.
 * Not here: blank lines, byte-order marks, lines that are too long, dead letters (the host's). Not shared with tsc:
 *         usize, load<T> and v128 are AssemblyScript's.
 */

// Calls to the host; bytes are given by their addresses.
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
/** One bit each. */
export const FIELDS_MAX: usize = 64;
/** Of a joint; a field's name with its quotes and eight bytes more must fit. */
export const JOINT_BYTES_MAX: usize = 64;

// Memory, from 0: constants, powers of ten, joints, fields; then what init() lays out; then what grows.
const MASKS: usize = 0; // 16 bytes of ones, 16 of zeros
const POWERS: usize = 32; // 1e0 .. 1e22
const FIVES: usize = 512; // 5^0 .. 5^27, u64
const FIVES_MAX: usize = 27;
// Vectors that V8 would otherwise build anew from two registers wherever they are used.
const V_QUOTE_BIT: usize = 256;
const V_PLAIN: usize = 272;
const V_BACKSLASH: usize = 288;
const V_ZERO: usize = 304;
const V_NINE: usize = 320;
const V_LANES: usize = 336;
const V_LOW: usize = 352;
const V_TEN: usize = 368;
const V_HUNDRED: usize = 384;
const V_TEN_THOUSAND: usize = 400;
const V_CONTROL: usize = 416;

// A joint: what stands between two values. 128 bytes, the first 64 are its text.
const JOINTS: usize = 1024;
const JOINTS_MAX: usize = 128;
const JOINT: usize = 128;
const J_MASK: usize = 64; // of the first 16 bytes
const J_LENGTH: usize = 80;
const J_NEXT: usize = 84; // the joint that came after it last time
const J_KIND: usize = 88;
const J_FIELD: usize = 92;
const J_BIT: usize = 96; // u64, of the field
const J_FIRST: usize = 104; // 1 where it begins a line

const ROOT: usize = JOINTS; // before a line
const NOWHERE: usize = JOINTS + JOINT; // its text matches no line's beginning and nothing within a line
const STRANGER: usize = JOINTS + 2 * JOINT; // one that is not remembered
const LEARNT: usize = JOINTS + 3 * JOINT;
const JOINTS_END: usize = JOINTS + (JOINTS_MAX + 3) * JOINT;

// A field: 128 bytes, the last 64 are its name with quotes.
const FIELDS: usize = JOINTS_END;
const FIELD: usize = 128;
const F_VALUES: usize = 0;
const F_PRESENT: usize = 4;
const F_TABLE: usize = 8;
const F_COUNT: usize = 12;
const F_SHIFT: usize = 16; // u64: 64 - log2(slots)
const F_LIMIT: usize = 24; // texts from which the table grows; 0 = it takes no more
const F_KIND: usize = 28;
const F_INDEX: usize = 32;
const F_NAME_LENGTH: usize = 36;
const F_NAME: usize = 64;

// A slot of a table of texts, 16 bytes: up to twelve bytes of text, zeros behind them; code + 1 (0 = free).
// A longer text has a byte 1 there, which no text can have, 24 bits of its hash, its length and its address.
const SLOT: usize = 16;
const S_LENGTH: usize = 4;
const S_TEXT: usize = 8;
const S_CODE: usize = 12;
const SHORT_MAX: usize = 12;
const SLOTS_LOG_MIN: u64 = 8;
const SLOTS_LOG_MAX: u64 = 21;
/** Slots looked at before a text counts as not cached; a table has as many behind its last one. */
const PROBES: usize = 16;
/** More than the host lets one instance ask for. */
const ARENA_BYTES_MAX: usize = 80 * 1024 * 1024;

const DOUBLE: i32 = 0;
const INT: i32 = 1;
const BOOL: i32 = 2;
const STRING: i32 = 3;
const TIME: i32 = 4;
const SKIP: i32 = 5;
const END: i32 = 6;
const BROKEN: i32 = 7;

const EPOCH_MS: i32 = 0;
const EPOCH_S: i32 = 1;
const EPOCH_US: i32 = 2;
const TIME_TEXT: i32 = 3;

const WORD_TRUE: u32 = 0x65757274;
const WORD_FALS: u32 = 0x736c6166;
const WORD_NULL: u32 = 0x6c6c756e;
const SAFE_MAX: f64 = 9_007_199_254_740_991;

let top: usize = 0;
let blockAt: usize = 0;
let fieldCount: usize = 0;
let allFields: u64 = 0;
let requiredFields: u64 = 0;
let timeFormat: i32 = 0;
let jointsEnd: usize = LEARNT;
let rowsTaken: usize = 0;
/** Room for a text without its escapes; it ends at unescapedEnd. */
let unescaped: usize = 0;
let unescapedEnd: usize = 0;
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
export function init(fields: usize, format: i32): void {
  fieldCount = fields;
  timeFormat = format;
  allocate(FIELDS + fields * FIELD);
  memory.fill(MASKS, 0xff, 16);
  let power: f64 = 1;
  for (let i: usize = 0; i < 23; i++) {
    store<f64>(POWERS + i * 8, power);
    power *= 10;
  }
  let five: u64 = 1;
  for (let i: usize = 0; i <= FIVES_MAX; i++) {
    store<u64>(FIVES + i * 8, five);
    five *= 5;
  }
  v128.store(V_QUOTE_BIT, i8x16.splat(2));
  v128.store(V_PLAIN, i8x16.splat(0x21));
  v128.store(V_BACKSLASH, i8x16.splat(92));
  v128.store(V_ZERO, i8x16.splat(48));
  v128.store(V_NINE, i8x16.splat(9));
  v128.store(V_LANES, i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  v128.store(V_LOW, i16x8.splat(0xff));
  v128.store(V_TEN, i16x8.splat(10));
  v128.store(V_HUNDRED, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
  v128.store(V_TEN_THOUSAND, i16x8(10000, 1, 10000, 1, 10000, 1, 10000, 1));
  v128.store(V_CONTROL, i8x16.splat(0x20));
  memory.fill(NOWHERE, 10, 16);
  memory.fill(NOWHERE + J_MASK, 0xff, 16);
  store<i32>(NOWHERE, BROKEN, J_KIND);
  store<usize>(NOWHERE, NOWHERE, J_NEXT);
  store<usize>(STRANGER, NOWHERE, J_NEXT);
  store<usize>(ROOT, NOWHERE, J_NEXT);
  // what is above the block is for loads beyond its end
  blockAt = allocate(BLOCK_BYTES + 128);
  unescaped = allocate(BLOCK_BYTES + 128);
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

/** Describes a field; its name stands at `name`, in quotes. */
export function setField(index: usize, kind: i32, required: bool, name: usize, length: usize): void {
  const field = FIELDS + index * FIELD;
  store<i32>(field, kind, F_KIND);
  store<usize>(field, length, F_NAME_LENGTH);
  memory.copy(field + F_NAME, name, length);
  const bit = <u64>1 << <u64>index;
  allFields |= bit;
  if (required) requiredFields |= bit;
  if (kind == STRING) clearTexts(index);
}

/** Forgets the texts of a field: its dictionary is another one. */
export function clearTexts(index: usize): void {
  const field = FIELDS + index * FIELD;
  const table = load<usize>(field, F_TABLE);
  if (table != 0) {
    memory.fill(table, 0, ((<usize>1 << <usize>(64 - load<u64>(field, F_SHIFT))) + PROBES) * SLOT);
    store<u32>(field, 0, F_COUNT);
  } else newTable(field, SLOTS_LOG_MIN);
}

function newTable(field: usize, log: u64): bool {
  const slots = <usize>1 << <usize>log;
  const bytes = (slots + PROBES) * SLOT;
  const table = allocate(bytes);
  if (table == 0) {
    store<u32>(field, 0, F_LIMIT);
    return false;
  }
  memory.fill(table, 0, bytes);
  store<usize>(field, table, F_TABLE);
  store<u64>(field, 64 - log, F_SHIFT);
  store<u32>(field, <u32>(slots / 8 * 5), F_LIMIT);
  return true;
}

function growTable(field: usize): void {
  const former = load<usize>(field, F_TABLE);
  const log = 64 - load<u64>(field, F_SHIFT);
  if (log >= SLOTS_LOG_MAX) {
    store<u32>(field, 0, F_LIMIT);
    return;
  }
  if (!newTable(field, log + 1)) return;
  const end = former + ((<usize>1 << <usize>log) + PROBES) * SLOT;
  for (let slot = former; slot < end; slot += SLOT) {
    if (load<u32>(slot, S_CODE) == 0) continue;
    const entry = v128.load(slot);
    let hashed: u64;
    if (load<u8>(slot) == 1) {
      const text = load<usize>(slot, S_TEXT);
      hashed = longHash(text, load<usize>(slot, S_LENGTH));
    } else hashed = shortHash(i32x4.replace_lane(entry, 3, 0));
    const to = freeSlot(field, hashed);
    if (to != 0) v128.store(to, entry); // else it is forgotten: the host knows it
  }
}

/** Of more than twelve bytes: the first eight, the last eight, eight in the middle. */
function longHash(at: usize, length: usize): u64 {
  const middle = load<u64>(at + (length >>> 1) - 4);
  return (load<u64>(at) * 0x9e3779b97f4a7c15) ^ ((load<u64>(at + length - 8) + rotl<u64>(middle, 32)) * 0xc2b2ae3d27d4eb4f);
}

/** Of up to twelve bytes with zeros behind them. */
// @ts-ignore: decorator
@inline
function shortHash(key: v128): u64 {
  return (i64x2.extract_lane(key, 0) * 0x9e3779b97f4a7c15) ^ (i64x2.extract_lane(key, 1) * 0xc2b2ae3d27d4eb4f);
}

/** Where a text of this hash may begin to lie: an even slot, so that two of them share a cache line. */
// @ts-ignore: decorator
@inline
function homeSlot(field: usize, hashed: u64): usize {
  return load<usize>(field, F_TABLE) + ((<usize>(hashed >>> load<u64>(field, F_SHIFT))) & ~1) * SLOT;
}

/** A free slot for a text of this hash, 0 where there is none near. */
function freeSlot(field: usize, hashed: u64): usize {
  let slot = homeSlot(field, hashed);
  const end = slot + PROBES * SLOT;
  while (slot < end) {
    if (load<u32>(slot, S_CODE) == 0) return slot;
    slot += SLOT;
  }
  return 0;
}

/** Asks the host for the code of a text and remembers it; `entry` is its slot without the code. -1: no UTF-8. */
function newText(field: usize, from: usize, length: usize, entry: v128, hashed: u64): i32 {
  const code = hostText(load<i32>(field, F_INDEX), from, from + length);
  if (code < 0 || load<u32>(field, F_LIMIT) == 0) return code;
  const count = load<u32>(field, F_COUNT);
  if (count >= load<u32>(field, F_LIMIT)) {
    growTable(field);
    if (load<u32>(field, F_LIMIT) == 0) return code;
  }
  const slot = freeSlot(field, hashed);
  if (slot == 0) return code;
  if (length > SHORT_MAX) {
    const text = keep(from, length);
    if (text == 0) return code;
    entry = i32x4.replace_lane(entry, 2, <i32>text);
  }
  v128.store(slot, i32x4.replace_lane(entry, 3, code + 1));
  store<u32>(field, count + 1, F_COUNT);
  return code;
}

/** A copy of a longer text, 0 where there is no room for it. */
function keep(from: usize, length: usize): usize {
  // Sixteen bytes more, for loads that reach beyond a text.
  if (arena + length + 16 > arenaEnd) {
    const bytes = max<usize>(length + 16, arenaBytes == 0 ? 16384 : min<usize>(arenaBytes, 1048576));
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

// @ts-ignore: decorator
@inline
function isEqual(one: v128, other: v128): bool {
  return i8x16.bitmask(i8x16.eq(one, other)) == 0xffff;
}

/** The code + 1 of a text of at most twelve bytes, which `bytes` begins with, where it lies in one of its first two slots; else 0. */
// @ts-ignore: decorator
@inline
function knownText(field: usize, length: usize, bytes: v128): i32 {
  const key = v128.and(bytes, v128.load(MASKS + 16 - length));
  const slot = homeSlot(field, shortHash(key));
  // Both slots at once: which of them it is can't be foretold.
  const one = i8x16.bitmask(i8x16.eq(v128.load(slot), key)) & 0xfff;
  const two = i8x16.bitmask(i8x16.eq(v128.load(slot, SLOT), key)) & 0xfff;
  return select<i32>(load<i32>(slot, S_CODE), 0, one == 0xfff) | select<i32>(load<i32>(slot, SLOT + S_CODE), 0, two == 0xfff);
}

/** The code of a text of at most twelve bytes, which `bytes` begins with. */
function shortText(field: usize, from: usize, length: usize, bytes: v128): i32 {
  const key = v128.and(bytes, v128.load(MASKS + 16 - length));
  const hashed = shortHash(key);
  let slot = homeSlot(field, hashed);
  const end = slot + PROBES * SLOT;
  do {
    const code = load<i32>(slot, S_CODE);
    if (code == 0) break;
    if (isEqual(i32x4.replace_lane(v128.load(slot), 3, 0), key)) return code - 1;
    slot += SLOT;
  } while (slot < end);
  return newText(field, from, length, key, hashed);
}

/** The code of a text of more than twelve bytes. */
function longText(field: usize, from: usize, length: usize): i32 {
  const hashed = longHash(from, length);
  const word = <i32>(hashed << 8) | 1;
  let slot = homeSlot(field, hashed);
  const end = slot + PROBES * SLOT;
  do {
    const code = load<i32>(slot, S_CODE);
    if (code == 0) break;
    if (load<i32>(slot) == word && load<usize>(slot, S_LENGTH) == length && isSame(from, load<usize>(slot, S_TEXT), length)) return code - 1;
    slot += SLOT;
  } while (slot < end);
  return newText(field, from, length, i32x4(word, <i32>length, 0, 0), hashed);
}

/** Are `length` bytes the same? */
function isSame(one: usize, other: usize, length: usize): bool {
  let i: usize = 0;
  for (; i + 16 < length; i += 16) if (!isEqual(v128.load(one + i), v128.load(other + i))) return false;
  const mask = v128.load(MASKS + 16 - (length - i));
  return isEqual(v128.and(v128.load(one + i), mask), v128.and(v128.load(other + i), mask));
}

// @ts-ignore: decorator
@inline
function isJoint(at: usize, joint: usize): bool {
  return isEqual(v128.and(v128.load(at), v128.load(joint, J_MASK)), v128.load(joint))
    && (load<usize>(joint, J_LENGTH) <= 16 || isSame(at, joint, load<usize>(joint, J_LENGTH)));
}

/**
 * What stands at `at` after the joint `before` and a value: a joint known, learnt, or STRANGER; its length is right.
 * 0: leave the line to the parser.
 */
function findJoint(at: usize, before: usize): usize {
  const first = <u32>(before == ROOT);
  for (let joint = LEARNT; joint < jointsEnd; joint += JOINT) {
    if (load<u32>(joint, J_FIRST) == first && isJoint(at, joint)) {
      store<usize>(before, joint, J_NEXT);
      return joint;
    }
  }
  let end = first != 0 ? at : blanks(at);
  const byte = load<u8>(end);
  let kind = SKIP;
  let field: usize = 0;
  if (byte == 125 && first == 0) {
    end = blanks(end + 1);
    if (load<u8>(end) != 10) return 0;
    end++;
    kind = END;
  } else {
    if (<u32>byte != (first != 0 ? 123 : 44)) return 0;
    const name = blanks(end + 1);
    if (load<u8>(name) != 34) return 0;
    const quote = textEnd(name + 1, false);
    if (quote == 0) return 0;
    end = blanks(quote + 1);
    if (load<u8>(end) != 58) return 0;
    end = blanks(end + 1);
    field = fieldOf(name, quote + 1 - name);
    if (field != 0) kind = load<i32>(field, F_KIND);
  }
  const length = end - at;
  let joint = STRANGER;
  if (length <= JOINT_BYTES_MAX && jointsEnd < JOINTS_END) {
    joint = jointsEnd;
    jointsEnd = joint + JOINT;
    memory.copy(joint, at, length);
    v128.store(joint, v128.load(MASKS + 16 - min<usize>(length, 16)), J_MASK);
    store<usize>(joint, NOWHERE, J_NEXT);
    store<u32>(joint, first, J_FIRST);
    store<usize>(before, joint, J_NEXT);
  }
  store<usize>(joint, length, J_LENGTH);
  store<i32>(joint, kind, J_KIND);
  store<usize>(joint, field, J_FIELD);
  store<u64>(joint, field == 0 ? 0 : <u64>1 << load<u32>(field, F_INDEX), J_BIT);
  return joint;
}

/** The field whose name stands at `at`, with quotes; 0 where it is none. */
function fieldOf(at: usize, length: usize): usize {
  const end = FIELDS + fieldCount * FIELD;
  for (let field = FIELDS; field < end; field += FIELD) {
    if (load<usize>(field, F_NAME_LENGTH) == length && isSame(at, field + F_NAME, length)) return field;
  }
  return 0;
}

function blanks(at: usize): usize {
  while (true) {
    const byte = load<u8>(at);
    if (byte != 32 && byte != 9 && byte != 13) return at;
    at++;
  }
}

/** Quote, backslash, control characters and all that is not ASCII: a bit each. */
// @ts-ignore: decorator
@inline
function stops(bytes: v128): i32 {
  // Bit 1 turned over puts the quote (0x22) at the end of the control characters and leaves those among themselves; what is not ASCII is negative.
  return i8x16.bitmask(v128.or(
    i8x16.lt_s(v128.xor(bytes, v128.load(V_QUOTE_BIT)), v128.load(V_PLAIN)),
    i8x16.eq(bytes, v128.load(V_BACKSLASH)),
  ));
}

/** The same without what is not ASCII. */
// @ts-ignore: decorator
@inline
function asciiStops(bytes: v128): i32 {
  return i8x16.bitmask(v128.or(
    i8x16.le_u(v128.xor(bytes, v128.load(V_QUOTE_BIT)), v128.load(V_CONTROL)),
    i8x16.eq(bytes, v128.load(V_BACKSLASH)),
  ));
}

function isHex(byte: u32): bool {
  return byte - 48 <= 9 || (byte | 32) - 97 <= 5;
}

/** The number of four hexadecimal digits, -1 where they are none. */
function hexNumber(at: usize): i32 {
  let number: i32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const byte: u32 = load<u8>(at + i);
    if (!isHex(byte)) return -1;
    number = (number << 4) | <i32>((byte & 15) + (byte > 57 ? 9 : 0));
  }
  return number;
}

/** Writes the text whose first byte is at `first`, without its escapes, at `unescaped`. Its quote; 0 where it is no text. */
function unescape(first: usize): usize {
  let at = first;
  let to = unescaped;
  while (true) {
    const bytes = v128.load(at);
    v128.store(to, bytes);
    const mask = asciiStops(bytes);
    const count: usize = mask == 0 ? 16 : ctz(mask);
    at += count;
    to += count;
    if (mask == 0) continue;
    const byte = load<u8>(at);
    if (byte == 34) {
      unescapedEnd = to;
      return at;
    }
    if (byte != 92) return 0;
    let unit: i32 = load<u8>(at, 1);
    at += 2;
    if (unit == 117) {
      unit = hexNumber(at);
      if (unit < 0) return 0;
      at += 4;
      if ((unit & 0xf800) == 0xd800) {
        // Half of a pair; without the other half it is U+FFFD.
        const low = (unit & 0xfc00) == 0xd800 && load<u8>(at) == 92 && load<u8>(at, 1) == 117 ? hexNumber(at + 2) : -1;
        if ((low & 0xfffffc00) == 0xdc00) {
          at += 6;
          const point = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
          store<u8>(to, 0xf0 | (point >> 18));
          store<u8>(to, 0x80 | ((point >> 12) & 63), 1);
          store<u8>(to, 0x80 | ((point >> 6) & 63), 2);
          store<u8>(to, 0x80 | (point & 63), 3);
          to += 4;
          continue;
        }
        unit = 0xfffd;
      }
      if (unit >= 0x800) {
        store<u8>(to, 0xe0 | (unit >> 12));
        store<u8>(to, 0x80 | ((unit >> 6) & 63), 1);
        store<u8>(to, 0x80 | (unit & 63), 2);
        to += 3;
        continue;
      }
      if (unit >= 0x80) {
        store<u8>(to, 0xc0 | (unit >> 6));
        store<u8>(to, 0x80 | (unit & 63), 1);
        to += 2;
        continue;
      }
    } else if (unit == 98) unit = 8;
    else if (unit == 102) unit = 12;
    else if (unit == 110) unit = 10;
    else if (unit == 114) unit = 13;
    else if (unit == 116) unit = 9;
    else if (unit != 34 && unit != 47 && unit != 92) return 0;
    store<u8>(to, unit);
    to++;
  }
}

/** The code of the text at `unescaped`. */
function unescapedText(field: usize): i32 {
  const length = unescapedEnd - unescaped;
  // What the cache is sure that no text has may come by an escape: a zero, and the mark of a longer text.
  let odd = load<u8>(unescaped) == 1;
  for (let at = unescaped; at < unescapedEnd; at++) if (load<u8>(at) == 0) odd = true;
  if (odd) return hostText(load<i32>(field, F_INDEX), unescaped, unescapedEnd);
  return length <= SHORT_MAX ? shortText(field, unescaped, length, v128.load(unescaped)) : longText(field, unescaped, length);
}

/** The quote that ends the text whose first byte is at `first`; 0 where it is none, is no UTF-8, or has an escape that may not be. */
function textEnd(first: usize, escapes: bool): usize {
  let at = first;
  let high: i32 = 0;
  while (true) {
    const bytes = v128.load(at);
    const mask = asciiStops(bytes);
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

/** Bit i is set where byte i is no digit; bit 16 always. `digits` = bytes - 48. */
// @ts-ignore: decorator
@inline
function noDigits(digits: v128): i32 {
  return (i8x16.bitmask(i8x16.le_u(digits, v128.load(V_NINE))) ^ 0xffff) | 0x10000;
}

/** The end of a value that is no object and no array, 0 where it is none; `byte` is its first. */
function skipScalar(at: usize, byte: u32): usize {
  if (byte == 34) {
    const end = textEnd(at + 1, true);
    return end == 0 ? 0 : end + 1;
  }
  if (byte <= 57) return byte >= 48 || byte == 45 ? numberEnd(at) : 0;
  const word = load<u32>(at);
  if (word == WORD_TRUE || word == WORD_NULL) return at + 4;
  return word == WORD_FALS && load<u8>(at, 4) == 101 ? at + 5 : 0;
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

/** The value of 1 to 16 digits, in order, right-aligned, zeros before them. */
// @ts-ignore: decorator
@inline
function numberOfDigits(digits: v128): i64 {
  const pairs = i16x8.add(i16x8.mul(v128.and(digits, v128.load(V_LOW)), v128.load(V_TEN)), i16x8.shr_u(digits, 8));
  const fours = i32x4.dot_i16x8_s(pairs, v128.load(V_HUNDRED));
  const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(fours, fours), v128.load(V_TEN_THOUSAND));
  return <i64>i32x4.extract_lane(eights, 0) * 100000000 + <i64>i32x4.extract_lane(eights, 1);
}

/** `digits` from [0, count) to the right end, the one at `point` left out: lane i takes digit i + count - 16. */
// @ts-ignore: decorator
@inline
function aligned(digits: v128, count: i32, point: i32): v128 {
  const order = i8x16.add(v128.load(V_LANES), i8x16.splat(<i8>(count - 16)));
  return i8x16.swizzle(digits, i8x16.sub(order, i8x16.ge_s(order, i8x16.splat(<i8>point))));
}

/**
 * The double nearest to the number at [at, end), which is by JSON's grammar; NaN where it has an exponent, more than
 * nineteen digits or more than 27 behind the point.
 *
 * How     w / 10^k = w / 5^k / 2^k. Both w and 5^k fit into 64 bits; their quotient is made to 63 bits and more, with
 *         "there was a rest", which is all that rounding to the nearest, ties to even, asks for.
 */
function decimal(at: usize, end: usize): f64 {
  const negative = load<u8>(at) == 45;
  let w: u64 = 0;
  let digits: u32 = 0;
  let point: usize = 0;
  for (at += <usize>negative; at < end; at++) {
    const digit = <u32>load<u8>(at) - 48;
    if (digit > 9) {
      if (load<u8>(at) != 46) return NaN;
      point = at + 1;
      continue;
    }
    w = w * 10 + <u64>digit;
    if (w != 0) digits++;
    if (digits > 19) return NaN;
  }
  const k: usize = point == 0 ? 0 : end - point;
  if (k > FIVES_MAX) return NaN;
  if (w == 0) return negative ? -0.0 : 0.0;
  const five = load<u64>(FIVES + (k << 3));
  const widthW = clz<u64>(w);
  const widthFive = clz<u64>(five);
  // Both with their highest bit set; half of w above makes the quotient of (w / 2) * 2^64 and five less than 2^64.
  const wide = w << widthW;
  const upper = wide >>> 1;
  const lower = wide << 63;
  const divisor = five << widthFive;
  // Long division with digits of 32 bits (Knuth, algorithm D, two digits).
  const high = divisor >>> 32;
  const low = divisor & 0xffffffff;
  let one = upper / high;
  let rest = upper - one * high;
  while (one >>> 32 != 0 || one * low > ((rest << 32) | (lower >>> 32))) {
    one--;
    rest += high;
    if (rest >>> 32 != 0) break;
  }
  const middle = (upper << 32) + (lower >>> 32) - one * divisor;
  let two = middle / high;
  rest = middle - two * high;
  while (two >>> 32 != 0 || two * low > (rest << 32)) {
    two--;
    rest += high;
    if (rest >>> 32 != 0) break;
  }
  const quotient = (one << 32) + two;
  const inexact = (middle << 32) - two * divisor != 0;
  const excess = 11 - clz<u64>(quotient);
  let mantissa = quotient >>> excess;
  const beyond = quotient & ((<u64>1 << excess) - 1);
  const half = <u64>1 << (excess - 1);
  if (beyond > half || (beyond == half && (inexact || (mantissa & 1) != 0))) mantissa++;
  // A power of two, far from where doubles end.
  const exponent = <i64>excess + <i64>widthFive - <i64>widthW - <i64>k - 63;
  const value = <f64>mantissa * reinterpret<f64>((1023 + exponent) << 52);
  return negative ? -value : value;
}

/** Time of an epoch number, as timeOfNumber has it; NaN where it is none. */
function timeOf(value: f64): f64 {
  let ms: f64 = NaN;
  if (timeFormat == EPOCH_MS) ms = Math.floor(value);
  else if (timeFormat == EPOCH_S) ms = Math.floor(value * 1000 + 0.0005);
  else if (timeFormat == EPOCH_US) ms = Math.floor(value / 1000);
  return Math.abs(ms) <= SAFE_MAX ? ms + 0 : NaN; // -0 is 0
}

/** Did the last unusualValue() give one? null is none. */
let valued: bool = false;
/** Presence is all ones, but for rows in which something was absent since row 0 was begun. */
let absences: bool = true;

function forgetAbsences(): void {
  if (!absences) return;
  absences = false;
  for (let index: usize = 0; index < fieldCount; index++) memory.fill(present(index), 1, ROWS);
}

/** Writes "absent" into a row. */
function absent(field: usize, row: usize): void {
  absences = true;
  const column = load<usize>(field, F_VALUES);
  const kind = load<i32>(field, F_KIND);
  if (kind == STRING) store<i32>(column + row * 4, -1);
  else if (kind == BOOL) store<u8>(column + row, 0);
  else store<f64>(column + row * 8, 0);
  store<u8>(load<usize>(field, F_PRESENT) + row, 0);
}

function absentFields(missing: u64, row: usize): void {
  while (missing != 0) {
    absent(FIELDS + <usize>ctz(missing) * FIELD, row);
    missing &= missing - 1;
  }
}

/**
 * A needed value that the loop of scan() does not take at once: null, a text that is longer, not ASCII, with escapes, new or
 * far from its home slot, a number out of the ordinary, a time in quotes. Its end; 0: leave the line to the parser.
 */
function unusualValue(at: usize, field: usize, kind: i32, row: usize): usize {
  const byte: u32 = load<u8>(at);
  valued = byte != 110;
  if (byte == 110) {
    if (load<u32>(at) != WORD_NULL) return 0;
    absent(field, row);
    return at + 4;
  }
  const column = load<usize>(field, F_VALUES);
  if (byte == 34) {
    if (kind == STRING) {
      const first = at + 1;
      const bytes = v128.load(first);
      let quote = first;
      let mask = asciiStops(bytes);
      while (mask == 0) {
        quote += 16;
        mask = asciiStops(v128.load(quote));
      }
      quote += ctz(mask);
      let code: i32;
      // What is new to the dictionary is checked there to be UTF-8, what is known has been.
      if (load<u8>(quote) == 34) {
        const length = quote - first;
        code = length <= SHORT_MAX ? shortText(field, first, length, bytes) : longText(field, first, length);
      } else {
        quote = unescape(first);
        if (quote == 0) return 0;
        code = unescapedText(field);
      }
      if (code < 0) return 0;
      store<i32>(column + row * 4, code);
      return quote + 1;
    }
    // Text formats of the time; an epoch in quotes is left to the parser.
    if (kind != TIME || timeFormat != TIME_TEXT) return 0;
    const quote = textEnd(at + 1, false);
    if (quote == 0) return 0;
    const ms = hostTime(at + 1, quote);
    if (isNaN(ms)) return 0;
    store<f64>(column + row * 8, ms);
    return quote + 1;
  }
  if (kind != DOUBLE && kind != TIME) return 0;
  const end = numberEnd(at);
  if (end == 0) return 0;
  let value = decimal(at, end);
  if (isNaN(value)) value = hostNumber(at, end);
  if (kind == TIME) value = timeOf(value);
  if (!(Math.abs(value) <= f64.MAX_VALUE)) return 0;
  store<f64>(column + row * 8, value);
  return end;
}

/**
 * Takes lines from `at` on, into the rows from `row` on, as long as there are rows below `rowEnd` and lines below `end`
 * (a line feed is right before it). The address after the last line taken; rows() says how far the rows came.
 *
 * One loop over all members of all lines. Whatever is not usual leaves it for one call, so that the rest stays in registers.
 */
export function scan(at: usize, end: usize, row: usize, rowEnd: usize, lineMax: usize): usize {
  let start = at;
  let joint = ROOT;
  let seen: u64 = 0; // fields that came in this line, null or not: one that comes twice is the parser's, because the last one counts
  let found: u64 = 0; // fields that have a value
  if (row == 0) forgetAbsences();
  if (at < end && row < rowEnd) while (true) {
    const before = joint;
    joint = load<usize>(before, J_NEXT);
    const text = v128.load(at);
    if (!isEqual(v128.and(text, v128.load(joint, J_MASK)), v128.load(joint))) {
      joint = findJoint(at, before);
      if (joint == 0) break;
    }
    const length = load<usize>(joint, J_LENGTH);
    if (length > 16 && !isSame(at, joint, length)) {
      joint = findJoint(at, before);
      if (joint == 0) break;
    }
    at += load<usize>(joint, J_LENGTH);
    const kind = load<i32>(joint, J_KIND);
    const byte: u32 = load<u8>(at);
    if (kind == SKIP) {
      if (byte == 34) {
        const quote = at + 1 + ctz(stops(v128.load(at, 1)) | 0x10000);
        if (load<u8>(quote) == 34) {
          at = quote + 1;
          continue;
        }
      } else if (byte > 57) {
        // Without a branch between true and false, which can't be foretold.
        const word = load<u32>(at);
        const longer = <u32>(word == WORD_FALS) & <u32>(load<u8>(at, 4) == 101);
        if ((<u32>(word == WORD_TRUE) | <u32>(word == WORD_NULL) | longer) != 0) {
          at += 4 + longer;
          continue;
        }
      } else if (byte > 48) {
        // One to fifteen digits, not with a zero in front; perhaps a point and as many more as the vector holds.
        const mask = noDigits(i8x16.sub(v128.load(at), v128.load(V_ZERO)));
        let count = ctz(mask);
        let after: u32 = load<u8>(at + count);
        if (after == 46) {
          const whole = count;
          count = ctz(mask & (mask - 1));
          after = count == whole + 1 ? 101 : <u32>load<u8>(at + count);
        }
        if ((after | 32) != 101 && count < 16) {
          at += count;
          continue;
        }
      }
      at = byte == 123 || byte == 91 ? skipNested(at) : skipScalar(at, byte);
      if (at == 0) break;
      continue;
    }
    if (kind >= END) {
      if (kind == BROKEN || (found & requiredFields) != requiredFields || at - start > lineMax + 1) break;
      if (found != allFields) absentFields(allFields & ~seen, row);
      row++;
      start = at;
      if (at >= end || row >= rowEnd) break;
      joint = ROOT;
      seen = 0;
      found = 0;
      continue;
    }
    const bit = load<u64>(joint, J_BIT);
    if ((seen & bit) != 0) break;
    seen |= bit;
    const field = load<usize>(joint, J_FIELD);
    if (kind == STRING) {
      if (byte == 34) {
        const bytes = v128.load(at, 1);
        const length = <usize>ctz(stops(bytes) | 0x10000);
        if (length <= SHORT_MAX && load<u8>(at + length, 1) == 34) {
          const code = knownText(field, length, bytes);
          if (code != 0) {
            store<i32>(load<usize>(field, F_VALUES) + row * 4, code - 1);
            found |= bit;
            at += length + 2;
            continue;
          }
        }
      }
    } else if (kind == BOOL) {
      const word = load<u32>(at);
      const longer = <u32>(word == WORD_FALS) & <u32>(load<u8>(at, 4) == 101);
      if ((<u32>(word == WORD_TRUE) | longer) != 0) {
        store<u8>(load<usize>(field, F_VALUES) + row, <u8>(1 - longer));
        found |= bit;
        at += 4 + longer;
        continue;
      }
    } else {
      // One to fifteen digits in all, no zero in front: exact as an integer and as a double.
      const first = at + <usize>(byte == 45);
      const digits = i8x16.sub(v128.load(first), v128.load(V_ZERO));
      const mask = noDigits(digits);
      const whole = ctz(mask);
      const after: u32 = load<u8>(first + whole);
      if (<u32>whole - 1 < 15 && (whole == 1 || load<u8>(first) != 48)) {
        if (after == 46) {
          const count = ctz(mask & (mask - 1)) - 1;
          if (kind == DOUBLE && count > whole && count < 15 && (load<u8>(first + count, 1) | 32) != 101) {
            // Both exact, so that one division rounds once.
            const value = <f64>numberOfDigits(aligned(digits, count, whole)) / load<f64>(POWERS + (<usize>(count - whole) << 3));
            store<f64>(load<usize>(field, F_VALUES) + row * 8, byte == 45 ? -value : value);
            found |= bit;
            at = first + count + 1;
            continue;
          }
        } else if ((after | 32) != 101 && (kind != TIME || timeFormat == EPOCH_MS)) {
          const value = <f64>numberOfDigits(i8x16.swizzle(digits, i8x16.add(v128.load(V_LANES), i8x16.splat(<i8>(whole - 16)))));
          store<f64>(load<usize>(field, F_VALUES) + row * 8, byte != 45 ? value : kind == DOUBLE ? -value : 0 - value); // -0 of an integer is 0
          found |= bit;
          at = first + whole;
          continue;
        }
      }
    }
    at = unusualValue(at, field, kind, row);
    if (at == 0) break;
    if (valued) found |= bit;
  }
  rowsTaken = row;
  return start;
}
