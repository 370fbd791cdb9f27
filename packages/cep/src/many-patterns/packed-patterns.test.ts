import { type EventTime, JobFault, eventTime } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import { type ValidatedJob, validateDocument, zJobDocument } from '@tidemark/pattern';
import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { type Fed, lines, rules, steps } from '../../test/rules-under-test.ts';
import { CepOperator, type CepOperatorOptions } from '../operator/cep-operator.ts';
import { PatternsOperator } from './patterns-operator.ts';

const ALL = { start: 0, end: 128 };
const placesOf = (job: ValidatedJob): number[] => job.patterns.map((_, i) => i);
/** Says what the pattern says anyway, but for one pattern at a time: so each has an operator of its own. */
const APART = { everyKey: false };

/** The same steps through an operator that is made by `make` and imaged into the next one after each of `at` steps. */
function relayed(at: ReadonlySet<number>, makers: readonly (() => PatternsOperator)[]): Fed {
  let turn = 0;
  let operator = (makers[0] as () => PatternsOperator)();
  let done = 0;
  return {
    processBatch: (batch, watermark) => {
      operator.processBatch(batch, watermark);
      done += 1;
      if (!at.has(done)) return;
      const image = operator.snapshot();
      turn += 1;
      operator = (makers[turn % makers.length] as () => PatternsOperator)();
      operator.restore([image], ALL);
    },
    processWatermark: (watermark) => operator.processWatermark(watermark),
  };
}

/** Pattern i: `a` then `b`, told apart by a text. */
function pairs(count: number, { windowMs = 1_000, first = (i: number) => `event.kind == 'a${i}'`, limits = {}, optional = false } = {}): ValidatedJob {
  const stage = (id: string, expression: string) => ({ type: 'ATOMIC' as const, id, name: id, condition: { type: 'CEL' as const, expression } });
  const { job, issues } = validateDocument(zJobDocument.parse({
    format: 'tidemark-job', version: 1, id: 'pairs', name: 'pairs', limits,
    patterns: Array.from({ length: count }, (_, i) => ({
      id: `p${i}`, name: `p${i}`, key: ['host'], nodes: [stage('s', first(i)), stage('e', `event.kind == 'b${i}'`)],
      edges: [{ source: 's', target: 'e', type: 'SKIP_TILL_NEXT' }], window: { type: 'FIRST_AND_LAST', time: { unit: 'MILLISECONDS', size: windowMs } },
    })),
    schema: {
      fields: [{ name: 'ts', type: 'int' }, { name: 'host', type: 'string' }, { name: 'kind', type: 'string', ...(optional ? { optional: true } : {}) }, { name: 'bytes', type: 'double', ...(optional ? { optional: true } : {}) }],
      time: { field: 'ts', format: 'epoch-ms' },
    },
  }));
  if (job === null) throw new Error(JSON.stringify(issues));
  return job;
}

const batchOf = (job: ValidatedJob, events: readonly Record<string, string | number>[]): EventBatch => {
  const batch = new EventBatch(job.schema, Math.max(1, events.length));
  events.forEach((event, i) => appendObject(batch, event, event.ts as number, i));
  return batch;
};

function faultOf(work: () => void): JobFault {
  try {
    work();
  } catch (error) {
    if (error instanceof JobFault) return error;
    throw error;
  }
  throw new Error('no fault');
}

const counted = (operator: PatternsOperator | CepOperator) => operator.stageFigures();

