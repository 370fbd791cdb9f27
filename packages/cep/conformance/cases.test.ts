import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCases } from './cases.ts';
import { type Case, type CaseOptions, runCase } from './run-case.ts';

const folder = new URL('cases/', import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith('.json') || name.endsWith('.json.gz'));
const all = new Map<string, readonly Case[]>(files.map((name) => [name, readCases(folder + name)]));

function failing(cases: readonly Case[], options: CaseOptions): string[] {
  return cases.filter((one) => runCase(one, options).outcome === 'failed').map(({ id }) => id);
}

describe('what Flink gives', () => {
  it('[CF1] the cases are all there', () => {
    expect([...all.values()].reduce((sum, cases) => sum + cases.length, 0)).toBe(2307);
  });

  for (const [name, cases] of all) {
    it(`[CF2] ${name} as the compiler chooses`, () => expect(failing(cases, { strategy: 'auto' })).toEqual([]));
    it(`[CF3] ${name} on explicit runs`, () => expect(failing(cases, { strategy: 'explicit' })).toEqual([]));
    it(`[CF7] ${name} with runs kept in common from the first one on, and listed by state`, () => {
      expect(failing(cases, { strategy: 'compact', turnAt: 0 })).toEqual([]);
      expect(failing(cases, { strategy: 'state-lists', turnAt: 0 })).toEqual([]);
    });
    it(`[CF6] ${name} in batches that come with their watermark`, () => expect(failing(cases, { grouped: true })).toEqual([]));
    it(`[CF4] ${name} with every key advanced at every watermark`, () => expect(failing(cases, { everyKey: true })).toEqual([]));
  }

  it('[CF5] the runner notices a wrong expectation of every kind', () => {
    const one = (all.get('random.json.gz') as readonly Case[]).find(({ expect: e, ordered }) => ordered && (e.matches?.length ?? 0) > 1 && (e.timeouts?.length ?? 0) > 0) as Case;
    const { matches = [], triggers = [], timeouts = [] } = one.expect;
    expect(runCase(one).outcome).toBe('passed');
    const wrong = [
      { matches: matches.slice(1) }, { matches: [...matches].reverse() }, { triggers: [99, ...triggers.slice(1)] }, { timeouts: timeouts.slice(1) },
      { byTime: [{ at: 1, match: { a: [0] } }] }, { late: [0] }, { error: 'run time: FlinkRuntimeException: Failure happened in filter function.' },
    ];
    for (const change of wrong) expect(runCase({ ...one, expect: { ...one.expect, ...change } }).outcome).toBe('failed');
  });
});
