import { expect, test } from 'vitest';
import { commandLink, targetOf } from '../../../src/extension/window/links';
import { mcpConfigurations } from '../../../src/extension/upkeep/mcpConfigurations';

test('a link comes back as the target that it was made of', () => {
  const link = commandLink('Answer', 'answer', { call: 'C1', agent: 'A1' });
  const [, title, command, query] = /^\[(.+)\]\(command:([\w.]+)\?([^)\s]+)\)$/.exec(link) ?? [];
  expect([title, command]).toEqual(['Answer', 'parley.answer']);
  const [argument] = JSON.parse(decodeURIComponent(query ?? '')) as unknown[];
  expect(targetOf(argument)).toEqual({ call: 'C1', agent: 'A1' });
});

test('a row of a tree is a target too', () => {
  expect(targetOf({ id: 'x', label: 'y', target: { thread: 'T1' } })).toEqual({ thread: 'T1' });
});

test.each([undefined, null, 7, 'C1', {}, { call: 7 }, { call: '../x' }, { call: 'a'.repeat(65) }, { target: 'C1' }])(
  'what is no target is none: %j',
  (argument) => expect(targetOf(argument)).toEqual({}),
);

test('configurations name the launcher, whatever characters its path has', () => {
  const launcher = 'C:\\Users\\A "B"\\.parley\\bin\\parley.cmd';
  expect(JSON.parse(mcpConfigurations.standard(launcher))).toEqual({
    mcpServers: { parley: { command: launcher, args: ['mcp'] } },
  });
  expect(JSON.parse(mcpConfigurations.openCode(launcher))).toMatchObject({
    mcp: { parley: { command: [launcher, 'mcp'] } },
  });
  expect(mcpConfigurations.codex('/h/bin/parley')).toBe(
    '[mcp_servers.parley]\ncommand = "/h/bin/parley"\nargs = ["mcp"]\n',
  );
});
