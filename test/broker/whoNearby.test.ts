import { expect, it } from 'vitest';
import { settled } from '../support/manualClock';
import { hostile } from '../unit/ringers/compliance';
import { compose } from '../../src/mcp/answers';
import { fit } from '../../src/mcp/text';
import { aroundHere } from '../../src/cli/agentPieces';
import type { NearbyView } from '../../src/contract/views';
import { agentHandlers, mostNearby } from '../../src/operations/agents';
import { testExchange } from '../support/testExchange';

const session = (pid: number, folder = '/work'): NearbyView => ({
  client: 'Claude Code',
  version: '2.1.329',
  pid,
  folder,
  status: 'idle',
});

/** What Atlas is told by `who`, and how often somebody looked around. */
async function who(sessions: readonly NearbyView[], query: object) {
  const { broker, join } = testExchange();
  const atlas = await join('Atlas');
  let looks = 0;
  const handlers = agentHandlers(() => {
    looks++;
    return Promise.resolve(sessions);
  });
  const [client] = [...broker.connections.of(atlas.id)];
  if (!client) throw new Error('Atlas has no connection');
  const caller = { role: 'agent', agent: atlas.id, client } as const;
  const { output } = await handlers.who(broker, caller, query, { signal: new AbortController().signal });
  await settled();
  return { output, looks };
}

it('who tells of sessions nearby only when it is asked for them, and looks for them only then', async () => {
  const { output, looks } = await who([session(1)], {});
  expect([output.nearby, looks]).toEqual([undefined, 0]);
  const asked = await who([session(1)], { nearby: true });
  expect([asked.output.nearby, asked.looks]).toEqual([[session(1)], 1]);
});

it('who tells of so many sessions and counts the rest', async () => {
  const many = Array.from({ length: mostNearby + 3 }, (_one, at) => session(at));
  const { output } = await who(many, { nearby: true });
  expect(output.nearby?.map(({ pid }) => pid)).toEqual(many.slice(0, mostNearby).map(({ pid }) => pid));
  expect(output.moreNearby).toBe(3);
});

it('a model is told of them last, shortly, and that they cannot be called', async () => {
  const { output } = await who([session(1), { ...session(2, ''), status: 'unknown' }], { nearby: true });
  const { text, structured } = fit(compose('who', output, {}));
  expect(text.split('\n').slice(-2)).toEqual([
    '- nearby, not signed on, cannot be called: Claude Code 2.1.329; idle; in "/work"',
    '- nearby, not signed on, cannot be called: Claude Code 2.1.329',
  ]);
  expect(structured['nearby']).toEqual([
    { client: 'Claude Code', version: '2.1.329', folder: '/work', status: 'idle' },
    { client: 'Claude Code', version: '2.1.329' },
  ]);
});

it.each(hostile)('the name of their folder stays a name: %j', async (folder) => {
  const { output } = await who([session(1, folder)], { nearby: true });
  const { text } = fit(compose('who', output, {}));
  expect(text.split('\n').at(-1)).toMatch(/^- nearby, not signed on.*in "/);
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});

it('a person reads of them below the roster', () => {
  const terminal = { colour: false, now: 0, width: 100 };
  const told = aroundHere(terminal, [session(1)], 2).split('\n');
  expect(told[0]).toContain('Nearby, not signed on');
  expect(told[1]).toMatch(/Claude Code 2\.1\.329.*idle.*\/work/);
  expect(told[2]).toBe('2 more: parley nearby');
  expect(aroundHere(terminal, [])).toBe('');
});
