/** For tests: jobs from cases or from a few words, streams fed in any grouping, output as lines by key. */
import { type EventTime, JobFault, eventTime } from '@tidemark/core';
import { EventBatch, appendObject } from '@tidemark/event';
import { Random, randomCase } from '@tidemark/testkit';
import { type CaseEvent, type CasePattern, type CaseStep, type TieBreak, type ValidatedJob, fromCase, validateDocument } from '@tidemark/pattern';
import { MatchFormatter } from '../src/after-match/match-formatter.ts';
import { CepOperator, type CepOperatorOptions } from '../src/operator/cep-operator.ts';

export type TestEvent = CaseEvent & { readonly ts: number };

/** A job whose schema is that of the events. Throws where the pattern is refused. */
export function jobOf(pattern: CasePattern, keyBy: string | readonly string[] | null, events: readonly TestEvent[], everyKey = false, tieBreak: readonly TieBreak[] = []): ValidatedJob {
  const made = fromCase(pattern, keyBy, events, { advanceEveryKey: everyKey, tieBreak });
  const job = made.ok ? validateDocument(made.document, { ...made.options, origin: 'document' }).job : null;
  if (job === null) throw new Error('the pattern is refused');
  return job;
}

export interface Stream {
  readonly seed: number;
  readonly job: ValidatedJob;
  readonly events: readonly TestEvent[];
  /** Watermark after each event, null = none. Never falls. */
  readonly watermarks: readonly (EventTime | null)[];
}

/** A random job and stream, or null where the seed's pattern is refused. Times are > 0 unless the pattern was drawn with others. */
export function randomStream(seed: number): Stream | null {
  const drawn = randomCase(seed);
  const made = fromCase(drawn.pattern, drawn.keyBy, drawn.events, { advanceEveryKey: seed % 5 === 0, tieBreak: drawn.tieBreak });
  const job = made.ok ? validateDocument(made.document, { ...made.options, origin: 'document' }).job : null;
  if (job === null) return null;
  const watermarks = drawn.events.map((event, index): EventTime | null => {
    const own = drawn.watermark === 'each' && drawn.events[index + 1]?.ts !== event.ts ? event.ts : null;
    const given = drawn.watermarks.filter(({ afterEvent }) => afterEvent === index).map(({ ts }) => ts);
    const all = own === null ? given : [own, ...given];
    return all.length === 0 ? null : eventTime(Math.max(...all));
  });
  return { seed, job, events: drawn.events, watermarks };
}

/** Output lines by key, in order; a fault is a line of its own and ends everything. */
export class Lines {
  readonly byKey = new Map<string, string[]>();
  readonly #formatter: MatchFormatter;
  fault: string | null = null;

  constructor(job: ValidatedJob) {
    this.#formatter = new MatchFormatter(job);
  }

  /** While true, what is written is lost. */
  muted = false;

  readonly write: ConstructorParameters<typeof CepOperator>[1] = (match) => {
    if (this.muted) return;
    const key = JSON.stringify(match.key);
    const { line } = this.#formatter.format(match);
    const text = `${match.kind} ${match.at} ${match.trigger?.position ?? '-'} ${line}`;
    const lines = this.byKey.get(key);
    if (lines) lines.push(text);
    else this.byKey.set(key, [text]);
  };

  /** Runs `work`; a fault ends the stream. True while there was none. */
  guard(work: () => void): boolean {
    if (this.fault !== null) return false;
    try {
      work();
    } catch (error) {
      if (!(error instanceof JobFault)) throw error;
      this.fault = error.message;
    }
    return this.fault === null;
  }

