import { JobFault, WATERMARK_MAX } from '@tidemark/core';
import { hashOfKey, keyGroupOf } from '@tidemark/dataflow';
import { EventBatch, appendObject } from '@tidemark/event';
import { type ValidatedJob, fromCase, validateDocument } from '@tidemark/pattern';
import { Random, randomCase } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { MatchFormatter } from '../after-match/match-formatter.ts';
import { PatternRun } from '../pattern-run.ts';
import { type Stream, type TestEvent, feed, jobOf, randomStream } from '../../test/operator-under-test.ts';
import { CepOperator } from '../operator/cep-operator.ts';
import { hasKey, patternsByKey } from './patterns-by-key.ts';
import { PatternsOperator } from './patterns-operator.ts';

const ALL = { start: 0, end: 128 };
const never = (): boolean => false;

/** The stream of a seed with its own pattern and those of other seeds in one job, under keys that are equal and not. */
function severalStreams(count: number, from: number): Stream[] {
  const found: Stream[] = [];
  for (let seed = from; found.length < count; seed += 1) {
    const stream = randomStream(seed);
    if (!stream) continue;
    const [own] = stream.job.document.patterns;
    const others = [1, 2, 3].flatMap((more) => {
      const drawn = randomCase(seed + more * 7_919);
      const made = fromCase(drawn.pattern, more === 3 ? null : drawn.keyBy, stream.events as TestEvent[]);
      return made.ok ? made.document.patterns.map((pattern) => ({ ...pattern, id: `more${more}` })) : [];
    });
    const { job } = validateDocument({ ...stream.job.document, patterns: [own!, ...others] });
    if (job !== null && job.patterns.length > 2) found.push({ ...stream, job });
  }
  return found;
}

/** Lines by pattern; a fault ends the run. */
class Output {
  readonly lines: string[][];
  readonly #formatters: readonly MatchFormatter[];
  fault: string | null = null;

  constructor(job: ValidatedJob) {
    this.lines = job.patterns.map(() => []);
    this.#formatters = job.patterns.map((_, pattern) => new MatchFormatter(job, pattern));
  }

