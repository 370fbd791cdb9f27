import { expect, it } from 'vitest';
import { Deletions, UNDO_MS } from './deletion.ts';

function setUp(fails = false): { deletions: Deletions; removed: string[]; hidden: () => string[]; failed: string[]; pass: () => void; delays: number[] } {
  const removed: string[] = [];
  const failed: string[] = [];
  const delays: number[] = [];
  let timers: (() => void)[] = [];
  let hidden: string[] = [];
  const deletions = new Deletions({
    remove: (projectId, leaving) => {
      removed.push(leaving ? `${projectId} on leaving` : projectId);
      return fails ? Promise.reject(new Error('409')) : Promise.resolve();
    },
    schedule: (delayMs, run) => {
      delays.push(delayMs);
      timers.push(run);
      return () => { timers = timers.filter((timer) => timer !== run); };
    },
    changed: (next) => { hidden = [...next]; },
    failed: (projectId) => { failed.push(projectId); },
  });
  return { deletions, removed, failed, delays, hidden: () => hidden, pass: () => { for (const timer of timers.slice()) timer(); } };
}

it('hides at once and sends only when the time is up', () => {
  const { deletions, removed, hidden, pass, delays } = setUp();
  deletions.request('a');
  deletions.request('a');
  expect([hidden(), removed, delays]).toEqual([['a'], [], [UNDO_MS]]);
  pass();
  expect([hidden(), removed]).toEqual([['a'], ['a']]);
});

it('never sends what was taken back', () => {
  const { deletions, removed, hidden, pass } = setUp();
  deletions.request('a');
  deletions.undo('a');
  pass();
  deletions.flush();
  expect([hidden(), removed]).toEqual([[], []]);
});

it('sends what waits when the page is left', () => {
  const { deletions, removed, pass } = setUp();
  deletions.request('a');
  deletions.flush();
  pass();
  expect(removed).toEqual(['a on leaving']);
});

it('brings the row back when the runtime refuses', async () => {
  const { deletions, hidden, failed, pass } = setUp(true);
  deletions.request('a');
  pass();
  await Promise.resolve();
  await Promise.resolve();
  expect([hidden(), failed]).toEqual([[], ['a']]);
});
