import { JobFault, eventTime } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import { Random } from '@tidemark/testkit';
import { describe, expect, it, vi } from 'vitest';
import { CepOperator, type CepOperatorOptions } from '../operator/cep-operator.ts';
import type { EmittedMatch } from './emitted-match.ts';
import type { CompactMatcher } from './compact-matcher.ts';
import type { MatchSet } from './match-set.ts';
import { UnionLists } from './union-lists.ts';
import { type Stream, type TestEvent, jobOf } from '../../test/operator-under-test.ts';

const LIMITS = { partialMatchesPerJob: 100_000, partialMatchesPerKey: 100_000, matchesPerEvent: 10_000, stateBytesPerJob: 1e12 };

/** a followedByAny b.oneOrMore().allowCombinations() followedByAny c */
const combinations = (within: number | null) => ({
  steps: [
    { name: 'a', link: 'begin' as const, where: "event.type == 'a'" },
    { name: 'b', link: 'followedByAny' as const, where: "event.type == 'b'", times: { from: 1, to: null }, inner: 'allowCombinations' as const },
    { name: 'c', link: 'followedByAny' as const, where: "event.type == 'c'" },
  ],
  within: within === null ? null : { ms: within },
});

const stream = (types: string): TestEvent[] => [...types].map((type, i) => ({ ts: i + 1, type }));

function push(job: Stream['job'], operator: CepOperator, rows: readonly TestEvent[], first = 0): void {
  const batch = new EventBatch(job.schema, Math.max(1, rows.length));
  rows.forEach((event, i) => appendObject(batch, event, event.ts, first + i));
  operator.processBatch(batch, eventTime(rows.at(-1)?.ts as number));
}

const brief = (match: EmittedMatch): string => Array.from({ length: match.length }, (_, i) => match.events.positionOf(match.rowAt(i))).join(' ');

