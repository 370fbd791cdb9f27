import { EventBatch, type EventSchema, fieldValue } from '@tidemark/event';
import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { RetainedEvents } from './retained-events.ts';

const schema: EventSchema = {
  fields: [{ name: 'ts', type: 'int' }, { name: 'type', type: 'string' }, { name: 'price', type: 'double' }, { name: 'ok', type: 'bool' }],
  time: { field: 'ts', format: 'epoch-ms' },
};

/** Rows of which about one value in ten is absent, or none. */
function fill(batch: EventBatch, random: Random, lacks: boolean): void {
  batch.clear();
  batch.length = batch.capacity;
  for (let row = 0; row < batch.length; row += 1) {
    batch.time[row] = random.between(0, 1000);
    batch.position[row] = random.between(0, 1_000_000);
    for (const column of batch.columns) {
      const present = !lacks || random.chance(0.9);
      column.present[row] = present ? 1 : 0;
      if (column.kind === 'string') column.codes[row] = present ? column.dictionary.encode(`t${random.between(0, 9)}`) : -1;
      else column.values[row] = random.between(0, column.kind === 'bool' ? 1 : 50);
    }
  }
}

describe('RetainedEvents', () => {
  it('[RE1] rows copied later, column by column, are what rows copied at once are, also where rows are freed and used again', () => {
    for (const haveRuns of [false, true]) {
      const random = new Random(haveRuns ? 1 : 2);
      const kept = [0, 1, 2, 3];
      const events = new RetainedEvents(schema, kept, 15, haveRuns);
      const batches = [new EventBatch(schema, 40), new EventBatch(schema, 40)];
      const alive: { readonly row: number; readonly expected: unknown[] }[] = [];
      for (let round = 0; round < 60; round += 1) {
        const batch = batches[round % 2] as EventBatch;
        batch.split = round;
        fill(batch, random, round % 7 === 3);
        const plan = events.plan(batch);
        for (let row = 0; row < batch.length; row += 1) {
          if (random.chance(0.3)) continue;
          if (alive.length > 100 || (alive.length > 0 && random.chance(0.4))) {
            const gone = alive.splice(random.between(0, alive.length - 1), 1)[0] as { row: number };
            events.release(gone.row);
          }
          const at = events.addLater(plan, row, 1);
          alive.push({ row: at, expected: [batch.time[row], batch.position[row], round, ...kept.map((field) => fieldValue(batch, field, row))] });
        }
        events.copyFields();
        for (const { row, expected } of alive) {
          expect([events.timeOf(row), events.positionOf(row), events.splitOf(row), ...kept.map((field) => fieldValue(events, field, row))]).toEqual(expected);
        }
        if (round % 20 === 19) events.compactTexts();
      }
      expect(events.live).toBe(alive.length);
    }
  });

  it('[RE2] a free row is used again once, whether few or many live, and before there are more rows', () => {
    const events = new RetainedEvents(schema, [], 15);
    const batch = new EventBatch(schema, 1);
    batch.length = 1;
    const plan = events.plan(batch);
    const random = new Random(3);
    const alive: number[] = [];
    const isAlive = new Set<number>();
    for (const target of [100, 20_000, 30_000, 17_000, 40_000, 500, 33_000]) {
      for (let step = 0; step < 40_000; step += 1) {
        const grows = alive.length < target ? random.chance(0.9) : random.chance(0.3);
        if (grows || alive.length === 0) {
          const row = events.addLater(plan, 0, 1);
          expect(isAlive.has(row)).toBe(false);
          isAlive.add(row);
          alive.push(row);
        } else {
          const at = random.between(0, alive.length - 1);
          const row = alive[at] as number;
          alive[at] = alive.at(-1) as number;
          alive.pop();
          isAlive.delete(row);
          events.release(row);
        }
      }
      events.copyFields();
    }
    expect(events.live).toBe(alive.length);
    expect(events.length).toBeLessThan(40_000 + 200);
  });
});
