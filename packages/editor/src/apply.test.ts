import { describe, expect, it } from 'vitest';
import type { JobDocument, PatternNode } from '@tidemark/pattern';
import { apply } from './apply.ts';
import { blankDocument } from './blank.ts';
import type { Command } from './command.ts';
import { canAddGate, canConnect, canGroup, canReorder } from './connect.ts';
import { copyFragment, fragmentIds, fragmentOf, fragmentText } from './fragment.ts';
import { endGroup, execute, executeAll, historyOf, redo, redoName, undo, undoName } from './history.ts';
import { layout } from './layout.ts';
import { type Level, find, incoming, orderOf } from './level.ts';
import { freshId, nameRefusal, newPatternId, newStageName } from './names.ts';
import { greedyRefusal } from './quantifier.ts';
import { outline } from './outline.ts';

type Distribute<T> = T extends { readonly patternId: string } ? Omit<T, 'patternId'> : T;
const p = 'p1';
const blank = blankDocument({ id: 'j', name: 'J' });
const edit = (document: JobDocument, ...commands: readonly Distribute<Command>[]): JobDocument =>
  commands.reduce((result, command) => apply(result, { patternId: p, ...command } as Command), document);
const graphOf = (document: JobDocument) => document.patterns[0]!;
const ARROWS = { STRICT: '=', SKIP_TILL_NEXT: '-', SKIP_TILL_ANY: '<', NOT_NEXT: '!=', NOT_FOLLOW: '!-' } as const;
/** The chain in one line: `a -b !-n =c`; what hangs loose follows a bar. */
function drawn(level: Level): string {
  return orderOf(level).map((id, index) => {
    const node = level.nodes.find((other) => other.id === id) as PatternNode;
    const edge = incoming(level, id);
    const name = node.type === 'COMPOSITE' ? `${id}(${drawn(node)})` : id;
    return edge ? `${ARROWS[edge.type]}${name}` : index === 0 ? name : `| ${name}`;
  }).join(' ');
}
const line = (document: JobDocument): string => drawn(graphOf(document));
const add = (id: string, after: string | null = null, link?: 'STRICT'): Distribute<Command> => ({ kind: 'add-stage', stage: { id, name: id }, after, ...(link ? { link } : {}) });
const chain = (...ids: readonly string[]): JobDocument => edit(blank, ...ids.map((id) => add(id)));
const loop = (properties: readonly ('OPTIONAL' | 'GREEDY')[] = []) => ({ consumingStrategy: 'SKIP_TILL_NEXT' as const, properties: ['LOOPING' as const, ...properties], times: { from: 2, to: 2, windowTime: null }, untilCondition: null });
const node = (document: JobDocument, id: string): PatternNode => find(graphOf(document), id)!.node;
const properties = (document: JobDocument, id: string): string => node(document, id).quantifier.properties.join(' ');

