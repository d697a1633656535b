import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse as parseJsonc } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientNames } from '../../../src/connect/clientNames';
import { shownChange } from '../../../src/connect/connector';
import { Desk } from './desk';

let desk: Desk;
beforeEach(() => void (desk = new Desk()));
afterEach(() => desk.dispose());

/** A file as its client reads it. */
function meaning(file: string): unknown {
  const text = fs.readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  return file.endsWith('.toml') ? parseToml(text) : parseJsonc(text, [], { allowTrailingComma: true });
}

const bom = '\ufeff';
const commented = `// my servers
{
    "mcpServers": {
        // the one that matters
        "other": { "command": "x", "args": [] }, // it does
    },
    "hooks": { /* none yet */ },
    "theme": "dark" // at night
}
`;
const toml = `# mine
model = "m" # the best
notify = ["a",
  "[not.a.header]",
]
text = """
[mcp_servers.parley]
"""

[mcp_servers.other] # keep
command = 'x'

[[hooks.Stop]]
[[hooks.Stop.hooks]]
type = "command"
command = "theirs"
`;

/** Texts that may stand in the way, for JSON and TOML. */
const jsonTexts: Readonly<Record<string, string>> = {
  empty: '',
  'white space': ' \n\n',
  'an empty object': '{}',
  'an empty object over lines': '{\n}\n',
  'one line': '{"a":1,"mcpServers":{"other":{"command":"x"}}}',
  'one line with gaps': '{"a": 1, "b": [1, 2]}\n',
  comments: commented,
  'comments with tabs': commented.replaceAll('    ', '\t'),
  'CRLF line ends': commented.replaceAll('\n', '\r\n'),
  'a byte order mark': bom + commented,
  'only a comment': '// nothing yet\n',
  'no line end': commented.trimEnd(),
};
const tomlTexts: Readonly<Record<string, string>> = {
  empty: '',
  comments: toml,
  'CRLF line ends': toml.replaceAll('\n', '\r\n'),
  'a byte order mark': bom + toml,
  'no line end': toml.trimEnd(),
  'only a comment': '# nothing yet',
};

