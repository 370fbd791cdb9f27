import { readFileSync } from 'node:fs';
import { TEMPLATES, instantiate } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { createI18n } from '../i18n/index.ts';
import { runSample } from './run.ts';
import { decodeSample } from './sample.ts';
import { WhyTrace } from './why.ts';
import { type WhyWords, endsOf, eventLines, leadOf, partWords, stageLines, valueWords } from './why-words.ts';

const [first] = TEMPLATES;
const sampleOf = (template: (typeof TEMPLATES)[number]) => {
  const document = instantiate(template, { projectId: 'p', sampleHash: '0'.repeat(64) });
  const bytes = readFileSync(new URL(`../../../../packages/pattern/templates/${template.sampleFile}`, import.meta.url));
  return { document, sample: decodeSample(bytes, template.format, document.schema as never, document.patterns[0]?.key ?? []) };
};
/** The first template, its second stage asking for what no event is. */
const without = (condition: string) => {
  const { document, sample } = sampleOf(first as (typeof TEMPLATES)[number]);
  return { sample, document: { ...document, patterns: document.patterns.map((pattern) => ({ ...pattern, nodes: pattern.nodes.map((node, index) => (index === 1 && node.type === 'ATOMIC' ? { ...node, condition: { type: 'CEL' as const, expression: condition } } : node)) })) } };
};

describe('why no match', () => {
  it.each(TEMPLATES.map((template) => [template.id, template] as const))('[WY1] %s: the trace has the matches and figures of the run', (_, template) => {
    const { document, sample } = sampleOf(template);
    const run = runSample(document, sample);
    const { summary } = new WhyTrace().summary(document, 0, sample) ?? {};
    expect(summary?.matches).toBe(run?.matchCount);
    expect(summary?.timedOut).toBe(run?.timedOutCount);
    expect(summary?.late).toBe(run?.late);
    expect(summary?.stages.map(({ id, ended, reached }) => [id, ended.window + ended.gap, reached])).toEqual(summary?.stages.map(({ id }) => [id, run?.stages[id]?.expired, run?.stages[id]?.entered]));
    expect(summary?.verdict.code).toBe('matches');
  });

  it('[WY1] an event at the very moment that has passed is late to both, one after it to neither', () => {
    const { document } = sampleOf(first as (typeof TEMPLATES)[number]);
    const { schema } = document;
    const fields = ((schema?.fields ?? []).filter(({ name }) => name !== schema?.time.field)).map(({ name, type }) => [name, type === 'string' ? 'start' : 1]);
    const lines = [10_000, 20_000, 19_000, 19_999, 20_000, 18_998, 30_000].map((ts) => JSON.stringify({ ...Object.fromEntries(fields), [schema?.time.field ?? '']: schema?.time.format === 'epoch-ms' ? ts : new Date(ts).toISOString() }));
    for (const outOfOrdernessMs of [0, 1_001, 1_002]) {
      const late = { ...document, outOfOrdernessMs };
      const sample = decodeSample(new TextEncoder().encode(lines.join('\n')), 'ndjson', schema as never, []);
      const run = runSample(late, sample);
      const why = new WhyTrace().summary(late, 0, sample);
      expect(run?.late).toBe({ 0: 3, 1_001: 1, 1_002: 0 }[outOfOrdernessMs as 0]);
      expect([why?.summary.late, why?.summary.matches]).toEqual([run?.late, run?.matchCount]);
    }
  });

  it('[WY2] answers for the document that is asked about, and for the sample that is loaded', () => {
    const why = new WhyTrace();
    const { document, sample } = without("event.name == 'never'");
    expect(why.summary(document, 0, sample)?.summary.verdict).toMatchObject({ code: 'not-met', stage: 1 });
    const whole = sampleOf(first as (typeof TEMPLATES)[number]);
    expect(why.summary(whole.document, 0, whole.sample)?.summary.verdict.code).toBe('matches');
    why.forget();
    expect(why.summary(whole.document, 0, { ...whole.sample, batch: decodeSample(new Uint8Array(), 'ndjson', whole.document.schema as never, []).batch })?.summary.events).toBe(0);
    expect(why.summary({ ...document, patterns: [] }, 0, sample)).toBeNull();
    expect(why.event(document, 0, sample, 10_000_000)).toBeNull();
  });

  it('[WY3] every event, stage and key has its answer, with the events that it names', () => {
    const { document, sample } = sampleOf(first as (typeof TEMPLATES)[number]);
    const why = new WhyTrace();
    for (const position of [0, 10, sample.batch.length - 1]) {
      const answer = why.event(document, 0, sample, position);
      expect(answer?.events[position]?.position).toBe(position);
      expect(why.key(document, 0, sample, position)?.steps.some(({ event }) => event.position === position)).toBe(true);
    }
    const stage = why.stage(document, 0, sample, 0);
    expect(stage?.taken.length).toBeGreaterThan(0);
    expect(why.stage(document, 0, sample, 99)).toBeNull();
  });
});

