import { defaultLimits } from '../../../src/core/limits';
import { nothing, type Asking, type Entries, type Refused } from './entry';
import type { World } from './world';

const unknownThread = (asking: Asking): Refused => ({ ...asking, code: 'unknown_thread' });
const noLimit = (asking: Asking): Refused => ({ ...asking, code: 'bad_input' });

/** More than a message may have. */
const tooLong = 'x'.repeat(defaultLimits.messageBytes + 1);

/** The words in the latest thread of `b`. */
async function said({ b }: World): Promise<string[]> {
  const [thread] = (await b.client.ask('threads', {})).threads;
  const { messages } = await b.client.ask('read', { thread: thread?.id });
  return messages.filter(({ type }) => type === 'message').map(({ content }) => content);
}

const latest = async ({ b }: World, state: 'open' | 'all' = 'all') =>
  (await b.client.ask('threads', { state })).threads[0];

export const threads: Entries = {
  send: {
    as: 'agent',
    good: async (world) => {
      await world.talk();
      return { rpc: { text: 'hello' }, cli: ['send', 'hello'], mcp: ['send', { text: 'hello', wait: 0 }] };
    },
    effect: [said, ['hello']],
    bad: async (world) => {
      await world.talk();
      return {
        rpc: { text: tooLong },
        cli: ['send', tooLong],
        mcp: ['send', { text: tooLong, wait: 0 }],
        code: 'message_too_long',
      };
    },
  },
  message: {
    as: 'agent',
    good: ({ b }) => ({
      rpc: { to: b.name, text: 'hello' },
      cli: ['message', b.name, 'hello'],
      mcp: ['send', { to: b.name, text: 'hello' }],
    }),
    effect: [said, ['hello']],
    bad: () => ({
      rpc: { to: 'Nobody', text: 'hello' },
      cli: ['message', 'Nobody', 'hello'],
      mcp: ['send', { to: 'Nobody', text: 'hello' }],
      code: 'unknown_agent',
    }),
  },
  broadcast: {
    as: 'agent',
    good: async (world) => {
      const capability = await world.skill();
      return {
        rpc: { text: 'hello', capability },
        cli: ['broadcast', 'hello', '--capability', capability],
        mcp: ['send', { text: 'hello', to: '*', capability }],
      };
    },
    effect: [said, ['hello']],
    bad: async (world) => {
      const capability = await world.skill();
      return {
        rpc: { text: tooLong, capability },
        cli: ['broadcast', tooLong, '--capability', capability],
        mcp: ['send', { text: tooLong, to: '*', capability }],
        code: 'message_too_long',
      };
    },
  },
  read: {
    as: 'agent',
    good: async (world) => {
      const thread = await world.talk('Dinner');
      return { rpc: { thread }, cli: ['read', thread.slice(-8)], mcp: ['read', { thread }] };
    },
    shows: () => 'Dinner',
    bad: () => unknownThread({ rpc: { thread: nothing }, cli: ['read', nothing], mcp: ['read', { thread: nothing }] }),
  },
  threads: {
    as: 'agent',
    good: async (world) => {
      await world.talk('Dinner');
      return { rpc: { state: 'open' }, cli: ['threads', '--state', 'open'], mcp: ['read', { list: 'threads' }] };
    },
    shows: () => 'Dinner',
    bad: () =>
      noLimit({ rpc: { limit: 0 }, cli: ['threads', '--limit', '0'], mcp: ['read', { list: 'threads', limit: 0 }] }),
  },
  leave: {
    as: 'agent',
    good: async (world) => {
      await world.talk();
      return { rpc: {}, cli: ['leave'], mcp: ['leave', {}] };
    },
    effect: [async (world) => (await latest(world))?.state, 'closed'],
    bad: () =>
      unknownThread({ rpc: { thread: nothing }, cli: ['leave', nothing], mcp: ['leave', { thread: nothing }] }),
  },
  seen: {
    as: 'person',
    good: async ({ a, person }) => {
      const { you } = await person.ask('who', {});
      const { message } = await a.client.ask('message', { to: you ?? '', text: 'hello' });
      return { rpc: { thread: message.thread, seq: message.seq } };
    },
    effect: [
      async ({ a }) => {
        const [thread] = (await a.client.ask('threads', {})).threads;
        const { messages } = await a.client.ask('read', { thread: thread?.id });
        return messages.at(-1)?.receipts[0]?.state;
      },
      'seen',
    ],
    bad: () => unknownThread({ rpc: { thread: nothing, seq: 1 } }),
  },
  open: {
    as: 'agent',
    good: () => ({
      rpc: { topic: 'Panel', closedToNewcomers: false },
      cli: ['create', '--topic', 'Panel', '--open'],
      mcp: ['open', { topic: 'Panel' }],
    }),
    effect: [
      async ({ a, b }) => {
        const { threads: rooms } = await b.client.ask('threads', { rooms: true });
        const mine = rooms.filter(({ participants }) => participants.some(({ agent }) => agent === a.id));
        return mine.map(({ topic, isOpen }) => [topic, isOpen]);
      },
      [['Panel', true]],
    ],
    bad: () => ({
      rpc: { topic: '' },
      cli: ['create', '--topic', ''],
      mcp: ['open', { topic: '' }],
      code: 'empty_topic',
    }),
  },
  join: {
    as: 'agent',
    good: async ({ b }) => {
      const { thread } = await b.client.ask('open', { topic: 'Panel' });
      return { rpc: { thread: thread.id }, cli: ['join', thread.id.slice(-8)], mcp: ['open', { join: thread.id }] };
    },
    effect: [async (world) => (await latest(world))?.participants.length, 2],
    bad: () => unknownThread({ rpc: { thread: nothing }, cli: ['join', nothing], mcp: ['open', { join: nothing }] }),
  },
  rename: {
    as: 'agent',
    good: async (world) => {
      const thread = await world.talk();
      return { rpc: { thread, topic: 'Dinner' }, cli: ['rename', thread, 'Dinner'] };
    },
    effect: [async (world) => (await latest(world))?.topic, 'Dinner'],
    bad: async (world) => {
      const thread = await world.talk();
      return { rpc: { thread, topic: '' }, cli: ['rename', thread, ''], code: 'empty_topic' };
    },
  },
  pause: {
    as: 'person',
    good: async (world) => {
      const thread = await world.talk();
      return { rpc: { thread }, cli: ['pause', thread.slice(-8)] };
    },
    effect: [async (world) => (await latest(world))?.state, 'paused'],
    bad: () => unknownThread({ rpc: { thread: nothing }, cli: ['pause', nothing] }),
  },
  resume: {
    as: 'person',
    good: async (world) => {
      const thread = await world.talk();
      await world.person.ask('pause', { thread });
      return { rpc: { thread }, cli: ['resume', thread] };
    },
    effect: [async (world) => (await latest(world))?.state, 'open'],
    bad: () => unknownThread({ rpc: { thread: nothing }, cli: ['resume', nothing] }),
  },
  grant: {
    as: 'person',
    good: async ({ a, b }) => {
      const { thread } = await a.client.ask('open', { topic: 'Panel', turnLimit: 1 });
      await b.client.ask('join', { thread: thread.id });
      await a.client.ask('send', { thread: thread.id, text: 'hello' });
      return { rpc: { thread: thread.id, turns: 5 }, cli: ['grant', thread.id, '--turns', '5'] };
    },
    effect: [async (world) => (await latest(world))?.turnsLeft, 5],
    bad: () => unknownThread({ rpc: { thread: nothing }, cli: ['grant', nothing] }),
  },
  typing: {
    as: 'agent',
    good: async (world) => ({ rpc: { thread: await world.talk() } }),
    effect: [async (world) => (await latest(world))?.typing?.length, 1],
    bad: () => unknownThread({ rpc: { thread: nothing } }),
  },
  listen: {
    as: 'agent',
    good: async ({ a, b }) => {
      await b.client.ask('message', { to: a.name, text: 'hello' });
      return { rpc: {}, cli: ['poll'], mcp: ['listen', { wait: 0 }] };
    },
    shows: () => 'hello',
    effect: [async ({ a }) => (await a.client.ask('inbox', {})).threads.length, 0],
    bad: () => noLimit({ rpc: { limit: 0 }, cli: ['poll', '--limit', '0'], mcp: ['listen', { limit: 0 }] }),
  },
  inbox: {
    as: 'agent',
    good: async ({ a, b }) => {
      await b.client.ask('call', { to: a.name, topic: 'Dinner' });
      return { rpc: {}, cli: ['inbox'], mcp: ['listen', { inbox: true }] };
    },
    shows: () => 'Dinner',
    bad: () =>
      noLimit({ rpc: { limit: 0 }, cli: ['inbox', '--limit', '0'], mcp: ['listen', { inbox: true, limit: 0 }] }),
  },
  confirm: {
    as: 'agent',
    good: async ({ a, b }) => {
      await b.client.ask('message', { to: a.name, text: 'hello' });
      const { delivery = '' } = await a.client.receive('listen', {});
      return { rpc: { deliveries: [delivery] } };
    },
    effect: [async ({ a }) => (await a.client.ask('inbox', {})).threads.length, 0],
    bad: () => noLimit({ rpc: { deliveries: 'all' } }),
  },
  ringReport: {
    as: 'agent',
    good: async ({ a, b }) => {
      const { call } = await b.client.ask('call', { to: a.name, topic: 'Dinner' });
      return { rpc: { subject: call.id, agent: a.id, ringer: 'test', result: 'written' } };
    },
    effect: [async ({ a }) => (await a.client.ask('inbox', {})).calls[0]?.to[0]?.receipt?.ringer, 'test'],
    bad: ({ a }) => noLimit({ rpc: { subject: nothing, agent: a.id, ringer: 'test', result: 'well' } }),
  },
};
