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

  it('[RE4] free rows that are used again as they came free can be put in order before: each once, none lost', () => {
    const random = new Random(8);
    const events = new RetainedEvents(schema, [], 15);
    const batch = new EventBatch(schema, 1);
    batch.length = 1;
    const plan = events.plan(batch);
    const rows = Array.from({ length: 120_000 }, () => events.addLater(plan, 0, 1));
    for (let round = 0; round < 20; round += 1) {
      // some thousand that lie near each other come free in any order; once some that lie far apart, which are left as they are
      const from = random.between(0, 100_000);
      const gone = round === 7 ? [...rows.slice(0, 3_000), ...rows.slice(-3_000)] : rows.slice(from, from + 3_000);
      gone.sort(() => (random.chance(0.5) ? 1 : -1));
      for (const row of gone) events.release(row);
      const count = random.pick([100, 1_000, 5_000]);
      events.orderFree(count);
      const again = gone.map(() => events.addLater(plan, 0, 1));
      const inOrder = (some: readonly number[]): number[] => [...some].sort((a, b) => a - b);
      expect(inOrder(again)).toEqual(inOrder(gone));
      const ordered = again.slice(0, Math.min(count, gone.length));
      if (round !== 7) expect(ordered).toEqual(inOrder(ordered));
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

  it('[RE3] rows that are added together, and released together from a ring up to a time, are what single ones are', () => {
    for (const haveRuns of [false, true]) {
      const kept = [0, 1, 2, 3];
      const [one, many] = [0, 1].map(() => new RetainedEvents(schema, kept, 15, haveRuns)) as [RetainedEvents, RetainedEvents];
      const random = new Random(5);
      const batch = new EventBatch(schema, 40);
      // a ring that is never full: rows and the reference that some have twice
      const ring = new Int32Array(1_000);
      let head = 0;
      let held = 0;
      let time = 0;
      for (let round = 0; round < 100; round += 1) {
        fill(batch, random, round % 7 === 3);
        const chosen = Int32Array.from({ length: batch.length }, (_, row) => row).filter(() => random.chance(0.7));
        batch.time.set(Float64Array.from(batch.time, () => { time += random.between(0, 2); return time; }));
        const into = new Int32Array(chosen.length);
        many.addManyLater(many.plan(batch), chosen, chosen.length, into);
        const plan = one.plan(batch);
        expect([...chosen].map((row) => one.addLater(plan, row, 1))).toEqual([...into]);
        for (const row of into) {
          ring[(head + held) % ring.length] = row;
          held += 1;
          if (random.chance(0.2)) for (const events of [one, many]) events.retain(row);
        }
        for (const events of [one, many]) events.copyFields();
        const floor = time - random.between(0, 800);
        let released = 0;
        while (released < held && one.timeOf(ring[(head + released) % ring.length] as number) <= floor) {
          one.release(ring[(head + released) % ring.length] as number);
          released += 1;
        }
        expect(many.releaseUpTo(ring, head, held, floor)).toBe(released);
        head = (head + released) % ring.length;
        held -= released;
        expect([many.live, many.length, many.nextOrdinal]).toEqual([one.live, one.length, one.nextOrdinal]);
        expect([...many.liveRows()]).toEqual([...one.liveRows()]);
        for (const row of one.liveRows()) {
          const brief = (events: RetainedEvents): unknown[] => [events.timeOf(row), events.positionOf(row), events.splitOf(row), events.ordinalOf(row), ...kept.map((field) => fieldValue(events, field, row))];
          expect(brief(many)).toEqual(brief(one));
        }
      }
      const row = ring[head] as number;
      while (many.isLive(row)) many.release(row);
      expect(() => many.releaseUpTo(ring, head, 1, time)).toThrow('as often as it was retained');
    }
  });
});
