import { nothing, type Asking, type Entries, type Refused } from './entry';
import type { Party, World } from './world';

const unknownTask = (asking: Asking): Refused => ({ ...asking, code: 'unknown_task' });

const tasksOf = async ({ client }: Party, state: 'open' | 'over'): Promise<(readonly [string, string])[]> =>
  (await client.ask('tasks', { state })).tasks.map(({ title, state }) => [title, state] as const);

/** `b` offers a tool that repeats what it is given, and everybody may use it. */
async function echo({ b, person }: World): Promise<void> {
  const input = { type: 'object', properties: { words: { type: 'string' } }, required: ['words'] };
  const run = ({ args }: { readonly args: Readonly<Record<string, unknown>> }) => ({
    content: `${args['words'] as string}!`,
  });
  await b.client.offer([{ name: 'echo', description: 'Repeats', input, run }]);
  await person.ask('allowTool', { owner: b.name, tool: 'echo', allow: true });
}

export const work: Entries = {
  delegate: {
    as: 'agent',
    good: ({ b }) => ({
      rpc: { to: b.name, title: 'Mend it' },
      cli: ['delegate', b.name, 'Mend', 'it'],
      mcp: ['delegate', { to: b.name, title: 'Mend it', wait: 0 }],
    }),
    effect: [({ b }) => tasksOf(b, 'open'), [['Mend it', 'submitted']]],
    bad: () => ({
      rpc: { to: 'Nobody', title: 'Mend it' },
      cli: ['delegate', 'Nobody', 'Mend it'],
      mcp: ['delegate', { to: 'Nobody', title: 'Mend it', wait: 0 }],
      code: 'unknown_agent',
    }),
  },
  cancelTask: {
    as: 'agent',
    good: async (world) => {
      const task = await world.task(world.a, world.b);
      return { rpc: { task }, cli: ['cancel', task], mcp: ['delegate', { cancel: task }] };
    },
    effect: [({ b }) => tasksOf(b, 'over'), [['Mend it', 'canceled']]],
    bad: async (world) => {
      const task = await world.task(world.a, world.b);
      await world.b.client.ask('report', { task, state: 'completed' });
      return { rpc: { task }, cli: ['cancel', task], mcp: ['delegate', { cancel: task }], code: 'task_over' };
    },
  },
  report: {
    as: 'agent',
    good: async (world) => {
      const task = await world.task(world.b, world.a);
      return {
        rpc: { task, state: 'completed', result: { ok: true } },
        cli: ['report', task.slice(-8), '--state', 'completed', '--result', '{"ok":true}'],
        mcp: ['report', { task, state: 'completed', result: { ok: true } }],
      };
    },
    effect: [
      async ({ b }) =>
        (await b.client.ask('tasks', { state: 'over' })).tasks.map(({ state, result }) => [state, result]),
      [['completed', { ok: true }]],
    ],
    bad: () =>
      unknownTask({
        rpc: { task: nothing, state: 'completed' },
        cli: ['report', nothing, '--state', 'completed'],
        mcp: ['report', { task: nothing, state: 'completed' }],
      }),
  },
  tasks: {
    as: 'agent',
    good: async (world) => {
      await world.task(world.a, world.b);
      return { rpc: { mine: 'given' }, cli: ['tasks', '--mine', 'given'], mcp: ['read', { list: 'tasks' }] };
    },
    shows: () => 'Mend it',
    bad: () => ({
      rpc: { limit: 0 },
      cli: ['tasks', '--limit', '0'],
      mcp: ['read', { list: 'tasks', limit: 0 }],
      code: 'bad_input',
    }),
  },
  task: {
    as: 'agent',
    good: async (world) => {
      const task = await world.task(world.a, world.b);
      return { rpc: { task }, cli: ['task', task], mcp: ['read', { task }] };
    },
    shows: () => 'Mend it',
    bad: () => unknownTask({ rpc: { task: nothing }, cli: ['task', nothing], mcp: ['read', { task: nothing }] }),
  },
  tools: {
    as: 'agent',
    good: async (world) => {
      await echo(world);
      const { name } = world.b;
      return { rpc: { agent: name }, cli: ['tools', name], mcp: ['use_tool', { agent: name }] };
    },
    shows: () => 'echo',
    bad: () => ({
      rpc: { agent: 'Nobody' },
      cli: ['tools', 'Nobody'],
      mcp: ['use_tool', { agent: 'Nobody' }],
      code: 'unknown_agent',
    }),
  },
  useTool: {
    as: 'agent',
    good: async (world) => {
      await echo(world);
      const agent = world.b.name;
      const args = { words: 'hello' };
      return {
        rpc: { agent, tool: 'echo', args },
        cli: ['use', agent, 'echo', '--args', JSON.stringify(args)],
        mcp: ['use_tool', { agent, tool: 'echo', args }],
      };
    },
    shows: () => 'hello!',
    bad: async (world) => {
      await echo(world);
      const agent = world.b.name;
      return {
        rpc: { agent, tool: 'echo', args: {} },
        cli: ['use', agent, 'echo', '--args', '{}'],
        mcp: ['use_tool', { agent, tool: 'echo', args: {} }],
        code: 'bad_tool_args',
      };
    },
  },
  allowTool: {
    as: 'person',
    good: ({ a, b }) => ({
      rpc: { agent: a.name, owner: b.name, tool: 'lint', allow: false },
      cli: ['deny', 'lint', '--agent', a.name, '--owner', b.name],
    }),
    effect: [
      async ({ a, person }) => {
        const { rules } = await person.ask('allowTool', {});
        return rules.filter(({ agent }) => agent === a.name).map(({ tool, allow }) => [tool, allow]);
      },
      [['lint', false]],
    ],
    bad: () => ({
      rpc: { agent: 'Nobody', allow: true },
      cli: ['allow', '--agent', 'Nobody'],
      code: 'unknown_agent',
    }),
  },
};