describe('stages on the chain', () => {
  it('[SU1] a stage is put behind another, at the end, or on a link, and the link behind keeps its kind', () => {
    expect(line(chain('a', 'b'))).toBe('a -b');
    const strict = edit(chain('a', 'b'), { kind: 'set-link', source: 'a', target: 'b', type: 'STRICT' });
    expect(line(edit(strict, add('n', 'a')))).toBe('a -n =b');
    expect(line(edit(strict, add('n', 'b', 'STRICT')))).toBe('a =b =n');
    expect(line(edit(strict, { kind: 'insert-stage', stage: { id: 'n' }, link: { source: 'a', target: 'b' } }))).toBe('a -n =b');
    expect(edit(strict, { kind: 'insert-stage', stage: { id: 'n' }, link: { source: 'b', target: 'a' } })).toBe(strict);
    const placed = edit(strict, { kind: 'place-stage', stage: { id: 'n' }, at: { x: 5, y: 6 } });
    expect([line(placed), placed.layout]).toEqual(['a =b | n', { [p]: { n: { x: 5, y: 6 } } }]);
  });
  it('[SU1] a gate takes the link over and leaves its kind behind it; keys on the link change that kind', () => {
    const gated = edit(chain('a', 'b'), { kind: 'set-link', source: 'a', target: 'b', type: 'SKIP_TILL_ANY' }, { kind: 'add-gate', source: 'a', gate: { id: 'n' } });
    expect(line(gated)).toBe('a !-n <b');
    expect(line(edit(gated, { kind: 'set-link', source: 'a', target: 'b', type: 'STRICT' }))).toBe('a !-n =b');
    expect(line(edit(gated, { kind: 'set-link', source: 'a', target: 'n', type: 'STRICT' }))).toBe('a !-n =b');
    expect(line(edit(gated, { kind: 'set-link', source: 'a', target: 'n', type: 'NOT_NEXT' }))).toBe('a !=n <b');
    expect(edit(gated, { kind: 'set-link', source: 'n', target: 'b', type: 'NOT_NEXT' })).toBe(gated);
    expect(line(edit(gated, { kind: 'delete', ids: ['n'] }))).toBe('a <b');
    expect(line(edit(chain('a'), { kind: 'add-gate', source: 'a', gate: { id: 'n' }, type: 'NOT_NEXT' }))).toBe('a !=n');
  });
  it('[SU2] deleting joins the neighbours by the link that left, and gates go with their link', () => {
    const full = edit(chain('a', 'b', 'c'), { kind: 'set-link', source: 'b', target: 'c', type: 'STRICT' }, { kind: 'add-gate', source: 'a', gate: { id: 'm' } }, { kind: 'add-gate', source: 'b', gate: { id: 'n' } });
    expect(line(full)).toBe('a !-m -b !-n =c');
    expect(line(edit(full, { kind: 'delete', ids: ['b'] }))).toBe('a !-n =c');
    expect(line(edit(full, { kind: 'delete', ids: ['a'] }))).toBe('b !-n =c');
    expect(line(edit(full, { kind: 'delete', ids: ['c'] }))).toBe('a !-m -b');
    expect(line(edit(full, { kind: 'delete', ids: ['a', 'b', 'c', 'ghost'] }))).toBe('');
    expect(line(edit(full, { kind: 'delete-link', source: 'a', target: 'b' }))).toBe('b !-n =c | a');
    expect(line(edit(full, { kind: 'delete-link', source: 'a', target: 'm' }))).toBe('b !-n =c | a');
    const trailing = edit(full, { kind: 'add-gate', source: 'c', gate: { id: 't' } });
    expect(line(edit(trailing, { kind: 'delete', ids: ['c'] }))).toBe('a !-m -b !-t');
  });
  it('[SU1] stages move along the chain: onto a link, to the front, one place on; links and gates stay', () => {
    const full = edit(chain('a', 'b', 'c', 'd'), { kind: 'set-link', source: 'c', target: 'd', type: 'STRICT' }, { kind: 'add-gate', source: 'a', gate: { id: 'n' } });
    expect(line(full)).toBe('a !-n -b -c =d');
    expect(line(edit(full, { kind: 'reorder-stage', id: 'b', by: 1 }))).toBe('a !-n -c -b =d');
    expect(line(edit(full, { kind: 'reorder-stage', id: 'b', by: -1 }))).toBe('b !-n -a -c =d');
    expect(edit(full, { kind: 'reorder-stage', id: 'd', by: 1 })).toBe(full);
    expect(line(edit(full, { kind: 'splice-stage', id: 'd', source: 'b', target: 'c' }))).toBe('a !-n -b =d -c');
    expect(line(edit(full, { kind: 'splice-stage', id: 'c', source: null, target: 'a' }))).toBe('c -a !-n -b =d');
    expect(line(edit(full, { kind: 'splice-stage', id: 'n', source: 'c', target: 'd' }))).toBe('a -b -c !-n =d');
    expect(edit(full, { kind: 'splice-stage', id: 'n', source: null, target: 'a' })).toBe(full);
    expect(canReorder(full, p, 'n', 1)).toEqual({ ok: false, reason: 'is-gate' });
    expect(canReorder(full, p, 'a', -1)).toEqual({ ok: false, reason: 'at-the-end' });
  });
  it('[SU3] what is broken elsewhere stays as it is', () => {
    const forked: JobDocument = { ...chain('a', 'b', 'c', 'd'), patterns: [{ ...graphOf(chain('a', 'b', 'c', 'd')), edges: [
      { source: 'a', target: 'b', type: 'STRICT' }, { source: 'a', target: 'c', type: 'STRICT' }, { source: 'c', target: 'ghost', type: 'NOT_FOLLOW' }, { source: 'd', target: 'd', type: 'STRICT' },
    ] }] };
    expect(graphOf(edit(forked, add('n', 'b'))).edges.slice(0, 4)).toEqual(graphOf(forked).edges);
    expect(graphOf(edit(forked, { kind: 'delete', ids: ['b'] })).edges).toEqual(graphOf(forked).edges.slice(1));
    expect(graphOf(edit(forked, { kind: 'delete', ids: ['d'] })).edges).toEqual(graphOf(forked).edges.slice(0, 3));
  });
  it('[AP3] what could not be stored is not taken', () => {
    const document = chain('a', 'b');
    expect(edit(document, add('a'))).toBe(document);
    expect(edit(document, { kind: 'rename', id: 'a', name: 'x'.repeat(129) })).toBe(document);
    expect(edit(document, { kind: 'rename', id: 'a', name: 'b' })).toBe(document);
    expect(edit(document, { kind: 'set-settings', settings: { parallelism: 0 } })).toBe(document);
    expect(edit(document, { kind: 'set-condition', id: 'a', expression: 'x'.repeat(10_001) })).toBe(document);
    expect(apply(document, { kind: 'set-window', patternId: 'other', window: null })).toBe(document);
    expect(edit(document, { kind: 'set-key', fields: [] })).toBe(document);
    const ordered = edit(document, { kind: 'set-tie-break', tieBreak: [{ field: 'id', order: 'DESC' }] });
    expect(ordered.patterns[0]?.tieBreak).toEqual([{ field: 'id', order: 'DESC' }]);
    expect(edit(ordered, { kind: 'set-tie-break', tieBreak: [] })).toEqual(document);
  });
});

