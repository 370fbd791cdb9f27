import { describe, expect, it } from 'vitest';
import { DifferentialRun } from './differential-run.ts';

/** Each feature must have been hit this often in 2,000 seeds: a generator that forgets one fails here. */
const FLOOR = 20;
const FEATURES = [
  'link:next', 'link:followedBy', 'link:followedByAny', 'link:notNext', 'link:notFollowedBy',
  'quantifier:times', 'quantifier:range', 'quantifier:oneOrMore', 'quantifier:orMore', 'optional', 'greedy', 'until',
  'inner:skipTillNext', 'inner:consecutive', 'inner:allowCombinations', 'group:depth1', 'group:depth2',
  'window:FIRST_AND_LAST', 'window:PREVIOUS_AND_CURRENT', 'window:step', 'window:times',
  'skip:NO_SKIP', 'skip:SKIP_TO_NEXT', 'skip:SKIP_PAST_LAST_EVENT', 'skip:SKIP_TO_FIRST', 'skip:SKIP_TO_LAST', 'throwOnMiss',
  'condition:any', 'condition:name', 'condition:number', 'condition:or', 'condition:earlier',
  'key:none', 'key:id', 'key:user', 'watermark:explicit', 'disorder', 'tieBreak',
];

describe('engine and reference', () => {
  it('agree on 2,000 random pattern × stream pairs, in order where order means something', { timeout: 240_000 }, () => {
    const run = new DifferentialRun();
    for (let seed = 1; run.pairs < 2_000; seed += 1) run.compare(seed);
    expect(run.differences.slice(0, 3)).toEqual([]);
    expect(run.withMatches).toBeGreaterThan(500);
    expect(FEATURES.filter((feature) => (run.features.get(feature) ?? 0) < FLOOR)).toEqual([]);
  });

  it('agree where two events of one time meet a gap that is over (seed 1208)', () => {
    const run = new DifferentialRun();
    run.compare(1208);
    expect(run.pairs).toBe(1);
    expect(run.differences).toEqual([]);
  });
});
