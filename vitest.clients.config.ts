import { defineConfig } from 'vitest/config';

/** Tests with real clients that `npm test` leaves out because of their size, and all at full length: `npm run test:clients`. */
export default defineConfig({
  test: {
    name: 'clients',
    environment: 'node',
    include: ['test/agents/**/*.client.ts', 'test/agents/rungClaude.test.ts'],
    env: { PARLEY_RINGS: process.env['PARLEY_RINGS'] ?? '100' },
    testTimeout: 300_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
