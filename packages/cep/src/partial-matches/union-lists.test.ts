import { EventBatch, type EventSchema } from '@tidemark/event';
import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { BEGINS, LEAVES, MOVE_KIND, MOVE_PART, MOVE_STATE, MOVE_TARGET, STAYS } from '../automaton/single-moves.ts';
import { NodeLog } from './node-log.ts';
import { RetainedEvents } from './retained-events.ts';
import { RowBurst } from './row-burst.ts';
import { NIL, UnionLists } from './union-lists.ts';

const schema: EventSchema = { fields: [{ name: 'ts', type: 'int' }], time: { field: 'ts', format: 'epoch-ms' } };

describe('UnionLists', () => {
  it('[UL1] a record gives back what it was made of: output or union, whatever it refers to and however deep it is', () => {
    for (const hasWindow of [false, true]) {
      const random = new Random(hasWindow ? 1 : 2);
      const events = new RetainedEvents(schema, [], 15);
      const nodes = new NodeLog(events, 300);
      const lists = new UnionLists(events, nodes, 1, 1, hasWindow);
      const made: number[][] = [];
      for (let i = 0; i < 2_000; i += 1) {
        const before = (): number => random.pick([NIL, random.between(0, i), 0x0fff_ffff]);
        const first = random.pick([before(), nodes.first(random.between(0, 299), random.between(1, nodes.rowLimit - 1))]);
        const record = random.chance(0.5) ? [first, random.between(0, 0x1fff_fffe), 0, random.between(0, 299)] : [first, before(), before(), -random.between(1, 32)];
        made.push([i, ...record]);
        const [, a, b, c, kind] = made[i] as [number, number, number, number, number];
        lists.restoreNode(i, a, b, c, kind);
      }
      made.forEach(([time, first, second, third, kind], i) => {
        const id = lists.idAt(i);
        expect([hasWindow ? lists.timeOf(id) : time, lists.first(id), lists.second(id), lists.isOutput(id) ? 0 : lists.third(id), lists.kindOf(id)]).toEqual([time, first, second, third, kind]);
        expect(lists.isOutput(id)).toBe((kind as number) >= 0);
      });
    }
  });

  it('[UL2] taking an event behind a list and putting it into another one in one go makes what the two steps make', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const [one, two] = [0, 1].map(() => {
        const random = new Random(seed);
        const events = new RetainedEvents(schema, [], 15);
        const nodes = new NodeLog(events, 4);
        const lists = new UnionLists(events, nodes, 3, 1, seed % 4 !== 0);
        return { random, nodes, lists, heads: [NIL, NIL, NIL] };
      }) as [Side, Side];
      let time = 0;
      for (let step = 0; step < 300; step += 1) {
        time += one.random.between(0, 2);
        two.random.between(0, 2);
        for (const side of [one, two]) {
          const { random, nodes, lists, heads } = side;
          const from = random.between(0, 2);
          const to = random.between(0, 2);
          const begins = random.chance(0.3);
          const floor = random.chance(0.1) ? time - 20 : lists.floor;
          if (floor > lists.floor) lists.floor = floor;
          if (begins) heads[to] = lists.insert(heads[to] as number, nodes.first(1, step + 1), time);
          else if (!lists.isOver(heads[from] as number)) {
            const list = heads[from] as number;
            if (side === one) heads[to] = lists.take(heads[to] as number, list, step, 2);
            else heads[to] = lists.insert(heads[to] as number, lists.output(list, step, 2, lists.timeOf(list)), lists.timeOf(list));
          }
        }
      }
      const records = ({ lists, heads }: Side): unknown => [heads, lists.low, Array.from({ length: lists.size }, (_, i) => {
        const id = lists.idAt(i);
        return [lists.timeOf(id), lists.first(id), lists.second(id), lists.isOutput(id) ? 0 : lists.third(id), lists.kindOf(id)];
      })];
      expect(records(one)).toEqual(records(two));
    }
  });

  it('[UL3] rows that go through together make what each makes alone, and stop before what takes more: another key, more than one record, a list that is over, time that has come', () => {
    const stops = { slot: 0, other: 0, time: 0, newer: 0, over: 0, none: 0 };
    for (let seed = 0; seed < 120; seed += 1) {
      const random = new Random(seed);
      // any state into any other: nothing says that lists go to older ones
      const moves = Int32Array.from({ length: 8 }, (_, eventClass) => {
        const state = random.between(1, 4);
        if (eventClass === 0) return 0;
        return eventClass < 3 ? packed(BEGINS, eventClass, random.between(1, 4), 0) : packed(random.pick([LEAVES, STAYS]), eventClass, ((state + random.between(0, 2)) % 4) + 1, state);
      });
      const count = 400;
      let now = 1_000;
      const time = Float64Array.from({ length: count }, () => { now += random.chance(0.05) ? 50 : random.between(0, 2); return now; });
      const batch = new EventBatch(schema, count);
      batch.length = count;
      batch.time.set(time);
      const [{ lists: one, nodes }, { lists: many }] = [0, 1].map(() => {
        const events = new RetainedEvents(schema, [], 15);
        const plan = events.plan(batch);
        for (let row = 0; row < count; row += 1) expect(events.addLater(plan, row, 1)).toBe(row + 1);
        const log = new NodeLog(events, 8);
        return { nodes: log, lists: new UnionLists(events, log, 5, 1, true) };
      }) as [{ lists: UnionLists; nodes: NodeLog }, { lists: UnionLists; nodes: NodeLog }];
      const rows = Int32Array.from({ length: count }, (_, i) => i);
      const classes = Uint16Array.from({ length: count }, () => (random.chance(0.02) ? 0 : random.between(1, 7)));
      const keys = Int32Array.from({ length: count }, () => (random.chance(0.02) ? 1 : 0));
      const burst = new RowBurst();
      burst.reserve(count);
      for (let i = 0; i < count;) {
        const waits = random.chance(0.2);
        many.trimAt = (time[i] as number) - WINDOW + random.between(0, 40);
        const oldest = Math.min(many.oldest, time[i] as number);
        const stop = waits ? oldest : Math.max(oldest, Math.min(many.newest, many.trimAt));
        const to = Math.min(count, i + Math.max(0, many.room));
        const slot = keys[i];
        const end = many.takeRows(moves, rows, classes, keys, i, to, time, WINDOW, waits, burst);
        expect(end).toBeLessThanOrEqual(to);
        for (let k = 0; k < burst.taken; k += 1) burst.events[k] = (burst.sources[k] as number) + 1;
        many.fillRows(burst);
        let taken = 0;
        let begun = 0;
        for (let row = i; row < end; row += 1) {
          const move = moves[classes[row] as number] as number;
          const floor = (time[row] as number) - WINDOW;
          expect([move === 0, keys[row], floor < stop]).toEqual([false, slot, true]);
          if (!takeAlone(one, nodes, move, row + 1, time[row] as number)) continue;
          expect([burst.sources[taken], burst.classes[taken]]).toEqual([row, classes[row]]);
          if ((move & MOVE_KIND) === BEGINS) {
            expect(burst.begun[begun]).toBe(time[row]);
            begun += 1;
          }
          one.holdRow(row + 1);
          taken += 1;
        }
        expect([burst.taken, burst.begunCount]).toEqual([taken, begun]);
        const first = i;
        i = end;
        if (end === to) stops.none += 1;
        if (end < count && (end < to || end === first)) {
          const move = moves[classes[end] as number] as number;
          const floor = (time[end] as number) - WINDOW;
          if (end === to) {
            // no room
          } else if (move === 0) stops.other += 1;
          else if (keys[end] !== slot) stops.slot += 1;
          else if (floor >= stop) stops.time += 1;
          else {
            // the floor may have been raised already
            raise(one, floor);
            const list = one.heads[move >>> MOVE_STATE] as number;
            if ((move & MOVE_KIND) !== BEGINS && one.isOver(list)) stops.over += 1;
            else stops.newer += 1;
          }
          // alone in both
          for (const lists of [one, many]) if (move !== 0 && takeAlone(lists, nodes, move, end + 1, time[end] as number)) lists.holdRow(end + 1);
          i = end + 1;
        }
        expect(contents(many)).toEqual(contents(one));
        if (random.chance(0.3)) for (const lists of [one, many]) lists.trim();
      }
    }
    for (const [why, times] of Object.entries(stops)) expect([why, times > 20]).toEqual([why, true]);
  });
});

