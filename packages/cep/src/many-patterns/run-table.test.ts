import { Random } from '@tidemark/testkit';
import { describe, expect, it } from 'vitest';
import { RunTable } from './run-table.ts';

describe('RunTable', () => {
  it('[RT1] keeps the runs of each pattern and key in their order, whatever is added and taken out', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = new Random(seed);
      const table = new RunTable();
      const known = new Map<string, number[]>();
      const due = (_pattern: number, run: number): number => run * 2;
      let run = 0;
      for (let step = 0; step < 3_000; step += 1) {
        const [pattern, key] = [random.between(0, 30), random.between(0, seed % 2 === 0 ? 5 : 60)];
        const name = `${pattern} ${key}`;
        const runs = known.get(name) ?? [];
        const cell = table.find(pattern, key);
        expect(cell === -1).toBe(runs.length === 0);
        if (runs.length === 0 || random.chance(0.5)) {
          runs.push(run);
          expect(table.append(pattern, key, run, due(pattern, run))).toBe(runs.length);
          run += 1;
        } else if (runs.length === 1) {
          table.remove(cell);
          runs.pop();
        } else {
          const at = random.between(0, runs.length - 1);
          table.unlink(cell, at === 0 ? -1 : (runs[at - 1] as number), due);
          runs.splice(at, 1);
        }
        known.set(name, runs);
      }
      let used = 0;
      for (const [name, runs] of known) {
        const [pattern, key] = name.split(' ').map(Number) as [number, number];
        const cell = table.find(pattern, key);
        if (runs.length === 0) {
          expect(cell).toBe(-1);
          continue;
        }
        used += 1;
        const found: number[] = [];
        for (let at = table.headOf(cell); at !== -1; at = table.next[at] as number) found.push(at);
        expect({ seed, name, found, count: table.countOf(cell), due: table.dueOf(cell) }).toEqual({ seed, name, found: runs, count: runs.length, due: (runs[0] as number) * 2 });
      }
      expect(table.size).toBe(used);
    }
  });
});
