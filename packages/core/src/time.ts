/**
 * Event time and processing time: two clocks that cannot be confused.
 *
 * Units   milliseconds since the Unix epoch, as safe integers.
 * Always  -MAX_SAFE_INTEGER stands for "no watermark yet", MAX_SAFE_INTEGER for "no event will follow"
 *         (Flink: Long.MIN_VALUE, Long.MAX_VALUE).
 */
import type { Brand } from './brand.ts';

/** Milliseconds since the Unix epoch, taken from the event itself, never from the wall clock. */
export type EventTime = Brand<number, 'EventTime'>;
/** Milliseconds since the Unix epoch on the clock of the machine that is running the subtask. */
export type ProcessingTime = Brand<number, 'ProcessingTime'>;

export const WATERMARK_MIN = -Number.MAX_SAFE_INTEGER as EventTime;
export const WATERMARK_MAX = Number.MAX_SAFE_INTEGER as EventTime;

export const eventTime = (ms: number): EventTime => ms as EventTime;

/** The world's clock, injected: engine, dataflow and checkpoint never ask the machine. */
export interface Clock {
  /** Wall time in ms since the epoch; may jump. For display and records only. */
  now(): number;
  /** Monotonic ms with an arbitrary origin; for durations and time-outs. */
  monotonic(): number;
  /** Calls back once after `ms`; the returned function cancels. */
  schedule(ms: number, callback: () => void): () => void;
}
