import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/client/clock';
import { ownFiles } from '../../src/nearby/files';
import { invitation, invite } from '../../src/nearby/invite';
import { lookAround } from '../../src/nearby/lookAround';
import { machineTable } from '../../src/nearby/processTable';
import { nearbyClients, type Found, type NearbyClient } from '../../src/nearby/session';
import versions from '../../scripts/equipment.json';
import { NearbyTerminal, firstWords } from '../support/nearbyClients';
import { Recorder, formOf, keep, keptFor } from '../support/nearbyFixtures';
import { until } from '../support/until';
import { processesOf } from '../support/workbenchProcesses';

/** The real clients, interactive, found by what they leave on the machine; and that is still as the fixtures have it. */

let terminal: NearbyTerminal | undefined;
afterEach(async () => {
  await terminal?.stop();
  terminal = undefined;
});

function look({ root, home }: NearbyTerminal, recorder = new Recorder(root)): Promise<Found> {
  const table = machineTable();
  const ours = new Set(processesOf(root));
  return lookAround({
    files: recorder.files(ownFiles()),
    table: recorder.table(table, (pid) => ours.has(pid)),
    env: {},
    home,
    identities: () => [],
  });
}

/** What each one's own files tell after its first turn. */
const told: Readonly<Record<NearbyClient, object>> = {
  'claude-code': { version: versions.claudeCode, status: 'idle', sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  codex: {
    version: versions.codex,
    status: 'idle',
    title: firstWords,
    sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  },
  copilot: {
    version: versions.copilot,
    status: 'idle',
    title: firstWords,
    sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  },
  gemini: { status: 'unknown', title: firstWords, sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  opencode: { status: 'unknown' },
};

/** Those that take a line from others as they are installed. */
const canBeTold: ReadonlySet<NearbyClient> = new Set(['claude-code', 'codex']);

describe.each(nearbyClients)('%s', (client) => {
  it('is found with its folder as soon as it takes input, tells more after a turn, writes what the fixture has, hears an invitation where it can, and is gone when it ends', async () => {
    terminal = await NearbyTerminal.start(client);
    const running = terminal;
    const expected = { client, folder: running.project };
    const [first] = await until('the session', async () => {
      const { sessions } = await look(running);
      return sessions.length > 0 && sessions;
    });
    expect(first).toMatchObject(expected);
    expect(Math.abs(Date.now() - (first?.startedAt ?? 0))).toBeLessThan(120_000);

    await running.turn();
    const recorder = await until('what it tells after a turn', async () => {
      const notes = new Recorder(running.root);
      const found = await look(running, notes);
      if (found.sessions[0]?.status === 'busy') return undefined;
      expect(found.unclear).toEqual([]);
      expect(found.sessions).toEqual([expect.objectContaining({ ...expected, ...told[client] })]);
      return notes;
    });
    if (process.env['PARLEY_KEEP_FIXTURES'] === '1') keep(client, recorder.kept());
    expect(formOf(recorder.kept())).toEqual(formOf(keptFor(client)));

    const [session] = (await look(running)).sessions;
    expect(session?.door !== undefined).toBe(canBeTold.has(client));
    if (session?.door) {
      const line = invitation('/home/ada/.parley/bin/parley');
      const began = performance.now();
      expect(await invite(session, line, { clock: systemClock, env: {} })).toEqual({ result: 'written' });
      await running.hears(line);
      console.log(`${client}: the invitation was at its model after ${(performance.now() - began).toFixed(0)} ms`);
    }

    await running.stop();
    expect(await look(running)).toEqual({ sessions: [], unclear: [] });
  });
});
