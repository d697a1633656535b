import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/client';
import { brokerEnvironment, startBroker } from '../../../src/client/starter';
import { until } from '../../support/until';
import { FakeBroker, temporaryHome } from './fakeBroker';

let home: string;
let program: string;

beforeEach(() => {
  home = temporaryHome();
  program = path.join(home, 'program.cjs');
});

afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

const plainEnv = { PATH: process.env['PATH'], HOME: '/nowhere' };

/** A program in the place of the broker's. */
function write(code: string): void {
  fs.writeFileSync(program, code);
}

function options(more: object = {}): Parameters<typeof connect>[0] {
  return { home, client: 'test', version: '1', autostart: { program, env: plainEnv, ...more } };
}

describe('starting the broker', () => {
  it('hands on no more of the environment than is allowed', () => {
    const env = {
      PATH: '/bin',
      LC_ALL: 'C',
      ANTHROPIC_API_KEY: 'x',
      PARLEY_AGENT: 'Nova',
      CLAUDECODE: '1',
      NODE_OPTIONS: '-r x',
      CLAUDE_CONFIG_DIR: '/c',
    };
    expect(brokerEnvironment(env, '/h')).toEqual({
      PATH: '/bin',
      LC_ALL: 'C',
      CLAUDE_CONFIG_DIR: '/c',
      PARLEY_HOME: '/h',
      ELECTRON_RUN_AS_NODE: '1',
      MALLOC_ARENA_MAX: '2',
      MALLOC_TRIM_THRESHOLD_: '131072',
    });
  });

  it('runs the program on its own, in the home, with that environment', async () => {
    write(
      `require('fs').writeFileSync('seen.json', JSON.stringify({ env: Object.keys(process.env), cwd: process.cwd(), args: process.argv.length }))`,
    );
    const started = startBroker(home, { program, env: { ...plainEnv, SECRET: 'x' } });
    const seen = await until('the program to run', () => {
      const file = path.join(home, 'seen.json');
      return started.ended() === 'yes' && (JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>);
    });
    expect(seen).toMatchObject({ cwd: fs.realpathSync(home), args: 2 });
    expect(seen['env']).toContain('PARLEY_HOME');
    expect(seen['env']).not.toContain('SECRET');
  });

  it('tells the error that the program ended with, from the last line it wrote', async () => {
    write(
      `console.error(JSON.stringify({ code: 'home_too_new', facts: { home: 'H', found: 9, knows: 1 } })); process.exit(60)`,
    );
    await expect(connect(options())).rejects.toMatchObject({ code: 'home_too_new', facts: { found: 9 } });
  });

  it('tells the last line of a program that failed otherwise, and where its log is', async () => {
    write(`console.error('earlier'); console.error('cannot find the thing'); process.exit(1)`);
    const error = await connect(options()).catch((one: unknown) => one);
    expect(error).toMatchObject({ code: 'broker_start_failed', facts: { problem: 'cannot find the thing' } });
    expect(fs.readFileSync((error as { facts: { log: string } }).facts.log, 'utf8')).toContain('earlier');
  });

  it("starts none inside an agent's sandbox", async () => {
    write(`require('fs').writeFileSync('seen', '')`);
    for (const sign of ['CODEX_SANDBOX_NETWORK_DISABLED', 'SANDBOX_RUNTIME', 'SANDBOX']) {
      await expect(connect(options({ env: { ...plainEnv, [sign]: '1' } }))).rejects.toMatchObject({
        code: 'sandboxed',
      });
    }
    expect(fs.existsSync(path.join(home, 'seen'))).toBe(false);
  });

  it('starts none where the home cannot be written, and says so by who asks', async () => {
    const file = path.join(home, 'file');
    fs.writeFileSync(file, '');
    const inFile = { ...options(), home: path.join(file, 'home') };
    await expect(connect(inFile)).rejects.toMatchObject({ code: 'home_read_only' });
    const byAgent = { program, env: { ...plainEnv, CLAUDECODE: '1' } };
    await expect(connect({ ...inFile, autostart: byAgent })).rejects.toMatchObject({ code: 'sandboxed' });
  });

  it('asks an older broker to hand over, as the person, before it starts its own', async () => {
    const older = await FakeBroker.start(home, { version: '0.9.0' });
    fs.writeFileSync(path.join(home, 'admin.token'), 'person\n');
    write(`require('fs').writeFileSync('seen', ''); process.exit(60)`);
    const connecting = connect(options({ version: '1.0.0', build: 5 })).catch((one: unknown) => one);
    const [stop] = await older.requests('stop');
    expect(stop).toMatchObject({
      token: 'person',
      input: { reason: 'hand-over', successor: { version: '1.0.0', build: 5 } },
    });
    fs.rmSync(path.join(home, 'broker.json'));
    stop?.answer({});
    await older.kill();
    expect(await connecting).toMatchObject({ code: 'home_too_new' });
    expect(fs.existsSync(path.join(home, 'seen'))).toBe(true);
  });

  it('leaves a broker that is as new or newer as it is', async () => {
    const newer = await FakeBroker.start(home, { version: '1.0.1' });
    fs.writeFileSync(path.join(home, 'admin.token'), 'person\n');
    const client = await connect(options({ version: '1.0.0', build: 5 }));
    expect(newer.asked).toEqual([]);
    client.close();
    await newer.kill();
  });
});
