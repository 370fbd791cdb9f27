import { describe, expect, it } from 'vitest';
import { gate, group, job, loop, optional, seconds, stage, times } from '../test/document-under-test.ts';
import type { Language } from '@tidemark/condition';
import { sentence, sentenceText } from './sentence.ts';
import { TEMPLATES, instantiate } from './templates.ts';

const told = (document: Parameters<typeof sentence>[0], language: Language): string => sentenceText(sentence(document, null, language));

describe('sentence', () => {
  it('[SE1] tells links, counts, absences, groups and windows in words', () => {
    const document = job([
      stage('a', loop(3, 'GREEDY')), gate('n'), stage('b', optional, 'SKIP_TILL_ANY'),
      group('g', [stage('c'), stage('d', { window: seconds(1, 'PREVIOUS_AND_CURRENT') }, 'STRICT')], times(2)), stage('e', {}, 'NOT_NEXT'), stage('f', times(2, 4)),
    ], { key: ['user', 'id'], afterMatchStrategy: { type: 'SKIP_TO_LAST', patternName: 'a' } });
    expect(told(document, 'en')).toBe('For each user + id: a 3 or more times, as many as possible, then each later optionally b with no n (true) in between, '
      + 'then g 2 times (c, immediately d, within 1 second of the step before), not immediately e, then f 2 to 4 times, all within 10 seconds; report the match, then restart at the last a.');
    expect(told(document, 'zh')).toBe('对每个 user + id：a 至少 3 次、尽量多，随后任一 可选 b，期间无 n（true），随后 g 2 次（c，紧接着 d，距上一步 1 秒内），不紧接 e，随后 f 2 至 4 次，全程 10 秒内；报告后从最后一个 a 重新开始。');
    expect(told(job([stage('a'), gate('n')]), 'en')).toBe('a, and no n (true) by 10 seconds; report every match.');
    expect(told(job([stage('a'), gate('n')]), 'zh')).toBe('a，直到 10 秒 仍无 n（true）；报告每个匹配。');
  });
  it('[SE1] exists for drafts', () => {
    expect(told(job([]), 'en')).toBe('No stage yet.');
    expect(told(job([stage('a', { where: 'event.' }), stage('b')], { edges: [], window: null }, { schema: null }), 'en')).toBe('a (event.), not connected: b; report every match.');
    expect(told(job([stage('a')], {}, { patterns: [] }), 'zh')).toBe('还没有阶段。');
  });
  it('[SE2] uses labels of the language', () => {
    const document = job([stage('a', { label: { en: 'failed login', zh: '登录失败' } })]);
    expect(sentence(document, 'p', 'zh')[0]).toEqual({ text: '登录失败', strong: true });
    expect(sentence(document, 'p', 'en')[0]).toEqual({ text: 'failed login', strong: true });
  });
  it.each(TEMPLATES)('[SE3] template $id reads as one sentence in both languages', (template) => {
    const document = instantiate(template, { projectId: 'x', sampleHash: 'a'.repeat(64) });
    expect([told(document, 'en'), told(document, 'zh')]).toMatchSnapshot();
  });
});
