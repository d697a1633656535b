import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCodePlugin } from '../../../src/connect/openCodePlugin';
import { DoorRinger } from '../../../src/ringers/doorRinger';
import { OpenCodePluginDoor } from '../../../src/ringers/openCodePlugin';
import { ManualClock } from '../../support/manualClock';
import { until } from '../../support/until';
import { ringOf } from '../ringers/compliance';

/** The plugin as it is written, loaded by Node as OpenCode loads it, with a client that keeps what it was asked. */

interface Hooks {
  readonly 'tool.execute.before': (input: { tool: string; sessionID: string }) => Promise<void>;
  readonly event: (input: { event: { type: string; properties?: object } }) => Promise<void>;
}

const workspace = '/work';
let folder: string;
let prompts: { session: string; text: string }[];
let selected: unknown[];
let created: number;
let refusal: { readonly name: string } | undefined;
let before: string | undefined;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'parley-oc-'));
  before = process.env['PARLEY_HOME'];
  process.env['PARLEY_HOME'] = folder;
  [prompts, selected, created, refusal] = [[], [], 0, undefined];
});
afterEach(() => {
  if (before === undefined) delete process.env['PARLEY_HOME'];
  else process.env['PARLEY_HOME'] = before;
  fs.rmSync(folder, { recursive: true, force: true });
});

const client = {
  session: {
    promptAsync: ({ path: { id }, body }: { path: { id: string }; body: { parts: { text: string }[] } }) => {
      if (refusal) return Promise.resolve({ error: refusal });
      prompts.push({ session: id, text: body.parts[0]?.text ?? '' });
      return Promise.resolve({});
    },
    create: () => Promise.resolve({ data: { id: `ses_new${++created}` } }),
  },
  tui: { publish: ({ body }: { body: object }) => Promise.resolve(selected.push(body)) },
};

/** Loads the plugin, whose launcher says this to every hook. */
async function load(hook = ''): Promise<Hooks> {
  const launcher = path.join(folder, 'launcher');
  const says = hook === '' ? '' : `echo '${hook}'\ncat > "${folder}/taken"\n`;
  fs.writeFileSync(launcher, `#!/bin/sh\nread -r asked\necho "$asked" > "${folder}/asked"\n${says}`, { mode: 0o700 });
  const file = path.join(folder, 'parley.mjs');
  fs.writeFileSync(file, openCodePlugin(launcher));
  const { Parley } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
    Parley: (input: object) => Promise<Hooks>;
  };
  const hooks = await Parley({ client, directory: workspace });
  if (fs.existsSync(folder)) await until('its socket', async () => (await ringer().available()).available);
  return hooks;
}

const ringer = () =>
  new DoorRinger({
    door: new OpenCodePluginDoor({ home: folder, process: String(process.pid), workspace }),
    clock: new ManualClock(),
  });

test('the session that used Parley is rung, whichever did something since', async () => {
  const hooks = await load();
  await hooks['tool.execute.before']({ tool: 'parley_who', sessionID: 'ses_1' });
  await hooks['tool.execute.before']({ tool: 'bash', sessionID: 'ses_2' });
  await hooks.event({ event: { type: 'session.status', properties: { sessionID: 'ses_2' } } });
  expect(await ringer().ring(ringOf())).toEqual({ result: 'written' });
  expect(prompts).toEqual([{ session: 'ses_1', text: ringOf().text }]);
});

test('before that, the session that did something last is rung, and no subagent’s', async () => {
  const hooks = await load();
  await hooks.event({ event: { type: 'session.created', properties: { info: { id: 'ses_1' } } } });
  await hooks.event({ event: { type: 'session.created', properties: { info: { id: 'ses_2', parentID: 'ses_1' } } } });
  await hooks.event({ event: { type: 'message.updated', properties: { info: { id: 'msg_1', sessionID: 'ses_2' } } } });
  await ringer().ring(ringOf());
  expect(prompts.map(({ session }) => session)).toEqual(['ses_1']);
});

test('at the start screen a session is made, shown and rung; a test makes none', async () => {
  await load();
  expect(await ringer().selfTest()).toMatchObject({ works: true });
  expect(created).toBe(0);
  await ringer().ring(ringOf());
  await ringer().ring(ringOf({ subject: '01OTHER' }));
  expect(prompts.map(({ session }) => session)).toEqual(['ses_new1', 'ses_new1']);
  expect(selected).toEqual([{ type: 'tui.session.select', properties: { sessionID: 'ses_new1' } }]);
});

test('a session that is gone is rung no more', async () => {
  const hooks = await load();
  await hooks['tool.execute.before']({ tool: 'parley_who', sessionID: 'ses_1' });
  await hooks.event({ event: { type: 'session.deleted', properties: { info: { id: 'ses_1' } } } });
  await ringer().ring(ringOf());
  expect(prompts.map(({ session }) => session)).toEqual(['ses_new1']);
});

test.each([
  ['permission.asked', 'permission.replied', 'permission prompt'],
  ['question.asked', 'question.rejected', 'question to its user'],
])('between %s and %s a ring is held', async (asked, over, detail) => {
  const hooks = await load();
  const properties = { sessionID: 'ses_1' };
  await hooks['tool.execute.before']({ tool: 'parley_who', ...properties });
  await hooks.event({ event: { type: asked, properties } });
  expect(await ringer().ring(ringOf())).toEqual({ result: 'held', detail });
  await hooks.event({ event: { type: over, properties } });
  expect(await ringer().ring(ringOf({ subject: '01OTHER' }))).toEqual({ result: 'written' });
});

test('what OpenCode says against a prompt is the reason', async () => {
  await load();
  refusal = { name: 'NotFoundError' };
  expect(await ringer().ring(ringOf())).toEqual({ result: 'failed', detail: 'NotFoundError' });
});

test('at the end of a turn it goes on with what the hook says, and not without', async () => {
  const hooks = await load('{"text":"Atlas is calling you"}');
  await hooks.event({ event: { type: 'session.idle', properties: { sessionID: 'ses_1' } } });
  expect(prompts).toEqual([{ session: 'ses_1', text: 'Atlas is calling you' }]);
  expect(JSON.parse(fs.readFileSync(path.join(folder, 'asked'), 'utf8'))).toEqual({ session_id: 'ses_1' });
  expect(fs.readFileSync(path.join(folder, 'taken'), 'utf8')).toBe('taken\n');
  refusal = { name: 'NotFoundError' };
  await hooks.event({ event: { type: 'session.idle', properties: { sessionID: 'ses_1' } } });
  expect(fs.readFileSync(path.join(folder, 'taken'), 'utf8')).toBe('');
  refusal = undefined;
  const silent = await load();
  await silent.event({ event: { type: 'session.idle', properties: { sessionID: 'ses_1' } } });
  expect(prompts).toHaveLength(1);
});

test('without a home it is as if it were not there', async () => {
  const hooks = await load();
  expect(hooks).toBeDefined();
  process.env['PARLEY_HOME'] = path.join(folder, 'none');
  const { Parley } = (await import(pathToFileURL(path.join(folder, 'parley.mjs')).href)) as {
    Parley: (input: object) => Promise<Hooks>;
  };
  await Parley({ client, directory: workspace });
  expect(fs.existsSync(path.join(folder, 'none'))).toBe(false);
});
