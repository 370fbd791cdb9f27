import { defineConfig } from 'vitest/config';

// One run for units, properties and integration. `TIDEMARK_DEEP=1` adds the deep ones (*.deep.ts).
const deep = process.env.TIDEMARK_DEEP === '1';

export default defineConfig({
  test: {
    include: deep ? ['**/*.deep.ts'] : ['packages/**/*.test.ts', 'apps/**/*.test.ts', 'apps/**/*.test.tsx', 'tools/**/*.test.ts', 'benchmarks/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: deep ? 1_800_000 : 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
