import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFixtureServer, type FixtureServer } from '../conformance/fixtureServer';
import { revisions, runSuite, type Revision } from '../conformance/suite';

let server: FixtureServer;
beforeAll(async () => {
  server = await startFixtureServer();
});
afterAll(() => server.close());

test.each(Object.entries(revisions) as [Revision, number][])(
  'the official suite: every scored scenario of %s passes, and none warns',
  async (revision, scenarios) => {
    const { results, output, exitCode } = await runSuite(server.url, revision);
    const scored = results.filter((result) => result.scored);
    expect(scored.filter(({ failed, warned }) => failed + warned > 0)).toEqual([]);
    expect(scored).toHaveLength(scenarios);
    expect(exitCode, output).toBe(0);
  },
  120_000,
);
