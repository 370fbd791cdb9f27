import { readFileSync } from 'node:fs';
import { TEMPLATES, instantiate } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { MATCHES_KEPT, MATCHES_SHOWN, MatchPages, asWritten, matchesByStrategy, runSample, runTests, stripOf } from './run.ts';
import { decodeSample } from './sample.ts';

const sampleOf = (template: (typeof TEMPLATES)[number]) => {
  const document = instantiate(template, { projectId: 'p', sampleHash: '0'.repeat(64) });
  const bytes = readFileSync(new URL(`../../../../packages/pattern/templates/${template.sampleFile}`, import.meta.url));
  return { document, sample: decodeSample(bytes, template.format, document.schema as never, document.patterns[0]?.key ?? []) };
};

describe('the drawing on its sample', () => {
  it.each(TEMPLATES.map((template) => [template.id, template] as const))('%s matches as often as its template says', (_, template) => {
    const { document, sample } = sampleOf(template);
    const result = runSample(document, sample);
    expect(result?.fault).toBeNull();
    expect(result?.matchCount).toBe(template.matches);
    expect(result?.events).toBe(template.events);
    for (const match of result?.matches ?? []) {
      expect(match.stages.flatMap((stage) => stage.events).every((event) => event.position >= 0 && Number.isFinite(event.ts))).toBe(true);
      expect(match.text).not.toBeNull();
    }
  });
  it('shows partial matches that ran out of time, though the document does not report them', () => {
    const { document, sample } = sampleOf(TEMPLATES[0] as (typeof TEMPLATES)[number]);
    const result = runSample(document, sample);
    expect(document.patterns[0]?.output.timedOut).toBe(false);
    expect(result?.timedOutCount).toBeGreaterThanOrEqual(0);
    const strict = runSample({ ...document, patterns: document.patterns.map((pattern) => ({ ...pattern, edges: pattern.edges.map((edge) => ({ ...edge, type: 'SKIP_TILL_NEXT' as const })), nodes: pattern.nodes.map((node, index) => (index === 1 && node.type === 'ATOMIC' ? { ...node, condition: { type: 'CEL' as const, expression: "event.name == 'never'" } } : node)) })) }, sample);
    expect(strict?.matchCount).toBe(0);
    expect(strict?.timedOutCount).toBeGreaterThan(0);
    expect(strict?.timedOut[0]?.stages.map((stage) => stage.name)).toEqual(['start']);
  });
  it('a document with errors does not run', () => {
    const { document, sample } = sampleOf(TEMPLATES[0] as (typeof TEMPLATES)[number]);
    expect(runSample({ ...document, patterns: [] }, sample)).toBeNull();
  });
  it('a limit that is reached ends the run with its sentence', () => {
    const { document, sample } = sampleOf(TEMPLATES[1] as (typeof TEMPLATES)[number]);
    const result = runSample({ ...document, limits: { ...document.limits, partialMatchesPerJob: 1 } }, sample);
    expect(result?.fault?.message).toMatch(/partial matches/);
  });
  it.each(TEMPLATES.map((template) => [template.id, template] as const))('%s passes the tests that it carries', (_, template) => {
    const { document } = sampleOf(template);
    const outcomes = runTests(document, template.matches);
    expect(outcomes.length).toBeGreaterThan(1);
    expect(outcomes.filter((outcome) => outcome.got !== outcome.expected)).toEqual([]);
  });
  it('[TD1][TD2] gives matches page by page, counts those beyond what is kept, and says where a count is a least one', () => {
    const { document, sample } = sampleOf(TEMPLATES[0] as (typeof TEMPLATES)[number]);
    // every pair of events within the window
    const every = { ...document, patterns: document.patterns.map((pattern) => ({
      ...pattern, afterMatchStrategy: { type: 'NO_SKIP' as const, patternName: null, throwOnMiss: false }, edges: pattern.edges.map((edge) => ({ ...edge, type: 'SKIP_TILL_ANY' as const })),
      nodes: pattern.nodes.map((node) => (node.type === 'ATOMIC' ? { ...node, condition: null } : node)),
    })) };
    const pages = new MatchPages(every);
    const result = runSample(every, sample, pages);
    expect(result?.matches).toHaveLength(MATCHES_SHOWN);
    expect(result?.matchCount).toBeGreaterThan(MATCHES_SHOWN);
    const second = pages.page('match', MATCHES_SHOWN);
    expect(second.length).toBeGreaterThan(0);
    expect(new Set([...(result?.matches ?? []), ...second].map(({ id }) => id)).size).toBe(MATCHES_SHOWN + second.length);
    expect(pages.page('match', MATCHES_KEPT)).toEqual([]);
    expect(result?.atLeast).toBe(false);
    const cut = runSample({ ...every, limits: { ...document.limits, partialMatchesPerJob: 1 } }, sample);
    expect(cut?.atLeast).toBe(true);
  });
  it('[TD1][TD2] an event that completes 2^60 matches costs no more than the page that is looked at', () => {
    const { document } = sampleOf(TEMPLATES[0] as (typeof TEMPLATES)[number]);
    const [pattern] = document.patterns;
    const where = (name: string) => ({ condition: { type: 'CEL' as const, expression: `event.name == '${name}'` } });
    const node = (id: string, more: object) => ({ ...pattern?.nodes[0], type: 'ATOMIC', id, name: id, label: undefined, ...where(id), ...more });
    const many = { ...document, patterns: [{
      ...pattern, key: [], window: { type: 'FIRST_AND_LAST', time: { unit: 'HOURS', size: 1 } }, afterMatchStrategy: { type: 'NO_SKIP', patternName: null, throwOnMiss: false }, output: { text: null, timedOut: false, timedOutText: null, late: true },
      nodes: [node('a', {}), node('b', { quantifier: { consumingStrategy: 'SKIP_TILL_ANY', properties: ['LOOPING'], times: null, untilCondition: null } }), node('c', {})],
      edges: [{ source: 'a', target: 'b', type: 'SKIP_TILL_ANY' }, { source: 'b', target: 'c', type: 'SKIP_TILL_NEXT' }],
    }] } as unknown as typeof document;
    const { schema } = document;
    const lines = ['a', ...Array.from({ length: 60 }, () => 'b'), 'c'].map((name, i) => JSON.stringify({ ...Object.fromEntries((schema?.fields ?? []).map((field) => [field.name, field.type === 'string' ? 'x' : 0])), name, [schema?.time.field ?? '']: 1_000_000 + i }));
    const sample = decodeSample(new TextEncoder().encode(lines.join('\n')), 'ndjson', schema as never, []);
    const pages = new MatchPages(many);
    const result = runSample(many, sample, pages);
    // a deployed job has limits, and the run says so; here the answer can be had all the same
    expect(result?.fault).toMatchObject({ deployedOnly: true, message: expect.stringMatching(/partial matches/) });
    expect(result?.atLeast).toBe(false);
    expect(result?.matchCount).toBeGreaterThan(2 ** 59);
    expect(result?.matches).toHaveLength(MATCHES_SHOWN);
    expect(new Set([...(result?.matches ?? []), ...pages.page('match', MATCHES_SHOWN)].map(({ id }) => id)).size).toBe(2 * MATCHES_SHOWN);
  });
  it('counts matches under each strategy', () => {
    const { document, sample } = sampleOf(TEMPLATES[1] as (typeof TEMPLATES)[number]);
    const strategy = (type: 'NO_SKIP' | 'SKIP_PAST_LAST_EVENT') => ({ type, patternName: null, throwOnMiss: false });
    const [every, burst] = matchesByStrategy(document, sample, [strategy('NO_SKIP'), strategy('SKIP_PAST_LAST_EVENT')]);
    expect(burst).toBe(3);
    expect(every).toBeGreaterThan(3);
  });
  it('an event of a match, written as the source writes it, is a test that passes', () => {
    for (const template of TEMPLATES) {
      const { document, sample } = sampleOf(template);
      const [match] = runSample(document, sample)?.matches ?? [];
      if (!match || document.schema === null) throw new Error('no match');
      const { schema } = document;
      const events = match.stages.flatMap((stage) => stage.events).sort((a, b) => a.ts - b.ts).map((event) => asWritten(event, schema));
      const [outcome] = runTests({ ...document, tests: [{ id: 't', name: 't', events, expectMatches: 1 }] }, null);
      expect(outcome?.got, template.id).toBe(1);
    }
  });
  it('lays the events of one key on a strip, with the stages they meet', () => {
    const { document, sample } = sampleOf(TEMPLATES[1] as (typeof TEMPLATES)[number]);
    const [match] = runSample(document, sample)?.matches ?? [];
    if (!match) throw new Error('no match');
    const strip = stripOf(document, sample, match.key);
    expect(strip.stages.map((stage) => stage.id)).toEqual(['s1', 's2']);
    const used = match.stages.flatMap((stage) => stage.events.map((event) => event.position));
    expect(strip.events.map((event) => event.position)).toEqual(expect.arrayContaining(used));
    expect(strip.events.every((event) => event.stages.length <= 1)).toBe(true);
  });
});
