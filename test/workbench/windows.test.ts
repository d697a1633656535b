import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Client } from '../../src/client/client';
import { IdentityStore, readAdminToken } from '../../src/client/identityStore';
import type { BrokerRecord } from '../../src/contract/wire';
import { homeIn, patience, startParley } from '../support/parley';
import { until } from '../support/until';
import type { Workbench, WorkbenchOptions } from '../support/workbench';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/** The extension as a user has it, where its window is unusual: empty, untrusted, one of several. */

let workbench: Workbench;
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await workbench?.stop();
}, 60_000);
// Hooks run the last first: the evidence is kept before the workbench is gone.
keepEvidence(() => workbench);

async function start(options: WorkbenchOptions): Promise<WorkbenchWindow> {
  workbench = await startParley(options);
  const { window } = workbench;
  await window.openContainer('Parley');
  await brokerRecord();
  return window;
}

function home(): string {
  return homeIn(workbench);
}

async function brokerRecord(): Promise<BrokerRecord> {
  const file = path.join(home(), 'broker.json');
  await until('the broker to be there', () => readOr(file) !== undefined, patience);
  return JSON.parse(readFileSync(file, 'utf8')) as BrokerRecord;
}

function readOr(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

async function connected(token: string | undefined): Promise<Client> {
  const client = new Client({
    home: home(),
    ...(token !== undefined && { token }),
    client: 'test',
    version: '0',
    present: true,
  });
  clients.push(client);
  await client.ready();
  return client;
}

/** As a single request comes, a hook's or a tool's: it claims no seat and makes nobody present. */
async function single(token: string | undefined): Promise<Client> {
  const client = new Client({ home: home(), ...(token !== undefined && { token }), client: 'test', version: '0' });
  clients.push(client);
  await client.ready();
  return client;
}

/** Signs an agent on that is there and waits for nothing. */
async function agent(name: string): Promise<Client> {
  const nobody = await connected(undefined);
  const { token } = await nobody.ask('register', { name, platform: 'Script' });
  return connected(token);
}

async function rosterOf(client: Client): Promise<string[]> {
  const { agents } = await client.ask('who', {});
  return agents.map(({ kind, name, platform, workspace, presence }) =>
    [kind === 'human' ? 'person' : name, platform, workspace, presence].join(' ').trim(),
  );
}

/** The agents of the windows that are open, by folder. */
async function windowAgents(client: Client): Promise<{ name: string; workspace: string }[]> {
  const { agents } = await client.ask('who', {});
  return agents.filter((one) => one.kind === 'agent' && one.platform === 'VS Code' && one.presence !== 'offline');
}

async function personId(client: Client): Promise<string> {
  const person = (await client.ask('who', {})).agents.find((one) => one.kind === 'human');
  return person?.id ?? '';
}

test('windows: an empty one and one with a folder are two agents; a ring shows in one of them and ends in both', async () => {
  const empty = await start({ folder: false, settings: { 'parley.disturb': 'all' } });
  const nova = await agent('Nova');
  await empty.row(/^Nova, Script, available/).waitFor({ timeout: patience });
  expect(await windowAgents(nova)).toMatchObject([{ workspace: '' }]);

  const folder = path.join(workbench.root, 'shop');
  mkdirSync(folder);
  const shop = await workbench.openWindow(folder);
  await shop.openContainer('Parley');
  await until('both windows to be on the roster', async () => (await windowAgents(nova)).length === 2, patience);
  await shop.row(/^Nova, Script, available/).waitFor({ timeout: patience });
  const own = (await windowAgents(nova)).find(({ workspace }) => workspace === folder);

  // A call to the window's agent shows where its folder is.
  const toAgent = await nova.ask('call', { to: own?.name ?? '', topic: 'about [the](command:x) shop' });
  await shop.notification('Nova calls').waitFor({ timeout: patience });
  await until(
    'the badge of both windows',
    async () => (await empty.badge('Parley')) === '1' && (await shop.badge('Parley')) === '1',
    patience,
  );
  expect(await empty.notifications()).toEqual([]);
  expect(await shop.notifications()).toEqual([
    `Nova calls ${own?.name}: “about (the)(command:x) shop” Answer · Let the Agent Answer · Decline`,
  ]);
  await shop.screenshot('windows-ring-in-its-folder');
  await nova.ask('cancel', { call: toAgent.call.id });
  await shop.notification('Nova calls').waitFor({ state: 'detached', timeout: patience });

  // A call to the person shows in one window, is answered in the other's Inbox, and ends in both.
  const toPerson = await nova.ask('call', { to: await personId(nova), topic: 'a question' });
  await until(
    'one notification',
    async () => (await shop.notifications()).length + (await empty.notifications()).length === 1,
    patience,
  );
  const other = (await shop.notifications()).length === 1 ? empty : shop;
  await other.rowAction('Nova calls you', 'Decline');
  await until(
    'no notification',
    async () => (await shop.notifications()).length + (await empty.notifications()).length === 0,
    patience,
  );
  await until(
    'no badge',
    async () => (await empty.badge('Parley')) === '' && (await shop.badge('Parley')) === '',
    patience,
  );
  const { events } = await nova.ask('listen', {});
  expect(events.filter((event) => event.what === 'outcome' && event.call.id === toPerson.call.id)).toMatchObject([
    { outcome: 'declined' },
  ]);
});

test('windows: a second one on the same folder signs on under a name of its own, and says so', async () => {
  const first = await start({});
  const nova = await agent('Nova');
  await first.row(/^Nova, /).waitFor({ timeout: patience });
  await until('the first window', async () => (await windowAgents(nova)).length === 1, patience);
  const second = await workbench.openWindow();
  await until('the second window', async () => (await windowAgents(nova)).length === 2, patience);
  const names = (await windowAgents(nova)).map(({ name }) => name);
  await second.notification('under a name of its own').waitFor({ timeout: patience });

  // Whoever comes back to the folder is who was there before.
  await second.close();
  await first.reload();
  await first.openContainer('Parley');
  await until(
    'the reloaded window',
    async () => {
      const here = (await windowAgents(nova)).map(({ name }) => name);
      return here.some((name) => names.includes(name));
    },
    patience,
  );
  await first.row(/this window/).waitFor({ timeout: patience });
  expect(names).toContain((await first.row(/this window/).getAttribute('aria-label'))?.split(',')[0]);
});

test('an untrusted workspace: the person takes part, the window’s agent does not sign on', async () => {
  const window = await start({ trust: false });
  const nova = await agent('Nova');
  await window.row(/^Nova, /).waitFor({ timeout: patience });
  await window.row(/^You, available/).waitFor({ timeout: patience });
  const call = await nova.ask('call', { to: await personId(nova), topic: 'are you there?' });
  await window.answerNotification('Nova (Script) is calling you', 'Answer');
  await until('the thread', async () => (await nova.ask('threads', {})).threads.length === 1, patience);
  await window.webview().getByText('are you there?').first().waitFor({ timeout: patience });
  expect(call.call.topic).toBe('are you there?');
  expect(await windowAgents(nova)).toEqual([]);
  expect(new IdentityStore(home()).list()).toEqual([]);
  expect(await rosterOf(nova)).toHaveLength(2);
  await window.screenshot('windows-untrusted');
});

test('a broker that is killed is back within 5 s, with everything that was on the roster', async () => {
  const window = await start({});
  const nova = await agent('Nova');
  const person = await connected(readAdminToken(home()));
  await window.row(/^Nova, /).waitFor({ timeout: patience });
  await until('the window’s agent', async () => (await windowAgents(nova)).length === 1, patience);
  const before = await rosterOf(person);
  const { pid, epoch } = await brokerRecord();
  process.kill(pid, 'SIGKILL');
  await until('another broker', async () => (await brokerRecord()).epoch > epoch, patience);
  const back = Date.now();
  await until('everyone to be back', async () => (await rosterOf(person)).join() === before.join(), patience);
  await window.row(/^Nova, Script, available/).waitFor({ timeout: patience });
  console.log(`everyone back ${Date.now() - back} ms after the broker`);
  expect(Date.now() - back).toBeLessThan(5_000);

  // Stopped by the person it stays away, and says so, until the person starts it.
  await window.runCommand('Parley: Stop Broker');
  await window.dialogButton('Stop Broker').click();
  await window.page.getByText('The broker is not running').first().waitFor({ timeout: patience });
  await window.statusItem('Parley').first().waitFor();
  await window.page.getByRole('button', { name: 'Start Broker' }).first().click();
  await window.row(/^You, available/).waitFor({ timeout: patience });
});

test('a reload in the middle of a call: the thread is there again, the person is in it, and what rings rings on', async () => {
  const window = await start({});
  const nova = await agent('Nova');
  await window.row(/^Nova, /).waitFor({ timeout: patience });
  await nova.ask('call', { to: await personId(nova), topic: 'the reload', message: 'Before it' });
  await window.answerNotification('Nova (Script) is calling you', 'Answer');
  await window.webview().getByText('Before it').first().waitFor({ timeout: patience });
  const iris = await agent('Iris');
  await iris.ask('call', { to: await personId(iris), topic: 'another matter', urgency: 'now' });
  await window.notification('Iris (Script) is calling you').waitFor({ timeout: patience });

  const [{ id } = { id: '' }] = (await nova.ask('threads', {})).threads;
  await until('the view to be kept', () => window.keeps(id), patience);
  await window.reload();
  await nova.ask('send', { text: 'Meanwhile' });
  await window.notification('Iris (Script) is calling you').waitFor({ timeout: patience });
  await window.webview().getByText('Before it').first().waitFor({ timeout: patience });
  await window.webview().getByText('Meanwhile').first().waitFor({ timeout: patience });
  await window.webview().locator('textarea').fill('I am back');
  await window.webview().locator('textarea').press('Enter');
  await until(
    'Nova to hear it',
    async () => {
      const { events } = await nova.ask('listen', { wait: 5 });
      return events.some((event) => event.what === 'message' && event.message.content === 'I am back');
    },
    patience,
  );
  await window.screenshot('windows-reloaded-in-a-call');
  const [thread] = (await nova.ask('threads', {})).threads;
  expect(thread).toMatchObject({ topic: 'the reload', state: 'open' });
  const { messages } = await nova.ask('read', { thread: thread?.id ?? '' });
  expect(messages.filter(({ type }) => type === 'leave')).toEqual([]);
});

test('two folders, one broker: their agents talk; one whose window closes stays in its call and comes back into it', async () => {
  const shop = await start({ closedWindowKept: 1 });
  const folder = path.join(workbench.root, 'kitchen');
  mkdirSync(folder);
  const kitchen = await workbench.openWindow(folder);
  await kitchen.openContainer('Parley');
  const person = await connected(readAdminToken(home()));
  await until('both windows to be on the roster', async () => (await windowAgents(person)).length === 2, patience);
  const of = async (where: string | undefined): Promise<string> =>
    (await windowAgents(person)).find(({ workspace }) => workspace === where)?.name ?? '';
  const [cook, clerk] = [await of(folder), await of(workbench.folder)];
  expect((await brokerRecord()).pid).toBeGreaterThan(0);

  // What a model would do through the tools of its window is done with that window's identity.
  const identities = new IdentityStore(home());
  const tokenOf = (name: string): Promise<string> =>
    until(`the identity of ${name}`, () => identities.byName(name)?.token, patience);
  const asClerk = await single(await tokenOf(clerk));
  const asCook = await single(await tokenOf(cook));
  const { call } = await asClerk.ask('call', { to: cook, topic: 'what is for lunch' });
  await asCook.ask('answer', { call: call.id, answer: 'accept', message: 'Soup' });
  for (const window of [shop, kitchen])
    await window.row(new RegExp(`^${cook}, .*in a call with ${clerk}`)).waitFor({ timeout: patience });

  await kitchen.close();
  await shop.row('Away, 1 agent').click({ timeout: patience });
  await shop.row(new RegExp(`^${cook}, .*away`)).waitFor({ timeout: patience });
  await shop.screenshot('windows-one-closed-in-a-call');
  await asClerk.ask('send', { text: 'And then?' });
  const [thread] = (await asClerk.ask('threads', {})).threads;
  expect(thread).toMatchObject({ topic: 'what is for lunch', state: 'open' });

  const again = await workbench.openWindow(folder);
  await again.openContainer('Parley');
  await again.row(new RegExp(`^${cook}, .*in a call with ${clerk}`)).waitFor({ timeout: patience });
  const { events } = await asCook.ask('listen', {});
  expect(events.flatMap((event) => (event.what === 'message' ? [event.message.content] : []))).toEqual(['And then?']);
});