describe('names', () => {
  const document = edit(chain('fail', 'ok'),
    { kind: 'set-condition', id: 'ok', expression: 'fail[0].ip == event.ip && size( fail ) > 2' },
    { kind: 'set-quantifier', id: 'ok', quantifier: loop() },
    { kind: 'set-until', id: 'ok', expression: 'event.x == fail[0].x' },
    { kind: 'set-output', output: { text: '{size(fail)} of fail' } },
    { kind: 'set-skip', strategy: { type: 'SKIP_TO_LAST', patternName: 'fail', throwOnMiss: false } });
  it('[NA1] a rename is followed by everything that reads the stage, in one step', () => {
    const graph = graphOf(edit(document, { kind: 'rename', id: 'fail', name: 'failure' }));
    expect(graph.nodes[1]?.condition?.expression).toBe('failure[0].ip == event.ip && size( failure ) > 2');
    expect(graph.nodes[1]?.quantifier.untilCondition?.expression).toBe('event.x == failure[0].x');
    expect([graph.output.text, graph.afterMatchStrategy.patternName]).toEqual(['{size(failure)} of fail', 'failure']);
    expect(nameRefusal(graph, 'fail', 'ok')).toBe('name-taken');
    expect(nameRefusal(graph, 'fail', ' ')).toBe('name-empty');
  });
  it('[NA2] new names and ids are free', () => {
    expect(newStageName(graphOf(chain('stage1', 'a')))).toBe('stage2');
    expect(graphOf(edit(chain('a'), { kind: 'add-stage', stage: { id: 'x', name: 'a' }, after: null })).nodes[1]?.name).toBe('a2');
    let n = 0;
    expect(freshId(chain('s1', 's2'), 's', () => String(++n))).toBe('s3');
  });
  it('labels are set and taken away by language', () => {
    const labelled = edit(document, { kind: 'set-label', id: 'ok', language: 'zh', label: '成功' }, { kind: 'set-label', id: 'ok', language: 'en', label: 'success' });
    expect(node(labelled, 'ok').label).toEqual({ zh: '成功', en: 'success' });
    expect(edit(labelled, { kind: 'set-label', id: 'ok', language: 'zh', label: ' ' }, { kind: 'set-label', id: 'ok', language: 'en', label: null })).toEqual(document);
  });
});

