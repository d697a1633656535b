import * as fs from 'node:fs';
import * as path from 'node:path';
import { tmpdir } from 'node:os';
import { nothing, type Entries } from './entry';

/** A file with this text, for the command line. */
function file(text: string): string {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'parley-import-'));
  const name = path.join(folder, 'parley.jsonl');
  fs.writeFileSync(name, text);
  return name;
}

/** An MCP server that can be shared. */
const server = [process.execPath, path.resolve('test/support/sharedServer.mjs')];

export const store: Entries = {
  share: {
    as: 'person',
    good: () => ({ rpc: { name: 'Box', command: server }, cli: ['share', 'add', 'Box', ...server] }),
    effect: [async ({ a }) => (await a.client.ask('tools', { agent: 'Box' })).tools.length > 0, true],
    undo: ({ person }) => person.ask('unshare', { name: 'Box' }),
    bad: () => ({
      rpc: { name: 'Box', command: ['./nothing'] },
      cli: ['share', 'add', 'Box', './nothing'],
      code: 'bad_share',
    }),
  },
  shares: {
    as: 'person',
    good: async ({ person }) => {
      await person.ask('share', { name: 'Box', command: server });
      return { rpc: {}, cli: ['share', 'list'] };
    },
    shows: () => 'Box',
    undo: ({ person }) => person.ask('unshare', { name: 'Box' }),
    bad: () => ({ rpc: {}, cli: ['share', 'list'], code: 'forbidden', by: 'agent' }),
  },
  unshare: {
    as: 'person',
    good: async ({ person }) => {
      await person.ask('share', { name: 'Box', command: server });
      return { rpc: { name: 'Box' }, cli: ['share', 'remove', 'Box'] };
    },
    effect: [async ({ person }) => (await person.ask('shares', {})).shares, []],
    bad: () => ({ rpc: { name: 'Nobody' }, cli: ['share', 'remove', 'Nobody'], code: 'unknown_share' }),
  },
  search: {
    as: 'agent',
    good: async (world) => {
      await world.archived('The quokka sleeps');
      return { rpc: { query: 'quokka' }, cli: ['search', 'quokka'], mcp: ['search', { query: 'quokka' }] };
    },
    shows: () => 'quokka',
    bad: () => ({
      rpc: { query: 'quokka', limit: 0 },
      cli: ['search', 'quokka', '--limit', '0'],
      mcp: ['search', { query: 'quokka', limit: 0 }],
      code: 'bad_input',
    }),
  },
  erase: {
    as: 'person',
    good: async (world) => {
      const thread = await world.archived('forget me');
      return { rpc: { thread }, cli: ['erase', thread] };
    },
    effect: [async ({ a }) => (await a.client.ask('search', { query: '"forget me"' })).hits, []],
    bad: () => ({ rpc: { thread: nothing }, cli: ['erase', nothing], code: 'unknown_thread' }),
  },
  sql: {
    as: 'person',
    good: () => ({ rpc: { query: "select 'it ' || 'works'" }, cli: ['sql', "select 'it ' || 'works'"] }),
    shows: () => 'it works',
    bad: () => ({ rpc: { query: 'drop table message' }, cli: ['sql', 'drop table message'], code: 'bad_sql' }),
  },
  export: {
    as: 'person',
    good: async (world) => {
      await world.archived('a word for the file');
      return { rpc: {}, cli: ['export'] };
    },
    shows: () => 'a word for the file',
    bad: () => ({ rpc: {}, cli: ['export'], code: 'forbidden', by: 'agent' }),
  },
  import: {
    as: 'person',
    good: async ({ person }) => {
      const { lines, cursor } = await person.ask('export', {});
      if (cursor !== undefined) throw new Error('the test needs an export of one page');
      return { rpc: { text: lines, end: true }, cli: ['import', file(lines)] };
    },
    shows: () => '"threads":0',
    bad: () => ({
      rpc: { text: 'not what export made\n', end: true },
      cli: ['import', file('not what export made\n')],
      code: 'import_refused',
    }),
  },
  status: {
    as: 'person',
    good: () => ({ rpc: {}, cli: ['broker', 'status'] }),
    shows: () => '"openThreads"',
    // Those who may not ask are told less by the command line, and no error.
    bad: () => ({ rpc: {}, code: 'who_are_you', by: 'stranger' }),
  },
  wake: {
    as: 'person',
    good: async ({ a, b }) => {
      const { call } = await a.client.ask('call', { to: b.name, topic: 'Lunch' });
      return { rpc: { call: call.id, agent: b.id } };
    },
    shows: () => 'ringers',
    bad: ({ b }) => ({ rpc: { call: nothing, agent: b.id }, code: 'unknown_call' }),
  },
};