  sorted(): [string, string[]][] {
    return [...this.byKey].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

export const operatorFor = (job: ValidatedJob, lines: Lines, options: CepOperatorOptions = {}): CepOperator =>
  new CepOperator(job, lines.write, { timedOut: true, ...options });

/** Feeds events [from, to) with their watermarks; `cut(index)` says whether a batch ends after that event. */
export function feed(stream: Stream, operator: CepOperator, from: number, to: number, cut: (index: number) => boolean, together: boolean): void {
  const batch = new EventBatch(stream.job.schema, Math.max(1, stream.events.length));
  for (let index = from; index < to; index += 1) {
    const event = stream.events[index] as TestEvent;
    appendObject(batch, event, event.ts, index);
    const watermark = stream.watermarks[index] ?? null;
    if (watermark === null && !cut(index) && index !== to - 1) continue;
    if (watermark !== null && together) operator.processBatch(batch, watermark);
    else {
      operator.processBatch(batch);
      if (watermark !== null) operator.processWatermark(watermark);
    }
    batch.clear();
  }
}

/** The pattern of a seed over a longer stream, one event at a time and mostly forward; null where the pattern is refused. */
export function longStream(seed: number, length: number): Stream | null {
  const drawn = randomCase(seed);
  return streamOf(seed, length, seed % 3 === 0 ? iterativePattern(seed) : drawn.pattern, drawn.keyBy);
}

/**
 * A chain of three to five stages, each with a letter of its own, over a longer stream: an event moves the partial matches of
 * one stage and no others. Now and then two stages want the same letter, one is optional, one compares with the first, or the pattern skips.
 */
export function chainStream(seed: number, length: number): Stream | null {
  const random = new Random(seed);
  const letters = ['a', 'b', 'c', 'd', 'e'].slice(0, random.between(3, 5));
  const steps = letters.map((letter, index): CaseStep => ({
    name: `s${index}`,
    where: `event.name == '${index > 1 && random.chance(0.15) ? letters[index - 1] as string : letter}'${index > 0 && random.chance(0.2) ? random.pick([' && event.id == s0[0].id', ' && event.price > s0[0].price']) : ''}`,
    link: index === 0 ? 'begin' : random.pick(['followedBy', 'followedBy', 'followedByAny']), ...(index > 0 && random.chance(0.15) ? { optional: true } : {}),
  }));
  const within = random.chance(0.7) ? { ms: random.between(10, 80), type: 'FIRST_AND_LAST' as const } : null;
  return streamOf(seed, length, { steps, within, skip: { strategy: random.pick(['NO_SKIP', 'NO_SKIP', 'NO_SKIP', 'SKIP_TO_NEXT', 'SKIP_PAST_LAST_EVENT'] as const) } }, random.chance(0.5) ? 'user' : null);
}

/** A chain that mostly does not branch, whose conditions compare the event with earlier ones. */
function iterativePattern(seed: number): CasePattern {
  const random = new Random(seed + 1);
  const names = ['p', 'q', 'r', 's'].slice(0, random.between(2, 4));
  const steps = names.map((name, index): CaseStep => {
    const letter = `event.name == '${random.pick(['a', 'b', 'c'])}'`;
    const loops = random.chance(0.35);
    const stage = names[random.between(0, Math.max(0, index - 1))] as string;
    const last = `${stage}[size(${stage}) - 1]`;
    const own = `size(${name}) == 0 || event.price >= ${name}[size(${name}) - 1].price`;
    const earlier = random.pick([
      `event.id == ${stage}[0].id`, `event.user == ${stage}[0].user`, `${last}.id == event.id && event.price > 2.0`,
      `event.price > ${stage}[0].price`, `event.price <= ${last}.price - 1.0`, `${last}.price * 0.5 < event.price`,
      `event.price < avg(${stage}.map(x, x.price))`, `event.price + sum(${stage}.map(x, x.price)) < 25.0`,
      `event.price >= max(${stage}.map(x, x.price)) && event.price - min(${stage}.map(x, x.price)) < 6.0`, `size(${stage}) + event.id < 4`,
    ]);
    const where = index === 0 ? (loops && random.chance(0.5) ? `${letter} && (${own})` : letter) : random.chance(0.75) ? random.pick([earlier, `${letter} && ${earlier}`]) : letter;
    return {
      name, where, link: index === 0 ? 'begin' : random.pick(['followedBy', 'followedBy', 'followedBy', 'next']),
      ...(loops ? { times: { from: random.between(1, 2), to: null }, greedy: true, inner: random.pick(['consecutive', 'skipTillNext'] as const) } : {}),
    };
  });
  const strategy = random.pick(['NO_SKIP', 'NO_SKIP', 'SKIP_PAST_LAST_EVENT', 'SKIP_TO_NEXT', 'SKIP_TO_LAST'] as const);
  return {
    steps, within: random.chance(0.7) ? { ms: random.between(5, 60), type: 'FIRST_AND_LAST' } : null,
    skip: { strategy, ...(strategy === 'SKIP_TO_LAST' ? { stage: names[0] as string } : {}) },
  };
}

function streamOf(seed: number, length: number, pattern: CasePattern, keyBy: string | null): Stream | null {
  const random = new Random(seed);
  const events: TestEvent[] = [];
  let ts = 1;
  for (let i = 0; i < length; i += 1) {
    ts += random.pick([0, 1, 1, 2]);
    events.push({ ts, id: random.between(0, 2), name: random.pick(['a', 'b', 'c', 'd', 'e', 'x', 'x']), price: random.between(0, 20) / 2, user: `u${random.between(0, 1)}` });
  }
  const made = fromCase(pattern, keyBy, events, { advanceEveryKey: seed % 5 === 0 });
  const job = made.ok ? validateDocument(made.document, { ...made.options, origin: 'document' }).job : null;
  if (job === null) return null;
  const watermarks = events.map((event, i): EventTime | null => (events[i + 1]?.ts === event.ts || random.chance(0.3) ? null : eventTime(event.ts)));
  return { seed, job, events, watermarks };
}
