import { GENERATOR_NAMES } from '@tidemark/core';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeDocument } from './decode.ts';
import type { JobDocument } from './document.ts';
import { type Drawn, gate, group, job, level, loop, optional, seconds, stage, times } from '../test/document-under-test.ts';
import { type CaseEvent, type CasePattern, fromCase } from './from-case.ts';
import { ISSUES, type IssueCode } from './issue-catalog.ts';
import { flinkRefusal } from './issue-list.ts';
import { validateDocument } from './validate.ts';

const any = { where: 'true' };
const codes = (document: JobDocument, severity?: 'error' | 'warning'): string[] =>
  validateDocument(document).issues.filter((issue) => !severity || issue.severity === severity).map((issue) => issue.code);
/** Issues as `code nodeId`, in order. */
const found = (document: JobDocument): string[] => validateDocument(document).issues.map((issue) => `${issue.code} ${issue.nodeId ?? '-'}`);

interface RefusedCase { readonly id: string; readonly pattern: CasePattern; readonly keyBy: string | null; readonly events: readonly CaseEvent[]; readonly error: string | null }
const cases = JSON.parse(readFileSync(new URL('../fixtures/refused-cases.json', import.meta.url), 'utf8')) as RefusedCase[];

describe('what Flink refuses', () => {
  it.each(cases)('[VA3] $id: $error', ({ pattern, keyBy, events, error }) => {
    const made = fromCase(pattern, keyBy, events);
    const { issues, job: validated } = made.ok ? validateDocument(made.document, made.options) : { issues: made.issues, job: null };
    expect(flinkRefusal(issues)).toBe(error);
    expect(validated === null).toBe(error !== null);
  });

  const M = 'MalformedPatternException: ';
  const quantifier = (properties: string[], rest: object = {}) => ({ quantifier: { properties, ...rest } }) as object;
  const refused: readonly (readonly [rule: number, code: IssueCode, flink: string, steps: readonly Drawn[], pattern?: object])[] = [
    [1, 'duplicate-stage-name', `${M}Duplicate pattern name: a. Names must be unique.`, [stage('a'), group('g', [{ ...stage('a'), node: { ...stage('a').node, id: 'other' } }])]],
    [1, 'reserved-stage-name', `${M}Duplicate pattern name: $endState$. Names must be unique.`, [{ ...stage('a'), node: { ...stage('$endState$').node, id: 'x' } }]],
    [2, 'skip-target-not-found', `${M}The pattern name specified in AfterMatchSkipStrategy can not be found in the given Pattern`,
      [stage('a'), group('g', [stage('b')])], { afterMatchStrategy: { type: 'SKIP_TO_LAST', patternName: 'b' } }],
    [3, 'trailing-not-without-window', `${M}NotFollowedBy is not supported without windowTime as a last part of a Pattern!`, [stage('a'), gate('n')], { window: null }],
    [3, 'trailing-not-without-window', `${M}NotFollowedBy is not supported without windowTime as a last part of a Pattern!`, [stage('a'), gate('n')], { window: seconds(0) }],
    [4, 'gap-window-above-window', `${M}The window length between the previous and current event cannot be larger than the window length between the first and last event for a Pattern.`,
      [stage('a'), stage('b', { window: seconds(11, 'PREVIOUS_AND_CURRENT') })]],
    [4, 'gap-window-above-window', `${M}The window length between the previous and current event cannot be larger than the window length between the first and last event for a Pattern.`,
      [stage('a'), stage('b', quantifier(['LOOPING'], { times: { from: 1, to: 1, windowTime: seconds(11).time } }))]],
    [5, 'gate-after-optional', 'UnsupportedOperationException: Specifying a pattern with an optional path to NOT condition is not supported yet. You can simulate such pattern with two independent patterns, one with and the other without the optional part.',
      [stage('x'), stage('a', optional), gate('n'), stage('b')]],
    [6, 'quantifier-on-gate', `${M}Option not applicable to NOT pattern`, [stage('a'), gate('n', times(2)), stage('b')]],
    [6, 'quantifier-on-gate', `${M}Option not applicable to NOT pattern`, [stage('a'), gate('n', quantifier(['SINGLE', 'GREEDY'])), stage('b')]],
    [7, 'optional-gate', `${M}NOT pattern cannot be optional`, [stage('a'), gate('n', optional), stage('b')]],
    [8, 'quantifier-twice', `${M}Already applied quantifier to this Pattern. Current quantifier is: Quantifier{properties=[LOOPING], consumingStrategy=SKIP_TILL_NEXT, innerConsumingStrategy=SKIP_TILL_NEXT}`,
      [stage('x'), stage('a', quantifier(['LOOPING', 'TIMES'], { times: { from: 2, to: 2 } }))]],
    [9, 'optional-twice', `${M}Optional already applied!`, [stage('x'), stage('a', quantifier(['SINGLE', 'OPTIONAL', 'OPTIONAL']))]],
    [10, 'optional-after-greedy', `${M}Optional pattern cannot be preceded by greedy pattern`, [stage('a', loop(1, 'GREEDY')), stage('b', optional), stage('c')]],
    [11, 'greedy-group', `${M}Option not applicable to group pattern`, [group('g', [stage('a')], loop(1, 'GREEDY')), stage('b')]],
    [12, 'greedy-with-combinations', `${M}Option not applicable to FollowedByAny pattern`, [stage('x'), stage('a', quantifier(['LOOPING', 'GREEDY'], { consumingStrategy: 'SKIP_TILL_ANY' })), stage('b')]],
    [13, 'greedy-single', `${M}Option not applicable to singleton quantifier`, [stage('a', quantifier(['SINGLE', 'GREEDY'])), stage('b')]],
    [14, 'combinations-single', `${M}Combinations not applicable to Quantifier{properties=[SINGLE], consumingStrategy=STRICT, innerConsumingStrategy=SKIP_TILL_NEXT}!`, [stage('a', quantifier(['SINGLE'], { consumingStrategy: 'SKIP_TILL_ANY' }))]],
    [15, 'consecutive-single', `${M}Consecutive not applicable to Quantifier{properties=[SINGLE], consumingStrategy=SKIP_TILL_ANY, innerConsumingStrategy=SKIP_TILL_NEXT}!`,
      [stage('x'), stage('a', quantifier(['SINGLE'], { consumingStrategy: 'STRICT' }), 'SKIP_TILL_ANY')]],
    [16, 'until-without-loop', `${M}The until condition is only applicable to looping states.`, [stage('a', quantifier(['TIMES'], { times: { from: 2, to: 2 }, untilCondition: { type: 'CEL', expression: 'true' } }))]],
    [17, 'condition-on-group', 'UnsupportedOperationException: GroupPattern does not support where clause.', [group('g', [stage('a')], any)]],
    [18, 'times-not-positive', 'IllegalArgumentException: You should give a positive number greater than 0.', [stage('a', times(0))]],
    [19, 'times-from-not-positive', 'IllegalArgumentException: The from should be a positive number greater than 0.', [stage('a', loop(0))]],
    [19, 'times-from-not-positive', 'IllegalArgumentException: The from should be a positive number greater than 0.', [stage('a', times(-1, 2))]],
    [19, 'times-range-empty', 'IllegalArgumentException: The to should be a number greater than or equal to from: 3.', [stage('a', times(3, 2))]],
  ];
  it.each(refused.map(([rule, code, flink, steps, pattern = {}]) => ({ rule, code, flink, steps, pattern })))('[VA3] rule $rule: $code', ({ code, flink, steps, pattern }) => {
    const { issues, job: validated } = validateDocument(job(steps, pattern));
    const errors = issues.filter((issue) => issue.severity === 'error');
    expect(errors.map((issue) => issue.code)).toEqual([code]);
    expect(flinkRefusal(issues)).toBe(flink);
    expect(validated).toBeNull();
    expect(errors[0]?.patternId).toBe('p');
  });

  it('[VA1][VA3] gives all refusals at once, the one that Flink throws first before the others', () => {
    const document = job([stage('a', optional), gate('n', times(2)), stage('a2', times(3, 2)), { ...stage('z'), node: { ...stage('a').node, id: 'second' } }], { afterMatchStrategy: { type: 'SKIP_TO_FIRST', patternName: 'q' } });
    expect(validateDocument(document).issues.filter((issue) => issue.flink).map((issue) => `${issue.code} ${issue.nodeId ?? '-'}`)).toEqual([
      'gate-after-optional id_n', 'quantifier-on-gate id_n', 'times-range-empty id_a2', 'duplicate-stage-name second', 'skip-target-not-found -',
    ]);
    // one mistake does not bring a tail of others
    expect(codes(job([stage('a', { quantifier: { properties: ['TIMES', 'GREEDY'], consumingStrategy: 'STRICT', times: { from: 0, to: 0 } } }), stage('b')]), 'error')).toEqual(['times-not-positive']);
  });
});

