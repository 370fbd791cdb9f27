/** Bad input through the product: `match` and `run` as a person calls them, with real worker processes. */
import { readFileSync } from 'node:fs';
import type { DeadLetterReason, RecordFormat } from '@tidemark/event';
import { TEMPLATES, type Template } from '@tidemark/pattern';
import { afterAll, describe, expect, it } from 'vitest';
import { Workplace, sorted, templateDocument, templatePath } from './support/command.ts';

const place = new Workplace();
afterAll(() => place.remove());

const TEN_MEGABYTES = 10 * 1024 * 1024;
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const NOT_UTF8 = Buffer.from([0x63, 0x61, 0x66, 0xe9]);

/** What a line is: a good record, nothing at all, or a dead letter with this reason and field. */
type Expected = 'good' | 'blank' | readonly [DeadLetterReason, string | null];
type Lines = readonly (readonly [line: string | Buffer, expected: Expected])[];

const document = (format: RecordFormat, path: string): string => JSON.stringify({
  format: 'tidemark-job', version: 1, id: 'bad-input', name: 'Bad input',
  schema: {
    fields: [
      { name: 'ts', type: 'int' }, { name: 'user', type: 'string' }, { name: 'name', type: 'string' },
      { name: 'count', type: 'int', optional: true }, { name: 'share', type: 'double', optional: true }, { name: 'known', type: 'bool', optional: true },
    ],
    time: { field: 'ts', format: 'epoch-ms' },
  },
  source: { kind: 'file', path, format }, parallelism: 2, checkpointing: { intervalMs: 50 },
  patterns: [{
    id: 'p', name: 'P', key: ['user'],
    nodes: [
      { type: 'ATOMIC', id: 's1', name: 'start', condition: { type: 'CEL', expression: "event.name == 'start'" } },
      { type: 'ATOMIC', id: 's2', name: 'middle', condition: { type: 'CEL', expression: "event.name == 'middle'" } },
    ],
    edges: [{ source: 's1', target: 's2', type: 'STRICT' }],
    window: { type: 'FIRST_AND_LAST', time: { unit: 'SECONDS', size: 10 } },
  }],
});

const event = (ts: number, user: string, name: string, more = ''): string => `{"ts":${ts},"user":"${user}","name":"${name}"${more}}`;

const NDJSON: Lines = [
  [event(1_000, 'a', 'start'), 'good'],
  [event(1_050, 'b', 'start'), 'good'],
  ['{"ts":1060,"user":"a","na', ['malformed', null]],
  ['not json at all', ['malformed', null]],
  ['[1,2]', ['malformed', null]],
  ['null', ['malformed', null]],
  ['{"ts":1070,"user":"a","name":7}', ['wrong-type', 'name']],
  [event(1_070, 'a', 'start', ',"count":"1"'), ['wrong-type', 'count']],
  [event(1_070, 'a', 'start', ',"count":1.5'), ['wrong-type', 'count']],
  [event(1_070, 'a', 'start', ',"share":1e999'), ['wrong-type', 'share']],
  [event(1_070, 'a', 'start', ',"known":"yes"'), ['wrong-type', 'known']],
  ['{"user":"a","name":"start"}', ['missing-time', 'ts']],
  ['{"ts":null,"user":"a","name":"start"}', ['missing-time', 'ts']],
  ['{"ts":"soon","user":"a","name":"start"}', ['bad-time', 'ts']],
  ['{"ts":1080,"name":"start"}', ['missing-key', 'user']],
  ['{"ts":1080,"user":null,"name":"start"}', ['missing-key', 'user']],
  ['{"ts":1080,"user":"a"}', ['missing-field', 'name']],
  [event(1_100, 'a', 'middle'), 'good'],
  [event(2_000, 'a', 'start', ',"count":9007199254740991'), 'good'],
  [event(2_050, 'a', 'start', ',"count":9007199254740992'), ['integer-range', 'count']],
  [event(2_050, 'a', 'start', ',"count":-9007199254740993'), ['integer-range', 'count']],
  [event(2_050, 'a', 'start', ',"count":123456789012345678901234567890'), ['integer-range', 'count']],
  [event(2_100, 'a', 'middle', ',"count":-9007199254740991'), 'good'],
  [Buffer.concat([Buffer.from('{"ts":2200,"user":"a","name":"'), NOT_UTF8, Buffer.from('"}')]), ['not-utf8', null]],
  [event(2_200, 'a', 'x'.repeat(TEN_MEGABYTES)), ['too-long', null]],
  ['', 'blank'],
  ['  ', 'blank'],
  [event(3_000, 'b', 'middle'), 'good'],
  ['{"ts":3100,"user":"a","name":"sta', ['truncated', null]],
];

