import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerRing } from './timer-ring.ts';

describe('timer ring', () => {
  it('[TM1] timers come in order, no sooner than they are due, however few are taken at a time', () => {
    fc.assert(fc.property(fc.array(fc.record({ later: fc.integer({ min: 0, max: 2 }), take: fc.option(fc.integer({ min: 0, max: 6 })) }), { maxLength: 400 }), fc.integer({ min: 1, max: 7 }), (steps, room) => {
      const ring = new TimerRing();
      const model: [number, number][] = [];
      const into = new Int32Array(room);
      let time = 0;
      steps.forEach(({ later, take }, i) => {
        time += later;
        ring.add(time, i);
        model.push([time, i]);
        if (take === null) return;
        const due = model.filter(([at]) => at <= time - take).slice(0, room).map(([, slot]) => slot);
        expect(ring.takeDue(time - take, into)).toBe(due.length);
        expect([...into.subarray(0, due.length)]).toEqual(due);
        model.splice(0, due.length);
        const all: [number, number][] = [];
        ring.forEach((at, slot) => all.push([at, slot]));
        expect(all).toEqual(model);
        expect(ring.length).toBe(model.length);
      });
      ring.renumber(Int32Array.from(steps, (_, i) => (i % 3 === 0 ? -1 : i * 2)));
      const kept: [number, number][] = [];
      ring.forEach((at, slot) => kept.push([at, slot]));
      expect(kept).toEqual(model.filter(([, slot]) => slot % 3 !== 0).map(([at, slot]) => [at, slot * 2]));
    }), { numRuns: 150 });
  });
});
