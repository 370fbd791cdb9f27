/**
 * NDJSON as hostile as a seed makes it: runs of alike lines, as real streams have them, in which anything may change.
 *
 * Always  a function of the seed. Most lines are JSON; the rest is broken in a byte, a bracket, a comma, or cut off.
 */
import { Random } from '@tidemark/testkit';
import type { EventSchema } from '../src/index.ts';

export const HOSTILE_SCHEMA: EventSchema = {
  fields: [
    { name: 'ts', type: 'int' }, { name: 'name', type: 'string' }, { name: 'price', type: 'double', optional: true }, { name: 'count', type: 'int', optional: true },
    { name: 'ok', type: 'bool', optional: true }, { name: '__proto__', type: 'string', optional: true }, { name: 'größe', type: 'double', optional: true },
    { name: 'a field with quite a long name, longer than a vector', type: 'string', optional: true },
  ],
  time: { field: 'ts', format: 'epoch-ms' },
};

const encoder = new TextEncoder();
const STRANGERS = ['other', 'note', 'a', '', 'nam', 'names', 'constructor', 'deep', 'a name so long that no scanner cares to remember it, whatever it may be called'];
class Dice extends Random {
  below(end: number): number {
    return this.between(0, end - 1);
  }
}
const pick = <T>(random: Dice, list: readonly T[]): T => random.pick(list);
const digits = (random: Dice, count: number): string => Array.from({ length: count }, () => String(random.below(10))).join('');

function numberText(random: Dice): string {
  const sign = random.below(5) === 0 ? '-' : '';
  switch (random.below(12)) {
    case 0: return pick(random, ['0', '-0', '0.0', '-0.0', '1.0', '1e3', '1E-2', '-1.50', '5e-324', '1e999', '-1e999', '1e308', '0.1', '1e22', '1e23', '100000000000000000000']);
    case 1: return pick(random, ['9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740993', '999999999999999', '1000000000000000', '123456789012345', '12345678901234.5', '1234567890123456']);
    case 2: return pick(random, ['01', '1.', '.5', '-', '+1', '0x10', '1_0', '00', '-01', '1e', '1e+', '1.e3', 'NaN', 'Infinity', '1.5.2', '1-2', '--1']);
    case 3: return `${sign}${digits(random, 1 + random.below(25))}`;
    case 4: return `${sign}${1 + random.below(9)}${digits(random, random.below(25))}`;
    case 5: return `${sign}${random.below(1000)}.${digits(random, 1 + random.below(22))}`;
    case 6: return `${sign}0.${'0'.repeat(random.below(20))}${digits(random, 1 + random.below(10))}`;
    case 7: return `${sign}${random.below(100)}${pick(random, ['', '.25'])}${pick(random, ['e', 'E'])}${pick(random, ['', '+', '-'])}${random.below(330)}`;
    default: return `${sign}${random.below(100_000)}${random.below(2) === 0 ? '' : `.${1 + random.below(99)}`}`;
  }
}

function stringText(random: Dice): string {
  switch (random.below(14)) {
    case 0: return `"${pick(random, ['\\n', '\\u0041', '\\ud800', '\\uD83D\\uDE00', '\\"', '\\\\', '\\/', '\\b\\f\\r\\t'])}${pick(random, ['', 'x', 'a longer text behind the escape'])}"`;
    case 1: return `"${pick(random, ['\\x', '\\u12g4', '\\u', '\\', '\t', '\u0001', '\u001f'])}"`;
    case 2: return `"${pick(random, ['größe', '温度', '😀', 'é', '\u007f', '\u0080', '\u07ff', '\uffff', 'naïve and long enough for more than one vector, naïve'])}${digits(random, random.below(3))}"`;
    case 3: case 4: return `"${'abcdefghijklmnopqrstuvwxyz0123456789-abcdefghijklmnopqrstuvwxyz'.slice(0, random.below(60))}${random.below(20)}"`;
    case 5: return `"${digits(random, 8)}-${digits(random, 4)}-${digits(random, 4)}-${digits(random, 12)}"`;
    case 6: return pick(random, ['""', '"1700000000000"', '"true"', '"null"', '" "', '"{"', '"}"', '","', '"a\u0020b"']);
    default: return `"k${random.below(300)}"`;
  }
}

