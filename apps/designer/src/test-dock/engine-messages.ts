/** What the page asks of the worker that holds the sample, and what it answers. One answer for each question, by `id`. */
import type { EventSchema, FieldValue, RecordFormat } from '@tidemark/event';
import type { AfterMatch, JobDocument } from '@tidemark/pattern';
import type { RunMatch, RunResult, Strip, TestOutcome } from './run.ts';
import type { WhyEvent, WhyKey, WhyStageEvents, WhySummary } from './why.ts';
import type { ConditionCount, FieldStatistics, SampleEvent, ValueCount } from './sample.ts';

export interface LoadedSample {
  readonly events: number;
  readonly deadLetters: readonly { readonly position: number; readonly reason: string; readonly detail: string; readonly excerpt: string }[];
  readonly deadLetterCount: number;
  readonly more: boolean;
  readonly from: number | null;
  readonly to: number | null;
  readonly fields: readonly FieldStatistics[];
}

export interface WhyAsk { readonly document: JobDocument; readonly pattern: number }
export interface EngineCalls {
  /** Takes the bytes over (they are transferred). */
  load: { ask: { readonly bytes: Uint8Array; readonly format: RecordFormat; readonly schema: EventSchema; readonly keyFields: readonly string[] }; answer: LoadedSample };
  count: { ask: { readonly conditions: readonly { readonly id: string; readonly text: string }[]; readonly stages: readonly string[] }; answer: { readonly counts: Readonly<Record<string, ConditionCount>> } };
  values: { ask: { readonly field: string }; answer: { readonly values: readonly ValueCount[]; readonly distinct: number } };
  /** null: the document is not valid. */
  run: { ask: { readonly document: JobDocument }; answer: { readonly result: RunResult | null; readonly tookMs: number } };
  /** Further matches of the newest run, from number `from` on; empty behind the last one that was kept. */
  page: { ask: { readonly kind: RunMatch['kind']; readonly from: number }; answer: { readonly matches: readonly RunMatch[] } };
  tests: { ask: { readonly document: JobDocument; readonly sampleMatches: number | null }; answer: { readonly outcomes: readonly TestOutcome[] } };
  strategies: { ask: { readonly document: JobDocument; readonly strategies: readonly AfterMatch[] }; answer: { readonly counts: readonly (number | null)[] } };
  strip: { ask: { readonly document: JobDocument; readonly key: readonly FieldValue[] }; answer: Strip };
  /** `pattern` is its index in the document. null: the document is not valid, or the sample has no such record. */
  why: { ask: WhyAsk; answer: { readonly why: WhySummary | null; readonly tookMs: number } };
  whyEvent: { ask: WhyAsk & { readonly position: number }; answer: { readonly event: WhyEvent | null; readonly tookMs: number } };
  whyStage: { ask: WhyAsk & { readonly stage: number }; answer: { readonly events: WhyStageEvents | null; readonly tookMs: number } };
  whyKey: { ask: WhyAsk & { readonly position: number }; answer: { readonly history: WhyKey | null; readonly tookMs: number } };
  events: { ask: { readonly rows: readonly number[] }; answer: { readonly events: readonly SampleEvent[] } };
}
export type EngineCall = keyof EngineCalls;
export type EngineRequest = { [K in EngineCall]: { readonly id: number; readonly call: K; readonly ask: EngineCalls[K]['ask'] } }[EngineCall];
export type EngineResponse =
  | { readonly id: number; readonly ok: true; readonly answer: EngineCalls[EngineCall]['answer'] }
  | { readonly id: number; readonly ok: false; readonly message: string };