const CSV: Lines = [
  ['ts,user,name,count,share,known', 'blank'],
  ['1000,a,start,,,', 'good'],
  ['1050,b,start,,,', 'good'],
  ['1060,a', ['malformed', null]],
  ['1060,a,start,,,,,', ['malformed', null]],
  ['1060,a,"start"!,,,', ['malformed', null]],
  ['1070,a,start,abc,,', ['wrong-type', 'count']],
  ['1070,a,start,1.5,,', ['wrong-type', 'count']],
  ['1070,a,start,,abc,', ['wrong-type', 'share']],
  ['1070,a,start,,,maybe', ['wrong-type', 'known']],
  [',a,start,,,', ['missing-time', 'ts']],
  ['soon,a,start,,,', ['bad-time', 'ts']],
  ['1080,,start,,,', ['missing-key', 'user']],
  ['1080,a,,,,', ['missing-field', 'name']],
  ['1100,a,middle,,,', 'good'],
  ['2000,a,start,9007199254740991,0.5,true', 'good'],
  ['2050,a,start,9007199254740992,,', ['integer-range', 'count']],
  ['2050,a,start,-9007199254740993,,', ['integer-range', 'count']],
  ['2100,a,middle,-9007199254740991,1e3,false', 'good'],
  [Buffer.concat([Buffer.from('2200,a,'), NOT_UTF8, Buffer.from(',,,')]), ['not-utf8', null]],
  [`2200,a,${'x'.repeat(TEN_MEGABYTES)},,,`, ['too-long', null]],
  ['', 'blank'],
  ['3000,b,middle,,,', 'good'],
  ['3100,a,"sta', ['truncated', null]],
];

