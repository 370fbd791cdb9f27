/**
 * The helpers that conditions may call, in one table: the checker, completion and the user's help read it.
 *
 * Always  `params` leaves out the receiver's position: with `receiver` the first parameter stands before the dot.
 *         An overload with fewer words comes first; the first that fits is taken (int fits double, not the reverse).
 */
import { BOOL, type CelType, DOUBLE, DURATION, INT, STRING, TIMESTAMP } from './cel-type.ts';

/** A type, or a list of numbers, or any list. */
export type Parameter = CelType | 'numbers' | 'any-list';

export interface FunctionSpec {
  readonly id: FunctionId;
  readonly name: string;
  /** Called as value.name(…). */
  readonly receiver: boolean;
  readonly params: readonly Parameter[];
  /** 'element' = the type of the list's elements. */
  readonly result: CelType | 'element';
  readonly help: { readonly en: string; readonly zh: string };
}

export type FunctionId =
  | 'size-string' | 'size-list' | 'startsWith' | 'endsWith' | 'contains' | 'matches' | 'lowerAscii' | 'upperAscii' | 'trim'
  | 'double-number' | 'double-string' | 'int-int' | 'int-double' | 'int-string' | 'int-timestamp' | 'string-number' | 'string-string' | 'string-bool'
  | 'string-timestamp' | 'string-duration' | 'bool-bool' | 'bool-string'
  | 'sum' | 'avg' | 'min' | 'max' | 'abs' | 'geoKm'
  | 'timestamp-string' | 'timestamp-int' | 'timestamp-timestamp' | 'duration-string' | 'duration-duration' | 'fromMillis' | 'toMillis'
  | 'getFullYear' | 'getMonth' | 'getDate' | 'getDayOfMonth' | 'getDayOfWeek' | 'getDayOfYear' | 'getHours' | 'getMinutes' | 'getSeconds' | 'getMilliseconds'
  | 'durationHours' | 'durationMinutes' | 'durationSeconds' | 'durationMilliseconds';

const spec = (
  id: FunctionId, name: string, receiver: boolean, params: readonly Parameter[], result: CelType | 'element', en: string, zh: string,
): FunctionSpec => ({ id, name, receiver, params, result, help: { en, zh } });

const CALENDAR: readonly (readonly [FunctionId, string, string])[] = [
  ['getFullYear', 'year', '年'], ['getMonth', 'month, 0 = January', '月份,0 表示一月'], ['getDate', 'day of the month, from 1', '当月第几天,从 1 开始'],
  ['getDayOfMonth', 'day of the month, from 0', '当月第几天,从 0 开始'], ['getDayOfWeek', 'day of the week, 0 = Sunday', '星期几,0 表示星期日'],
  ['getDayOfYear', 'day of the year, from 0', '当年第几天,从 0 开始'], ['getHours', 'hour of the day', '小时'], ['getMinutes', 'minute of the hour', '分钟'],
  ['getSeconds', 'second of the minute', '秒'], ['getMilliseconds', 'millisecond of the second', '毫秒'],
];