describe('the chain', () => {
  const broken = (edges: readonly (readonly [string, string])[], names = ['a', 'b', 'c']): string[] => found(job(names.map((name) => stage(name)), {
    edges: edges.map(([source, target]) => ({ source: `id_${source}`, target: `id_${target}`, type: 'STRICT' as const })),
  })).filter((text) => !text.startsWith('no-window'));
  it('[CH1] names every stage that hangs loose, forks, joins or turns back', () => {
    expect(broken([['a', 'b']])).toEqual(['several-begins id_c']);
    expect(broken([['a', 'b'], ['a', 'c']])).toEqual(['several-outgoing id_a']);
    expect(broken([['a', 'c'], ['b', 'c']])).toEqual(['several-incoming id_c']);
    expect(broken([['a', 'b'], ['b', 'c'], ['c', 'a']])).toEqual(['no-begin -']);
    expect(broken([['b', 'c'], ['c', 'b']])).toEqual(['cycle id_b']);
    expect(broken([['a', 'a'], ['b', 'c']])).toEqual(['cycle id_a']);
    expect(broken([['a', 'b'], ['b', 'c'], ['c', 'zz']])).toEqual(['unknown-link-end id_c']);
    expect(codes(job([]))).toEqual(['empty-pattern']);
  });
  it('[CH2] refuses a link into a group, an empty group, an absence of a group', () => {
    const crossing = job([stage('a'), group('g', [stage('b')])], { edges: [{ source: 'id_a', target: 'id_b', type: 'STRICT' }] });
    expect(codes(crossing, 'error')).toEqual(['link-across-group', 'several-begins']);
    expect(codes(job([stage('a'), group('g', [])]), 'error')).toEqual(['empty-group']);
    expect(codes(job([stage('a'), group('g', [stage('b')], {}, 'NOT_FOLLOW'), stage('c')]), 'error')).toEqual(['gate-is-group']);
  });
  it('[VA5] numbers stages along the chain, whatever the order of the nodes', () => {
    const { nodes, edges } = level([stage('a'), group('g', [stage('b'), stage('c')]), gate('n'), stage('d')]);
    const validated = validateDocument(job([], { nodes: nodes.toReversed(), edges })).job;
    expect(validated?.patterns[0]?.stageNames).toEqual(['a', 'b', 'c', 'n', 'd']);
    expect(validated?.patterns[0]?.steps.map((step) => [step.name, step.stage, step.link])).toEqual([
      ['a', 0, 'begin'], ['g', -1, 'followedBy'], ['n', 3, 'notFollowedBy'], ['d', 4, 'followedBy'],
    ]);
  });
});

