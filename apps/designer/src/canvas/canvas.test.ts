import { apply } from '@tidemark/editor';
import { type JobDocument, TEMPLATES, instantiate } from '@tidemark/pattern';
import { describe, expect, it } from 'vitest';
import { createI18n } from '../i18n/index.ts';
import { gateIds, runsOf, stagesInOrder } from './chain.ts';
import { type Box, type Drawing, MATCH, START, drawPattern, segmentPath } from './drawing.ts';
import { formatDuration, formatSpan, parseDuration, toDuration } from './duration.ts';
import { type Flow, type FlowWords, flowOf } from './flow-nodes.ts';
import { textRows, textWidth } from './text-width.ts';
import { badgeText, drawingTexts, repeatWords, stageSentence } from './words.ts';

const { t } = createI18n('en');
const template = (index: number): JobDocument => instantiate(TEMPLATES[index] as (typeof TEMPLATES)[number], { projectId: 'p', sampleHash: '0'.repeat(64) });
const draw = (document: JobDocument): Drawing => {
  const pattern = document.patterns[0];
  if (!pattern) throw new Error('no pattern');
  return drawPattern(pattern, { texts: drawingTexts(document, 'en', t, { once: true }), footHeight: 38, positions: document.layout[pattern.id] ?? {} });
};
const WORDS: FlowWords = { stage: '步骤', link: '连线', linkLabel: (word, a, b) => `${word ?? '-'} ${a} ${b}` };
const flow = (document: JobDocument, before: Flow | null = null, selected = ''): Flow => flowOf({
  drawing: draw(document), pattern: document.patterns[0] as JobDocument['patterns'][number], selected: new Set(selected === '' ? [] : [selected]), marks: new Map(), changed: null, renaming: null, connectTarget: null,
}, true, WORDS, before);
const apart = (a: Box, b: Box): boolean => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
const long = (count: number): JobDocument => Array.from({ length: count }, (_, index) => index).reduce<JobDocument>((document, index) => apply(document, { kind: 'add-stage', patternId: 'p1', stage: { id: `x${index}` }, after: null }), template(0));

describe('chain', () => {
  it('reads steps in order, gates on the link before a step', () => {
    const pattern = template(3).patterns[0] as JobDocument['patterns'][number];
    const [run] = runsOf(pattern);
    expect(run?.steps.map((step) => [step.node.id, step.gates.map((gate) => gate.node.id)])).toEqual([['s1', []], ['s3', ['s2']]]);
    expect(stagesInOrder(pattern).map((node) => node.id)).toEqual(['s1', 's3']);
    expect([...gateIds(pattern)]).toEqual(['s2']);
  });
  it('has every node once, however broken the drawing is', () => {
    const pattern = template(3).patterns[0] as JobDocument['patterns'][number];
    for (const edges of [[], [{ source: 's1', target: 's1', type: 'STRICT' as const }], [{ source: 's1', target: 's3', type: 'STRICT' as const }, { source: 's3', target: 's1', type: 'STRICT' as const }], [{ source: 's1', target: 'gone', type: 'NOT_FOLLOW' as const }]]) {
      const ids = runsOf({ nodes: pattern.nodes, edges }).flatMap((run) => [...run.steps.flatMap((step) => [...step.gates.map((gate) => gate.node.id), step.node.id]), ...run.trailing.map((gate) => gate.node.id)]);
      expect(ids.toSorted()).toEqual(['s1', 's2', 's3']);
    }
  });
});

