import { toParleyError } from '../../../src/contract/errors';
import { nothing, type Asking, type Entries, type Refused } from './entry';
import type { World } from './world';

const nobody = 'Nobody';

const unknownAgent = (asking: Asking): Refused => ({ ...asking, code: 'unknown_agent' });

/** Topics of the calls that wait for this agent. */
async function callsTo(world: World, who: 'b' | 'c'): Promise<string[]> {
  const { calls } = await world[who].client.ask('inbox', {});
  return calls.map(({ topic }) => topic);
}

export const people: Entries = {
  profile: {
    as: 'agent',
    good: () => ({
      rpc: { description: 'Tries doors' },
      cli: ['profile', '--description', 'Tries doors'],
      mcp: ['profile', { description: 'Tries doors' }],
    }),
    effect: [async ({ a, b }) => (await b.client.ask('who', { agent: a.name })).agents[0]?.description, 'Tries doors'],
    bad: () => ({
      rpc: { name: '1st' },
      cli: ['profile', '--name', '1st'],
      mcp: ['profile', { name: '1st' }],
      code: 'bad_name',
    }),
  },
  who: {
    as: 'agent',
    good: ({ b }) => ({ rpc: { agent: b.name }, cli: ['who', `@${b.name}`], mcp: ['who', { agent: b.name }] }),
    shows: ({ b }) => b.name,
    bad: () => unknownAgent({ rpc: { agent: nobody }, cli: ['who', nobody], mcp: ['who', { agent: nobody }] }),
  },
  call: {
    as: 'agent',
    good: ({ b }) => ({
      rpc: { to: b.name, topic: 'Lunch' },
      cli: ['call', b.name, '--topic', 'Lunch'],
      mcp: ['call', { to: b.name, topic: 'Lunch', wait: 0 }],
    }),
    effect: [(world) => callsTo(world, 'b'), ['Lunch']],
    bad: () =>
      unknownAgent({
        rpc: { to: nobody, topic: 'Lunch' },
        cli: ['call', nobody, '--topic', 'Lunch'],
        mcp: ['call', { to: nobody, topic: 'Lunch', wait: 0 }],
      }),
  },
  match: {
    as: 'agent',
    good: async (world) => {
      const capability = await world.skill();
      return {
        rpc: { capability, topic: 'Lunch' },
        cli: ['match', '--capability', capability, '--topic', 'Lunch'],
        mcp: ['call', { capability, topic: 'Lunch', wait: 0 }],
      };
    },
    effect: [(world) => callsTo(world, 'b'), ['Lunch']],
    bad: () => ({
      rpc: { capability: 'nonesuch', topic: 'Lunch' },
      cli: ['match', '--capability', 'nonesuch', '--topic', 'Lunch'],
      mcp: ['call', { capability: 'nonesuch', topic: 'Lunch', wait: 0 }],
      code: 'nobody_matches',
    }),
  },
  cancel: {
    as: 'agent',
    good: async ({ a, b }) => {
      const { call } = await a.client.ask('call', { to: b.name, topic: 'Lunch' });
      return { rpc: { call: call.id }, cli: ['cancel', call.id], mcp: ['call', { cancel: call.id }] };
    },
    effect: [(world) => callsTo(world, 'b'), []],
    bad: () => ({
      rpc: { call: nothing },
      cli: ['cancel', nothing],
      mcp: ['call', { cancel: nothing }],
      code: 'unknown_call',
    }),
  },
  answer: {
    as: 'agent',
    good: async ({ a, b }) => {
      const { call } = await b.client.ask('call', { to: a.name, topic: 'Lunch' });
      return {
        rpc: { call: call.id, answer: 'accept' },
        cli: ['accept', call.id],
        mcp: ['answer', { call: call.id, answer: 'accept' }],
      };
    },
    effect: [
      async ({ b }) => (await b.client.ask('threads', {})).threads.map(({ topic, mode }) => [topic, mode]),
      [['Lunch', 'live']],
    ],
    bad: () => ({
      rpc: { call: nothing, answer: 'accept' },
      cli: ['accept', nothing],
      mcp: ['answer', { call: nothing, answer: 'accept' }],
      code: 'unknown_call',
    }),
  },
  invite: {
    as: 'agent',
    good: async (world) => {
      const thread = await world.talk();
      const { name } = world.c;
      return { rpc: { to: name }, cli: ['invite', name], mcp: ['open', { thread, invite: [name] }] };
    },
    effect: [(world) => callsTo(world, 'c'), ['Lunch']],
    bad: async (world) => {
      const thread = await world.talk();
      const mcp = ['open', { thread, invite: [nobody] }] as const;
      return unknownAgent({ rpc: { to: nobody }, cli: ['invite', nobody], mcp });
    },
  },
  transfer: {
    as: 'agent',
    good: async (world) => {
      await world.talk();
      const { name } = world.c;
      return { rpc: { to: name }, cli: ['transfer', name], mcp: ['leave', { to: name }] };
    },
    effect: [
      async (world) => {
        const [thread] = (await world.b.client.ask('threads', {})).threads;
        const left = thread?.participants.find(({ agent }) => agent === world.a.id)?.left;
        return [await callsTo(world, 'c'), left];
      },
      [['Lunch'], true],
    ],
    bad: async (world) => {
      await world.talk();
      return unknownAgent({ rpc: { to: nobody }, cli: ['transfer', nobody], mcp: ['leave', { to: nobody }] });
    },
  },
  govern: {
    as: 'person',
    good: ({ a }) => ({ rpc: { agent: a.name, hold: true }, cli: ['rule', a.name, '--hold'] }),
    effect: [async ({ a, b }) => (await b.client.ask('who', { agent: a.name })).agents[0]?.hold, true],
    bad: () => unknownAgent({ rpc: { agent: nobody }, cli: ['rule', nobody] }),
  },
  renameAgent: {
    as: 'person',
    good: ({ a }) => ({ rpc: { agent: a.id, name: `${a.name}x` }, cli: ['rename-agent', a.name, `${a.name}x`] }),
    effect: [async ({ a, b }) => (await b.client.ask('who', { agent: a.id })).agents[0]?.name === `${a.name}x`, true],
    bad: ({ a }) => ({
      rpc: { agent: a.name, name: '1st' },
      cli: ['rename-agent', a.name, '1st'],
      code: 'bad_name',
    }),
  },
  disconnect: {
    as: 'person',
    good: async (world) => {
      await world.talk();
      return { rpc: { agent: world.b.name }, cli: ['disconnect', world.b.name] };
    },
    effect: [
      async ({ a, b, person }) => [
        await person.ask('who', { agent: b.id }).catch((error: unknown) => toParleyError(error).code),
        (await a.client.ask('threads', {})).threads.map(({ state }) => state),
      ],
      ['unknown_agent', ['closed']],
    ],
    bad: () => unknownAgent({ rpc: { agent: nobody }, cli: ['disconnect', nobody] }),
  },
  pastCalls: {
    as: 'person',
    good: async ({ a, b }) => {
      await a.client.ask('call', { to: b.name, topic: 'Lunch' });
      return { rpc: { agent: b.name }, cli: ['calls', b.name] };
    },
    shows: () => 'Lunch',
    bad: () => unknownAgent({ rpc: { agent: nobody }, cli: ['calls', nobody] }),
  },
  doNotDisturb: {
    as: 'person',
    good: () => ({ rpc: { on: true, for: 600 }, cli: ['do-not-disturb', 'on', '--for', '10m'] }),
    effect: [async ({ person }) => (await person.ask('status', {})).doNotDisturb.on, true],
    undo: ({ person }) => person.ask('doNotDisturb', { on: false }),
    bad: () => ({
      rpc: { hours: 'whenever' },
      cli: ['do-not-disturb', '--hours', 'whenever'],
      code: 'bad_hours',
    }),
  },
  pauseAll: {
    as: 'person',
    good: () => ({ rpc: {}, cli: ['pause-all'] }),
    effect: [async ({ person }) => (await person.ask('status', {})).paused, true],
    undo: ({ person }) => person.ask('resumeAll', {}),
    bad: forbidden('pause-all'),
  },
  resumeAll: {
    as: 'person',
    good: async ({ person }) => {
      await person.ask('pauseAll', {});
      return { rpc: {}, cli: ['resume-all'] };
    },
    effect: [async ({ person }) => (await person.ask('status', {})).paused, false],
    bad: forbidden('resume-all'),
  },
};

/** What only the person may do has nothing else that could be wrong with it: the agent asks. */
function forbidden(command: string): () => Refused {
  return () => ({ rpc: {}, cli: [command], code: 'forbidden', by: 'agent' });
}
