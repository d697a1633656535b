import { defineConfig } from 'vitest/config';

const node = { environment: 'node' as const, testTimeout: 20_000 };

/** One project per kind of test; `npm test` runs them in this order. */
export default defineConfig({
  test: {
    projects: [
      { test: { ...node, name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          ...node,
          name: 'broker',
          include: ['test/broker/**/*.test.ts', 'test/doors/**/*.test.ts', 'test/scenarios/**/*.test.ts'],
        },
      },
      {
        test: {
          ...node,
          name: 'faults',
          include: ['test/faults/**/*.test.ts', 'test/load/**/*.test.ts'],
          testTimeout: 300_000,
        },
      },
      { test: { ...node, name: 'ui', include: ['test/ui/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: {
          ...node,
          name: 'workbench',
          include: ['test/workbench/**/*.test.ts', 'test/agents/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          // A whole editor in a whole browser: what another program of the machine held up is tried once more, and said so.
          retry: 1,
        },
      },
    ],
  },
});