describe('quantifiers', () => {
  const set = (id: string, quantifier: ReturnType<typeof loop>): Distribute<Command> => ({ kind: 'set-quantifier', id, quantifier });
  it('[QU1] what does not go together goes', () => {
    const looping = edit(chain('a', 'b'), set('a', loop(['OPTIONAL'])), { kind: 'set-until', id: 'a', expression: 'true' });
    expect(node(looping, 'a').quantifier).toEqual({ ...loop(['OPTIONAL', 'GREEDY']), untilCondition: { type: 'CEL', expression: 'true' } });
    expect(node(edit(looping, { kind: 'set-quantifier', id: 'a', quantifier: { ...node(looping, 'a').quantifier, properties: ['SINGLE', 'GREEDY'], consumingStrategy: 'STRICT' } }), 'a').quantifier)
      .toEqual({ consumingStrategy: 'SKIP_TILL_NEXT', properties: ['SINGLE'], times: null, untilCondition: null });
    expect(edit(chain('a'), { kind: 'set-until', id: 'a', expression: 'true' })).toEqual(chain('a'));
  });
  it('[QU2] N or more before another stage takes as many as possible, and can be told not to', () => {
    const drawnGreedy = edit(chain('a', 'b'), set('a', loop()));
    expect(properties(drawnGreedy, 'a')).toBe('LOOPING GREEDY');
    expect(properties(edit(drawnGreedy, set('a', loop())), 'a')).toBe('LOOPING');
    const last = edit(chain('a', 'b'), set('b', loop()));
    expect(properties(last, 'b')).toBe('LOOPING');
    expect(greedyRefusal(graphOf(last), 'b')).toBe('last');
    expect(properties(edit(last, add('c')), 'b')).toBe('LOOPING GREEDY');
    expect(properties(edit(last, { kind: 'place-stage', stage: { id: 'c' }, at: { x: 0, y: 0 } }, { kind: 'connect', source: 'b', target: 'c' }), 'b')).toBe('LOOPING GREEDY');
  });
  it('[QU3] where Flink refuses it, it stays off or gives way', () => {
    const optional = { consumingStrategy: 'SKIP_TILL_NEXT' as const, properties: ['SINGLE' as const, 'OPTIONAL' as const], times: null, untilCondition: null };
    const before = edit(chain('a', 'b', 'c'), { kind: 'set-quantifier', id: 'b', quantifier: optional }, set('a', loop()));
    expect([properties(before, 'a'), greedyRefusal(graphOf(before), 'a')]).toEqual(['LOOPING', 'optional-follows']);
    const way = edit(chain('a', 'b', 'c'), set('a', loop()), { kind: 'set-quantifier', id: 'b', quantifier: optional });
    expect(properties(way, 'a')).toBe('LOOPING');
    const group = edit(chain('a', 'b'), { kind: 'wrap-group', ids: ['a'], group: { id: 'g' } }, set('g', loop()));
    expect([properties(group, 'g'), greedyRefusal(graphOf(group), 'g')]).toEqual(['LOOPING', 'group']);
    expect(greedyRefusal(graphOf(chain('a', 'b')), 'a')).toBe('once');
  });
});

