/** The worker's side without the worker: answers questions about one sample. Tests call it directly. */
import { unreachable } from '@tidemark/core';
import type { EngineCall, EngineCalls, EngineRequest } from './engine-messages.ts';
import { MatchPages, matchesByStrategy, runSample, runTests, stripOf } from './run.ts';
import { WhyTrace } from './why.ts';
import { type SampleData, countCondition, decodeSample, eventAt, fieldStatistics, topValues } from './sample.ts';

const EXAMPLES = 8;

export class EngineHost {
  #sample: SampleData | null = null;
  readonly #why = new WhyTrace();
  #pages: MatchPages | null = null;

  answer(request: EngineRequest): EngineCalls[EngineCall]['answer'] {
    switch (request.call) {
      case 'load': return this.#load(request.ask);
      case 'count': {
        const { batch } = this.#loaded();
        return { counts: Object.fromEntries(request.ask.conditions.map(({ id, text }) => [id, countCondition(batch, text, request.ask.stages, EXAMPLES)])) };
      }
      case 'values': return topValues(this.#loaded().batch, request.ask.field);
      case 'run': {
        const start = performance.now();
        this.#pages = new MatchPages(request.ask.document);
        const result = runSample(request.ask.document, this.#loaded(), this.#pages);
        return { result, tookMs: performance.now() - start };
      }
      case 'page': return { matches: this.#pages?.page(request.ask.kind, request.ask.from) ?? [] };
      case 'tests': return { outcomes: runTests(request.ask.document, request.ask.sampleMatches) };
      case 'strategies': return { counts: matchesByStrategy(request.ask.document, this.#loaded(), request.ask.strategies) };
      case 'strip': return stripOf(request.ask.document, this.#loaded(), request.ask.key);
      case 'why': return timed(() => ({ why: this.#why.summary(request.ask.document, request.ask.pattern, this.#loaded()) }));
      case 'whyEvent': return timed(() => ({ event: this.#why.event(request.ask.document, request.ask.pattern, this.#loaded(), request.ask.position) }));
      case 'whyStage': return timed(() => ({ events: this.#why.stage(request.ask.document, request.ask.pattern, this.#loaded(), request.ask.stage) }));
      case 'whyKey': return timed(() => ({ history: this.#why.key(request.ask.document, request.ask.pattern, this.#loaded(), request.ask.position) }));
      case 'events': return { events: request.ask.rows.map((row) => eventAt(this.#loaded().batch, row)) };
      default: return unreachable(request);
    }
  }

  #loaded(): SampleData {
    if (this.#sample === null) throw new Error('no sample is loaded');
    return this.#sample;
  }

  #load({ bytes, format, schema, keyFields }: EngineCalls['load']['ask']): EngineCalls['load']['answer'] {
    this.#why.forget();
    this.#pages = null;
    this.#sample = null; // a sample that fails to load leaves none, not the one before
    const sample = decodeSample(bytes, format, schema, keyFields);
    this.#sample = sample;
    const { batch } = sample;
    let from = Infinity;
    let to = -Infinity;
    for (let row = 0; row < batch.length; row++) {
      const time = batch.time[row] as number;
      if (time < from) from = time;
      if (time > to) to = time;
    }
    return {
      events: batch.length, more: sample.more, from: batch.length === 0 ? null : from, to: batch.length === 0 ? null : to, fields: fieldStatistics(batch),
      deadLetterCount: sample.deadLetters,
      deadLetters: sample.firstDeadLetters.map(({ position, reason, detail, excerpt }) => ({ position, reason, detail, excerpt })),
    };
  }
}

function timed<T extends object>(answer: () => T): T & { readonly tookMs: number } {
  const start = performance.now();
  return { ...answer(), tookMs: performance.now() - start };
}