describe('several patterns', () => {
  const one = job([stage('a'), stage('b')]);
  const several = (patterns: readonly Partial<JobDocument['patterns'][number]>[]): JobDocument =>
    ({ ...one, patterns: patterns.map((changes, index) => ({ ...one.patterns[0]!, id: `p${index}`, ...changes })) });
  it('[VA10] are valid together, each with its own key', () => {
    const { issues, job: valid } = validateDocument(several([{ key: ['id'] }, { key: ['price', 'id'] }, { key: [] }]));
    expect(issues).toEqual([]);
    expect(valid?.patterns.map(({ graph, key }) => [graph.id, key.length])).toEqual([['p0', 1], ['p1', 2], ['p2', 0]]);
  });
  it('[VA10] what is wrong in one is told with its id and its place', () => {
    expect(validateDocument(several([{}, { nodes: [], edges: [] }, { key: ['usr'] }])).issues).toMatchObject([
      { code: 'empty-pattern', patternId: 'p1', path: '$.patterns[1].nodes' }, { code: 'unknown-key-field', patternId: 'p2', path: '$.patterns[2].key[0]' },
    ]);
  });
  it('[VA10] an optional field in one key alone keeps events from that pattern only', () => {
    expect(validateDocument(several([{ key: ['id'] }, { key: ['user'] }])).issues).toMatchObject([{ code: 'key-field-optional-here', patternId: 'p1' }]);
    expect(validateDocument(several([{ key: ['user', 'id'] }, { key: ['user'] }])).issues).toMatchObject([{ code: 'key-field-optional', patternId: 'p0' }, { code: 'key-field-optional', patternId: 'p1' }]);
  });
  it('[VA10] up to 10,000 patterns and 64 keys', () => {
    const fields = Array.from({ length: 70 }, (_, index) => ({ name: `f${index}`, type: 'int' as const }));
    const schema = { fields: [...one.schema!.fields, ...fields], time: one.schema!.time };
    const keyed = (count: number): JobDocument => ({ ...several(fields.slice(0, count).map(({ name }) => ({ key: [name] }))), schema });
    expect(codes(keyed(64))).toEqual([]);
    expect(validateDocument(keyed(66)).issues).toMatchObject([{ code: 'too-many-keys', patternId: 'p64', values: { count: 66, max: 64 } }]);
    const many = several(Array.from({ length: 10_000 }, () => ({})));
    expect(decodeDocument(JSON.stringify(many)).ok).toBe(true);
    expect(validateDocument(many).job?.patterns.length).toBe(10_000);
    expect(decodeDocument({ ...many, patterns: [...many.patterns, { ...one.patterns[0]!, id: 'more' }] })).toMatchObject({ ok: false, issues: [{ code: 'out-of-range' }] });
  });
});

