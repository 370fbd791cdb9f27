import { expect, it } from 'vitest';
import { Random } from '@tidemark/testkit';
import { compareScanners } from './compare-scanners.ts';
import { HOSTILE_SCHEMA, hostileFile } from './hostile-lines.ts';

it('[EW1] two million hostile lines mean the same to WebAssembly, TypeScript and JSON.parse', () => {
  const first = Number(process.env['TIDEMARK_SEED'] ?? 1_000_000);
  const files = 2_000;
  console.log(`hostile files of seeds ${first} to ${first + files - 1}; TIDEMARK_SEED sets the first`);
  for (let seed = first; seed < first + files; seed += 1) {
    const random = new Random(seed);
    const difference = compareScanners(HOSTILE_SCHEMA, hostileFile(seed, 1_000), (scanner) => (scanner === 0
      ? { chunk: () => random.between(1, 20_000), capacity: random.between(1, 2_000) } : { chunk: () => 1 << 22, capacity: 2_000 }));
    expect({ seed, difference }).toEqual({ seed, difference: null });
  }
});