describe('links', () => {
  const optional = { consumingStrategy: 'SKIP_TILL_NEXT' as const, properties: ['SINGLE' as const, 'OPTIONAL' as const], times: null, untilCondition: null };
  const document = edit(chain('a', 'b', 'c'), { kind: 'wrap-group', ids: ['b'], group: { id: 'g' } }, { kind: 'place-stage', stage: { id: 'x', name: 'x', quantifier: optional }, at: { x: 0, y: 0 } });
  it('[JN1] says why not', () => {
    const why = (source: string, target: string, type: 'NOT_FOLLOW' | 'STRICT' = 'STRICT', on = document) => {
      const allowed = canConnect(on, p, source, target, type);
      return allowed.ok ? allowed.replaces.map((edge) => `${edge.source}>${edge.target}`) : allowed.reason;
    };
    expect(why('a', 'a')).toBe('same-stage');
    expect(why('a', 'zz')).toBe('unknown-stage');
    expect(why('a', 'b')).toBe('other-group');
    expect(why('a', 'g')).toBe('already-linked');
    expect(why('c', 'a')).toBe('makes-circle');
    expect(why('x', 'c', 'NOT_FOLLOW')).toBe('gate-after-optional');
    expect(why('x', 'g', 'NOT_FOLLOW')).toBe('gate-is-group');
    expect(why('a', 'c')).toEqual(['a>g', 'g>c']);
    expect(why('c', 'x')).toEqual([]);
    const greedy = edit(document, { kind: 'set-quantifier', id: 'a', quantifier: loop(['GREEDY']) });
    expect(why('a', 'x', 'STRICT', greedy)).toBe('optional-after-greedy');
    const gated = edit(chain('a', 'b', 'c'), { kind: 'add-gate', source: 'a', gate: { id: 'n' } });
    expect(why('c', 'n', 'STRICT', gated)).toBe('gate-hangs-on-link');
    expect(why('a', 'b', 'STRICT', gated)).toBe('already-linked');
    expect(canAddGate(document, p, 'x')).toEqual({ ok: false, reason: 'gate-after-optional' });
    expect(canAddGate(document, p, 'a')).toEqual({ ok: true });
  });
  it('[JN2] a new link replaces the old ones, with the gates on them', () => {
    const gated = edit(chain('a', 'b', 'c'), { kind: 'add-gate', source: 'a', gate: { id: 'n' } });
    expect(line(edit(gated, { kind: 'connect', source: 'a', target: 'c', type: 'STRICT' }))).toBe('a =c | b');
    expect(line(edit(gated, { kind: 'connect', source: 'n', target: 'c' }))).toBe('a !-n -c | b');
  });
});

describe('groups', () => {
  const document = edit(chain('a', 'b', 'c', 'd'), { kind: 'add-gate', source: 'b', gate: { id: 'n' } }, { kind: 'move', positions: { b: { x: 300, y: 100 }, c: { x: 500, y: 100 } } });
  it('[GR1] consecutive stages become a group with the gates between them, and come out again as they were', () => {
    const wrapped = edit(document, { kind: 'wrap-group', ids: ['c', 'b'], group: { id: 'g' } });
    expect(line(wrapped)).toBe('a -g(b !-n -c) -d');
    expect(node(wrapped, 'g').name).toBe('group1');
    expect(wrapped.layout[p]).toEqual({ b: { x: 24, y: 48 }, c: { x: 224, y: 48 }, g: { x: 276, y: 52 } });
    expect(edit(wrapped, { kind: 'unwrap-group', id: 'g' }).layout).toEqual(document.layout);
    expect(line(edit(wrapped, { kind: 'unwrap-group', id: 'g' }))).toBe(line(document));
    expect(line(edit(wrapped, { kind: 'delete', ids: ['b', 'c'] }, { kind: 'unwrap-group', id: 'g' }))).toBe('a -d');
  });
  it('[GR2] says why not', () => {
    const why = (...ids: string[]) => { const allowed = canGroup(document, p, ids); return allowed.ok ? allowed.ids.join(' ') : allowed.reason; };
    expect(why()).toBe('nothing-selected');
    expect(why('a', 'c')).toBe('not-consecutive');
    expect(why('n', 'c')).toBe('starts-with-gate');
    expect(why('b', 'c')).toBe('b n c');
    const wrapped = edit(document, { kind: 'wrap-group', ids: ['b', 'c'], group: { id: 'g' } });
    expect(canGroup(wrapped, p, ['a', 'b'])).toEqual({ ok: false, reason: 'other-group' });
    let deep = chain('a');
    for (let depth = 0; depth < 20; depth++) deep = edit(deep, { kind: 'wrap-group', ids: [depth === 0 ? 'a' : `g${depth - 1}`], group: { id: `g${depth}` } });
    expect(graphOf(deep).nodes[0]?.id).toBe('g11');
    expect(canGroup(deep, p, ['g11'])).toEqual({ ok: false, reason: 'too-deep' });
  });
});