describe('job, schema, key, names', () => {
  const steps = [stage('a'), stage('b')];
  it('[VA2] a job comes out iff nothing is an error', () => {
    expect(validateDocument(job(steps))).toMatchObject({ issues: [], job: { schema: { time: { field: 'ts' } } } });
    expect(validateDocument(job(steps, { window: null }))).toMatchObject({ issues: [{ code: 'no-window' }], job: {} });
    expect(validateDocument(job(steps, { key: ['usr'] }))).toMatchObject({ job: null });
  });
  it('[VA6] what the job says about its data', () => {
    expect(codes(job(steps, {}, { schema: null }))).toEqual(['no-schema']);
    expect(codes(job(steps, {}, { patterns: [] }))).toEqual(['no-pattern']);
    const field = (name: string, type: 'int' | 'string' | 'double' = 'int') => ({ name, type });
    const schema = (fields: ReturnType<typeof field>[], time = 'ts') => codes(job(steps, {}, { schema: { fields, time: { field: time, format: 'epoch-ms' } } }));
    expect(schema([])).toEqual(['no-fields']);
    expect(schema([field('ts'), field('ts')])).toEqual(['duplicate-field']);
    expect(schema([field('ts', 'string')])).toEqual(['time-field-type']);
    expect(schema([field('ts')], 'time')).toEqual(['time-field-missing']);
    expect(schema([field('ts'), field('constructor')])).toEqual(['reserved-name']);
    expect(codes(job(steps, {}, { source: { kind: 'file', format: 'csv' } }))).toEqual(['source-without-file']);
    expect(codes(job(steps, {}, { source: { kind: 'file', format: 'csv', path: 'x', sample: 'a'.repeat(64) } }))).toEqual(['source-with-two-files']);
    expect(codes(job(steps, {}, { parallelism: 8, maxParallelism: 4 }))).toEqual(['parallelism-above-max']);
    const from = (generator: string) => validateDocument(job(steps, {}, { source: { kind: 'generator', generator, seed: 1, events: 9 } })).issues;
    expect(from('failed-login')).toMatchObject([{
      code: 'unknown-generator', severity: 'error', path: '$.source.generator', message: 'There is no generator "failed-login".',
      fix: 'Name one of those that there are: failed-logins, seed-example, machine, remote-service, pair.',
    }]);
    for (const name of GENERATOR_NAMES) expect(from(name)).toEqual([]);
    expect(from('toString')).toMatchObject([{ code: 'unknown-generator' }]);
    expect(codes(job(steps, {}, { tests: [{ id: 't', name: 't', expectMatches: 1 }] }))).toEqual(['test-without-events']);
    expect(validateDocument(job(steps), { forDeployment: true }).issues.map((issue) => issue.code)).toEqual(['no-source']);
  });
  it('[VA7] the key names fields, once each; a lacking one has a suggestion', () => {
    expect(validateDocument(job(steps, { key: ['nmae'] })).issues).toMatchObject([{ code: 'unknown-key-field', path: '$.patterns[0].key[0]', fix: 'Did you mean name?' }]);
    expect(codes(job(steps, { key: ['name', 'name'] }))).toEqual(['duplicate-key-field']);
    expect(codes(job(steps, { key: ['user'] }))).toEqual(['key-field-optional']);
    expect(validateDocument(job(steps, { key: ['price', 'id'] })).job?.patterns[0]?.key).toEqual([3, 1]);
  });
  it('[VA12] a source names its files once; idleness is for several splits, and goes by the clock', () => {
    const files = (...paths: string[]) => ({ kind: 'file' as const, format: 'csv' as const, files: paths.map((path) => ({ path })) });
    expect(codes(job(steps, {}, { source: { ...files('a.csv'), path: 'b.csv' } }))).toEqual(['source-with-two-files']);
    expect(validateDocument(job(steps, {}, { source: files('a.csv', 'b.csv', 'a.csv') })).issues).toMatchObject([{ code: 'source-file-twice', path: '$.source.files[2]' }]);
    expect(codes(job(steps, {}, { source: files('a.csv'), idlenessMs: 500 }), 'warning')).toEqual(['idleness-of-one-split']);
    expect(codes(job(steps, {}, { source: files('a-*.csv'), idlenessMs: 500 }), 'warning')).toEqual(['idleness-by-the-clock']);
    expect(codes(job(steps, {}, { source: { kind: 'generator', generator: 'pair', seed: 1, events: 9, splits: 2 }, idlenessMs: 500 }), 'warning')).toEqual(['idleness-by-the-clock']);
  });
  it('[VA13] processing time promises no equal runs, and needs neither lateness nor idleness', () => {
    const files = { kind: 'file' as const, format: 'csv' as const, files: [{ path: '*.csv' }] };
    const byClock = job(steps, {}, { timeDomain: 'PROCESSING_TIME', outOfOrdernessMs: 5, idlenessMs: 5, source: files });
    expect(validateDocument(byClock).issues.map(({ code, severity, path }) => `${severity} ${code} ${path}`)).toEqual([
      'warning processing-time $.timeDomain', 'warning unused-by-processing-time $.outOfOrdernessMs', 'warning unused-by-processing-time $.idlenessMs',
    ]);
    expect(codes(job(steps, {}, { timeDomain: 'EVENT_TIME' }))).toEqual([]);
  });
  it('[VA11] so does the tie-break; one by the time field says nothing', () => {
    const by = (...fields: string[]) => job(steps, { tieBreak: fields.map((field) => ({ field })) });
    expect(validateDocument(by('nmae')).issues).toMatchObject([{ code: 'unknown-tie-break-field', patternId: 'p', path: '$.patterns[0].tieBreak[0].field', fix: 'Did you mean "name"?' }]);
    expect(codes(by('name', 'id', 'name'))).toEqual(['duplicate-tie-break-field']);
    expect(codes(by('ts'), 'warning')).toEqual(['tie-break-by-time']);
    expect(validateDocument(job(steps, { tieBreak: [{ field: 'price', order: 'DESC' }, { field: 'id' }] })).job?.patterns[0]?.tieBreak).toEqual([{ field: 3, descending: true }, { field: 1, descending: false }]);
  });
  it('[VA8] names of stages are identifiers in documents, anything in cases', () => {
    const named = (name: string) => job([{ ...stage('x'), node: { ...stage('x').node, id: 'x', name } }]);
    expect(validateDocument(named('not c')).issues).toMatchObject([{ code: 'stage-name-not-identifier', values: { suggestion: 'not_c' } }]);
    expect(validateDocument(named('失败')).issues).toMatchObject([{ code: 'stage-name-not-identifier', values: { suggestion: 'stage1' } }]);
    expect(codes(named('event'))).toEqual(['stage-name-reserved']);
    expect(codes(named('in'))).toEqual(['stage-name-reserved']);
    expect(codes(named('constructor'))).toEqual(['reserved-name']);
    expect(validateDocument(named('not c'), { origin: 'case' }).job).not.toBeNull();
    expect(validateDocument(named('a:x'), { origin: 'case' }).issues.map((issue) => issue.code)).toEqual(['stage-name-colon']);
  });
});