describe('drawing', () => {
  it.each(TEMPLATES.map((entry, index) => [entry.id, index] as const))('%s: nothing overlaps, all of it is inside the lane', (_, index) => {
    const drawing = draw(template(index));
    const boxes: Box[] = [...drawing.stages, ...drawing.gates];
    boxes.forEach((box, at) => boxes.slice(at + 1).forEach((other) => expect(apart(box, other)).toBe(true)));
    const { lane } = drawing;
    if (lane === null) throw new Error('no lane');
    for (const box of boxes) {
      expect(box.x).toBeGreaterThanOrEqual(lane.x);
      expect(box.y).toBeGreaterThanOrEqual(lane.y);
      expect(box.x + box.width).toBeLessThanOrEqual(lane.x + lane.width);
      expect(box.y + box.height).toBeLessThanOrEqual(lane.y + lane.height);
    }
  });
  it('the chain runs from the pin to the match on one straight line', () => {
    const drawing = draw(template(1));
    expect(drawing.links.map((line) => [line.source, line.target])).toEqual([['s1', 's2'], [START, 's1'], ['s2', MATCH]]);
    for (const line of drawing.links) for (const segment of line.segments) expect(segmentPath(segment)).toMatch(/^M[\d.-]+ [\d.-]+H[\d.-]+$/);
    expect(drawing.bracket).not.toBeNull();
  });
  it('a gate is a ring on the link and a card below it', () => {
    const drawing = draw(template(3));
    const link = drawing.links.find((line) => line.rings.length > 0);
    const [gate] = drawing.gates;
    expect(link?.source).toBe('s1');
    expect(link?.target).toBe('s3');
    expect(gate?.ring).toEqual(link?.rings[0]?.at);
    expect(gate?.y).toBeGreaterThan(gate?.ring.y ?? 0);
    expect(gate?.trailing).toBe(false);
  });
  it('a trailing absence has a clock before the match', () => {
    const document = apply(template(0), { kind: 'add-gate', patternId: 'p1', gate: { id: 'g' }, source: 's2' });
    const drawing = draw(document);
    const end = drawing.links.find((line) => line.target === MATCH);
    expect(end?.rings.map((ring) => ring.id)).toEqual(['g']);
    expect(end?.clock).not.toBeNull();
    expect(drawing.gates[0]?.trailing).toBe(true);
  });
  it('a stored place is taken as it is, and what follows stands right of it', () => {
    const document = apply(template(1), { kind: 'move', patternId: 'p1', positions: { s1: { x: 400, y: 120 } } });
    const drawing = draw(document);
    const [first, second] = drawing.stages;
    expect([first?.x, first?.y]).toEqual([400, 120]);
    expect(second?.x).toBeGreaterThan(400 + (first?.width ?? 0));
  });
  it('an optional stage has a rail that ends before the next one', () => {
    const base = template(1);
    const document = apply(base, { kind: 'insert-stage', patternId: 'p1', stage: { id: 'o', quantifier: { consumingStrategy: 'SKIP_TILL_NEXT', properties: ['SINGLE', 'OPTIONAL'], times: null, untilCondition: null } }, link: { source: 's1', target: 's2' } });
    const drawing = draw(document);
    const next = drawing.stages.find((box) => box.id === 's2');
    const [rail] = drawing.rails;
    expect(rail?.id).toBe('o');
    expect(rail?.to.x).toBeLessThan(next?.x ?? 0);
    expect(rail?.to.x).toBeGreaterThan((next?.x ?? 0) - 24);
  });
  it('stages of a group stand inside of it', () => {
    const drawing = draw(apply(template(1), { kind: 'wrap-group', patternId: 'p1', ids: ['s1', 's2'], group: { id: 'g', name: 'both' } }));
    const [group] = drawing.groups;
    if (!group) throw new Error('no group');
    for (const box of drawing.stages) {
      expect(box.parent).toBe('g');
      expect(box.x).toBeGreaterThan(group.x);
      expect(box.x + box.width).toBeLessThan(group.x + group.width);
      expect(box.y).toBeGreaterThan(group.y);
      expect(box.y + box.height).toBeLessThan(group.y + group.height);
      expect(box.relative).toEqual({ x: box.x - group.x, y: box.y - group.y });
    }
  });
  it('many stages stand closer than few', () => {
    const step = (drawing: Drawing): number => (drawing.stages[2]?.x ?? 0) - (drawing.stages[1]?.x ?? 0) - (drawing.stages[1]?.width ?? 0);
    expect(step(draw(long(6)))).toBeLessThan(step(draw(long(2))));
    expect(draw(long(48)).stages).toHaveLength(50);
  });
  it('an empty pattern draws nothing', () => {
    const document = template(0);
    const drawing = draw({ ...document, patterns: document.patterns.map((pattern) => ({ ...pattern, nodes: [], edges: [] })) });
    expect(drawing).toMatchObject({ start: null, match: null, lane: null, bracket: null, total: 0 });
  });
});