describe('copies', () => {
  const document = edit(chain('a', 'b', 'c'), { kind: 'add-gate', source: 'a', gate: { id: 'n', name: 'n' } },
    { kind: 'set-condition', id: 'b', expression: 'size(a) > 0 && size(c) == 0' }, { kind: 'move', positions: { a: { x: 10, y: 10 }, b: { x: 210, y: 30 } } });
  it('[FR1][FR2] take gates along, get fresh names, and read the copies', () => {
    const fragment = copyFragment(document, p, ['a', 'b'])!;
    expect(fragmentIds(fragment)).toEqual(['a', 'n', 'b']);
    const ids = { a: 'a_', n: 'n_', b: 'b_' };
    const pasted = edit(document, { kind: 'paste', fragment, ids, after: 'b', at: { x: 0, y: 100 } });
    expect(line(pasted)).toBe('a !-n -b -a_ !-n_ -b_ -c');
    expect(graphOf(pasted).nodes.map((other) => other.name)).toEqual(['a', 'b', 'c', 'n', 'a2', 'n2', 'b2']);
    expect(node(pasted, 'b_').condition?.expression).toBe('size(a2) > 0 && size(c) == 0');
    expect(pasted.layout[p]).toMatchObject({ a_: { x: 0, y: 100 }, b_: { x: 200, y: 120 } });
    expect(line(edit(document, { kind: 'paste', fragment, ids, after: null, at: null }))).toBe('a !-n -b -c | a_ !-n_ -b_');
    expect(edit(document, { kind: 'paste', fragment, ids: { a: 'a', n: 'n_', b: 'b_' }, after: null, at: null })).toBe(document);
    // a gate alone stays one
    expect(line(edit(document, { kind: 'paste', fragment: copyFragment(document, p, ['n'])!, ids: { n: 'n_' }, after: 'b', at: null }))).toBe('a !-n -b !-n_ -c');
  });
  it('[FR3] travel as text, and strange text is refused', () => {
    const fragment = copyFragment(document, p, ['a', 'b'])!;
    expect(fragmentOf(fragmentText(fragment))).toEqual(fragment);
    for (const text of ['', '{}', '[1]', '{"format":"tidemark-stages"}', fragmentText(fragment).replace('"STRICT"', '"X"').replace('"NOT_FOLLOW"', '"X"'), '{"format":"tidemark-stages","version":1,"nodes":[{"__proto__":{}}],"edges":[]}']) {
      expect(fragmentOf(text)).toBeNull();
    }
  });
});

