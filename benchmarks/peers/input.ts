/** The peers' workloads: what is matched, and the lines that every contender reads, byte for byte the same. */
import { Buffer } from 'node:buffer';
import type { ValidatedJob } from '@tidemark/pattern';
import { PAIR_WITHIN_MS } from '../calibrators/hand-pair.ts';
import { pairBytes } from '../decode.ts';
import { chain, jobOf, stage, within } from '../harness/job.ts';
import { type EventStream, Feeder } from '../harness/stream.ts';
import { fieldValue } from '@tidemark/event';
import { stagesStream } from '../workloads/stages.ts';
import { floodStream } from '../workloads/start-flood.ts';

export interface PeerTask {
  /** `W2, window 1000` */
  readonly name: string;
  readonly stages: readonly string[];
  readonly link: 'next' | 'any';
  readonly withinMs: number;
  readonly keyed: boolean;
  /** NDJSON, and the time after which it may come again. */
  readonly bytes: () => Buffer;
  readonly spanMs: number;
  /** Events until the state is as large as the name says, or the window is full. */
  readonly fill: number;
  /** Whether a contender that does not get so far in its time box is out; else it goes on with what it has. */
  readonly mustFill: boolean;
  /** A round is a multiple of so many events: one time must not stand in two rounds, a round ends with its watermark. */
  readonly granule: number;
}

export const taskJob = ({ stages, link, withinMs, keyed }: PeerTask): ValidatedJob => jobOf('peer', [{
  ...chain(stages.map((name) => stage(name)), link === 'any' ? 'SKIP_TILL_ANY' : 'SKIP_TILL_NEXT'), window: within(withinMs), ...(keyed ? { key: ['key'] } : {}),
}]);

/** Lines of eight fields, of which five are decoded, as in W1. */
export function streamBytes(stream: EventStream, events: number): Buffer {
  const lines: string[] = [];
  new Feeder(stream).feed(events, (batch) => {
    for (let row = 0; row < batch.length; row += 1) {
      lines.push(JSON.stringify({
        ts: batch.time[row], type: fieldValue(batch, 1, row), key: fieldValue(batch, 2, row), value: 125.51, user: 'u0000', ok: true, count: 12_345, note: 'routine.',
      }));
    }
  });
  return Buffer.from(`${lines.join('\n')}\n`);
}

export function pairTask(events: number): PeerTask {
  return { name: 'W1', stages: ['a', 'b'], link: 'next', withinMs: PAIR_WITHIN_MS, keyed: true, bytes: () => pairBytes(events), spanMs: events / 100, fill: events, mustFill: false, granule: 100 };
}

/** `last`: how often the last stage comes; 0 = never, as in W2. */
export function stagesTask(windowEvents: number, last = 0, events = 131_072): PeerTask {
  return {
    name: `W2, window ${windowEvents}`, stages: ['s0', 's1', 's2'], link: 'any', withinMs: windowEvents, keyed: false,
    bytes: () => streamBytes(stagesStream(3, last), events), spanMs: events, fill: windowEvents, mustFill: true, granule: 1,
  };
}

export function floodTask(live: number, b = 0, events = 65_536): PeerTask {
  return {
    name: `W4, ${live} live`, stages: ['a', 'b'], link: 'next', withinMs: live, keyed: false,
    bytes: () => streamBytes(floodStream(b), events), spanMs: events, fill: live, mustFill: true, granule: 1,
  };
}
