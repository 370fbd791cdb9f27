import { apply, executeAll, historyOf } from '@tidemark/editor';
import { type JobDocument, TEMPLATES, instantiate } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { levelOf } from '../canvas/chain.ts';
import { conditionLines } from '../canvas/condition-words.ts';
import { placeholderAt } from './cel-editor.tsx';
import { operandFor, tellingField, valueOf } from './condition-rows.tsx';
import { withProperty, withRepeat } from './how-many.tsx';
import { renameCommands } from './naming.ts';
import { panelOfPath } from './pattern-panels.tsx';

const document = instantiate(TEMPLATES[0] as (typeof TEMPLATES)[number], { projectId: 'p', sampleHash: '0'.repeat(64) });
const renamed = (from: JobDocument, id: string, text: string, language: 'en' | 'zh') => {
  const pattern = from.patterns[0];
  const node = pattern === undefined ? undefined : levelOf(pattern, id)?.node;
  if (pattern === undefined || node === undefined) throw new Error('no stage');
  const outcome = renameCommands(pattern, node, text, language);
  if (!outcome.ok) return outcome.reason;
  const after = executeAll(historyOf(from), outcome.commands).present.patterns[0];
  const result = after === undefined ? undefined : levelOf(after, id)?.node;
  return { name: result?.name, label: result?.label };
};

describe('renaming', () => {
  it('an identifier becomes the name that conditions read', () => {
    expect(renamed(document, 's1', 'begin', 'en')).toEqual({ name: 'begin', label: undefined });
  });
  it('other words become the label, and a name that was made up follows them', () => {
    const fresh = apply(document, { kind: 'add-stage', patternId: 'p1', stage: { id: 'n' }, after: null });
    expect(renamed(fresh, 'n', 'card is tested', 'en')).toEqual({ name: 'card_is_tested', label: { en: 'card is tested' } });
    expect(renamed(fresh, 'n', '登录失败', 'zh')).toEqual({ name: 'stage1', label: { zh: '登录失败' } });
  });
  it('where the card shows a label, the label changes and the name stays', () => {
    const labelled = apply(document, { kind: 'set-label', patternId: 'p1', id: 's1', language: 'en', label: 'the start' });
    expect(renamed(labelled, 's1', 'beginning', 'en')).toEqual({ name: 'start', label: { en: 'beginning' } });
    expect(renamed(labelled, 's1', '', 'en')).toEqual({ name: 'start', label: undefined });
  });
  it('refuses a name that is taken or empty', () => {
    expect(renamed(document, 's1', 'middle', 'en')).toBe('name-taken');
    expect(renamed(document, 's1', '  ', 'en')).toBe('name-empty');
  });
});

describe('how many', () => {
  const once = { consumingStrategy: 'SKIP_TILL_NEXT' as const, properties: ['SINGLE' as const], times: null, untilCondition: null };
  it('keeps what is said beside it', () => {
    const optional = withProperty(once, 'OPTIONAL', true);
    expect(withRepeat(optional, { kind: 'orMore', from: 3 })).toMatchObject({ properties: ['LOOPING', 'OPTIONAL'], times: { from: 3, to: 3 } });
    expect(withRepeat(withRepeat(optional, { kind: 'range', from: 2, to: 4 }), { kind: 'once' })).toMatchObject({ properties: ['SINGLE', 'OPTIONAL'], times: null });
    expect(withProperty(optional, 'OPTIONAL', false).properties).toEqual(['SINGLE']);
  });
});

describe('rows', () => {
  it('an operator takes along what fits of the operand', () => {
    expect(operandFor('one-of', { kind: 'value', value: 'a' }, 'string')).toEqual({ kind: 'values', values: ['a'] });
    expect(operandFor('is', { kind: 'values', values: ['a', 'b'] }, 'string')).toEqual({ kind: 'value', value: 'a' });
    expect(operandFor('present', { kind: 'value', value: 1 }, 'int')).toEqual({ kind: 'none' });
    expect(operandFor('contains', { kind: 'field', field: 'x' }, 'string')).toEqual({ kind: 'value', value: '' });
    expect(operandFor('above', { kind: 'field', field: 'x' }, 'int')).toEqual({ kind: 'field', field: 'x' });
  });
  it('a typed value has the type of its field', () => {
    expect([valueOf('22', 'int'), valueOf('22', 'string'), valueOf('true', 'bool'), valueOf('x', 'double')]).toEqual([22, '22', true, 0]);
  });
  it('a new row asks the field that tells events apart', () => {
    const fields = [{ name: 'id', type: 'int' as const }, { name: 'name', type: 'string' as const }, { name: 'unique', type: 'string' as const }];
    const top = (values: [string, number][]) => values.map(([value, count]) => ({ value, count }));
    const statistics = { fields: [{ name: 'id', top: top([['1', 1], ['2', 1]]), min: 1, max: 2 }, { name: 'name', top: top([['a', 5], ['b', 3]]), min: null, max: null }, { name: 'unique', top: top([['x', 1], ['y', 1], ['z', 1]]), min: null, max: null }] };
    expect(tellingField(fields, statistics)?.name).toBe('name');
    expect(tellingField(fields, null)?.name).toBe('id');
  });
});

describe('a condition in words', () => {
  it('has a line for each part, with the value apart, and leaves guards out', () => {
    const remote = instantiate(TEMPLATES[3] as (typeof TEMPLATES)[number], { projectId: 'p', sampleHash: '0'.repeat(64) });
    const lines = conditionLines('event.eventId == 4624 && has(event.logonType) && event.logonType == 3', remote, 'en');
    expect(lines.map((line) => [line.text.slice(0, line.strongFrom), line.text.slice(line.strongFrom)])).toEqual([['eventId is ', '4624'], ['logonType is ', '3']]);
  });
  it('is its text where it does not check', () => {
    expect(conditionLines('event.nope  ==\n 1', document, 'en')).toEqual([{ text: 'event.nope == 1', strongFrom: 15 }]);
  });
});

describe('places', () => {
  it('finds the placeholder round the cursor', () => {
    const text = 'of {size(a)} and {b[0].x}';
    expect(placeholderAt(text, 8)).toEqual({ text: 'size(a)', from: 4 });
    expect(placeholderAt(text, 14)).toBeNull();
    expect(placeholderAt('open {si', 8)).toEqual({ text: 'si', from: 6 });
  });
  it('knows the panel of an issue without a stage', () => {
    expect([panelOfPath('$.schema'), panelOfPath('$.patterns[0].key[1]'), panelOfPath('$.patterns[0].output.text'), panelOfPath('$.checkpointing.intervalMs'), panelOfPath('$.patterns[0].nodes[0].name')]).toEqual(['source', 'key', 'alert', 'running', null]);
  });
});
