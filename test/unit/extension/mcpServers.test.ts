import { expect, test } from 'vitest';
import { mcpServersIn, shareNameOf, wordsOf } from '../../../src/extension/upkeep/mcpServers';

const variables = { workspaceFolder: '/work', userHome: '/home/ada', env: { TOKEN: 't' } };
const one = (entry: unknown): unknown => mcpServersIn({ db: entry }, variables)[0]?.wish;

test('a program comes with its arguments, its folder and its environment', () => {
  expect(
    one({ command: 'npx', args: ['-y', 'db', '${workspaceFolder}/x.db'], env: { TOKEN: '${env:TOKEN}', N: 1 } }),
  ).toEqual({
    command: ['npx', '-y', 'db', '/work/x.db'],
    folder: '/work',
    environment: { TOKEN: 't', N: '1' },
  });
  expect(one({ type: 'stdio', command: 'db', cwd: '${userHome}/db' })).toEqual({
    command: ['db'],
    folder: '/home/ada/db',
  });
});

test('a server behind a url comes with what is sent along', () => {
  const sent = { type: 'http', url: 'https://db.example/mcp', headers: { Authorization: 'Bearer ${env:TOKEN}' } };
  expect(one(sent)).toEqual({ url: 'https://db.example/mcp', headers: { Authorization: 'Bearer t' } });
});

test.each([
  { command: 'db', args: ['${input:password}'] },
  { command: 'db', env: { KEY: '${input:key}' } },
  { url: 'https://db/${command:x}' },
  { command: 7 },
  { command: 'db', args: [7] },
  { command: 'db', env: 'KEY=1' },
  { command: 'db', env: { KEY: {} } },
  {},
  'db',
  null,
])('what only VS Code can fill in, or is of another form, cannot be shared: %j', (entry) => {
  expect(mcpServersIn({ db: entry }, variables)).toEqual([{ name: 'db', wish: undefined }]);
});

test.each([undefined, null, 'servers', 7])('a file without servers names none: %j', (servers) => {
  expect(mcpServersIn(servers, variables)).toEqual([]);
});

test('without a folder nothing stands for it', () => {
  const nowhere = { ...variables, workspaceFolder: '' };
  expect(mcpServersIn({ db: { command: '${workspaceFolder}/db' } }, nowhere)[0]?.wish).toBeUndefined();
  expect(mcpServersIn({ db: { command: 'db' } }, nowhere)[0]?.wish).toEqual({ command: ['db'] });
});

test.each([
  ['my server', 'my-server'],
  ['@scope/db-mcp', 'scope-db-mcp'],
  ['42', ''],
  ['x'.repeat(40), 'x'.repeat(32)],
])('%s is proposed as “%s”', (name, proposed) => {
  expect(shareNameOf(name)).toBe(proposed);
});

test.each([
  ['npx -y  db', ['npx', '-y', 'db']],
  ['"/a b/db" --name="x y" $(touch x)', ['/a b/db', '--name=x y', '$(touch', 'x)']],
  ['   ', []],
])('the words of %j', (line, words) => {
  expect(wordsOf(line)).toEqual(words);
});