describe('CompactMatcher', () => {
  it('[CM1] gives matches of one event in order of start, then of positions, where they were too many to keep one by one', () => {
    const rows = stream('abxabbc');
    const job = jobOf(combinations(null), null, rows);
    const run = (options: CepOperatorOptions): string[] => {
      const seen: string[] = [];
      push(job, new CepOperator(job, (match) => seen.push(brief(match)), options), rows);
      return seen;
    };
    const expected = ['0 1 4 5 6', '0 1 4 6', '0 1 5 6', '0 1 6', '0 4 5 6', '0 4 6', '0 5 6', '3 4 5 6', '3 4 6', '3 5 6'];
    expect(run({ strategy: 'compact', turnAt: 0 })).toEqual(expected);
    expect(run({ strategy: 'compact', turnAt: 5 })).toEqual(expected);
    expect([...run({ strategy: 'explicit' })].sort()).toEqual([...expected].sort());
  });

  it('[CM2] 2^60 matches of one event: a fault after the limit, or a set that costs nothing until it is asked', () => {
    const rows = stream(`a${'b'.repeat(60)}c`);
    const job = jobOf(combinations(null), null, rows);
    let given = 0;
    const limited = new CepOperator(job, () => { given += 1; }, { limits: LIMITS });
    push(job, limited, rows.slice(0, -1));
    expect(limited.stageFigures()[0]?.partialMatches).toBeGreaterThan(2 ** 60);
    expect(() => push(job, limited, rows.slice(-1), 61)).toThrow(expect.objectContaining({ code: 'matches-per-event' }) as JobFault);
    expect(given).toBe(0);

    const sets: { count: number; atMost: number; first: string[]; kept: MatchSet }[] = [];
    const lazy = new CepOperator(job, () => { given += 1; }, {
      limits: LIMITS,
      matchSets: (set) => {
        const first: string[] = [];
        for (let match = set.next(); match !== null && first.length < 1000; match = set.next()) first.push(brief(match));
        sets.push({ count: set.count(), atMost: set.atMost, first, kept: set.detach() });
        expect(set.about.completedBy).toEqual({ split: 0, position: 61 });
      },
    });
    push(job, lazy, rows);
    expect(given).toBe(0);
    const [set] = sets;
    expect(set?.count).toBe(2 ** 60 - 1);
    expect(set?.atMost).toBe(2 ** 60 - 1);
    expect(new Set(set?.first).size).toBe(1000);
    // The engine goes on; what was detached stays.
    push(job, lazy, [{ ts: 100, type: 'a' }, { ts: 101, type: 'x' }], 62);
    expect(set?.kept.count()).toBe(2 ** 60 - 1);
    const again: string[] = [];
    for (let match = set?.kept.next(); match && again.length < 1000; match = set?.kept.next()) again.push(brief(match));
    expect(again).toEqual(set?.first);
    set?.kept.rewind();
    expect(brief(set?.kept.next() as EmittedMatch)).toBe(again[0]);
  });

  it('[CM2] a set enumerates each match as often as Flink gives it', () => {
    const rows = stream('aabxbbc');
    const job = jobOf(combinations(6), null, rows);
    const one = (options: CepOperatorOptions): string[] => {
      const seen: string[] = [];
      push(job, new CepOperator(job, (match) => seen.push(brief(match)), {
        timedOut: false,
        ...options,
        matchSets: (set) => {
          const before = seen.length;
          for (let match = set.next(); match !== null; match = set.next()) seen.push(brief(match));
          expect(set.count()).toBe(seen.length - before);
        },
      }), rows);
      return seen.sort();
    };
    // the first a is over when c comes
    expect(one({ strategy: 'compact', turnAt: 0 })).toEqual(one({ strategy: 'explicit' }));
    expect(one({ strategy: 'explicit' })).toHaveLength(7);
  });

  it('[CM3] what a window of any length keeps follows the window, and an event costs no more records the longer it is', () => {
    const records = (within: number): { size: number; perEvent: number } => {
      const job = jobOf(combinations(within), null, stream('abxc'));
      const operator = new CepOperator(job, () => undefined, { limits: LIMITS, timedOut: false });
      const matcher = operator.matcher as CompactMatcher;
      const batch = new EventBatch(job.schema, 1000);
      for (let from = 0; from < within * 4; from += 1000) {
        batch.clear();
        for (let i = from; i < from + 1000; i += 1) appendObject(batch, { ts: i + 1, type: 'abx'[(i * 7) % 3] }, i + 1, i);
        operator.processBatch(batch, eventTime(from + 1000));
      }
      operator.snapshot();
      return { size: matcher.listsOf(0)?.size ?? 0, perEvent: (matcher.listsOf(0)?.size ?? 0) / within };
    };
    const small = records(1_000);
    const large = records(20_000);
    expect(small.perEvent).toBeLessThan(4);
    expect(Math.abs(large.perEvent / small.perEvent - 1)).toBeLessThan(0.1);
  });

  it('[CM3] without a window a taken event of an open loop costs at most 120 bytes, whatever the number of runs', () => {
    const job = jobOf({
      steps: [{ name: 'a', link: 'begin', where: "event.type == 'a'", times: { from: 1, to: null } }, { name: 'c', link: 'followedBy', where: "event.type == 'c'" }],
    }, null, stream('ac'));
    const operator = new CepOperator(job, () => undefined, { limits: { ...LIMITS, partialMatchesPerKey: 1e6, partialMatchesPerJob: 1e6 } });
    const batch = new EventBatch(job.schema, 1000);
    for (let from = 0; from < 60_000; from += 1000) {
      batch.clear();
      for (let i = from; i < from + 1000; i += 1) appendObject(batch, { ts: i + 1, type: Math.imul(i, 0x9e3779b1) < 0 ? 'a' : 'x' }, i + 1, i);
      operator.processBatch(batch, eventTime(from + 1000));
      const taken = operator.matcher.events.live;
      if (taken > 1000) expect((operator.matcher as CompactMatcher).listBytes / taken).toBeLessThan(120);
    }
    expect(operator.matcher.events.live).toBeGreaterThan(25_000);
    expect(operator.stageFigures()[0]?.partialMatches).toBeGreaterThan(10 ** 8);
    // an image is as large as what shares
    expect(operator.snapshot().length / operator.matcher.events.live).toBeLessThan(200);
  });

  it('[CM4] a limit of partial matches counts what a compact key keeps, and its time-outs', () => {
    const job = jobOf(combinations(10_000), null, stream('abxc'));
    const rows = stream('ab'.repeat(400));
    const tight = new CepOperator(job, () => undefined, { limits: { ...LIMITS, partialMatchesPerKey: 300 } });
    expect(() => push(job, tight, rows)).toThrow(expect.objectContaining({ code: 'partial-matches-per-key' }) as JobFault);
    const wide = new CepOperator(job, () => undefined, { limits: LIMITS, timedOut: true });
    push(job, wide, rows);
    expect(() => wide.processWatermark(eventTime(50_000))).toThrow(expect.objectContaining({ code: 'partial-matches-per-key' }) as JobFault);
    const deaf = new CepOperator(job, () => undefined, { limits: LIMITS, timedOut: false });
    push(job, deaf, rows);
    deaf.processWatermark(eventTime(50_000));
    expect(deaf.stageFigures()[0]).toMatchObject({ partialMatches: 0, keys: 0 });
    expect(deaf.matcher.events.live).toBe(0);
  });

  it('[CM5] counts are exact again when they are asked for, and marked where they are too many to count', () => {
    const job = jobOf(combinations(50), null, stream('abxc'));
    const rows = stream('abx'.repeat(60));
    const [exact, common] = (['explicit', 'compact'] as const).map((strategy) => {
      const operator = new CepOperator(job, () => undefined, { limits: { ...LIMITS, partialMatchesPerKey: 1e6, partialMatchesPerJob: 1e6 }, strategy, timedOut: false });
      push(job, operator, rows.slice(0, 45));
      operator.processWatermark(eventTime(60));
      return operator.stageFigures()[0];
    });
    expect(common).toMatchObject({ waiting: exact?.waiting, partialMatches: exact?.partialMatches, expired: exact?.expired });
    expect(common?.atMost).toBeUndefined();

    const large = jobOf(combinations(40_000), null, stream('abxc'));
    const operator = new CepOperator(large, () => undefined, { limits: { ...LIMITS, partialMatchesPerKey: 1e6, partialMatchesPerJob: 1e6 }, timedOut: false });
    push(large, operator, stream('abx'.repeat(20_000)));
    expect(operator.stageFigures()[0]?.atMost).toBe(true);
  });

  it('[CM6] what nothing reaches any more is given back, without a window too: records, events, and the key itself', () => {
    const pattern = {
      steps: [
        { name: 'a', link: 'begin' as const, where: "event.type == 'a'" },
        { name: 'b', link: 'followedByAny' as const, where: "event.type == 'b'" },
        { name: 'c', link: 'next' as const, where: "event.type == 'c'" },
      ],
    };
    const job = jobOf(pattern, null, stream('abcx'));
    const operator = new CepOperator(job, () => undefined, { strategy: 'compact', turnAt: 0, limits: LIMITS });
    push(job, operator, stream('a'));
    for (let round = 0; round < 500; round += 1) push(job, operator, stream('bxbbxxbx').map((event, i) => ({ ...event, ts: 2 + round * 8 + i })), 1 + round * 8);
    expect((operator.matcher as CompactMatcher).listsOf(0)?.size).toBeLessThan(600);
    expect(operator.matcher.events.live).toBeLessThan(600);
    operator.snapshot();
    expect(operator.matcher.events.live).toBe(1);

    const strict = jobOf({ steps: pattern.steps.map((step, i) => (i === 0 ? { ...step, times: { from: 1, to: null }, inner: 'consecutive' as const } : { ...step, link: 'next' as const })) }, null, stream('abcx'));
    const dying = new CepOperator(strict, () => undefined, { strategy: 'compact', turnAt: 0, limits: LIMITS });
    push(strict, dying, stream('aaab'));
    expect(dying.stageFigures()[0]).toMatchObject({ waiting: [0, 3, 0], keys: 1 });
    push(strict, dying, [{ ts: 10, type: 'x' }], 4);
    expect(dying.stageFigures()[0]).toMatchObject({ waiting: [0, 0, 0], keys: 0 });
    expect(dying.matcher.events.live).toBe(0);
  });

  it('[CM7] consecutive rows of a key that only take events give together what they give one by one: output, counters, images', () => {
    let together = 0;
    let largest = 0;
    for (let seed = 0; seed < 60; seed += 1) {
      const [drawn, expected] = [drawChain(seed), drawChain(seed)].map((chain, i) => {
        const room = i === 0 ? null : vi.spyOn(UnionLists.prototype, 'room', 'get').mockReturnValue(0);
        const takeRows = vi.spyOn(UnionLists.prototype, 'takeRows');
        const seen = throughCompact(chain);
        for (const { value } of takeRows.mock.results) together += typeof value === 'number' ? 1 : 0;
        takeRows.mock.calls.forEach(([, , , , from], call) => { largest = Math.max(largest, (takeRows.mock.results[call]?.value as number) - from); });
        if (i === 1) expect(takeRows).not.toHaveBeenCalled();
        takeRows.mockRestore();
        room?.mockRestore();
        return seen;
      });
      expect({ seed, ...drawn }).toEqual({ seed, ...expected });
    }
    expect(together).toBeGreaterThan(2_000);
    expect(largest).toBeGreaterThan(20);
  });
});

