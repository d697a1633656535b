import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientNames, type ClientName } from '../../../src/connect/clientNames';
import { clientOf } from '../../../src/connect/clients';
import { Connector } from '../../../src/connect/connector';
import type { Bundle } from '../../../src/contract/wording';
import { tongue } from '../../../src/health/words';
import { Ward } from './ward';

let ward: Ward;
let connector: Connector;
beforeEach(() => {
  ward = new Ward();
  ward.launch('echo 1.0.0');
  const place = {
    launcher: ward.launcher,
    env: {},
    userFolder: ward.user,
    platform: 'linux',
    exists: fs.existsSync,
  } as const;
  let ids = 0;
  connector = new Connector({ home: ward.home, place, now: () => 1, newId: () => String(++ids) });
});
afterEach(() => ward.dispose());

async function connect(client: ClientName, isAllowed = false): Promise<void> {
  await connector.carryOut(await connector.planConnect(client, { isAllowed }));
}

describe.each(clientNames)('%s', (client) => {
  it('is looked for, connected by the fix, seen as connected, and as stale when its files say something else', async () => {
    expect(await ward.find(client)).toMatchObject({ state: 'none', found: 'not found on this machine' });
    const [program = ''] = clientOf(client).programs;
    const folder = path.dirname(ward.write(`programs/${program}`, '', 0o755));
    ward.hands.connectClient = (name) => connect(name);
    const here = await ward.find(client, { env: { PATH: folder } });
    expect(here).toMatchObject({ state: 'none', found: 'is here and not connected', todo: `parley connect ${client}` });
    await here.fix?.run();
    expect(await ward.find(client)).toMatchObject({
      state: 'ok',
      found: expect.stringMatching(/^connected/) as string,
    });

    const [{ file } = { file: '' }] = (await connector.planRemove(client)).files;
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/"mcp"(?=\s*[\],])/, '"mcp", "--old"'));
    const stale = await ward.find(client);
    expect(stale.state).toBe('warn');
    expect(stale.found).toMatch(/ server\b/);
    expect(stale.found).toContain(`(${path.basename(file)})`);
    await stale.fix?.run();
    expect((await ward.find(client)).state).toBe('ok');
  });
});

describe('a client', () => {
  it('says whether it asks before it uses the tools, where its file says so', async () => {
    await connect('claude-code');
    expect((await ward.find('claude-code')).found).toContain('it asks you before');
    await connect('claude-code', true);
    expect((await ward.find('claude-code')).found).toContain('the tools are allowed');
    await connect('cursor');
    expect((await ward.find('cursor')).found).toBe('connected');
  });

  it('is described in the display language, down to the part that is stale', async () => {
    await connect('claude-code');
    fs.writeFileSync(path.join(ward.user, '.claude/settings.json'), '{}');
    const german = fs.readFileSync(path.join(import.meta.dirname, '../../../l10n/bundle.l10n.de.json'), 'utf8');
    tongue.speak('de', JSON.parse(german) as Bundle);
    try {
      expect((await ward.find('claude-code')).found).toBe(
        'verbunden, aber nicht so, wie diese Version es tut: Hooks, Erlaubnis (settings.json)',
      );
    } finally {
      tongue.speak('en');
    }
  });

  it('whose hooks, skill or launcher are gone is told', async () => {
    await connect('claude-code');
    fs.rmSync(path.join(ward.user, '.claude/skills'), { recursive: true });
    expect((await ward.find('claude-code')).found).toContain('skill (SKILL.md)');
    await connect('claude-code');
    fs.writeFileSync(path.join(ward.user, '.claude/settings.json'), '{}');
    expect((await ward.find('claude-code')).found).toContain('hooks');
    await connect('claude-code');
    fs.rmSync(ward.launcher);
    expect(await ward.find('claude-code')).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('is not there') as string,
    });
  });

  it('whose file is malformed is told, with the file', async () => {
    ward.write('.gemini/settings.json', '{"a": ');
    expect(await ward.find('gemini')).toMatchObject({
      state: 'warn',
      found: 'config_malformed',
      todo: expect.stringContaining('.gemini/settings.json') as string,
    });
  });

  it('is only looked at: nothing is written', async () => {
    ward.write('.gemini/settings.json', '{}');
    const before = fs.readdirSync(ward.user, { recursive: true });
    for (const client of clientNames) await ward.find(client);
    expect(fs.readdirSync(ward.user, { recursive: true })).toEqual(before);
  });
});
