import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { build } from 'esbuild';
import { largestConfig } from '../../../src/connect/configFile';
import type { ParleyError } from '../../../src/contract/errors';
import { Desk } from './desk';

let desk: Desk;
beforeEach(() => void (desk = new Desk()));
afterEach(() => {
  // What a test made read-only can be removed again.
  if (process.getuid?.() !== 0) execFileSync('chmod', ['-R', 'u+rwX', desk.root]);
  desk.dispose();
});

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = (await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )) as ParleyError | undefined;
  expect(error, 'it is refused').toBeDefined();
  expect(error?.message).toMatch(/^Nothing was changed: /);
  return error?.code ?? '';
}

const malformed: Readonly<Record<string, readonly [string, string | Buffer]>> = {
  'a brace too few': ['.claude.json', '{"a": {"b": 1}'],
  'text behind its end': ['.claude.json', '{"a": 1} x'],
  'a list at its top': ['.claude.json', '[1]'],
  'a list where the servers should be': ['.claude.json', '{"mcpServers": []}'],
  'the servers twice': ['.claude.json', '{"mcpServers": {}, "mcpServers": {"a": {}}}'],
  'bytes that are no text': ['.claude.json', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
  'UTF-16': ['.claude.json', Buffer.from('\ufeff{}', 'utf16le')],
  'a text where the hooks should be': ['.claude/settings.json', '{"hooks": {"Stop": "no"}}'],
  'TOML that is none': ['.codex/config.toml', 'a = \n[b'],
  'our server written inline': ['.codex/config.toml', 'mcp_servers = { parley = { command = "x" } }\n'],
  'hooks written inline': ['.codex/config.toml', 'hooks = { Stop = [] }\n'],
};

describe('a configuration that cannot be edited', () => {
  it.each(Object.keys(malformed))('because of %s is left as it is, with an error that names it', async (kind) => {
    const [file, content] = malformed[kind] ?? ['', ''];
    desk.write(file, content);
    const before = desk.picture();
    const client = file.startsWith('.codex') ? 'codex' : 'claude-code';
    expect(await refusal(desk.connect(client))).toBe('config_malformed');
    expect(desk.picture()).toEqual(before);
    expect(fs.existsSync(desk.home)).toBe(false);
  });

  it('because it became malformed after connecting is not touched by removing either', async () => {
    await desk.connect('gemini');
    desk.write('.gemini/settings.json', '{"a": ');
    const before = desk.picture();
    expect(await refusal(desk.remove('gemini'))).toBe('config_malformed');
    expect(desk.picture()).toEqual(before);
  });

  it('because it is huge is refused by its size, and one of 20 MB is edited', async () => {
    const file = desk.write('.claude.json', '');
    fs.truncateSync(file, largestConfig + 1);
    expect(await refusal(desk.connect('claude-code'))).toBe('config_too_large');
    expect(fs.statSync(file).size).toBe(largestConfig + 1);
    const large = JSON.stringify({
      history: Array.from({ length: 200_000 }, (_, index) => `${index} ${'x'.repeat(90)}`),
    });
    fs.writeFileSync(file, large);
    await desk.connect('claude-code');
    expect(fs.statSync(file).size).toBeGreaterThan(large.length);
    await desk.remove('claude-code');
    expect(fs.readFileSync(file, 'utf8') === large).toBe(true);
  });

  it('because it is a folder, a pipe or a circle of links is refused', async () => {
    fs.mkdirSync(path.join(desk.user, '.claude.json'));
    expect(await refusal(desk.connect('claude-code'))).toBe('config_unwritable');
    desk.write('.cursor/x', '');
    execFileSync('mkfifo', [path.join(desk.user, '.cursor/mcp.json')]);
    expect(await refusal(desk.connect('cursor'))).toBe('config_unwritable');
    desk.write('.gemini/x', '');
    fs.symlinkSync('settings.json', path.join(desk.user, '.gemini/settings.json'));
    expect(await refusal(desk.connect('gemini'))).toBe('config_unwritable');
  });
});

describe('a configuration that is a link', () => {
  it('is edited where the link leads, and the link stays', async () => {
    const real = desk.write('dotfiles/claude.json', '{ "a": 1 }\n', 0o600);
    fs.symlinkSync('dotfiles/claude.json', path.join(desk.user, '.claude.json'));
    const before = desk.picture();
    await desk.connect('claude-code');
    expect(fs.readlinkSync(path.join(desk.user, '.claude.json'))).toBe('dotfiles/claude.json');
    expect(fs.readFileSync(real, 'utf8')).toContain(desk.launcher);
    await desk.remove('claude-code');
    expect(desk.picture()).toEqual(before);
  });

  it('to nothing yet is followed too', async () => {
    fs.mkdirSync(path.join(desk.user, 'dotfiles'));
    fs.symlinkSync('dotfiles/claude.json', path.join(desk.user, '.claude.json'));
    const before = desk.picture();
    await desk.connect('claude-code');
    expect(fs.readFileSync(path.join(desk.user, 'dotfiles/claude.json'), 'utf8')).toContain(desk.launcher);
    await desk.remove('claude-code');
    expect(desk.picture()).toEqual(before);
  });
});

describe('a configuration that changes while it is edited', () => {
  it('is left to whoever wrote it, and what was written before is put back', async () => {
    desk.write('.claude/settings.json', '{}');
    const plan = await desk.connector.planConnect('claude-code', { isAllowed: true });
    desk.write('.claude/settings.json', '{"theirs": true}');
    const before = desk.picture();
    expect(await refusal(desk.connector.carryOut(plan))).toBe('config_changed');
    expect(desk.picture()).toEqual(before);
  });
});

/** The user "nobody" on Linux; whoever runs the tests, when that is not root. */
const user = process.getuid?.() === 0 ? 65534 : undefined;

describe('as a user who is not root', () => {
  /** Runs the command line for that user; answers its exit code and what it said. */
  async function run(...words: string[]): Promise<{ code: number; said: string }> {
    const program = path.join(desk.root, 'program.cjs');
    const entry = `import { Connector } from ${JSON.stringify(path.resolve('src/connect/connector'))};
      import * as fs from 'node:fs';
      const [kind, client] = process.argv.slice(2);
      const place = { launcher: process.env.LAUNCHER, env: {}, userFolder: process.env.HOME, platform: 'linux', exists: fs.existsSync };
      const connector = new Connector({ home: process.env.PARLEY_HOME, place, now: () => 1, newId: () => String(process.pid) });
      const plan = kind === 'remove' ? connector.planRemove(client) : connector.planConnect(client, { isAllowed: true });
      plan.then((made) => connector.carryOut(made)).then(() => console.log('done'), (error) => { console.log(error.code, error.message); process.exitCode = 1; });`;
    if (!fs.existsSync(program)) {
      const alias = { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' };
      const stdin = { contents: entry, resolveDir: process.cwd() };
      await build({ stdin, bundle: true, platform: 'node', format: 'cjs', outfile: program, alias, logLevel: 'error' });
    }
    const env = { HOME: desk.user, PARLEY_HOME: desk.home, LAUNCHER: desk.launcher };
    const ran = spawnSync(process.execPath, [program, ...words], {
      env,
      encoding: 'utf8',
      ...(user !== undefined && { uid: user, gid: user }),
    });
    return { code: ran.status ?? -1, said: ran.stdout + ran.stderr };
  }

  /** That this user cannot write there, whoever runs the tests. */
  function expectDenied(file: string): void {
    const script = `require('node:fs').accessSync(process.argv[1], 2)`;
    const ran = spawnSync(process.execPath, ['-e', script, file], {
      ...(user !== undefined && { uid: user, gid: user }),
    });
    expect(ran.status, `${file} cannot be written`).not.toBe(0);
  }

  function own(...names: string[]): void {
    fs.chmodSync(desk.root, 0o755);
    if (user !== undefined) for (const name of names) fs.chownSync(path.join(desk.user, name), user, user);
  }

  it('a read-only file is left as it is, and the error says why', async () => {
    desk.write('.claude.json', '{}', 0o444);
    own('.', '.claude.json');
    expectDenied(path.join(desk.user, '.claude.json'));
    const before = desk.picture();
    const { code, said } = await run('connect', 'claude-code');
    expect(code).toBe(1);
    expect(said).toMatch(
      /^config_unwritable Nothing was changed: .*\.claude\.json cannot be written, because you have no permission/,
    );
    expect(desk.picture()).toEqual(before);
  });

  it('a file in a read-only folder is left as it is, with nothing beside it', async () => {
    desk.write('.claude/settings.json', '{}');
    own('.', '.claude', '.claude/settings.json');
    fs.chmodSync(path.join(desk.user, '.claude'), 0o555);
    expectDenied(path.join(desk.user, '.claude'));
    const before = desk.picture();
    const { code, said } = await run('connect', 'claude-code');
    expect(code).toBe(1);
    expect(said).toContain('config_unwritable');
    expect(desk.picture()).toEqual(before);
  });

  it('a file that may not be read is not replaced', async () => {
    desk.write('.claude.json', '{"secret": 1}', 0o000);
    own('.', '.claude.json');
    const { code, said } = await run('connect', 'claude-code');
    expect(code).toBe(1);
    expect(said).toContain('config_unwritable');
    expect(fs.statSync(path.join(desk.user, '.claude.json')).size).toBe('{"secret": 1}'.length);
  });

  it('connecting and removing work, and what became read-only meanwhile stays connected', async () => {
    desk.write('.claude.json', '{"a": 1}', 0o600);
    own('.', '.claude.json');
    const before = desk.picture();
    expect(await run('connect', 'claude-code')).toEqual({ code: 0, said: 'done\n' });
    fs.chmodSync(path.join(desk.user, '.claude.json'), 0o400);
    expectDenied(path.join(desk.user, '.claude.json'));
    const connected = desk.picture();
    expect((await run('remove', 'claude-code')).said).toContain('config_unwritable');
    expect(desk.picture()).toEqual(connected);
    fs.chmodSync(path.join(desk.user, '.claude.json'), 0o600);
    expect(await run('remove', 'claude-code')).toEqual({ code: 0, said: 'done\n' });
    expect(desk.picture()).toEqual(before);
  });
});