/** The bytes as Windows writes them, and the dead letters that they make. */
function windowsFile(lines: Lines): { readonly bytes: Buffer; readonly letters: readonly object[]; readonly reasons: ReadonlyMap<string, number> } {
  const pieces = [MARK];
  const letters: object[] = [];
  const reasons = new Map<string, number>();
  let [offset, position] = [MARK.length, 0];
  lines.forEach(([line, expected], index) => {
    const bytes = Buffer.concat([Buffer.from(line), Buffer.from(index < lines.length - 1 ? '\r\n' : '')]);
    if (typeof expected !== 'string') {
      const [reason, field] = expected;
      letters.push({ kind: 'dead-letter', split: 0, position, offset, reason, field });
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    if (expected !== 'blank') position += 1;
    offset += bytes.length;
    pieces.push(bytes);
  });
  return { bytes: Buffer.concat(pieces), letters, reasons };
}

describe('bad input', () => {
  it.each([['ndjson', NDJSON], ['csv', CSV]] as const)('[BI1][CL5] %s: each bad record is one dead letter with position and reason, counted and shown, and the job goes on', async (format, lines) => {
    const { bytes, letters, reasons } = windowsFile(lines);
    const job = place.file(`${format}.json`, document(format, place.file(`bad.${format}`, bytes)));
    const [match, run] = await Promise.all([
      place.tidemark(['match', job, '--side-outputs']),
      place.tidemark(['run', job, '--out', `${format}.out`]),
    ]);
    const output = sorted(match.out).map((line) => JSON.parse(line) as Record<string, any>);
    const dead = output.filter(({ kind }) => kind === 'dead-letter').sort((a, b) => a.position - b.position);
    expect(dead.map(({ kind, split, position, offset, reason, field }) => ({ kind, split, position, offset, reason, field }))).toEqual(letters);
    for (const letter of dead) {
      expect(letter.matchId).toMatch(/^[a-z2-7]{26}$/);
      expect(letter.detail).toMatch(/^[^\r\n]+\.$/);
      expect(letter.excerpt.length).toBeLessThanOrEqual(200);
      expect(letter.excerpt).not.toMatch(/[\r\n]$/);
    }
    expect(new Set(output.map(({ matchId }) => matchId)).size).toBe(output.length);
    // what is good among the bad is matched, before, between and after
    const good = lines.filter(([, expected]) => expected !== 'blank').flatMap(([, expected], position) => (expected === 'good' ? [`0:${position}`] : []));
    const positions = output.filter(({ kind }) => kind === 'match').sort((a, b) => a.end - b.end || a.start - b.start).map((line) => [line.positions.start[0], line.positions.middle[0]]);
    expect(positions).toEqual([[good[0], good[2]], [good[3], good[4]], [good[1], good[5]]]);

    expect([match.code, run.code]).toEqual([0, 0]);
    expect(sorted(place.read(`${format}.out`))).toEqual(sorted(match.out));
    const counted = `${letters.length} dead letters (${[...reasons].map(([reason, n]) => `${n} ${reason}`).join(', ')})`;
    const first = dead[0] as Record<string, unknown>;
    for (const { err } of [match, run]) {
      expect(err).toContain(`${good.length} events read`);
      expect(err).toContain(counted);
      expect(err).toContain(`dead letter at 0:${first.position}, byte ${first.offset}: ${first.reason}: ${first.detail}`);
    }
  });

  it('[BI2] an empty file is a run without events, a directory is refused in one sentence', async () => {
    const [emptyFile, directory] = [place.file('empty', ''), place.directory('folder')];
    const jobs = [emptyFile, directory].map((path) => place.file(`of-${path}.json`, document('ndjson', path)));
    const [empty, emptyRun, ...refused] = await Promise.all([
      place.tidemark(['match', jobs[0] as string]),
      place.tidemark(['run', jobs[0] as string, '--out', 'empty.out']),
      place.tidemark(['match', jobs[1] as string]),
      place.tidemark(['match', jobs[0] as string, '--events', directory]),
      place.tidemark(['run', jobs[0] as string, '--events', directory]),
      place.tidemark(['run', jobs[1] as string]),
    ]);
    expect([empty.code, empty.out]).toEqual([0, '']);
    expect([emptyRun.code, place.read('empty.out')]).toEqual([0, '']);
    for (const { err } of [empty, emptyRun]) expect(err).toContain('0 events read');
    for (const { code, out, err } of refused) {
      expect([code, out]).toEqual([1, '']);
      expect(err.split('\n')).toEqual([expect.stringMatching(/^folder: this is a directory, not a file/), '']);
    }
  });

  it('[BI3] Windows line ends and a byte-order mark change no line of the output', async () => {
    const templates = ['failed-logins', 'machine-overheating'].map((id) => TEMPLATES.find((template) => template.id === id) as Template);
    await Promise.all(templates.map(async (template) => {
      const job = place.file(`${template.id}.json`, JSON.stringify(templateDocument(template)));
      const windows = place.file(`windows-${template.sampleFile}`, Buffer.concat([MARK, Buffer.from(readFileSync(templatePath(template), 'utf8').replaceAll('\n', '\r\n'))]));
      const [plain, match, run] = await Promise.all([
        place.tidemark(['match', job]), place.tidemark(['match', job, '--events', windows]), place.tidemark(['run', job, '--events', windows]),
      ]);
      expect(sorted(plain.out)).toHaveLength(template.matches);
      expect([match.code, match.out]).toEqual([0, plain.out]);
      expect([run.code, sorted(run.out)]).toEqual([0, sorted(plain.out)]);
      expect(run.err).not.toContain('dead letter');
    }));
  });

  it('[CL12] nothing is left behind', () => {
    expect(place.left()).toEqual([]);
  });
});