describe('windows', () => {
  const windowMs = (steps: readonly Drawn[], pattern: object = {}) => validateDocument(job(steps, { window: null, ...pattern })).job?.patterns[0]?.windowMs;
  const within = (size: number) => ({ window: seconds(size) });
  it('[WN1] the smallest window counts, wherever it stands, and one of 0 or less switches all off', () => {
    expect(windowMs([stage('a'), stage('b')])).toBe(0);
    expect(windowMs([stage('a'), stage('b')], { window: seconds(7) })).toBe(7_000);
    expect(windowMs([stage('a', within(3)), stage('b', within(5))], { window: seconds(7) })).toBe(3_000);
    // the pattern's window is that of the last step, called after its own
    expect(windowMs([stage('a'), stage('b', within(5))], { window: seconds(7) })).toBe(7_000);
    expect(windowMs([stage('a', within(0)), stage('b')], { window: seconds(7) })).toBe(0);
    expect(windowMs([stage('a', within(-2)), stage('b')], { window: seconds(7) })).toBe(0);
    expect(windowMs([stage('a'), group('g', [stage('b', within(2)), stage('c', within(1))]), stage('d')], { window: seconds(7) })).toBe(2_000);
    expect(windowMs([stage('a'), group('g', [stage('b'), stage('c', within(1))], within(4)), stage('d')])).toBe(4_000);
    expect(windowMs([stage('a'), group('g', [stage('b'), group('h', [stage('c', within(1)), stage('d')], within(9))]), stage('e')])).toBe(1_000);
  });
  it('[WN2] says which windows Flink ignores, and which hold for more than they seem to', () => {
    const gap = (size: number) => ({ window: seconds(size, 'PREVIOUS_AND_CURRENT') });
    expect(found(job([stage('a', gap(1)), stage('b')]))).toEqual(['gap-window-on-first id_a']);
    expect(found(job([stage('a'), stage('b', { ...gap(1), ...loop() }), stage('c')]))).toEqual(['gap-window-on-repeated id_b']);
    expect(found(job([stage('a'), gate('n', gap(1)), stage('c')]))).toEqual(['gap-window-on-gate id_n']);
    expect(found(job([stage('a'), gate('n', gap(1))]))).toEqual([]);
    expect(found(job([stage('a'), group('g', [stage('b')], gap(1)), stage('c')]))).toEqual(['gap-window-on-group id_g']);
    expect(found(job([stage('a'), stage('b', gap(0))]))).toEqual(['gap-window-not-positive id_b']);
    expect(found(job([stage('a', within(5)), stage('b')]))).toEqual(['window-on-stage id_a', 'several-windows -']);
    expect(found(job([stage('a'), group('g', [stage('b', within(1)), stage('c', within(1))], within(2)), stage('d')]))).toEqual([
      'window-on-group id_g', 'window-in-group id_b', 'window-last-in-group id_c', 'several-windows -',
    ]);
    expect(found(job([stage('a'), stage('b')], { window: seconds(0) }))).toEqual(['window-not-positive -', 'no-window -']);
    expect(found(job([stage('a'), stage('b', { window: seconds(0.0005) })]))).toEqual(['window-not-whole id_b']);
    expect(found(job([stage('a'), stage('b', within(5))]))).toEqual(['window-overridden id_b']);
    expect(found(job([stage('a'), stage('b')], { window: seconds(1e300) }))).toEqual(['window-too-long -']);
  });
  it('[WN3] says what the window of a quantifier really limits', () => {
    const windowed = (properties: readonly ('TIMES' | 'LOOPING' | 'SINGLE')[], from: number) =>
      found(job([stage('a'), stage('b', { quantifier: { properties: [...properties], times: { from, to: from, windowTime: { unit: 'SECONDS', size: 1 } } } }), stage('c')]));
    expect(windowed(['TIMES'], 3)).toEqual(['times-window id_b']);
    expect(windowed(['LOOPING'], 1)).toEqual(['times-window-loop id_b']);
    expect(windowed(['TIMES'], 1)).toEqual(['times-window-ignored id_b']);
    expect(windowed(['SINGLE'], 1)).toEqual(['times-ignored id_b', 'times-window-ignored id_b']);
    const looping = (name: string, size: number) => group(name, [stage(`in_${name}`)], { quantifier: { properties: ['LOOPING'], times: { from: 1, to: 1, windowTime: { unit: 'SECONDS', size } } } });
    expect(found(job([stage('a'), looping('g', 11), stage('c')]))).toEqual(['times-window-on-group id_g']);
    expect(codes(job([stage('a'), looping('g', 1), looping('h', 11), stage('c')]), 'error')).toEqual([]);
    expect(codes(job([stage('a'), looping('g', 11), looping('h', 1), stage('c')]), 'error')).toEqual(['gap-window-above-window']);
    expect(codes(job([stage('a'), group('o', [looping('g', 11)], times(2)), stage('c')]), 'error')).toEqual(['gap-window-above-window']);
  });
  it('[WN4] warns where nothing bounds an attempt, and only there', () => {
    const bounded = (steps: readonly Drawn[], pattern: object = {}) => codes(job(steps, { window: null, ...pattern }));
    const strict = (name: string) => stage(name, {}, 'STRICT');
    const until = { quantifier: { properties: ['LOOPING' as const], untilCondition: { type: 'CEL' as const, expression: 'true' } } };
    expect(bounded([stage('a'), stage('b')])).toEqual(['no-window']);
    expect(bounded([stage('a'), strict('b')])).toEqual([]);
    expect(bounded([stage('a', loop()), strict('b')])).toEqual(['no-window']);
    expect(bounded([stage('a', until), strict('b')])).toEqual([]);
    expect(bounded([stage('a'), stage('b')], { afterMatchStrategy: { type: 'SKIP_PAST_LAST_EVENT' } })).toEqual(['no-window', 'skip-holds-back']);
    expect(bounded([stage('a'), stage('b')], { output: { timedOut: true } })).toEqual(['no-window', 'timed-out-without-window']);
    expect(codes(job([stage('a')], { output: { timedOutText: 'x' } }))).toEqual(['timed-out-text-unused']);
    const absence = [stage('a'), gate('n', { window: seconds(1, 'PREVIOUS_AND_CURRENT') })];
    expect(bounded(absence)).toEqual(['gap-window-needs-event']);
    expect(bounded(absence, { advanceEveryKey: true })).toEqual([]);
  });
});