describe('packed patterns', () => {
  it('[PK1] give what each gives alone, and count the same, whether they stay or move out', () => {
    let packed = 0;
    let moved = 0;
    let matches = 0;
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = new Random(seed);
      // with windows this long many runs of a key are alive
      const job = rules(random, { timedOut: 0.1, skip: 0.1, windowMs: seed % 2 === 0 ? 2_000 : 60, any: seed % 2 === 1, rare: seed % 2 === 0 });
      const all = steps(job, random, seed % 7 === 0 ? -20 : 1_000, { hosts: seed % 4 === 0 ? 1 : 3 });
      const made: PatternsOperator[] = [];
      const together = lines(job, all, (write) => {
        const operator = new PatternsOperator(job, placesOf(job), write);
        made.push(operator);
        packed += operator.packed;
        return operator;
      });
      const alone: CepOperator[] = [];
      const apart = job.patterns.map((_, pattern) => lines(job, all, (write) => {
        const operator = new CepOperator(job, write, { pattern });
        alone.push(operator);
        return operator;
      })[pattern]);
      expect({ seed, together }).toEqual({ seed, together: apart });
      const [operator] = made as [PatternsOperator];
      expect({ seed, figures: counted(operator) }).toEqual({ seed, figures: alone.flatMap(counted) });
      moved += new PatternsOperator(job, placesOf(job), () => undefined).packed - operator.packed;
      matches += together.flat().length;
    }
    expect(packed).toBeGreaterThan(150);
    expect(moved).toBeGreaterThan(20);
    expect(matches).toBeGreaterThan(5_000);
  });

  it('[PK2] their images are those of operators of their own: either goes on from the other', () => {
    for (let seed = 300; seed < 324; seed += 1) {
      const random = new Random(seed);
      const job = rules(random, { timedOut: 0, skip: 0, windowMs: seed % 2 === 0 ? 2_000 : 60, any: seed % 2 === 1, rare: seed % 2 === 0 });
      const all = steps(job, random, 1_000);
      const make = (write: ConstructorParameters<typeof PatternsOperator>[2], options: Omit<CepOperatorOptions, 'pattern'> = {}) => () => new PatternsOperator(job, placesOf(job), write, options);
      const whole = lines(job, all, (write) => make(write, APART)());
      const at = new Set([random.between(1, 9), random.between(10, 19), random.between(20, 29)]);
      const relay = lines(job, all, (write) => relayed(at, seed % 3 === 0 ? [make(write)] : [make(write), make(write, APART)]));
      expect({ seed, relay }).toEqual({ seed, relay: whole });
    }
  });

  it('[PK2] shared out over two subtasks and merged again, lose and double nothing', () => {
    for (let seed = 600; seed < 620; seed += 1) {
      const random = new Random(seed);
      const job = rules(random, { timedOut: 0, skip: 0, windowMs: 500 });
      const all = steps(job, random, 1_000);
      const make = (): PatternsOperator => new PatternsOperator(job, placesOf(job), () => undefined);
      const first = make();
      for (const { batch, watermark } of all) first.processBatch(batch, watermark);
      const image = first.snapshot();
      const halves = [{ start: 0, end: 64 }, { start: 64, end: 128 }].map((range) => {
        const half = make();
        half.restore([image], range);
        return half;
      });
      const sum = (operators: readonly PatternsOperator[]) => operators.map((operator) => operator.stageFigures())
        .reduce((a, b) => a.map((figures, i) => ({ ...figures, partialMatches: figures.partialMatches + (b[i]?.partialMatches ?? 0), matches: (figures.matches ?? 0) + (b[i]?.matches ?? 0), keys: figures.keys + (b[i]?.keys ?? 0) })))
        .map(({ partialMatches, matches, keys }) => ({ partialMatches, matches, keys }));
      const merged = make();
      merged.restore(halves.map((half) => half.snapshot()), ALL);
      expect({ seed, halves: sum(halves), merged: sum([merged]) }).toEqual({ seed, halves: sum([first]), merged: sum([first]) });
    }
  });

  it('[HR3] many rows that wait for one watermark, imaged or not, give what each pattern gives alone', () => {
    const random = new Random(5);
    const job = pairs(6);
    const rows = Array.from({ length: 5_000 }, (_, i) => ({ ts: i + 5_000 - (random.chance(0.3) ? random.between(0, 4_000) : 0), host: `h${random.between(0, 20)}`, kind: random.pick(['a', 'b']) + String(random.between(0, 7)), bytes: i }));
    const run = (make: (lines: string[]) => PatternsOperator, isImaged: boolean): string[] => {
      const lines: string[] = [];
      let operator = make(lines);
      operator.processBatch(batchOf(job, rows));
      operator.processWatermark(eventTime(2_345));
      if (isImaged) {
        const image = operator.snapshot();
        operator = make(lines);
        operator.restore([image], ALL);
      }
      operator.processWatermark(eventTime(20_000));
      return lines.sort();
    };
    const text = (match: { readonly pattern: number; readonly length: number; rowAt(i: number): number; readonly events: { positionOf(row: number): number }; readonly key: unknown }) =>
      `${match.pattern} ${JSON.stringify(match.key)} ${Array.from({ length: match.length }, (_, i) => match.events.positionOf(match.rowAt(i))).join(' ')}`;
    const together = run((lines) => new PatternsOperator(job, placesOf(job), (match) => lines.push(text(match))), false);
    expect(together.length).toBeGreaterThan(500);
    expect(run((lines) => new PatternsOperator(job, placesOf(job), (match) => lines.push(text(match)), APART), false)).toEqual(together);
    expect(run((lines) => new PatternsOperator(job, placesOf(job), (match) => lines.push(text(match))), true)).toEqual(together);
  });

  it('[PK3] a row that lacks a field of the index means what it means alone', () => {
    let packed = 0;
    for (let seed = 700; seed < 760; seed += 1) {
      const random = new Random(seed);
      const job = rules(random, { timedOut: 0, skip: 0, absent: true });
      const all = steps(job, random, 1_000, { absent: true });
      const together = lines(job, all, (write) => {
        const operator = new PatternsOperator(job, placesOf(job), write);
        packed += operator.packed;
        return operator;
      });
      const apart = job.patterns.map((_, pattern) => lines(job, all, (write) => new CepOperator(job, write, { pattern }))[pattern]);
      expect({ seed, together }).toEqual({ seed, together: apart });
    }
    expect(packed).toBeGreaterThan(150);
  });

  it('[PK4] a condition without a value is the fault that it is alone, and only where it is asked', () => {
    const job = pairs(5, { optional: true, first: (i) => (i === 3 ? "event.kind == 'a3' && event.bytes > 5.0" : `event.kind == 'a${i}'`) });
    const feed = (events: readonly Record<string, string | number>[]) => (operator: PatternsOperator | CepOperator) => () => operator.processBatch(batchOf(job, events), eventTime(1_000));
    const bad = feed([{ ts: 1, host: 'h', kind: 'a0' }, { ts: 2, host: 'h', kind: 'a3' }]);
    const together = new PatternsOperator(job, placesOf(job), () => undefined);
    expect(together.packed).toBe(5);
    const fault = faultOf(bad(together));
    expect(fault.message).toBe(faultOf(bad(new CepOperator(job, () => undefined, { pattern: 3 }))).message);
    expect(fault.message).toMatch(/stage s of pattern p3 .* at 0:1/);
    expect(feed([{ ts: 1, host: 'h', kind: 'a0' }, { ts: 2, host: 'h', kind: 'x' }])(new PatternsOperator(job, placesOf(job), () => undefined))).not.toThrow();
  });

  it('[PK4] so is one whose text is absent', () => {
    const job = pairs(4, { optional: true, first: (i) => (i === 2 ? "event.kind == 'a2'" : `has(event.kind) && event.kind == 'a${i}'`) });
    const rows = [{ ts: 1, host: 'h', kind: 'a0' }, { ts: 2, host: 'h' }];
    const together = new PatternsOperator(job, placesOf(job), () => undefined);
    expect(together.packed).toBe(4);
    // pattern 0 has a run, and what it waits for asks for the text too
    expect(faultOf(() => together.processBatch(batchOf(job, rows), eventTime(100))).message).toMatch(/stage [se] of pattern p[02] .* at 0:1/);
    const only = new PatternsOperator(job, placesOf(job), () => undefined);
    expect(faultOf(() => only.processBatch(batchOf(job, rows.slice(1)), eventTime(100))).message).toBe(
      faultOf(() => new CepOperator(job, () => undefined, { pattern: 2 }).processBatch(batchOf(job, rows.slice(1)), eventTime(100))).message,
    );
  });

  it('[PK4] so is one that costs too much', () => {
    const long = `[${Array.from({ length: 400 }, (_, i) => i).join()}]`;
    const dear = `${long}.all(x, ${long}.all(y, x + y > event.bytes))`;
    const job = pairs(4, { first: (i) => (i === 2 ? `event.kind == 'a2' && ${dear}` : `event.kind == 'a${i}'`) });
    const rows = [{ ts: 1, host: 'h', kind: 'x', bytes: -1 }, { ts: 2, host: 'h', kind: 'a2', bytes: -1 }];
    const together = new PatternsOperator(job, placesOf(job), () => undefined);
    expect(together.packed).toBe(4);
    const fault = faultOf(() => together.processBatch(batchOf(job, rows), eventTime(1_000)));
    expect(fault.code).toBe('condition-cost');
    expect(fault.message).toBe(faultOf(() => new CepOperator(job, () => undefined, { pattern: 2 }).processBatch(batchOf(job, rows), eventTime(1_000))).message);
  });

  it('[PK5] limits of a key and of an event hold, before a pattern moves out', () => {
    const starts = (count: number) => Array.from({ length: count }, (_, i) => ({ ts: i + 1, host: 'h', kind: 'a1' }));
    const ofKey = pairs(4, { limits: { partialMatchesPerKey: 10 } });
    const operator = new PatternsOperator(ofKey, placesOf(ofKey), () => undefined);
    operator.processBatch(batchOf(ofKey, starts(10)), eventTime(100));
    const fault = faultOf(() => operator.processBatch(batchOf(ofKey, [{ ts: 101, host: 'h', kind: 'a1' }]), eventTime(200)));
    expect(fault.code).toBe('partial-matches-per-key');
    expect(fault.message).toMatch(/Key \["h"\] has more than 10 partial matches; most of them wait after stage s\./);
    expect(fault.operatorId).toBe('p1');
    // what is over does not count
    const ended = new PatternsOperator(ofKey, placesOf(ofKey), () => undefined);
    ended.processBatch(batchOf(ofKey, starts(10)), eventTime(100));
    expect(() => ended.processBatch(batchOf(ofKey, [{ ts: 1_009, host: 'h', kind: 'a1' }]), eventTime(1_100))).not.toThrow();

    const ofEvent = pairs(4, { limits: { matchesPerEvent: 10 } });
    const rows = [...starts(11), { ts: 20, host: 'h', kind: 'b1' }];
    let given = 0;
    expect(faultOf(() => new PatternsOperator(ofEvent, placesOf(ofEvent), () => { given += 1; }).processBatch(batchOf(ofEvent, rows), eventTime(100))).code).toBe('matches-per-event');
    expect(given).toBe(0);
  });

  it('[PK5] so does that of the bytes of a key: what can take much of them moves out, or never was in', () => {
    const job = pairs(4, { windowMs: 1_000_000, limits: { stateBytesPerKey: 1_048_576 } });
    const operator = new PatternsOperator(job, placesOf(job), () => undefined);
    expect(operator.packed).toBe(4);
    const fill = (from: number): void => {
      for (let at = from; at < from + 20_000; at += 500) {
        operator.processBatch(batchOf(job, Array.from({ length: 500 }, (_, i) => ({ ts: at + i, host: 'h', kind: 'a1' }))), eventTime(at + 499));
      }
    };
    const fault = faultOf(() => { fill(1); });
    expect(fault.code).toBe('state-bytes-per-key');
    expect(fault.message).toMatch(/Key \["h"\] has more than 1048576 bytes of state/);
    expect(fault.operatorId).toBe('p1');
  });

  it('[PK6] a pattern that takes many of the rows moves out, and nothing changes', () => {
    const job = pairs(4);
    let matches = 0;
    const operator = new PatternsOperator(job, placesOf(job), () => { matches += 1; });
    expect(operator.packed).toBe(4);
    const events = (at: number) => Array.from({ length: 2_048 }, (_, i) => ({ ts: at + i, host: `h${i % 64}`, kind: i % 256 < 64 ? 'a2' : i % 256 < 128 ? 'b2' : 'x' }));
    let time = 1;
    for (let round = 0; round < 40; round += 1, time += 2_048) operator.processBatch(batchOf(job, events(time)), eventTime(time + 2_047) as EventTime);
    expect(operator.packed).toBe(3);
    expect(matches).toBe(40 * 512);
    expect(operator.stageFigures().map(({ patternId, matches: of }) => [patternId, of])).toEqual([['p0', 0], ['p1', 0], ['p2', 40 * 512], ['p3', 0]]);
  });

  it('[PK7] what is over is let go, and so are names of keys', () => {
    const job = pairs(16, { windowMs: 10 });
    const operator = new PatternsOperator(job, placesOf(job), () => undefined);
    // names of keys are looked through when there are some 65,000 of them
    const most = [0, 0];
    for (let round = 0; round < 280; round += 1) {
      const at = 1 + round * 1_000;
      operator.processBatch(batchOf(job, Array.from({ length: 1_000 }, (_, i) => ({ ts: at + i, host: `h${round * 1_000 + i}`, kind: `a${i % 16}` }))), eventTime(at + 999));
      const half = round < 140 ? 0 : 1;
      most[half] = Math.max(most[half] as number, operator.bytesInUse);
    }
    expect(most[1]).toBeLessThan((most[0] as number) * 1.1);
    expect(operator.stageFigures().reduce((sum, { keys }) => sum + keys, 0)).toBeLessThanOrEqual(10);
  });
});
