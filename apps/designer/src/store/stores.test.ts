import { TEMPLATES, instantiate } from '@tidemark/pattern';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '../test-dock/engine.ts';
import { EngineHost } from '../test-dock/engine-host.ts';
import type { EngineRequest } from '../test-dock/engine-messages.ts';
import { createDesignStore, patternOfState, shownOfState } from './design-store.ts';
import { concerns } from './shown-pattern.ts';
import { createRunStore } from './run-store.ts';
import { createSampleStore, formatOf } from './sample-store.ts';

const HASH = '0'.repeat(64);
const document = instantiate(TEMPLATES[0] as (typeof TEMPLATES)[number], { projectId: 'p', sampleHash: HASH });
const lines = '{"ts":1000,"id":1,"name":"start"}\n{"ts":2000,"id":2,"name":"middle"}\n{"ts":3000,"id":3,"name":"start"}';

/** The real host, asked directly; `asked` lists the questions. */
class DirectEngine {
  readonly asked: string[] = [];
  readonly #host = new EngineHost();
  async ask(call: string, ask: unknown): Promise<unknown> {
    this.asked.push(call);
    await Promise.resolve();
    return this.#host.answer({ id: 0, call, ask } as EngineRequest);
  }
  restart(): void { this.asked.push('restart'); }
}
let direct: DirectEngine;
let engine: Engine;
beforeEach(() => { direct = new DirectEngine(); engine = direct as unknown as Engine; });
const settled = async (): Promise<void> => { for (let turn = 0; turn < 20; turn++) await Promise.resolve(); };

describe('design store', () => {
  it('one command is one entry; undo gives back the very document, and its issues', () => {
    const store = createDesignStore(document);
    store.getState().execute({ kind: 'set-condition', patternId: 'p1', id: 's1', expression: 'event.nope' });
    expect(store.getState().issues.map((issue) => issue.nodeId)).toContain('s1');
    expect(store.getState().job).toBeNull();
    store.getState().undo();
    expect(store.getState().document).toBe(document);
    expect(store.getState().job).not.toBeNull();
    store.getState().redo();
    expect(store.getState().job).toBeNull();
  });
  it('typing in one field is one entry until the field is left', () => {
    const store = createDesignStore(document);
    const type = (text: string): void => store.getState().execute({ kind: 'set-condition', patternId: 'p1', id: 's1', expression: text }, 'condition:s1');
    type('e'); type('ev'); type('event.id == 1');
    store.getState().endGroup();
    type('event.id == 2');
    expect(store.getState().history.past).toHaveLength(2);
  });
  it('selection is no history, and what an undo takes away is no longer selected', () => {
    const store = createDesignStore(document);
    store.getState().execute({ kind: 'add-stage', patternId: 'p1', stage: { id: 'n' }, after: null });
    store.getState().select('n');
    expect(store.getState().history.past).toHaveLength(1);
    store.getState().undo();
    expect(store.getState().selected.size).toBe(0);
  });
  it('several patterns: one is shown, with its own tests and problems; a step back shows what it was about', () => {
    const store = createDesignStore(document);
    const state = () => store.getState();
    expect(shownOfState(state())).toBe(document);
    state().execute({ kind: 'add-pattern', pattern: { id: 'p2', name: 'second' }, like: 'p1' });
    expect(patternOfState(state())?.id).toBe('p1');
    state().select('s1');
    state().showPattern('p2');
    expect([patternOfState(state())?.id, state().selected.size]).toEqual(['p2', 0]);
    expect(shownOfState(state())).toMatchObject({ patterns: [{ id: 'p2' }], tests: [] });
    expect(shownOfState(state())).toBe(shownOfState(state()));
    expect(state().issues.filter((issue) => concerns(issue, 'p2')).map(({ code }) => code)).toEqual(['empty-pattern']);
    expect(state().issues.filter((issue) => concerns(issue, 'p1'))).toEqual([]);
    state().showPattern('p1');
    expect(shownOfState(state()).tests).toEqual(document.tests);
    state().execute({ kind: 'add-stage', patternId: 'p2', stage: { id: 'n' }, after: null });
    state().undo();
    expect(state().patternId).toBe('p2');
    state().execute({ kind: 'delete-pattern', patternId: 'p2' });
    expect(state().patternId).toBe('p1');
    state().undo();
    expect(state().document.patterns).toHaveLength(2);
    state().showPattern('nowhere');
    expect(patternOfState(state())?.id).not.toBeUndefined();
  });
  it('a link is selected alone; stages can be added to each other', () => {
    const store = createDesignStore(document);
    store.getState().select('s1');
    store.getState().select('s2', true);
    expect([...store.getState().selected]).toEqual(['s1', 's2']);
    store.getState().select('s2', true);
    expect([...store.getState().selected]).toEqual(['s1']);
    store.getState().select('link:s1>s2', true);
    expect([...store.getState().selected]).toEqual(['link:s1>s2']);
  });
  it('taking a newer revision begins the history anew', () => {
    const store = createDesignStore(document);
    store.getState().execute({ kind: 'rename', patternId: 'p1', id: 's1', name: 'begin' });
    store.getState().load(document);
    expect(store.getState().history.past).toHaveLength(0);
    expect(store.getState().document).toBe(document);
  });
});

