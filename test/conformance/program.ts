import { startFixtureServer } from './fixtureServer';
import { revisions, runSuite, type Revision, type ScenarioResult } from './suite';

/** `npm run conformance`: prints a table for each revision; exits with 1 when a scored scenario fails or is missing. */
async function main(): Promise<void> {
  const server = await startFixtureServer();
  let isGood = true;
  try {
    for (const [revision, scenarios] of Object.entries(revisions) as [Revision, number][]) {
      const { results, output, exitCode } = await runSuite(server.url, revision);
      const scored = results.filter((result) => result.scored);
      const good = scored.filter(({ failed }) => failed === 0).length;
      line(`\n${revision}: ${good} of ${scenarios} scored scenarios pass`);
      for (const result of scored) line(row(result));
      const rest = results.filter((result) => !result.scored);
      line(`not scored: ${rest.map(({ scenario, failed }) => `${scenario} ${failed === 0 ? 'ok' : '-'}`).join(', ')}`);
      if (good === scenarios && scored.length === scenarios && exitCode === 0) continue;
      isGood = false;
      line(output);
    }
  } finally {
    await server.close();
  }
  process.exitCode = isGood ? 0 : 1;
}

function row({ scenario, passed, failed, warned, problems }: ScenarioResult): string {
  const counts = `${String(passed).padStart(3)} passed, ${failed} failed${warned > 0 ? `, ${warned} warned` : ''}`;
  return [`${failed === 0 ? 'ok    ' : 'FAILED'} ${scenario.padEnd(48)} ${counts}`, ...problems].join('\n       ');
}

const line = (text: string): void => void process.stdout.write(`${text}\n`);

void main();