  readonly write: ConstructorParameters<typeof CepOperator>[1] = (match) => {
    this.lines[match.pattern]?.push((this.#formatters[match.pattern] as MatchFormatter).format(match).line);
  };

  run(work: () => void): this {
    try {
      work();
    } catch (error) {
      if (!(error instanceof JobFault)) throw error;
      this.fault = error.message;
    }
    return this;
  }
}

/** What each pattern gives alone; null where one of them faults. */
function alone(stream: Stream): string[][] | null {
  const output = new Output(stream.job);
  stream.job.patterns.forEach((_, pattern) => output.run(() => feed(stream, new CepOperator(stream.job, output.write, { pattern }), 0, stream.events.length, never, true)));
  return output.fault === null ? output.lines : null;
}

describe('patterns of one job', () => {
  it('[PO1] give together what each gives alone, in its order', () => {
    let keys = 0;
    let lines = 0;
    for (const stream of severalStreams(150, 1)) {
      const expected = alone(stream);
      if (expected === null) continue;
      const output = new Output(stream.job);
      const run = new PatternRun(stream.job, output.write);
      const operator = { processBatch: run.push.bind(run), processWatermark: run.watermark.bind(run) } as unknown as CepOperator;
      output.run(() => feed(stream, operator, 0, stream.events.length, never, stream.seed % 2 === 0));
      expect({ seed: stream.seed, lines: output.lines, fault: output.fault }).toEqual({ seed: stream.seed, lines: expected, fault: null });
      expect(run.figures().map(({ patternId }) => patternId)).toEqual(stream.job.document.patterns.map(({ id }) => id));
      keys += patternsByKey(stream.job).length > 1 ? 1 : 0;
      lines += output.lines.filter((list) => list.length > 0).length;
    }
    expect(keys).toBeGreaterThan(20);
    expect(lines).toBeGreaterThan(150);
  });

  it('[PO2] imaged side by side, shared out by key group and continued, lose and double nothing', () => {
    let compared = 0;
    for (const stream of severalStreams(100, 5_000)) {
      const expected = alone(stream);
      if (expected === null) continue;
      const at = new Random(stream.seed).between(0, stream.events.length);
      const boundary = new Random(stream.seed + 1).between(1, 127);
      const output = new Output(stream.job);
      const figures: (readonly [number, number])[] = [];
      output.run(() => {
        for (const { key, patterns } of patternsByKey(stream.job)) {
          const first = new PatternsOperator(stream.job, patterns, output.write);
          feed(stream, first as unknown as CepOperator, 0, at, never, true);
          const ranges = [{ start: 0, end: boundary }, { start: boundary, end: 128 }];
          const parts = ranges.map((range) => {
            const part = new PatternsOperator(stream.job, patterns, output.write);
            part.restore([first.snapshot()], range);
            return part;
          });
          const batch = new EventBatch(stream.job.schema, 1);
          stream.events.slice(at).forEach((event, index) => {
            batch.clear();
            appendObject(batch, event, event.ts, at + index);
            const values = key.map((field) => event[stream.job.schema.fields[field]?.name ?? ''] as string | number);
            parts[keyGroupOf(hashOfKey(values), 128) < boundary ? 0 : 1]?.processBatch(batch);
            const watermark = stream.watermarks[at + index];
            if (watermark !== null && watermark !== undefined) for (const part of parts) part.processWatermark(watermark);
          });
          const counted = parts.map((part) => part.stageFigures().map(({ matches = 0 }) => matches));
          figures.push(...patterns.map((pattern, index) => [pattern, (counted[0]?.[index] as number) + (counted[1]?.[index] as number)] as const));
        }
      });
      for (const [pattern, matches] of figures) expect({ seed: stream.seed, pattern, matches }).toEqual({ seed: stream.seed, pattern, matches: (expected[pattern] as string[]).filter((line) => line.includes('"kind":"match"')).length });
      compared += 1;
      expect({ seed: stream.seed, lines: output.lines.map((list) => [...list].sort()) }).toEqual({ seed: stream.seed, lines: expected.map((list) => [...list].sort()) });
    }
    expect(compared).toBeGreaterThan(50);
  });

  it('[PO3] refuse state of a pattern that they are not, and state without one of them', () => {
    const [stream] = severalStreams(1, 1);
    const all = stream!.job.patterns.map((_, index) => index);
    const image = new PatternsOperator(stream!.job, all, () => undefined).snapshot();
    const restored = (patterns: readonly number[], from: Uint8Array) => () => new PatternsOperator(stream!.job, patterns, () => undefined).restore([from], ALL);
    expect(restored(all, image)).not.toThrow();
    expect(restored(all.slice(1), image)).toThrow(/holds pattern \S+, which the job does not have/);
    expect(restored(all, new PatternsOperator(stream!.job, all.slice(0, 1), () => undefined).snapshot())).toThrow(/holds nothing of pattern more/);
    expect(restored(all, new CepOperator(stream!.job, () => undefined).snapshot())).toThrow(/in a form that this version does not read/);
  });

  it('[PO4] a row without a key takes no part in the patterns of that key, and in all others', () => {
    const pair = { steps: [{ name: 'a', link: 'begin' as const, where: "event.type == 'a'" }, { name: 'b', link: 'next' as const, where: "event.type == 'b'" }] };
    const rows = [{ ts: 1, type: 'a', user: 'u' }, { ts: 2, type: 'x' }, { ts: 3, type: 'b', user: 'u' }] as unknown as TestEvent[];
    const job = jobOf(pair, 'user', rows);
    const [pattern] = job.document.patterns;
    const two = validateDocument({ ...job.document, patterns: [pattern!, { ...pattern!, id: 'all', key: [] }] }).job as ValidatedJob;
    const seen: string[] = [];
    const run = new PatternRun(two, (match) => seen.push(`${two.patterns[match.pattern]?.graph.id} ${match.length}`));
    const batch = new EventBatch(two.schema, 3);
    rows.forEach((event, index) => appendObject(batch, event, event.ts, index));
    expect([0, 1, 2].map((row) => hasKey(batch, row, two.patterns[0]!.key))).toEqual([true, false, true]);
    run.push(batch);
    run.watermark(WATERMARK_MAX);
    expect(seen).toEqual([`${pattern!.id} 2`]); // x stands between a and b where there is no key
  });
});