describe('what Flink accepts and misunderstands', () => {
  it('[TR1] absences that Flink drops without a word', () => {
    expect(found(job([stage('a', { window: seconds(5) }), gate('n')], { window: null }))).toEqual(['window-on-stage id_a', 'trailing-not-window-elsewhere id_n']);
    expect(found(job([stage('a'), gate('n')], { window: seconds(-5) }))).toContain('trailing-not-negative-window id_n');
    expect(found(job([stage('a'), group('g', [stage('b'), gate('n')]), stage('c')]))).toEqual(['trailing-not-in-group id_n']);
    // where the group ends the pattern and a window stands on it, Flink waits
    expect(found(job([stage('a'), group('g', [stage('b'), gate('n')])]))).toEqual([]);
    expect(found(job([stage('a'), group('g', [stage('b'), gate('n')], loop())]))).toEqual(['trailing-not-in-group id_n']);
    expect(found(job([stage('a'), { ...gate('n'), link: 'NOT_NEXT' }]))).toEqual(['trailing-not-next id_n']);
    expect(found(job([stage('a'), gate('n'), stage('b', optional), stage('c')]))).toEqual(['not-before-optional id_b']);
    expect(found(job([stage('a'), stage('n', {}, 'NOT_FOLLOW'), stage('c')]))).toEqual(['gate-without-condition id_n']);
  });
  it('[TR2] greedy without effect, or with too much', () => {
    expect(found(job([stage('a'), stage('b', loop(1, 'GREEDY'))]))).toEqual(['greedy-on-last id_b']);
    expect(found(job([stage('a', times(3, 3, 'GREEDY')), stage('b')]))).toEqual(['greedy-exact id_a']);
    expect(found(job([stage('a', times(2, 3, 'GREEDY')), stage('b')]))).toEqual(['greedy-range id_a']);
    expect(found(job([stage('a', loop(2, 'GREEDY')), stage('b')]))).toEqual([]);
    expect(found(job([stage('a', optional)]))).toEqual(['only-optional -']);
  });
  it('[VA4][TR3] what hangs or crashes Flink is refused', () => {
    expect(found(job([stage('x'), group('g', [stage('a', optional), stage('b', optional)], loop()), stage('c')]))).toEqual(['looping-group-can-be-empty id_g']);
    expect(found(job([stage('x'), group('g', [stage('a', optional), stage('b')], loop()), stage('c')]))).toEqual([]);
    expect(found(job([stage('x'), group('g', [stage('a', optional)], times(2)), stage('c')]))).toEqual([]);
    const empty = [group('g', [stage('a', optional)]), gate('n'), stage('b')];
    expect(found(job(empty))).toEqual(['not-after-empty-start id_n']);
    expect(validateDocument(job(empty), { origin: 'case' }).job).not.toBeNull();
    expect(found(job([stage('x'), ...empty]))).toEqual([]);
    const until = { quantifier: { properties: ['LOOPING' as const, 'GREEDY' as const, 'OPTIONAL' as const], untilCondition: { type: 'CEL' as const, expression: 'true' } } };
    expect(found(job([stage('x'), gate('n'), stage('b', until), stage('c')]))).toEqual(['greedy-optional-until-after-not id_b', 'not-before-optional id_b']);
    expect(found(job([stage('x'), stage('b', until), stage('c')]))).toEqual([]);
  });
  it('[TR4] after-match strategies that miss', () => {
    const skip = (type: 'SKIP_TO_FIRST' | 'SKIP_TO_LAST', patternName: string | null, throwOnMiss = false) =>
      codes(job([stage('a'), stage('b', optional), gate('n'), group('g', [stage('c')]), stage('d')].filter((step) => step.node.name !== 'n'), { afterMatchStrategy: { type, patternName, throwOnMiss } }));
    expect(skip('SKIP_TO_FIRST', null)).toEqual(['skip-target-missing']);
    expect(skip('SKIP_TO_FIRST', 'a')).toEqual([]);
    expect(skip('SKIP_TO_FIRST', 'a', true)).toEqual(['skip-to-own-start']);
    expect(skip('SKIP_TO_LAST', 'b', true)).toEqual(['skip-target-optional']);
    expect(skip('SKIP_TO_LAST', 'd', true)).toEqual([]);
    expect(skip('SKIP_TO_LAST', 'g')).toEqual(['skip-target-not-found']);
    expect(codes(job([stage('a'), gate('n'), stage('b')], { afterMatchStrategy: { type: 'SKIP_TO_LAST', patternName: 'n' } }))).toEqual(['skip-target-never-taken']);
  });
  it('[TR5] conditions that read what cannot be there, or not yet', () => {
    const reads = (where: string, before: Drawn = stage('a'), make = gate) => codes(job([before, make('n', { where }), stage('b')]));
    expect(reads('event.price > a[0].price')).toEqual(['condition-meets-empty-list']);
    expect(reads('size(a) > 0 && event.price > a[0].price')).toEqual([]);
    expect(reads('event.price > sum(a.map(e, e.price))')).toEqual([]);
    expect(reads('event.price > avg(a.map(e, e.price))', stage('a'), stage)).toEqual([]);
    expect(reads('event.price > a[0].price', stage('a', loop(1, 'GREEDY')), stage)).toEqual(['condition-meets-empty-list']);
    expect(reads('event.price > a[0].price', stage('a'), stage)).toEqual([]);
    expect(reads('size(b) > 0')).toEqual(['condition-reads-later-stage']);
    expect(codes(job([stage('a'), gate('n'), stage('b', { where: 'size(n) > 0' })]))).toEqual(['condition-reads-gate']);
    // in a group that repeats, the stages of the round before can be read
    const around = (extras: object) => codes(job([group('g', [stage('a', { where: 'size(b) < 3' }), stage('b')], extras), stage('c')]));
    expect(around(times(2))).toEqual([]);
    expect(around({})).toEqual(['condition-reads-later-stage']);
  });
});