describe('nodes of React Flow', () => {
  it('says what a node is and where a link leads in the words of the page, nothing in those of the library', () => {
    const { nodes, edges } = flow(template(1));
    expect(edges.map((edge) => edge.ariaLabel)).toEqual(['SKIP_TILL_NEXT failed login successful login', '-  failed login', '- successful login ']);
    for (const edge of edges) expect(edge.domAttributes).toEqual({ 'aria-roledescription': '连线' });
    for (const node of nodes) expect(node.domAttributes).toEqual({ 'aria-roledescription': '步骤' });
  });

  it('are the same objects where nothing about them changed', () => {
    const document = template(3);
    const before = flow(document);
    const after = flow(apply(document, { kind: 'move', patternId: 'p1', positions: { s2: { x: 10, y: 300 } } }), before);
    const same = after.nodes.filter((node) => before.nodes.includes(node)).map((node) => node.id);
    expect(same).toEqual(expect.arrayContaining(['s1', 's3']));
    expect(same).not.toContain('s2');
  });
  it('typing a condition, or selecting, changes that stage alone', () => {
    const document = template(3);
    const before = flow(document);
    const typed = flow(apply(document, { kind: 'set-condition', patternId: 'p1', id: 's3', expression: 'event.eventId == 7 || event.eventId == 1' }), before);
    expect(typed.nodes.filter((node) => !before.nodes.includes(node)).map((node) => node.id)).toEqual(['s3']);
    expect(typed.edges.every((edge) => before.edges.includes(edge))).toBe(true);
    const chosen = flow(document, before, 's1');
    expect(chosen.nodes.filter((node) => !before.nodes.includes(node)).map((node) => node.id)).toEqual(['s1']);
  });
  it('every edge ends at nodes that exist', () => {
    for (const index of [0, 1, 2, 3]) {
      const { nodes, edges } = flow(template(index));
      const ids = new Set(nodes.map((node) => node.id));
      for (const edge of edges) { expect(ids.has(edge.source)).toBe(true); expect(ids.has(edge.target)).toBe(true); }
    }
  });
});

describe('words', () => {
  it('a badge for each way to repeat', () => {
    const of = (properties: ('SINGLE' | 'TIMES' | 'LOOPING' | 'OPTIONAL' | 'GREEDY')[], from = 1, to = from) => ({ consumingStrategy: 'SKIP_TILL_NEXT' as const, properties, times: { from, to, windowTime: null }, untilCondition: null });
    expect(badgeText(of(['SINGLE']), false)).toBeNull();
    expect(badgeText(of(['SINGLE']), true)).toBe('1');
    expect(badgeText(of(['TIMES'], 3), true)).toBe('×3');
    expect(badgeText(of(['TIMES'], 2, 4), true)).toBe('2–4×');
    expect(badgeText(of(['LOOPING', 'GREEDY'], 10), true)).toBe('10+ ≫');
    expect(badgeText(of(['SINGLE', 'OPTIONAL']), true)).toBe('?');
    expect(repeatWords(of(['LOOPING', 'GREEDY'], 10), t)).toBe('10 or more, as many as possible');
  });
  it('a stage is spoken as a sentence', () => {
    const document = template(1);
    const [box] = draw(document).stages.slice(1);
    if (!box) throw new Error('no stage');
    expect(stageSentence(box.node, { order: 2, total: 2, link: 'then' }, box.text, t)).toBe('Stage 2 of 2, successful login, then, outcome is success, once');
  });
});

describe('durations', () => {
  it.each([['10m', 600_000], ['1h30m', 5_400_000], ['90 s', 90_000], ['10 分钟', 600_000], ['2天', 172_800_000], ['1.5h', 5_400_000], ['45', 45_000], ['250ms', 250]])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));
  it.each(['', 'soon', '10 apples', '1h 30', '-5m'])('refuses "%s"', (text) => expect(parseDuration(text)).toBeNull());
  it('what is shown reads back as the same time', () => {
    for (const ms of [1, 250, 1_000, 90_000, 600_000, 5_400_000, 86_400_000, 93_784_000]) for (const language of ['en', 'zh'] as const) expect(parseDuration(formatDuration(ms, language))).toBe(ms);
  });
  it('is kept in the largest whole unit', () => {
    expect(toDuration(600_000)).toEqual({ unit: 'MINUTES', size: 10 });
    expect(toDuration(90_000)).toEqual({ unit: 'SECONDS', size: 90 });
  });
  it('a measured span has two units', () => {
    expect(formatSpan(159_285, 'en')).toBe('2 min 39 s');
    expect(formatSpan(2_340, 'en')).toBe('2.3 s');
    expect(formatSpan(187, 'zh')).toBe('187 毫秒');
  });
});

describe('text width', () => {
  it('Chinese is as wide as its letters, Latin about half', () => {
    expect(textWidth('登录失败', 12)).toBe(48);
    expect(textWidth('outcome is failure', 12)).toBeGreaterThan(85);
    expect(textWidth('outcome is failure', 12)).toBeLessThan(130);
  });
  it('wraps at words', () => {
    expect(textRows('outcome is failure', 200, 12)).toBe(1);
    expect(textRows('host is that of the first failed', 110, 12)).toBe(2);
    expect(textRows('全部登录失败的次数', 48, 12)).toBe(3);
  });
});
