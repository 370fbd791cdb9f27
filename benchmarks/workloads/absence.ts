/**
 * W7 `absence`: an order without a payment within 15 minutes, a million keys, 2 % of the orders unpaid.
 *
 * Shape   every 0.9 ms one order, the key drawn by a walk through all keys; 98 of 100 are paid 14 min 51 s later. So a
 *         million orders are open at any time. The same stream goes through
 *           `no window`      order followedBy payment: as many open orders, no timer at all (the base);
 *           `time-outs`      the same within 15 minutes, timed-out orders given out: a timer for each order;
 *           `absence`        order notFollowedBy payment within 15 minutes: what time completes is the match.
 *         With a thousand keys (and 0.81 s instead of 14 min 51 s) the same costs without the size.
 * Note    Where there is no window, unpaid orders stay: 2 % more a round. NDJSON and columns are apart; here are columns.
 */
import type { ValidatedJob } from '@tidemark/pattern';
import { calibratorCell } from '../calibrators/hand-pair.ts';
import { engineCell } from '../harness/engine-run.ts';
import { gate } from '../harness/gate.ts';
import { STREAM_SCHEMA, chain, jobOf, stage, within } from '../harness/job.ts';
import { BASE_TIME, type EventStream, dictionaryOf, keyText, streamColumns } from '../harness/stream.ts';
import { type CellPlan, type Goal, type Rows, type Size, type Workload, goal } from '../harness/workload.ts';

const ORDER_MS = 0.9;
/** Of 100 payments as many come; the others' orders stay unpaid. */
const PAID_OF_100 = 98;
const PAID_AFTER_SHARE = 0.99;

export type Kind = 'no window' | 'time-outs' | 'absence';

export const windowMs = (keys: number): number => Math.round(keys * ORDER_MS);

export function absenceJob(kind: Kind, keys: number): ValidatedJob {
  const nodes = [stage('order'), stage('payment')];
  if (kind === 'absence') return jobOf('absence', [{ nodes, edges: [{ source: 'order', target: 'payment', type: 'NOT_FOLLOW' }], window: within(windowMs(keys)), key: ['key'] }]);
  if (kind === 'no window') return jobOf('absence', [{ ...chain(nodes, 'SKIP_TILL_NEXT'), key: ['key'] }]);
  return jobOf('absence', [{ ...chain(nodes, 'SKIP_TILL_NEXT'), window: within(windowMs(keys)), key: ['key'], output: { timedOut: true } }]);
}

/** Events 2i and 2i + 1: order i, and the payment of an order of before (or noise, where that order stays unpaid). */
export function absenceStream(keys: number): EventStream {
  const types = dictionaryOf(['order', 'payment', 'noise']);
  const texts = dictionaryOf(Array.from({ length: keys }, (_, key) => keyText(key)));
  const users = dictionaryOf(['u0000']);
  const lag = Math.floor(keys * PAID_AFTER_SHARE);
  // A step that shares no factor with the number of keys walks through all of them and stays nowhere near.
  const step = [7_919, 6_007, 5_003].find((prime) => keys % prime !== 0) as number;
  const keyOf = (order: number): number => (order * step) % keys;
  return {
    schema: STREAM_SCHEMA,
    dictionaries: [undefined, types, texts, undefined, users],
    fill(batch, first, count) {
      const { ts, type, key } = streamColumns(batch);
      for (let row = 0; row < count; row += 1) {
        const i = first + row;
        const order = i >> 1;
        const t = BASE_TIME + Math.floor(order * ORDER_MS);
        batch.time[row] = t;
        ts.values[row] = t;
        batch.position[row] = i;
        if ((i & 1) === 0) {
          type.codes[row] = 0;
          key.codes[row] = keyOf(order);
        } else {
          const paid = order - lag;
          type.codes[row] = paid >= 0 && paid % 100 < PAID_OF_100 ? 1 : 2;
          key.codes[row] = keyOf(Math.max(0, paid));
        }
      }
    },
  };
}

const KEYS = { full: [1_000, 1_000_000], quick: [1_000, 100_000], tiny: [50, 200] } as const;
const KINDS: readonly Kind[] = ['no window', 'time-outs', 'absence'];
const nameOf = (kind: Kind, keys: number): string => `${kind}, ${keys} open orders`;

function cells(size: Size): CellPlan[] {
  return [calibratorCell(size), ...KEYS[size].flatMap((keys) => KINDS.map((kind): CellPlan => ({
    name: nameOf(kind, keys), form: 'columns', fill: keys * 2 + 4_096, events: size === 'tiny' ? 2_000 : 1_000_000, against: nameOf('no window', keys), group: null,
    make: () => engineCell(absenceStream(keys), absenceJob(kind, keys), {}, ({ operator, tally }) => ({
      open: operator.stageFigures()[0]?.partialMatches ?? 0, matches: tally.matches, 'time-outs': tally.timedOut,
    })),
  })))];
}

function goals(rows: Rows): Goal[] {
  const cost = (kind: Kind): number | null => {
    const ratio = rows.ratio(nameOf('no window', 1_000_000), nameOf(kind, 1_000_000));
    return ratio === null ? null : ratio - 1;
  };
  return [
    goal('a million pending timers (time-outs given out) against none, as a share of the cost', '<=', 0.25, cost('time-outs')),
    goal('a million pending absences against none, as a share of the cost', '<=', 0.25, cost('absence')),
  ];
}

export const ABSENCE: Workload = {
  id: 'W7', name: 'absence', title: 'orders without a payment: a million pending timers', cells, goals,
  gate: (size) => {
    const events = size === 'tiny' ? 600 : 1_500;
    return KINDS.map((kind) => gate(`${kind}, 60 open orders`, absenceJob(kind, 60), absenceStream(60), events));
  },
  notMeasured: ['timers against another structure of timers'],
};