describe.each(clientNames)('connecting %s', (client) => {
  it('where there is nothing makes its files, and removing it leaves nothing', async () => {
    const before = desk.picture();
    await desk.connect(client);
    for (const file of desk.files(client)) expect(fs.existsSync(file), file).toBe(true);
    expect(fs.readFileSync(desk.files(client)[0] ?? '', 'utf8')).toContain(desk.launcher);
    await desk.remove(client);
    expect(desk.picture()).toEqual(before);
    expect(fs.existsSync(desk.connector.backups(client))).toBe(false);
  });

  it('twice changes nothing the second time', async () => {
    await desk.connect(client);
    const once = desk.picture();
    expect((await desk.connect(client)).files).toEqual([]);
    expect(desk.picture()).toEqual(once);
  });

  it('is taken out without a record too, where the file says that it is ours', async () => {
    await desk.connect(client);
    fs.rmSync(desk.home, { recursive: true });
    await desk.remove(client);
    for (const file of desk.files(client)) {
      const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
      expect(text).not.toContain('parley');
    }
  });

  const texts = client === 'codex' ? tomlTexts : jsonTexts;
  it.each(Object.keys(texts))(
    'into a file with %s keeps what is there, and removing gives it back byte for byte',
    async (kind) => {
      const [main = ''] = desk.files(client);
      desk.write(path.relative(desk.user, main), texts[kind] ?? '', 0o640);
      const before = desk.picture();
      const said = meaning(main) as object | undefined;
      await desk.connect(client);
      const now = meaning(main);
      // Of the hooks, which are lists, see the tests below.
      expect(now).toMatchObject(Object.fromEntries(Object.entries(said ?? {}).filter(([name]) => name !== 'hooks')));
      expect(JSON.stringify(now)).toContain(desk.launcher);
      // Every comment and line of before is still there, in its order.
      const lines = fs.readFileSync(main, 'utf8').split(/\r?\n/);
      if (kind.includes('comments')) {
        for (const note of (texts[kind] ?? '').match(/(?:\/\/|# )[^\n\r]*/g) ?? []) {
          expect(
            lines.some((line) => line.includes(note)),
            note,
          ).toBe(true);
        }
      }
      expect(fs.statSync(main).mode & 0o777).toBe(0o640);
      await desk.remove(client);
      expect(desk.picture()).toEqual(before);
    },
  );

  it.each(Object.keys(texts))('with %s leaves what others wrote since alone when it is removed', async (kind) => {
    const [main = ''] = desk.files(client);
    const text = texts[kind] ?? '';
    desk.write(path.relative(desk.user, main), text);
    const said = meaning(main) as Record<string, unknown> | undefined;
    await desk.connect(client);
    const later = fs.readFileSync(main, 'utf8');
    const changed =
      client === 'codex'
        ? `${later}\n[theirs]\nsince = 1 # note\n`
        : later.replace(/\}\s*$/, `${/\{\s*$/.test(later) ? '' : ','}"since": 1 /* note */ }\n`);
    fs.writeFileSync(main, changed);
    await desk.remove(client);
    const left = fs.readFileSync(main, 'utf8');
    expect(meaning(main)).toEqual({ ...said, ...(client === 'codex' ? { theirs: { since: 1 } } : { since: 1 }) });
    expect(left).toContain('note');
    expect(left).not.toContain(desk.launcher);
    expect(left).not.toMatch(/Parley: (?:begin|end)/);
    if (text.includes('\r\n'))
      expect(left.match(/\r\n/g)?.length).toBeGreaterThanOrEqual(text.match(/\r\n/g)?.length ?? 0);
  });
});

describe('connecting', () => {
  it('puts back a server of that name which was there before', async () => {
    const text = '{\n  "mcpServers": {\n    "parley": { "command": "something-else" }\n  }\n}\n';
    desk.write('.claude.json', text);
    await desk.connect('claude-code');
    expect(desk.read('.claude.json')).not.toContain('something-else');
    desk.write('.claude.json', desk.read('.claude.json').replace('{\n', '{\n  "numStartups": 3,\n'));
    await desk.remove('claude-code');
    expect(JSON.parse(desk.read('.claude.json'))).toEqual({
      numStartups: 3,
      mcpServers: { parley: { command: 'something-else' } },
    });
  });

  it('without a record takes out only what runs the launcher', async () => {
    const text = '{ "mcpServers": { "parley": { "command": "something-else" } } }';
    desk.write('.claude.json', text);
    await desk.remove('claude-code');
    expect(desk.read('.claude.json')).toBe(text);
  });

  it('again after others wrote keeps what they wrote when it is removed', async () => {
    desk.write('.gemini/settings.json', '{\n  "a": 1\n}\n');
    await desk.connect('gemini');
    desk.write('.gemini/settings.json', desk.read('.gemini/settings.json').replace('"a": 1', '"a": 2'));
    await desk.connect('gemini', false);
    expect(desk.read('.gemini/settings.json')).not.toContain('trust');
    await desk.remove('gemini');
    expect(desk.read('.gemini/settings.json')).toBe('{\n  "a": 2\n}\n');
  });

  it('keeps the hooks and permissions that others have', async () => {
    const theirs = {
      permissions: { allow: ['Bash(ls)'], deny: [] },
      hooks: { Stop: [{ hooks: [{ type: 'command', command: 'theirs' }] }] },
    };
    desk.write('.claude/settings.json', JSON.stringify(theirs, undefined, 4));
    await desk.connect('claude-code');
    const settings = JSON.parse(desk.read('.claude/settings.json')) as typeof theirs;
    expect(settings.permissions).toEqual({ allow: ['Bash(ls)', 'mcp__parley'], deny: [] });
    expect(settings.hooks.Stop.map(({ hooks }) => hooks[0]?.command)).toEqual([
      'theirs',
      expect.stringContaining(' hook stop '),
    ]);
    desk.write('.claude/settings.json', desk.read('.claude/settings.json').replace('Bash(ls)', 'Bash(cat)'));
    await desk.remove('claude-code');
    expect(desk.read('.claude/settings.json')).toBe(
      JSON.stringify(theirs, undefined, 4).replace('Bash(ls)', 'Bash(cat)'),
    );
  });

  it('leaves a skill that somebody rewrote, and says so', async () => {
    await desk.connect('claude-code');
    const skill = path.join(desk.user, '.claude/skills/parley/SKILL.md');
    fs.writeFileSync(skill, 'mine');
    expect((await desk.remove('claude-code')).kept).toEqual([skill]);
    expect(fs.readFileSync(skill, 'utf8')).toBe('mine');
  });

  it('shows the exact change as a diff before anything is written', async () => {
    desk.write('.cursor/mcp.json', '{\n  "mcpServers": {}\n}\n');
    const before = desk.picture();
    const plan = await desk.connector.planConnect('cursor', { isAllowed: false });
    const [first] = plan.files.map(shownChange);
    expect(first).toContain('-  "mcpServers": {}');
    expect(first).toContain('+    "parley": {');
    expect(desk.picture()).toEqual(before);
    expect(fs.existsSync(desk.home)).toBe(false);
  });

  it('names the folder that the client was told to use', async () => {
    desk.dispose();
    desk = new Desk({
      CODEX_HOME: '/tmp/parley-connect-nowhere/codex',
      CLAUDE_CONFIG_DIR: '/tmp/parley-connect-nowhere/claude',
    });
    const codex = await desk.connector.planConnect('codex', { isAllowed: false });
    expect(codex.files[0]?.file).toBe('/tmp/parley-connect-nowhere/codex/config.toml');
    const claude = await desk.connector.planConnect('claude-code', { isAllowed: false });
    expect(claude.files[0]?.file).toBe('/tmp/parley-connect-nowhere/claude/.claude.json');
  });

  it('edits the one of two names that OpenCode has in use', async () => {
    desk.write('.config/opencode/opencode.jsonc', '{ /* mine */ }');
    await desk.connect('opencode');
    expect(desk.read('.config/opencode/opencode.jsonc')).toMatch(/mine[\s\S]*parley/);
    expect(fs.existsSync(path.join(desk.user, '.config/opencode/opencode.json'))).toBe(false);
  });
});