interface Chain {
  readonly seed: number;
  readonly job: Stream['job'];
  readonly rows: readonly TestEvent[];
  readonly options: CepOperatorOptions;
}

/** Stages with a letter of their own, which mostly branch; a third letter in two stages now and then, noise, rows of one time, one key or three. */
function drawChain(seed: number): Chain {
  const random = new Random(seed);
  const letters = [...'abcdefgh'].slice(0, random.between(3, 8));
  const steps = letters.map((letter, i) => ({
    name: `s${i}`, where: `event.type == '${i > 1 && random.chance(0.1) ? (letters[i - 1] as string) : letter}'`,
    link: i === 0 ? ('begin' as const) : random.pick(['followedByAny', 'followedByAny', 'followedBy'] as const), ...(i > 0 && random.chance(0.1) ? { optional: true } : {}),
  }));
  const keyed = random.chance(0.3);
  const dense = random.between(0, 2);
  let ts = 1;
  const rows = Array.from({ length: 600 }, () => {
    ts += random.between(0, 2);
    const type = random.chance(dense / 10) ? 'x' : random.chance(0.03) ? (letters.at(-1) as string) : random.pick(letters.slice(0, -1));
    return { ts, type, user: keyed ? `u${random.between(0, 2)}` : 'u' };
  });
  // the longer the window, the more matches: few stages only
  const job = jobOf({ steps, within: { ms: letters.length > 3 ? random.between(20, 60) : random.between(20, 200) } }, keyed ? 'user' : null, rows);
  return { seed, job, rows, options: { strategy: 'compact', turnAt: random.pick([0, 64]), timedOut: random.chance(0.4), limits: { ...LIMITS, matchesPerEvent: 100_000, partialMatchesPerKey: 1e6, partialMatchesPerJob: 1e6 } } };
}

/** Batches of many sizes: what came out, what was counted and the images now and then. */
function throughCompact({ seed, job, rows, options }: Chain): { readonly seen: readonly string[]; readonly images: readonly Uint8Array[]; readonly figures: readonly unknown[] } {
  const random = new Random(seed);
  const seen: string[] = [];
  const images: Uint8Array[] = [];
  const figures: unknown[] = [];
  const operator = new CepOperator(job, (match) => seen.push(`${match.kind} ${brief(match)}`), options);
  try {
    for (let from = 0; from < rows.length;) {
      let to = Math.min(rows.length, from + random.pick([1, 5, 40, 150]));
      // rows of one time come together: what comes behind its watermark is late
      while (to < rows.length && rows[to]?.ts === rows[to - 1]?.ts) to += 1;
      push(job, operator, rows.slice(from, to), from);
      from = to;
      if (random.chance(0.7)) figures.push(operator.stageFigures());
      if (random.chance(0.3)) images.push(operator.snapshot());
    }
  } catch (error) {
    seen.push(String(error));
  }
  return { seen, images, figures };
}