export const FUNCTIONS: readonly FunctionSpec[] = [
  spec('size-string', 'size', false, [STRING], INT, 'number of characters', '字符数'),
  spec('size-list', 'size', false, ['any-list'], INT, 'number of elements', '元素个数'),
  spec('size-string', 'size', true, [STRING], INT, 'number of characters', '字符数'),
  spec('size-list', 'size', true, ['any-list'], INT, 'number of elements', '元素个数'),
  spec('startsWith', 'startsWith', true, [STRING, STRING], BOOL, 'text begins with', '文本以…开头'),
  spec('endsWith', 'endsWith', true, [STRING, STRING], BOOL, 'text ends with', '文本以…结尾'),
  spec('contains', 'contains', true, [STRING, STRING], BOOL, 'text contains', '文本包含'),
  spec('matches', 'matches', true, [STRING, STRING], BOOL, 'regular expression (RE2) found in the text', '文本中能找到正则表达式 (RE2)'),
  spec('matches', 'matches', false, [STRING, STRING], BOOL, 'regular expression (RE2) found in the text', '文本中能找到正则表达式 (RE2)'),
  spec('lowerAscii', 'lowerAscii', true, [STRING], STRING, 'A-Z in small letters', '将 A-Z 转为小写'),
  spec('upperAscii', 'upperAscii', true, [STRING], STRING, 'a-z in capitals', '将 a-z 转为大写'),
  spec('trim', 'trim', true, [STRING], STRING, 'without white space at both ends', '去除首尾空白'),
  spec('sum', 'sum', false, ['numbers'], DOUBLE, 'sum of a list, 0.0 if it is empty', '列表之和,空列表为 0.0'),
  spec('avg', 'avg', false, ['numbers'], DOUBLE, 'mean of a list; an empty list is an error', '列表平均值;空列表出错'),
  spec('min', 'min', false, ['numbers'], 'element', 'smallest of a list; an empty list is an error', '列表最小值;空列表出错'),
  spec('max', 'max', false, ['numbers'], 'element', 'largest of a list; an empty list is an error', '列表最大值;空列表出错'),
  spec('abs', 'abs', false, [INT], INT, 'without its sign', '绝对值'),
  spec('abs', 'abs', false, [DOUBLE], DOUBLE, 'without its sign', '绝对值'),
  spec('geoKm', 'geoKm', false, [DOUBLE, DOUBLE, DOUBLE, DOUBLE], DOUBLE, 'kilometres between two places: lat1, lon1, lat2, lon2', '两地距离(公里):纬度1, 经度1, 纬度2, 经度2'),
  spec('double-number', 'double', false, [DOUBLE], DOUBLE, 'as a decimal number', '转为小数'),
  spec('double-string', 'double', false, [STRING], DOUBLE, 'text read as a decimal number', '将文本读作小数'),
  spec('int-int', 'int', false, [INT], INT, 'as an integer', '转为整数'),
  spec('int-double', 'int', false, [DOUBLE], INT, 'integer part', '取整数部分'),
  spec('int-string', 'int', false, [STRING], INT, 'text read as an integer', '将文本读作整数'),
  spec('int-timestamp', 'int', false, [TIMESTAMP], INT, 'seconds since 1970', '自 1970 年起的秒数'),
  spec('string-number', 'string', false, [DOUBLE], STRING, 'as text', '转为文本'),
  spec('string-string', 'string', false, [STRING], STRING, 'as text', '转为文本'),
  spec('string-bool', 'string', false, [BOOL], STRING, 'as text', '转为文本'),
  spec('string-timestamp', 'string', false, [TIMESTAMP], STRING, 'as text, ISO 8601', '转为 ISO 8601 文本'),
  spec('string-duration', 'string', false, [DURATION], STRING, 'as text, in seconds', '转为以秒计的文本'),
  spec('bool-bool', 'bool', false, [BOOL], BOOL, 'as true or false', '转为真或假'),
  spec('bool-string', 'bool', false, [STRING], BOOL, 'text read as true or false', '将文本读作真或假'),
  spec('timestamp-string', 'timestamp', false, [STRING], TIMESTAMP, 'ISO 8601 text as a moment', '将 ISO 8601 文本读作时刻'),
  spec('timestamp-int', 'timestamp', false, [INT], TIMESTAMP, 'seconds since 1970 as a moment', '将秒数读作时刻'),
  spec('timestamp-timestamp', 'timestamp', false, [TIMESTAMP], TIMESTAMP, 'as a moment', '时刻'),
  spec('fromMillis', 'fromMillis', false, [INT], TIMESTAMP, 'milliseconds since 1970 (such as the time field) as a moment', '将毫秒数(如时间字段)读作时刻'),
  spec('toMillis', 'toMillis', false, [TIMESTAMP], INT, 'a moment as milliseconds since 1970', '将时刻转为毫秒数'),
  spec('toMillis', 'toMillis', false, [DURATION], INT, 'a length of time as milliseconds', '将时长转为毫秒数'),
  spec('duration-string', 'duration', false, [STRING], DURATION, "length of time: duration('1h30m')", "时长,如 duration('1h30m')"),
  spec('duration-duration', 'duration', false, [DURATION], DURATION, 'length of time', '时长'),
  spec('durationHours', 'getHours', true, [DURATION], INT, 'whole hours', '整小时数'),
  spec('durationMinutes', 'getMinutes', true, [DURATION], INT, 'whole minutes', '整分钟数'),
  spec('durationSeconds', 'getSeconds', true, [DURATION], INT, 'whole seconds', '整秒数'),
  spec('durationMilliseconds', 'getMilliseconds', true, [DURATION], INT, 'millisecond of the second', '毫秒'),
  ...CALENDAR.flatMap(([id, en, zh]) => [
    spec(id, id, true, [TIMESTAMP], INT, `${en} (UTC)`, `${zh} (UTC)`),
    spec(id, id, true, [TIMESTAMP, STRING], INT, `${en} in a zone such as '+08:00'`, `${zh},时区如 '+08:00'`),
  ]),
];

/** Overloads by name; functions and methods apart, because `has` of one is no hint for the other. */
const index = (receiver: boolean): ReadonlyMap<string, readonly FunctionSpec[]> => {
  const byName = new Map<string, FunctionSpec[]>();
  for (const entry of FUNCTIONS) {
    if (entry.receiver !== receiver) continue;
    const known = byName.get(entry.name);
    if (known) known.push(entry);
    else byName.set(entry.name, [entry]);
  }
  return byName;
};
export const GLOBALS = index(false);
export const METHODS = index(true);

/** Part of CEL, known to us, and left out on purpose (SPEC.md, CK9). */
export const NOT_OFFERED: ReadonlySet<string> = new Set(['uint', 'bytes', 'dyn', 'type', 'bind', 'optional', 'of', 'none', 'orValue', 'value', 'hasValue']);
