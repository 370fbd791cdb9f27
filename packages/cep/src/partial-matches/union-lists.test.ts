import { type EventSchema } from '@tidemark/event';
import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { NodeLog } from './node-log.ts';
import { RetainedEvents } from './retained-events.ts';
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
});

interface Side {
  readonly random: Random;
  readonly nodes: NodeLog;
  readonly lists: UnionLists;
  readonly heads: number[];
}
