import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DraftSaver, SAVE_DELAY_MS, type SaveAnswer, type SaveState, sameJson } from './draft-saver.ts';

interface Doc { readonly text: string }
interface Request { readonly base: number; readonly document: Doc; readonly answer: (answer: SaveAnswer) => void }

class Bench {
  readonly requests: Request[] = [];
  readonly states: string[] = [];
  kept: { baseRevision: number; document: Doc } | null = null;
  #timers: { at: number; run: () => void }[] = [];
  #now = 0;
  readonly saver = new DraftSaver<Doc>(1, { text: '' }, {
    send: (base, document) => new Promise((answer) => this.requests.push({ base, document, answer })),
    keep: (draft) => { this.kept = draft; },
    after: (ms, run) => { const timer = { at: this.#now + ms, run }; this.#timers.push(timer); return () => { this.#timers = this.#timers.filter((other) => other !== timer); }; },
    changed: (state: SaveState) => this.states.push(state.kind),
  });

  pass(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter((timer) => timer.at <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.at > this.#now);
    for (const timer of due) timer.run();
  }
  async answer(answer: SaveAnswer): Promise<void> {
    this.requests.at(-1)?.answer(answer);
    await vi.waitFor(() => undefined);
    await Promise.resolve(); await Promise.resolve(); await Promise.resolve();
  }
}

let bench: Bench;
beforeEach(() => { bench = new Bench(); });

describe('DraftSaver', () => {
  it('sends the newest document once, within a second of the first change', () => {
    bench.saver.edit({ text: 'a' });
    bench.saver.edit({ text: 'ab' });
    expect(SAVE_DELAY_MS).toBeLessThan(1_000);
    bench.pass(SAVE_DELAY_MS);
    expect(bench.requests.map((request) => [request.base, request.document.text])).toEqual([[1, 'ab']]);
  });
  it('[DS1] a change that is taken back sends nothing', () => {
    bench.saver.edit({ text: 'a' });
    bench.saver.edit({ text: '' });
    bench.pass(60_000);
    expect(bench.requests).toHaveLength(0);
    expect(bench.saver.state.kind).toBe('saved');
    expect(bench.kept).toBeNull();
  });
  it('[DS2] changes wait for the request under way and go out on its revision', async () => {
    bench.saver.edit({ text: 'a' });
    bench.pass(SAVE_DELAY_MS);
    bench.saver.edit({ text: 'b' });
    bench.pass(60_000);
    expect(bench.requests).toHaveLength(1);
    await bench.answer({ kind: 'saved', revision: 2 });
    bench.pass(SAVE_DELAY_MS);
    expect(bench.requests.map((request) => [request.base, request.document.text])).toEqual([[1, 'a'], [2, 'b']]);
    await bench.answer({ kind: 'saved', revision: 3 });
    expect(bench.saver.state.kind).toBe('saved');
    expect(bench.saver.revision).toBe(3);
  });
  it('[DS3][DS5] keeps the draft in the browser and tries again, later each time', async () => {
    bench.saver.edit({ text: 'a' });
    expect(bench.kept).toEqual({ baseRevision: 1, document: { text: 'a' } });
    bench.pass(SAVE_DELAY_MS);
    await bench.answer({ kind: 'no-answer' });
    expect(bench.saver.state.kind).toBe('offline');
    bench.pass(999); expect(bench.requests).toHaveLength(1);
    bench.pass(1); expect(bench.requests).toHaveLength(2);
    await bench.answer({ kind: 'no-answer' });
    bench.pass(1_999); expect(bench.requests).toHaveLength(2);
    bench.pass(1); expect(bench.requests).toHaveLength(3);
    await bench.answer({ kind: 'saved', revision: 2 });
    expect(bench.saver.state.kind).toBe('saved');
    expect(bench.kept).toBeNull();
  });
  it('[DS4] a newer revision stops saving until one is chosen', async () => {
    bench.saver.edit({ text: 'mine' });
    bench.pass(SAVE_DELAY_MS);
    await bench.answer({ kind: 'newer', revision: 5, document: { text: 'theirs' } });
    bench.saver.edit({ text: 'mine too' });
    bench.pass(60_000);
    expect(bench.requests).toHaveLength(1);
    expect(bench.saver.state).toEqual({ kind: 'conflict', revision: 5, document: { text: 'theirs' } });
    bench.saver.keepMine();
    expect(bench.requests.at(-1)).toMatchObject({ base: 5, document: { text: 'mine too' } });
  });
  it('[DS4] taking the newer one leaves nothing to save', async () => {
    bench.saver.edit({ text: 'mine' });
    bench.pass(SAVE_DELAY_MS);
    await bench.answer({ kind: 'newer', revision: 5, document: { text: 'theirs' } });
    bench.saver.takeNewer(5, { text: 'theirs' });
    expect(bench.saver.unsaved).toBe(false);
    expect(bench.kept).toBeNull();
  });
  it('[DS4] a newer revision that equals ours is our own save, whose answer was lost', async () => {
    bench.saver.edit({ text: 'a' });
    bench.pass(SAVE_DELAY_MS);
    await bench.answer({ kind: 'no-answer' });
    bench.pass(1_000);
    await bench.answer({ kind: 'newer', revision: 2, document: { text: 'a' } });
    expect(bench.saver.state.kind).toBe('saved');
    expect(bench.saver.revision).toBe(2);
  });
  it('flush saves at once', async () => {
    bench.saver.edit({ text: 'a' });
    const done = bench.saver.flush();
    expect(bench.requests).toHaveLength(1);
    await bench.answer({ kind: 'saved', revision: 2 });
    await done;
    expect(bench.saver.unsaved).toBe(false);
  });
});

describe('sameJson', () => {
  it('ignores the order of keys and absent values, not the order of elements', () => {
    expect(sameJson({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1, c: undefined })).toBe(true);
    expect(sameJson([1, 2], [2, 1])).toBe(false);
    expect(sameJson({ a: null }, {})).toBe(false);
    expect(sameJson([], {})).toBe(false);
  });
});