const WINDOW = 60;

function raise(lists: UnionLists, floor: number): void {
  if (floor < lists.oldest) return;
  lists.floor = floor;
  lists.oldest = floor;
}

/** One row, the long way; true if its event was taken. */
function takeAlone(lists: UnionLists, nodes: NodeLog, move: number, event: number, time: number): boolean {
  const { heads } = lists;
  raise(lists, time - WINDOW);
  const stage = (move >> 2) & MOVE_PART;
  const target = (move >> MOVE_TARGET) & MOVE_PART;
  const state = move >>> MOVE_STATE;
  if ((move & MOVE_KIND) === BEGINS) {
    heads[target] = lists.insert(heads[target] as number, nodes.first(stage, event), time);
    lists.oldest = Math.min(lists.oldest, time);
    lists.newest = Math.max(lists.newest, time);
    return true;
  }
  const list = heads[state] as number;
  if (list === NIL) return false;
  if (lists.isOver(list)) {
    heads[state] = NIL;
    return false;
  }
  if ((move & MOVE_KIND) === LEAVES) heads[state] = NIL;
  heads[target] = lists.take(heads[target] as number, list, event, stage);
  return true;
}

/** A class in the form of single-moves.ts: kind, stage, target, state. */
const packed = (kind: number, stage: number, target: number, state: number): number => kind | (stage << 2) | (target << MOVE_TARGET) | (state << MOVE_STATE);

/** Records, lists and times of a key, and the rows that it holds. */
const contents = (lists: UnionLists): unknown => [
  [...lists.heads], lists.low, lists.floor, lists.oldest, lists.newest, Array.from({ length: lists.rowCount }, (_, i) => lists.rowAt(i)),
  Array.from({ length: lists.size }, (_, i) => {
    const id = lists.idAt(i);
    return [lists.timeOf(id), lists.first(id), lists.second(id), lists.isOutput(id) ? 0 : lists.third(id), lists.kindOf(id)];
  }),
];

interface Side {
  readonly random: Random;
  readonly nodes: NodeLog;
  readonly lists: UnionLists;
  readonly heads: number[];
}
