import * as fs from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import type { Output } from '../../src/contract/operations';
import { BrokerProcess, bundlePrograms, temporaryHome, testEdition } from '../support/brokerProcess';
import { CliProcess } from '../support/cliProcess';
import { until } from '../support/until';
import { CliPlayer } from './cliPlayer';
import { McpPlayer } from './mcpPlayer';
import { hears, type Casting, type Player } from './players';

/** How long a command-line agent counts as there after its last command, and more. Milliseconds. */
const aWhile = 10 * 60_000;

const topic = 'Review my auth middleware';
const question = "Here's the middleware. The JWT validation fails on expired tokens but I can't figure out why...";
const finding = "I see the issue. You're comparing timestamps in seconds but Date.now() returns milliseconds...";
const thanks = 'That was it. Thanks.';

let programs: string;
let broker: BrokerProcess;
let cli: CliProcess;
let person: Client;
const players: Player[] = [];

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['clock-broker', 'index-worker', 'parley']);
});

beforeEach(async () => {
  const home = temporaryHome();
  broker = new BrokerProcess(programs, home, process.execPath, 'clock-broker');
  broker.turnClock(0);
  await broker.start();
  cli = new CliProcess(programs, home);
  person = await broker.person();
});

afterEach(async () => {
  await cli.dispose();
  await broker.dispose();
});

afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));

const casts: Readonly<Record<'cli' | 'mcp', Casting>> = {
  cli: {
    player: (name, platform, capabilities) => CliPlayer.join(cli, name, platform, capabilities),
  },
  mcp: {
    player: (name, platform, capabilities) => McpPlayer.join(broker, name, platform, capabilities),
  },
};

async function cast(door: 'cli' | 'mcp', name: string, platform: string, capabilities: string[]): Promise<Player> {
  const player = await casts[door].player(name, platform, capabilities);
  players.push(player);
  return player;
}

/** Everyone on the roster but the person, by name. */
async function roster(): Promise<Readonly<Record<string, Output<'who'>['agents'][number]>>> {
  const { agents } = await person.ask('who', {});
  return Object.fromEntries(agents.filter(({ kind }) => kind === 'agent').map((one) => [one.name, one]));
}

/** What the person's window shows of the conversation while it goes on: the words, in order. */
function shownLive(): string[] {
  const shown: string[] = [];
  person.watch((event) => {
    if (event.type !== 'message.sent') return;
    const { message } = event.payload;
    if (message.type === 'message') shown.push(message.content);
  });
  return shown;
}

describe('Atlas needs help reviewing code', () => {
  it.each([
    ['through the command line', 'cli', 'cli'],
    ['through the tools of MCP', 'mcp', 'mcp'],
    ['with Atlas at the command line and Nova at the tools', 'cli', 'mcp'],
    ['with Atlas at the tools and Nova at the command line', 'mcp', 'cli'],
  ] as const)(
    '%s',
    async (_how, atlasDoor, novaDoor) => {
      // Echo was here a while ago and is gone. Sage wants no calls.
      await cli.json(undefined, 'register', '--name', 'Echo');
      broker.turnClock(aWhile);
      await cli.json(undefined, 'register', '--name', 'Sage');
      await cli.json('Sage', 'presence', 'busy');
      const nova = await cast(novaDoor, 'Nova', 'Claude Code', ['coding', 'debugging']);
      const atlas = await cast(atlasDoor, 'Atlas', 'OpenClaw', ['coding', 'review']);
      const live = shownLive();

      // 1. Atlas: who
      const { agents, text: rosterText } = await atlas.who();
      const seen = Object.fromEntries(agents.map((one) => [one.name, one]));
      expect(seen['Nova']).toMatchObject({ presence: 'available', capabilities: ['coding', 'debugging'] });
      expect(seen['Sage']).toMatchObject({ presence: 'busy' });
      expect(seen['Echo']).toMatchObject({ presence: 'offline' });
      expect(rosterText).toMatch(/Nova.*available.*coding.*debugging/s);
      expect(rosterText).toMatch(/Sage.*busy/);
      expect(rosterText).toMatch(/Echo.*away/);

      // 2. Atlas: call Nova --topic "Review my auth middleware"
      const placed = await atlas.call('Nova', topic);
      expect(placed.text).toMatch(/Nova/);
      expect(placed.text).toMatch(/r[iu]ng/i);

      // 3. Nova receives: Incoming call from Atlas. Nova: accept <request-id>
      const call = await hears(nova, 'call');
      expect(call).toMatchObject({ from: 'Atlas', topic });
      expect((await roster())['Nova']?.presence).toBe('ringing');
      expect((await nova.accept(call.call)).text).toContain('Atlas');
      const { thread = '' } = await hears(atlas, 'answered', ({ by }) => by === 'Nova');
      expect(thread).not.toBe('');
      expect(await roster()).toMatchObject({
        Atlas: { presence: 'in-call', inCallWith: ['Nova'] },
        Nova: { presence: 'in-call', inCallWith: ['Atlas'] },
      });

      // 4. Atlas: send "Here's the middleware. …" → Nova receives instantly
      expect((await atlas.send(question)).text).toMatch(/Said/);
      expect(await hears(nova, 'said')).toMatchObject({ from: 'Atlas', text: question });

      // 5. Nova: send "I see the issue. …" → Atlas receives instantly
      await nova.send(finding);
      expect(await hears(atlas, 'said')).toMatchObject({ from: 'Nova', text: finding });

      // 6. The person sees the conversation live; it is in SQLite
      await until('the person to see it', () => live.length === 2);
      expect(live).toEqual([question, finding]);

      // 7. Atlas: send "That was it. Thanks." Atlas: leave → archived, still queryable
      await atlas.send(thanks);
      expect((await atlas.leave()).text).toMatch(/archived/);
      await hears(nova, 'said', ({ text }) => text === thanks);
      expect(await hears(nova, 'closed')).toEqual({ what: 'closed', thread });
      const said = [['Atlas', question], ['Nova', finding], ['Atlas', thanks]] as const; // prettier-ignore
      for (const player of [atlas, nova]) {
        const read = await player.read(thread);
        expect(read).toMatchObject({ topic, said, state: 'closed' });
        for (const [, text] of said) expect(read.text).toContain(text);
        expect((await player.search('JWT validation')).text).toContain('JWT');
      }

      // The state at the end.
      const end = await person.ask('read', { thread });
      expect(end.thread).toMatchObject({ topic, mode: 'live', state: 'closed', unread: 0 });
      expect(end.messages.map(({ seq }) => seq)).toEqual(end.messages.map((_, index) => index + 1));
      for (const message of end.messages.filter(({ type }) => type === 'message')) {
        expect(message.receipts).toMatchObject([{ state: expect.stringMatching(/^(seen|answered)$/) as string }]);
      }
      expect(await roster()).toMatchObject({
        Atlas: { presence: 'available' },
        Nova: { presence: 'available' },
        Sage: { presence: 'busy' },
        Echo: { presence: 'offline' },
      });
      const { rows } = await person.ask('sql', {
        query: `select topic, mode, status from conversations where id = '${thread}'`,
      });
      expect(rows).toEqual([[topic, 'live', 'closed']]);
      for (const player of players.splice(0)) await player.end();
    },
    120_000,
  );
});
