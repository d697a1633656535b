import { defineConfig } from 'vitest/config';

/** Tests with real clients that `npm test` leaves out because of their size: `npm run test:clients`. */
export default defineConfig({
  test: {
    name: 'clients',
    environment: 'node',
    include: ['test/agents/**/*.client.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
