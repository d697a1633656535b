import * as fs from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { IdentityStore } from '../../../src/client/identityStore';
import { FakeBroker, temporaryHome } from '../client/fakeBroker';
import { run } from './run';

let home: string;
let fake: FakeBroker | undefined;

beforeEach(() => {
  home = temporaryHome();
  new IdentityStore(home).add({ id: 'N', name: 'Nova', token: 'nova-token', sessions: [], savedAt: 1 });
});

afterEach(async () => {
  await fake?.kill();
  fake = undefined;
  fs.rmSync(home, { recursive: true, force: true });
});

/** The candidates after these words, without what stands beside them. */
async function words(...typed: readonly string[]): Promise<string[]> {
  const env = { PARLEY_AGENT: 'Nova' };
  const { code, stdout, stderr } = await run(home, ['completion', 'bash', ...typed.map((word) => `=${word}`)], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0] ?? '');
}

it('offers commands and their sub-commands, with what each does', async () => {
  expect(await words('ca')).toEqual(['call', 'cancel', 'calls']);
  expect(await words('broker', 's')).toEqual(['start', 'stop', 'status']);
  expect(await words('--json', '--as', 'Nova', 'deleg')).toEqual(['delegate']);
  expect((await run(home, ['completion', 'zsh', '=who'])).stdout).toBe(
    'who\tWho is there, what they are good at, and how they can be re…\n',
  );
});

it('offers flags that were not given yet, and those that may come again', async () => {
  expect(await words('call', 'Nova', '--u')).toEqual(['--urgency']);
  expect(await words('call', 'Nova', '--wait', '5', '--wa')).toEqual([]);
  expect(await words('send', 'x', '--ref', 'a', '--re')).toEqual(['--ref', '--reply-to']);
  expect(await words('export', '--o')).toEqual(['--out']);
});

it('offers the words that a flag or an argument may be', async () => {
  expect(await words('threads', '--state', 'a')).toEqual(['all', 'archived']);
  expect(await words('rule', 'Nova', '--may-wake', '')).toEqual(['on', 'off', 'default']);
  expect(await words('presence', '')).toEqual(['available', 'busy']);
  expect(await words('completion', 'p')).toEqual(['powershell']);
});

it('leaves files and folders to the shell', async () => {
  expect(await words('send', 'x', '--ref', 'sr')).toEqual([':files']);
  expect(await words('use', 'Nova', 'lint', '--args-file', '')).toEqual([':files']);
  expect(await words('import', '')).toEqual([':files']);
  expect(await words('profile', '--workspace', '')).toEqual([':folders']);
});

it('offers nothing in silence where text is to be typed, without a broker, or as nobody', async () => {
  expect(await words('send', '')).toEqual([]);
  expect(await words('nonsense', '')).toEqual([]);
  expect(await words('message', '')).toEqual([]);
  expect(await run(home, ['completion', 'bash', '=message', '='])).toEqual({ code: 0, stdout: '', stderr: '' });
});

it('asks the broker for names, tools and tasks, as who types, and confirms nothing', async () => {
  const broker = (fake = await FakeBroker.start(home));
  const waiting = { unread: 0, calls: 0, ringing: 0 };
  const naming = words('call', 'Atlas', 'b');
  const [who] = await broker.requests('who');
  expect(who?.token).toBe('nova-token');
  const agent = { presence: 'available', capabilities: [] };
  who?.answer({ agents: [{ ...agent, name: 'Atlas' }, { ...agent, name: 'Bea' }], waiting }, 'D'); // prettier-ignore
  expect(await naming).toEqual(['Bea']);
  const using = words('use', 'Bea', '');
  const [tools] = await broker.requests('tools');
  expect(tools?.input).toEqual({ agent: 'Bea' });
  tools?.answer({ tools: [{ name: 'lint', description: 'Lints\u001b[2J.' }], waiting });
  expect(await using).toEqual(['lint']);
  expect(broker.asked.map(({ method }) => method)).toEqual(['who', 'tools']);
});
