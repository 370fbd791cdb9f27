import { describe, expect, it } from 'vitest';
import { FLINK_RULES, HELD_ELSEWHERE } from '../fixtures/flink-rules.ts';
import { job, stage } from '../test/document-under-test.ts';
import { type FromCase, fromCase } from './from-case.ts';
import { flinkRefusal } from './issue-list.ts';
import type { PatternIssue } from './issue.ts';
import { validateDocument } from './validate.ts';

const EVENTS = [{ ts: 1, id: 1, name: 'a', price: 1 }];
const issuesOf = (made: FromCase): readonly PatternIssue[] => (made.ok ? validateDocument(made.document).issues : made.issues);

describe('every rule and every trap of Flink', () => {
  it.each(FLINK_RULES.map((row, n) => ({ ...row, n })))('[VA3][VA4] $rule: $code (#$n)', ({ code, severity, node, pattern, flink }) => {
    const issues = issuesOf(fromCase(pattern, null, EVENTS));
    expect(issues.filter((issue) => issue.code === code)).toContainEqual(expect.objectContaining({ severity, nodeId: node, patternId: 'case' }));
    expect(flinkRefusal(issues)).toBe(flink);
    const [found] = issues.filter((issue) => issue.code === code);
    expect(found?.message).not.toMatch(/\{\w+\}/);
    // a trap says what happens on Flink, and every row says what to do
    if (flink === null) expect(found?.message).toMatch(/Flink|for ever|no empty match|fails the job|the job fails|the shortest|first event of the match/);
    expect(found?.fix).toBeTruthy();
  });

  it('[VA3] no rule of the reference is without a row', () => {
    const rules = new Set([...FLINK_RULES.map(({ rule }) => rule), ...Object.keys(HELD_ELSEWHERE)]);
    const wanted = [...Array.from({ length: 22 }, (_, i) => `${i + 1}`), ...Array.from({ length: 8 }, (_, i) => `t${i + 1}`), ...Array.from({ length: 8 }, (_, i) => `a${i + 1}`)];
    expect(wanted.filter((rule) => !rules.has(rule))).toEqual([]);
  });

  it('[VA4] an optional stage stays optional in whatever order its properties are written', () => {
    const optional = (properties: readonly ('LOOPING' | 'OPTIONAL')[]) =>
      validateDocument(job([stage('x'), stage('a', { quantifier: { properties: [...properties] } }), stage('b')])).job?.patterns[0]?.steps[1]?.quantifier.optional;
    expect([optional(['OPTIONAL', 'LOOPING']), optional(['LOOPING', 'OPTIONAL'])]).toEqual([true, true]);
  });

  it('[VA1] all at once: a pattern with many mistakes has an issue for each, with its node', () => {
    const made = fromCase({
      steps: [
        { name: 'a:x', link: 'begin', where: 'nope', times: { from: 1, to: null } },
        { name: 'g', link: 'followedBy', group: [{ name: 'b', link: 'begin', within: { ms: 5 } }, { name: 'n', link: 'notFollowedBy', where: null }] },
        { name: 'c', link: 'followedBy', where: 'event.nope > 1', times: { from: 2, to: 3, windowMs: 4 }, greedy: true },
      ], within: { ms: 0 }, skip: { strategy: 'SKIP_TO_FIRST', stage: 'zz' },
    }, ['nobody'], EVENTS);
    const found = issuesOf(made).map(({ code, nodeId }) => `${code} ${nodeId ?? '-'}`);
    for (const wanted of ['unknown-name n0', 'window-in-group n1_0', 'trailing-not-in-group n1_1', 'gate-without-condition n1_1', 'times-window n2', 'greedy-on-last n2', 'window-not-positive -', 'skip-target-not-found -', 'unknown-key-field -']) {
      expect(found, found.join('\n')).toContain(wanted);
    }
  });
});