function anyText(random: Dice, depth = 0): string {
  const inner = (): string => anyText(random, depth + 1);
  const blank = (): string => pick(random, ['', '', '', ' ', '\t', '\r']);
  switch (random.below(depth > 4 ? 5 : 8)) {
    case 0: return numberText(random);
    case 1: return stringText(random);
    case 2: return pick(random, ['true', 'false', 'null', 'tru', 'True', 'nul', 'nulll', 'falsy', '']);
    case 3: return pick(random, ['[]', '{}', '[ ]', '{ }', '[1]', '{"a":1}', '[[]]', '[}', '{]', '[1,]', '{"a"}', '{"a":1,}', '[,1]']);
    case 4: return '['.repeat(60 + random.below(8)) + ']'.repeat(60 + random.below(8));
    case 5: return `[${blank()}${Array.from({ length: random.below(4) }, inner).join(`${blank()},${blank()}`)}${blank()}]`;
    case 6: return `{${blank()}${Array.from({ length: random.below(4) }, () => `${stringText(random)}${blank()}:${blank()}${inner()}`).join(`,${blank()}`)}${blank()}}`;
    default: return stringText(random);
  }
}

/** The usual value of a member. */
function usualText(random: Dice, name: string): string {
  switch (name) {
    case 'ts': return String(1_700_000_000_000 + random.below(1_000_000));
    case 'price': case 'größe': {
      // Numbers that are JSON, of every length, most of them usual.
      const sign = pick(random, ['', '', '', '-']);
      const whole = random.below(8) === 0 ? '0' : `${1 + random.below(9)}${digits(random, random.below(random.below(4) === 0 ? 18 : 5))}`;
      const fraction = random.below(4) === 0 ? '' : `.${digits(random, 1 + random.below(random.below(4) === 0 ? 18 : 4))}`;
      return `${sign}${whole}${fraction}${random.below(12) === 0 ? pick(random, ['e3', 'E-2', 'e+1']) : ''}`;
    }
    case 'count': return `${pick(random, ['', '', '-'])}${random.below(20) === 0 ? `9${digits(random, 13 + random.below(4))}` : random.below(100_000)}`;
    case 'ok': return pick(random, ['true', 'false']);
    case 'other': return pick(random, ['0', '12.25', '-3', 'true', 'null', '"routine"', '{"a":[1,2,{"b":"\\n"}]}', '[]', '1e5', '"C:\\\\Windows\\\\System32\\\\cmd.exe"']);
    default: return random.below(3) === 0 ? stringText(random).replaceAll('\\', '') : `"k${random.below(300)}"`;
  }
}

/** About `lines` lines. */
export function hostileFile(seed: number, lines: number): Uint8Array {
  const random = new Dice(seed);
  let text = random.below(8) === 0 ? '\ufeff' : '';
  const known = HOSTILE_SCHEMA.fields.map(({ name }) => name);
  let order: string[] = [];
  let gap = '';
  let colon = '';
  let end = '\n';
  for (let line = 0; line < lines; line += 1) {
    if (line % 40 === 0) {
      order = ['ts', 'name', ...known, ...STRANGERS].filter((_, index) => index < 2 || random.below(2) === 0).map((name) => ({ name, at: random.below(1000) })).sort((a, b) => a.at - b.at).map(({ name }) => name);
      order = [...new Set(order)];
      gap = pick(random, ['', '', ' ', '\t', '  ']);
      colon = pick(random, ['', '', ' ', '\r']);
      end = pick(random, ['\n', '\n', '\r\n', ' \n']);
    }
    const members = order.filter((member) => member === 'ts' || random.below(30) > 0)
      .map((name) => `"${name}"${gap === '  ' ? ' ' : ''}:${colon}${random.below(60) === 0 ? anyText(random) : usualText(random, name)}`);
    switch (random.below(60)) {
      case 0: members.push(pick(random, members) ?? ''); break;
      case 1: members.reverse(); break;
      case 2: members.splice(random.below(members.length + 1), 0, pick(random, ['', '"x"', '"x":', ':1', '"na\\u006de":"k1"', '"NAME":"x"', '"stranger":{"ts":1}', `"s${random.below(1000)}":${anyText(random)}`])); break;
      default:
    }
    let record = `{${gap}${members.join(`${gap},${gap}`)}${gap}}`;
    switch (random.below(80)) {
      case 0: record = record.slice(0, random.below(record.length)); break;
      case 1: record = pick(random, ['', ' ', '\t\r', '[]', '1', 'null', '"x"', '{', '}', '{}', '{ }', `${record}}`, `${record},`, `${record}${record}`, ` ${record}`, `[${record}]`, '{"ts":1 "a":2}', '{,"ts":1}', '{ts:1}', '\ufeff{"ts":1}', '\u0000', '\n'.repeat(20)]); break;
      default:
    }
    text += record + (line === lines - 1 && random.below(2) === 0 ? '' : end);
  }
  const bytes = encoder.encode(text);
  // Some bytes become others: no UTF-8, or JSON with another meaning.
  for (let i = random.below(3) === 0 ? Math.ceil(lines / 50) : 0; i > 0; i -= 1) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}