describe('history', () => {
  it('[HI1] typing in one field is one entry until the focus goes', () => {
    const type = (expression: string) => ({ kind: 'set-condition', patternId: p, id: 'a', expression }) as const;
    let history = historyOf(chain('a'));
    for (const text of ['e', 'ev', 'event.x']) history = execute(history, type(text), 'condition:a');
    history = execute(endGroup(history), type('event.y'), 'condition:a');
    expect(history.past.map((entry) => entry.action)).toEqual([{ kind: 'set-condition', count: 1 }, { kind: 'set-condition', count: 1 }]);
    expect(node(undo(history).present, 'a').condition?.expression).toBe('event.x');
    expect(node(undo(undo(history)).present, 'a').condition).toBeNull();
    expect(redoName(undo(history))).toEqual({ kind: 'set-condition', count: 1 });
  });
  it('[HI1] a drag from a handle that creates and connects is undone at once', () => {
    const history = executeAll(historyOf(chain('a')), [{ kind: 'place-stage', patternId: p, stage: { id: 'b' }, at: { x: 1, y: 1 } }, { kind: 'connect', patternId: p, source: 'a', target: 'b' }]);
    expect(line(history.present)).toBe('a -b');
    expect(undoName(history)).toEqual({ kind: 'place-stage', count: 1 });
    expect(line(undo(history).present)).toBe('a');
  });
  it('[HI3][HI4] keeps at least 100 steps, moves among them, and forgets what was undone at the next edit', () => {
    let history = historyOf(chain('a'));
    for (let x = 1; x <= 250; x++) history = execute(history, { kind: 'move', patternId: p, positions: { a: { x, y: 0 } } });
    expect(history.past.length).toBeGreaterThanOrEqual(100);
    for (let n = 0; n < 100; n++) history = undo(history);
    expect(history.present.layout[p]?.['a']?.x).toBe(150);
    history = execute(history, { kind: 'delete', patternId: p, ids: ['a'] });
    expect([redo(history), undoName(history), history.present.layout[p]]).toEqual([history, { kind: 'delete', count: 1 }, {}]);
  });
});

describe('patterns of one job', () => {
  const add = (document: JobDocument): JobDocument => apply(document, { kind: 'add-pattern', pattern: { id: newPatternId(document), name: 'second' }, like: p });
  const keyed = { ...chain('a', 'b'), schema: { fields: [{ name: 'user', type: 'string' as const }, { name: 't', type: 'int' as const }], time: { field: 't', format: 'epoch-ms' as const } } };
  const one = edit(keyed, { kind: 'set-key', fields: ['user'] });
  it('[PA1] a new one stands behind the others, empty, with the key of the one beside it; editing it leaves the others alone', () => {
    const two = add(one);
    expect(two.patterns.map(({ id, key, nodes }) => [id, key, nodes.length])).toEqual([['p1', ['user'], 2], ['p2', ['user'], 0]]);
    expect(two.patterns[0]).toBe(one.patterns[0]);
    const edited = apply(two, { kind: 'add-stage', patternId: 'p2', stage: { id: 'x' }, after: null });
    expect(edited.patterns[0]).toBe(one.patterns[0]);
    expect(edited.patterns[1]?.nodes.map(({ id }) => id)).toEqual(['x']);
    expect(apply(two, { kind: 'add-pattern', pattern: { id: 'p2', name: 'again' } })).toBe(two);
    expect(apply(two, { kind: 'rename-pattern', patternId: 'p2', name: 'slow' }).patterns.map(({ name }) => name)).toEqual([one.patterns[0]?.name, 'slow']);
  });
  it('[PA1] a deleted one takes its places and tests with it, the last one stays, and undo brings all of it back', () => {
    const test = (id: string, pattern?: string) => ({ id, name: id, events: [], expectMatches: 0, ...(pattern === undefined ? {} : { pattern }) });
    const two = apply(apply(edit(add(one), { kind: 'move', positions: { a: { x: 1, y: 2 } } }), { kind: 'set-tests', tests: [test('first'), test('own', 'p1'), test('other', 'p2')] }), { kind: 'place-stage', patternId: 'p2', stage: { id: 'x' }, at: { x: 3, y: 4 } });
    const history = execute(historyOf(two), { kind: 'delete-pattern', patternId: 'p1' });
    expect(history.present).toMatchObject({ patterns: [{ id: 'p2' }], tests: [{ id: 'other' }], layout: { p2: { x: { x: 3, y: 4 } } } });
    expect(Object.keys(history.present.layout)).toEqual(['p2']);
    expect(undoName(history)).toEqual({ kind: 'delete-pattern', count: 1 });
    expect(undo(history).present).toBe(two);
    expect(redo(undo(history)).present).toBe(history.present);
    expect(apply(two, { kind: 'delete-pattern', patternId: 'p2' }).tests.map(({ id }) => id)).toEqual(['first', 'own']);
    expect(apply(history.present, { kind: 'delete-pattern', patternId: 'p2' })).toBe(history.present);
    expect(apply(two, { kind: 'delete-pattern', patternId: 'p9' })).toBe(two);
  });
});

