import * as fs from 'node:fs';
import type { Client as McpClient } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { toParleyError } from '../../src/contract/errors';
import { BrokerProcess, bundlePrograms, temporaryHome, testEdition } from '../support/brokerProcess';
import { mcpClient } from '../support/mcpClient';
import { until } from '../support/until';

const minute = 60_000;

let programs: string;
let broker: BrokerProcess;
let socket: string;

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['clock-broker', 'index-worker']);
  broker = new BrokerProcess(programs, temporaryHome(), undefined, 'clock-broker');
  broker.turnClock(0);
  ({ socket } = await broker.start());
}, 60_000);
afterAll(async () => {
  await broker.dispose();
  fs.rmSync(programs, { recursive: true, force: true });
});

/** Somebody on the panel, by whichever door. */
interface Panelist {
  readonly name: string;
  /** The code of the refusal, or `said`. */
  say(text: string): Promise<string>;
  /** The texts of others since the last time, in order, until there are none. */
  hear(): Promise<string[]>;
}

async function overRpc(name: string): Promise<Panelist & { readonly client: Client }> {
  const client = await broker.agent(name);
  return {
    name,
    client,
    say: (text) =>
      client.ask('send', { text }).then(
        () => 'said',
        (error: unknown) => toParleyError(error).code,
      ),
    async hear() {
      const { events } = await client.ask('listen', { limit: 200 });
      return events.flatMap((event) =>
        event.what === 'message' && event.message.content !== '' ? [event.message.content] : [],
      );
    },
  };
}

/** What the tools of MCP answer, as far as it is looked at here. */
interface Answered {
  readonly code?: string;
  readonly events?: { readonly message?: { readonly text: string } }[];
}

async function overMcp(name: string): Promise<Panelist & { readonly mcp: McpClient }> {
  const { token } = await broker.agent(name, { present: false, seat: false });
  const mcp = await mcpClient(socket, token, 'panelist');
  const use = async (tool: string, args: object): Promise<{ ok: boolean; text: string; answer: Answered }> => {
    const result = await mcp.callTool({ name: tool, arguments: { ...args } });
    const [first] = result.content as { text: string }[];
    return {
      ok: result.isError !== true,
      text: first?.text ?? '',
      answer: (result.structuredContent ?? {}) as Answered,
    };
  };
  return {
    name,
    mcp,
    async say(text) {
      const { ok, text: told } = await use('send', { text, wait: 0 });
      return ok ? 'said' : /It is the turn of/.test(told) ? 'not_your_turn' : told;
    },
    async hear() {
      const { answer } = await use('listen', { wait: 0, limit: 200 });
      return (answer.events ?? []).flatMap(({ message }) =>
        message !== undefined && message.text !== '' ? [message.text] : [],
      );
    },
  };
}

describe('a panel of six, three by rpc and three by MCP', () => {
  it('speaks in turn, hears the person at any time, goes past who vanishes, and outlives a kill', async () => {
    const [atlas, nova, kira] = [await overRpc('Atlas'), await overRpc('Nova'), await overRpc('Kira')];
    const [mira, milo, maya] = [await overMcp('Mira'), await overMcp('Milo'), await overMcp('Maya')];
    const kim = await broker.person();

    const opened = await atlas.client.ask('open', {
      topic: 'Which parser?',
      turns: 'round-robin',
      invite: ['Mira', 'Milo', 'Maya'],
    });
    const thread = opened.thread.id;
    for (const { client } of [nova, kira]) await client.ask('join', { thread });
    for (const { mcp } of [mira, milo, maya]) {
      const answered = await mcp.callTool({
        name: 'answer',
        arguments: { answer: 'accept', call: opened.calls[0]?.id },
      });
      expect(answered.isError).not.toBe(true);
    }
    const turn = async (): Promise<string | undefined> => (await kim.ask('read', { thread, limit: 1 })).thread.turn;
    const panel: Panelist[] = [atlas, nova, kira, mira, milo, maya];
    for (const one of panel) await one.hear();

    // The first round: in order of joining, and nobody else's word is taken.
    for (const [index, speaker] of panel.entries()) {
      const next = panel[(index + 1) % panel.length] ?? atlas;
      expect([speaker.name, await next.say('I interrupt')]).toEqual([speaker.name, 'not_your_turn']);
      expect([speaker.name, await speaker.say(`${speaker.name}: one`)]).toEqual([speaker.name, 'said']);
    }
    // Everyone has heard everybody else once, in order.
    for (const one of panel) {
      const others = panel.filter((other) => other !== one).map((other) => `${other.name}: one`);
      expect([one.name, await one.hear()]).toEqual([one.name, others]);
    }

    // The second: the person interjects, which takes no turn.
    for (const speaker of [atlas, nova]) expect(await speaker.say(`${speaker.name}: two`)).toBe('said');
    await kim.ask('send', { thread, text: 'Kim: keep it short' });
    expect(await turn()).toBe('Kira');
    for (const speaker of [kira, mira]) expect(await speaker.say(`${speaker.name}: two`)).toBe('said');

    // Milo says nothing any more. Its session is still there, so this is silence.
    expect(await turn()).toBe('Milo');
    broker.turnClock(2 * minute + 1000);
    await until('Milo to be skipped', async () => (await turn()) === 'Maya');
    expect(await milo.say('Milo: wait!')).toBe('not_your_turn');
    expect(await maya.say('Maya: two')).toBe('said');

    // Atlas speaks, Nova's connection is lost: the round goes past it, visibly, once.
    expect(await atlas.say('Atlas: three')).toBe('said');
    nova.client.close();
    const presence = async () => (await kim.ask('who', { agent: 'Nova' })).agents[0]?.presence;
    await until('Nova to be offline', async () => (await presence()) === 'offline');
    broker.turnClock(3 * minute);
    await until('Nova to be skipped', async () => (await turn()) === 'Kira');

    // The process dies in the middle of a round, and comes back with whose turn it is.
    await broker.end('SIGKILL');
    await broker.start();
    const back = await broker.person();
    const read = await back.ask('read', { thread, limit: 200 });
    expect(read.thread).toMatchObject({ turn: 'Kira', turns: 'round-robin', state: 'open' });
    expect(read.messages.map(({ seq }) => seq)).toEqual(read.messages.map((_, index) => index + 1));
    expect(
      read.messages.filter(({ type }) => type === 'message' || type === 'system').map(({ content }) => content),
    ).toEqual([
      ...panel.map(({ name }) => `${name}: one`),
      'Atlas: two',
      'Nova: two',
      'Kim: keep it short',
      'Kira: two',
      'Mira: two',
      'Milo was skipped: silent for 2 min. It is the turn of Maya.',
      'Maya: two',
      'Atlas: three',
      'Nova was skipped: offline. It is the turn of Kira.',
    ]);
    await until('Kira to be back', async () => (await kira.say('Kira: three')) === 'said');
    // What Kira was told before the kill and not: from where it had listened to, everything once and in order.
    expect(await kira.hear()).toEqual([
      'Atlas: two',
      'Nova: two',
      'Kim: keep it short',
      'Mira: two',
      'Milo was skipped: silent for 2 min. It is the turn of Maya.',
      'Maya: two',
      'Atlas: three',
      'Nova was skipped: offline. It is the turn of Kira.',
    ]);
    expect(await kira.hear()).toEqual([]);
  }, 120_000);
});