describe('sample store', () => {
  const open = (fetched = vi.fn(() => Promise.resolve({ bytes: new TextEncoder().encode(lines), name: 'x.ndjson' }))) => ({ fetched, store: createSampleStore(engine, fetched, () => 'pasted') });
  it('loads the document’s sample once, and counts again only when a condition changes', async () => {
    const { store, fetched } = open();
    store.getState().follow(document);
    await settled();
    expect(store.getState().status).toMatchObject({ kind: 'ready', name: 'x.ndjson' });
    expect(store.getState().counts['s1']?.count).toBe(2);
    store.getState().follow({ ...document, name: 'other name' });
    await settled();
    expect(direct.asked).toEqual(['load', 'count']);
    const design = createDesignStore(document);
    design.getState().execute({ kind: 'set-condition', patternId: 'p1', id: 's1', expression: 'event.id > 0' });
    store.getState().follow(design.getState().document);
    await settled();
    expect(store.getState().counts['s1']?.count).toBe(3);
    expect(fetched).toHaveBeenCalledTimes(1);
  });
  it('without data there is no sample, and that is no error', async () => {
    const { store } = open();
    store.getState().follow({ ...document, source: null });
    await settled();
    expect(store.getState().status.kind).toBe('none');
    store.getState().follow({ ...document, source: { kind: 'generator', generator: 'g', seed: 1, events: 10, rate: { kind: 'unlimited' } } });
    await settled();
    expect(store.getState().status.kind).toBe('elsewhere');
  });
  it('pasted events take the place of the sample, and give it back', async () => {
    const { store } = open();
    store.getState().follow(document);
    await settled();
    store.getState().paste('[{"ts":1,"id":1,"name":"start"}]');
    await settled();
    expect(store.getState().status).toMatchObject({ kind: 'ready', name: 'pasted', loaded: { events: 1 } });
    store.getState().paste(null);
    await settled();
    expect(store.getState().status).toMatchObject({ kind: 'ready', loaded: { events: 3 } });
  });
  it('a fetch that fails is shown and can be tried again', async () => {
    const fetched = vi.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValue({ bytes: new TextEncoder().encode(lines), name: 'x.ndjson' });
    const { store } = open(fetched);
    store.getState().follow(document);
    await settled();
    expect(store.getState().status.kind).toBe('failed');
    store.getState().retry();
    await settled();
    expect(store.getState().status.kind).toBe('ready');
  });
  it('tells lines of JSON, a list and CSV apart', () => {
    expect([formatOf(' {"a":1}'), formatOf('\n[{}]'), formatOf('ts,name\n1,a')]).toEqual(['ndjson', 'json', 'csv']);
  });
});

describe('run store', () => {
  const later: (() => void)[] = [];
  const after = (_: number, run: () => void): (() => void) => { later.push(run); return () => { later.splice(later.indexOf(run), 1); }; };
  const fire = async (): Promise<void> => { for (const run of later.splice(0)) run(); await settled(); };
  beforeEach(async () => { later.length = 0; await direct.ask('load', { bytes: new TextEncoder().encode(lines), format: 'ndjson', schema: document.schema, keyFields: [] }); direct.asked.length = 0; });

  it('runs a valid drawing, and again only when something that matching sees has changed', async () => {
    const store = createRunStore(engine, after);
    const sample = {};
    store.getState().follow(document, true, sample);
    await fire();
    expect(store.getState().result?.matchCount).toBe(1);
    expect(store.getState().tests.map((test) => test.got)).toEqual([1, 0, 0, 1]);
    store.getState().follow({ ...document, layout: { p1: { s1: { x: 1, y: 1 } } } }, true, sample);
    await fire();
    expect(direct.asked.filter((call) => call === 'run')).toHaveLength(1);
  });
  it('a drawing with errors leaves the last results standing and says so', async () => {
    const store = createRunStore(engine, after);
    const sample = {};
    store.getState().follow(document, true, sample);
    await fire();
    store.getState().follow({ ...document, patterns: [] }, false, sample);
    await fire();
    expect(store.getState()).toMatchObject({ stale: true, result: { matchCount: 1 } });
    store.getState().follow(document, true, sample);
    await fire();
    expect(store.getState().stale).toBe(false);
  });
  it('without a sample there are no results', async () => {
    const store = createRunStore(engine, after);
    store.getState().follow(document, true, {});
    await fire();
    store.getState().follow(document, true, null);
    expect(store.getState().result).toBeNull();
  });
});