describe('its words', () => {
  const wordsIn = (language: 'en' | 'zh', names: readonly string[]): WhyWords => ({ t: createI18n(language).t, language, nameOf: (stage) => names[stage] ?? '?' });
  it('[WY4] say the first reason, in both languages, for every document', () => {
    const { document, sample } = without("event.name == 'never'");
    const { summary } = new WhyTrace().summary(document, 0, sample) as NonNullable<ReturnType<WhyTrace['summary']>>;
    expect(leadOf(summary, wordsIn('en', ['start', 'middle']))).toBe('No event meets the condition of middle.');
    expect(leadOf(summary, wordsIn('zh', ['start', 'middle']))).toBe('没有事件满足“middle”的条件。');
    for (const verdict of [
      { code: 'matches', stage: -1, reason: null, count: 3 }, { code: 'no-events', stage: -1, reason: null, count: 0 }, { code: 'all-late', stage: -1, reason: null, count: 2 },
      ...(['window', 'gap', 'order', 'until', 'greedy', 'gate'] as const).map((reason) => ({ code: 'ended' as const, stage: 1, reason, count: 4 })),
      { code: 'too-many', stage: -1, reason: null, count: 0 }, { code: 'waiting', stage: 1, reason: null, count: 1 }, { code: 'held', stage: -1, reason: null, count: 1 }, { code: 'dropped', stage: -1, reason: null, count: 1 }, { code: 'not-reached', stage: 1, reason: null, count: 7 },
    ] as const) {
      for (const language of ['en', 'zh'] as const) expect(leadOf({ ...summary, verdict }, wordsIn(language, ['start', 'middle']))).toMatch(/\S[.:。：]$/);
    }
    expect(leadOf({ ...summary, verdict: { code: 'too-many', stage: -1, reason: null, count: 0 } }, wordsIn('en', []), 2)).toMatch(/^2 matches/);
    expect(endsOf({ ...summary.stages[0]!, ended: { window: 2, gap: 0, order: 1, until: 0, greedy: 0, gate: 0, skip: 0 } }, wordsIn('en', []))).toEqual([
      { reason: 'window', count: 2, words: 'out of time' }, { reason: 'order', count: 1, words: 'another event' },
    ]);
  });

  it('[WY4] say of every event what each stage did with it', () => {
    for (const template of TEMPLATES) {
      const { document, sample } = sampleOf(template);
      const why = new WhyTrace();
      const stride = Math.max(1, Math.floor(sample.batch.length / 25));
      for (let row = 0; row < sample.batch.length; row += stride) {
        const answer = why.event(document, 0, sample, sample.batch.position[row] as number);
        if (answer === null) throw new Error('no answer');
        for (const language of ['en', 'zh'] as const) {
          const words = wordsIn(language, answer.reasons.stages.map(({ stage }) => `stage ${stage}`));
          expect(eventLines(answer.reasons, [], words).length).toBeGreaterThan(0);
          for (const stage of answer.reasons.stages) {
            expect(stageLines(stage, answer.reasons, words).length, `${template.id} ${row} ${stage.verdict}`).toBeGreaterThan(0);
            for (const part of stage.condition ?? []) {
              expect(partWords(part, words)).not.toBe('');
              for (const value of part.values) expect(valueWords(value, words)).not.toBe('');
            }
          }
        }
      }
    }
  });

  it('[WY4] print values as a reader writes them', () => {
    const words = wordsIn('en', []);
    const value = (kind: 'plain' | 'timestamp' | 'duration', of: number | string | readonly number[], error: string | null = null) => valueWords({ text: 'x', value: of, error, kind }, words);
    expect([value('plain', 498), value('plain', 'a'), value('plain', [1, 2]), value('timestamp', 0), value('duration', 5_400_000), value('plain', 1, 'no such element')])
      .toEqual(['498', '“a”', '[1, 2]', '1970-01-01 00:00:00', '1 h 30 min', 'has no value']);
  });
});
