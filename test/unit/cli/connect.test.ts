import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorTexts } from '../../../src/contract/errors';
import { run } from './run';

let user: string;
let home: string;

/** A launcher that answers as `parley mcp` does. */
const answering = `#!/bin/sh
while read -r line; do
  case "$line" in
    *initialize\\"*) echo '{"jsonrpc":"2.0","id":1,"result":{}}' ;;
    *tools/list*) echo '{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"who"},{"name":"call"}]}}' ;;
  esac
done
`;

beforeEach(() => {
  user = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-cli-connect-'));
  home = path.join(user, '.parley');
  fs.mkdirSync(path.join(home, 'bin'), { recursive: true });
  launcher(answering);
  fs.writeFileSync(path.join(user, '.claude.json'), '{}');
});
afterEach(() => fs.rmSync(user, { recursive: true, force: true }));

function launcher(script: string): void {
  fs.writeFileSync(path.join(home, 'bin/parley'), script, { mode: 0o755 });
}

const read = (file: string): string => fs.readFileSync(path.join(user, file), 'utf8');
const env = (): NodeJS.ProcessEnv => ({ HOME: user, PATH: process.env['PATH'] });

describe('parley connect', () => {
  it('shows the change, asks for the permission and the change, makes it and tries it', async () => {
    const { code, stdout } = await run(home, ['connect', 'claude-code'], {
      env: env(),
      terminal: true,
      input: 'y\ny\n',
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /without asking you each time\?.*\[y\/N\][\s\S]*\+.*"parley"[\s\S]*Make this change\? \[y\/N\]/,
    );
    expect(stdout).toContain('Claude Code is connected, and Parley answers with 2 tools.');
    expect(read('.claude/settings.json')).toContain('"mcp__parley"');
    const removed = await run(home, ['connect', 'claude-code', '--remove'], {
      env: env(),
      terminal: true,
      input: 'y\n',
    });
    expect(removed.stdout).toContain('Claude Code is no longer connected.');
    expect(read('.claude.json')).toBe('{}');
  });

  it.each(['n\nn\n', '', 'n\nmaybe\n'])('answered with %j changes nothing', async (input) => {
    const { code } = await run(home, ['connect', 'claude-code'], { env: env(), terminal: true, input });
    expect(code).toBe(errorTexts.bad_input.exit);
    expect(fs.readdirSync(user).sort()).toEqual(['.claude.json', '.parley']);
    expect(read('.claude.json')).toBe('{}');
  });

  it('with nobody to be asked shows the change and says how to make it', async () => {
    const { code, stdout, stderr } = await run(home, ['connect', 'claude-code'], { env: env() });
    expect(code).toBe(errorTexts.bad_input.exit);
    expect(stdout).toContain('"parley"');
    expect(stderr).toContain('say --yes');
    expect(read('.claude.json')).toBe('{}');
  });

  it('answers as JSON', async () => {
    const { stdout } = await run(home, ['connect', 'claude-code', '--yes', '--json'], { env: env() });
    expect(JSON.parse(stdout)).toMatchObject({ client: 'claude-code', kind: 'connect', tools: ['who', 'call'] });
  });

  it('says so when the launcher does not answer, and how to take the change back', async () => {
    launcher('#!/bin/sh\necho broken >&2\nexit 3\n');
    const { code, stderr } = await run(home, ['connect', 'gemini', '--yes'], { env: env() });
    expect(code).toBe(errorTexts.connection_untested.exit);
    expect(stderr).toMatch(/it ended with 3 \(broken\).*parley connect gemini --remove/);
  });

  it('without a launcher changes nothing', async () => {
    fs.rmSync(path.join(home, 'bin/parley'));
    const { code } = await run(home, ['connect', 'gemini', '--yes'], { env: env() });
    expect(code).toBe(errorTexts.no_launcher.exit);
    expect(fs.existsSync(path.join(user, '.gemini'))).toBe(false);
  });

  it('knows only the clients that it can set up', async () => {
    const { code, stderr } = await run(home, ['connect', 'emacs'], { env: env() });
    expect(code).toBe(errorTexts.bad_input.exit);
    expect(stderr).toContain('claude-code');
  });
});