describe('the quantifier of a node', () => {
  it('[VA9] says how often, in one way', () => {
    const properties = (list: readonly ('SINGLE' | 'LOOPING' | 'TIMES' | 'OPTIONAL')[], counts: { from: number; to: number } | null = null) =>
      codes(job([stage('a', { quantifier: { properties: [...list], times: counts } })]), 'error');
    expect(properties(['OPTIONAL'])).toEqual(['quantifier-kind-missing']);
    expect(properties(['SINGLE', 'LOOPING'])).toEqual(['quantifier-twice']);
    expect(properties(['TIMES'])).toEqual(['times-missing']);
    const step = (steps: readonly Drawn[]) => validateDocument(job(steps)).job?.patterns[0]?.steps[0]?.quantifier;
    expect(step([stage('a', loop(3))])).toMatchObject({ kind: 'looping', from: 3, to: 3, optional: false });
    expect(step([stage('a', times(0, 2))])).toMatchObject({ kind: 'times', from: 1, to: 2, optional: true });
    expect(step([stage('a')])).toMatchObject({ kind: 'single', from: 1, to: 1, inner: 'skipTillNext' });
  });
});

describe('the catalogue', () => {
  it('[IC1] fills every placeholder of every sentence that the tests above have raised', () => {
    const documents = cases.map(({ pattern, keyBy, events }) => fromCase(pattern, keyBy, events));
    for (const made of documents) {
      const issues = made.ok ? validateDocument(made.document).issues : made.issues;
      for (const issue of issues) expect([issue.message, issue.fix ?? '']).not.toContainEqual(expect.stringMatching(/\{\w+\}/));
    }
    for (const { message, fix } of Object.values(ISSUES)) {
      expect(message).toMatch(/^[A-Z"][^]*\.$/);
      expect(fix ?? '.').toMatch(/[.?}…]$/);
    }
  });
});
