import { type CasePattern, TEMPLATES, instantiate, sentence, sentenceText, validateDocument } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { jobOf } from '../../test/operator-under-test.ts';
import { compile } from '../compiler/compile.ts';
import { type CostClass, patternCost } from './cost-class.ts';
import { type Explanation, explain } from './explain.ts';

const EVENT = [{ ts: 1, id: 1, name: 'a', price: 1 }];
const a = { name: 'a', link: 'begin' as const, where: "event.name == 'a'" };
const b = { name: 'b', link: 'followedBy' as const, where: "event.name == 'b'" };
const explained = (pattern: CasePattern, key: string | null = null): Explanation => {
  const job = jobOf(pattern, key, EVENT);
  return explain(job.patterns[0] as never, job);
};
const within = { ms: 600_000 };

describe('explain', () => {
  it('[EX1] has the sentence above the canvas, in both languages, and says something of every stage', () => {
    for (const template of TEMPLATES) {
      const { job } = validateDocument(instantiate(template, { projectId: 'p', sampleHash: '0'.repeat(64) }));
      if (job === null) throw new Error(template.id);
      const [pattern] = job.patterns;
      const told = explain(pattern as never, job);
      expect(told.sentence).toEqual({ en: sentenceText(sentence(job.document, null, 'en')), zh: sentenceText(sentence(job.document, null, 'zh')) });
      expect(told.stages.map(({ id }) => id)).toEqual(pattern?.stageIds);
      for (const { waitsFor } of told.stages) {
        expect(waitsFor.en).toMatch(/^[A-Z].*\.$/);
        expect(waitsFor.zh).toMatch(/\p{Script=Han}.*。$/u);
      }
    }
  });

  it('[EX2] says what a stage waits for: link, count, stop, window', () => {
    const told = explained({
      steps: [a, { ...b, link: 'next', times: { from: 2, to: null }, inner: 'consecutive', until: "event.name == 'u'" }, { name: 'n', link: 'notFollowedBy', where: "event.name == 'n'" },
        { name: 'c', link: 'followedByAny', where: null }], within,
    }, 'id');
    expect(told.stages.map(({ waitsFor }) => waitsFor.en)).toEqual([
      'Waits for an event where name is a; each one begins a partial match.',
      'The very next event of the same id must be one where name is b, or the partial match ends; 2 or more times, in a row; stops at an event where name is u; within 10 minutes of the first event.',
      'Until the next stage no event of the same id may come where name is n, or the partial match ends; within 10 minutes of the first event.',
      'Waits for every later event of the same id; each continues a partial match of its own; within 10 minutes of the first event.',
    ]);
    const silence = explained({ steps: [a, { name: 'n', link: 'notFollowedBy', where: "event.name == 'n'" }], within });
    expect(silence.stages[1]?.waitsFor.zh).toBe('到时限结束前不得出现满足 name 是 n 的事件；届时匹配完成；在第一个事件后 10 分钟内。');
    expect(silence.stages[1]?.gate).toBe(true);
  });

  const classes: readonly (readonly [CostClass, boolean, CasePattern])[] = [
    ['C0-DFA', false, { steps: [a, b], within }],
    ['C0-DFA', false, { steps: [a, b], within, skip: { strategy: 'SKIP_PAST_LAST_EVENT' } }],
    ['C0', false, { steps: [a, b], within, skip: { strategy: 'SKIP_TO_NEXT' } }],
    ['C0', false, { steps: [a, { ...b, link: 'followedByAny', times: { from: 1, to: null } }, { name: 'c', link: 'followedBy', where: "event.name == 'c'" }], within }],
    ['C0', true, { steps: [a, { ...b, link: 'followedByAny', times: { from: 1, to: null } }, { name: 'c', link: 'followedBy', where: "event.name == 'c'" }], within, skip: { strategy: 'SKIP_TO_NEXT' } }],
    ['C1', false, { steps: [a, { ...b, where: 'event.id == a[0].id' }], within }],
    ['C1', true, { steps: [a, { ...b, link: 'followedByAny', where: 'event.id == a[0].id' }, { name: 'c', link: 'followedByAny', where: "event.name == 'c'" }], within }],
    ['C1', false, { steps: [a, { ...b, where: 'event.id == a[0].id && event.price > a[0].price' }], within }],
    ['C2', false, { steps: [a, { ...b, where: 'event.price > a[0].price' }], within }],
    ['C2', true, { steps: [a, { ...b, times: { from: 2, to: null }, where: 'size(b) == 0 || event.price > b[size(b) - 1].price' }], within }],
    ['C2a', true, { steps: [{ ...a, times: { from: 1, to: null } }, { ...b, where: 'event.price > avg(a.map(e, e.price))' }], within }],
    ['C2a', false, { steps: [{ ...a, times: { from: 3, to: 3 } }, { ...b, where: 'event.price > avg(a.map(e, e.price))' }], within }],
    ['C3', true, { steps: [{ ...a, times: { from: 1, to: null }, inner: 'allowCombinations' }, { ...b, where: 'event.price > avg(a.map(e, e.price))' }], within }],
    ['C3', true, { steps: [a, { ...b, where: 'a.exists(e, e.id == event.id)' }], within }],
    ['C3', false, { steps: [{ ...a, times: { from: 3, to: 3 } }, { ...b, where: 'event.price > a[1].price' }], within }],
  ];
  it.each(classes.map(([costClass, comparesEvery, pattern], n) => ({ n, costClass, comparesEvery, pattern })))('[EX3] class $costClass (#$n)', ({ costClass, comparesEvery, pattern }) => {
    const job = jobOf(pattern, null, EVENT);
    expect(patternCost(job.patterns[0] as never, compile(job.patterns[0] as never, job.schema))).toMatchObject({ costClass, comparesEvery });
    const told = explain(job.patterns[0] as never, job);
    expect(told.cost.en.includes('compared with every open')).toBe(comparesEvery);
    expect(told.cost.zh.includes('比较')).toBe(comparesEvery);
    expect(told.stages.some(({ readsEarlier }) => readsEarlier)).toBe(!costClass.startsWith('C0'));
  });

  it('[EX3] names the stage that costs, and says when nothing bounds it', () => {
    expect(explained({ steps: [a, { ...b, where: 'a.exists(e, e.id == event.id)' }], within }).cost.en)
      .toBe('The condition of b reads earlier events, so each new event is compared with every open partial match of its key that waits there: cost grows with the window.');
    expect(explained({ steps: [a, { ...b, where: 'a.exists(e, e.id == event.id)' }] }).cost.en).toContain('nothing bounds how many there are');
    expect(explained({ steps: [a, { ...b, where: 'event.id == a[0].id' }], within }).cost).toEqual({
      en: 'The condition of b asks whether a value equals that of an earlier event: a new event looks up the partial matches of its value, however many others wait.',
      zh: 'b 的条件要求某个值与更早事件的相等：新事件只查找具有该值的部分匹配，与其他等待中的数量无关。',
    });
    expect(explained({ steps: [a, { ...b, where: 'event.price > a[0].price' }], within }).cost.en).toContain('looks at those alone that it can move');
    const common = explained({ steps: [a, { ...b, link: 'followedByAny' }, { name: 'c', link: 'followedByAny', where: "event.name == 'c'" }], within });
    expect(common.cost.en).toContain('matches of one event come in the order of their starts');
    expect(common.cost.zh).toContain('按起点先后给出');
  });
});