describe('layout and outline', () => {
  const document = edit(chain('a', 'b', 'c'), { kind: 'add-gate', source: 'a', gate: { id: 'n' } }, { kind: 'wrap-group', ids: ['b'], group: { id: 'g', name: 'twice' } });
  it('[LA1] stands left to right, gates under their link, contents inside their group, stored places as they are', () => {
    const { positions, sizes } = layout(document, p);
    const right = (id: string): number => positions[id]!.x + sizes[id]!.width;
    expect(positions['a']).toEqual({ x: 0, y: 0 });
    expect(right('a')).toBeLessThan(positions['g']!.x);
    expect(right('g')).toBeLessThan(positions['c']!.x);
    expect(positions['n']!.x + sizes['n']!.width / 2).toBe((right('a') + positions['g']!.x) / 2);
    expect(positions['n']!.y).toBeGreaterThan(sizes['a']!.height);
    expect(positions['b']!.x + sizes['b']!.width).toBeLessThanOrEqual(sizes['g']!.width);
    const moved = edit(document, { kind: 'move', positions: { g: { x: 1_000, y: 40 } } });
    expect(layout(moved, p).positions['g']).toEqual({ x: 1_000, y: 40 });
    expect(layout(moved, p).positions['c']!.x).toBeGreaterThan(1_000 + sizes['g']!.width);
  });
  it('[LA2] tidying forgets places, of all or of the selection, in one step; a collapsed group stays collapsed', () => {
    const moved = edit(document, { kind: 'move', positions: { a: { x: 7, y: 7 }, c: { x: 9, y: 9 } } });
    expect(edit(moved, { kind: 'tidy', ids: ['a'] }).layout[p]).toEqual({ c: { x: 9, y: 9 } });
    expect(edit(moved, { kind: 'tidy', ids: null }).layout[p]).toEqual({});
    const closed = edit(document, { kind: 'collapse-group', id: 'g', collapsed: true });
    expect(closed.layout[p]?.['g']?.collapsed).toBe(true);
    expect(edit(closed, { kind: 'move', positions: { g: { x: 1, y: 1 } } }, { kind: 'tidy', ids: null }).layout).toEqual(closed.layout);
    expect(edit(closed, { kind: 'collapse-group', id: 'a', collapsed: true })).toBe(closed);
  });
  it('[OU1] mirrors the canvas: order, links, groups; gates are not counted', () => {
    const items = outline(document, p)!.items;
    expect(items.map((item) => [item.id, item.kind, item.link, item.position, item.of])).toEqual([
      ['a', 'stage', null, 1, 3], ['n', 'gate', 'NOT_FOLLOW', null, 3], ['g', 'group', 'SKIP_TILL_NEXT', 2, 3], ['c', 'stage', 'SKIP_TILL_NEXT', 3, 3],
    ]);
    expect(items[2]?.items.map((item) => [item.id, item.position, item.start])).toEqual([['b', 1, 'first']]);
    expect(items.map((item) => [item.canMoveEarlier, item.canMoveLater])).toEqual([[false, true], [false, false], [true, true], [true, false]]);
    expect(outline(document, 'nowhere')).toBeNull();
  });
  it('a blank drawing has one empty pattern and one alert for each burst', () => {
    expect(graphOf(blankDocument({ id: 'x', name: '' }))).toMatchObject({ nodes: [], afterMatchStrategy: { type: 'SKIP_PAST_LAST_EVENT' } });
  });
});
