import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorTexts } from '../../../src/contract/errors';
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

describe('doctor', () => {
  it('finds what is wrong and says what to do, with the broker down', async () => {
    fs.chmodSync(home, 0o755);
    expect(fs.statSync(home).mode & 0o077).not.toBe(0);
    const ran = await run(home, ['doctor', '--json']);
    const { healthy, findings } = JSON.parse(ran.stdout) as {
      healthy: boolean;
      findings: { check: string; state: string; todo: string }[];
    };
    const of = (name: string): unknown => findings.find(({ check }) => check === name);
    expect(of('permissions')).toMatchObject({ state: 'warn', todo: expect.stringContaining('chmod go-rwx') as string });
    expect(of('broker')).toMatchObject({ state: 'warn', found: 'does not run' });
    expect(of('programs')).toMatchObject({ state: 'fail', found: '/nowhere/broker.js is missing' });
    expect(of('identities')).toMatchObject({ state: 'ok', found: '1 kept: Nova' });
    expect({ healthy, code: ran.code }).toEqual({ healthy: false, code: 1 });
  });

  it('sees a broker that answers, and one that is gone', async () => {
    fs.chmodSync(home, 0o700);
    const program = path.join(home, 'broker.js');
    fs.writeFileSync(program, '');
    fake = await FakeBroker.start(home);
    const healthy = await run(home, ['doctor'], { autostart: { program, env: {} } });
    expect(healthy.stdout).toMatch(/^ok +answering +version 1\.0\.0, protocol 1$/m);
    expect(healthy.code).toBe(0);
    await fake.kill();
    const gone = await run(home, ['doctor'], { autostart: { program, env: {} } });
    expect(gone.stdout).toMatch(/^warn +answering +nobody answers$/m);
  });

  it("warns inside an agent's sandbox", async () => {
    const ran = await run(home, ['doctor'], { env: { SANDBOX_RUNTIME: '1' } });
    expect(ran.stdout).toMatch(/^warn +run from +an agent's sandbox/m);
  });

  it('mends what the person agrees to, and nothing else', async () => {
    const mode = (): number => fs.statSync(home).mode & 0o777;
    fs.chmodSync(home, 0o755);
    const no = await run(home, ['doctor', '--fix'], { terminal: true, input: 'n\nn\nn\n' });
    expect(no.stdout).toContain('Close the Home to Others? [y/N]');
    expect(mode()).toBe(0o755);
    const yes = await run(home, ['doctor', '--fix'], { terminal: true, input: 'y\nn\nn\n' });
    expect(yes.stdout).toContain('permissions: done');
    expect(yes.stdout).toMatch(/permissions.*yours alone/);
    expect(mode()).toBe(0o700);
  });

  it('mends nothing for who is not the person', async () => {
    fs.chmodSync(home, 0o755);
    const ran = await run(home, ['doctor', '--fix', '--yes']);
    expect(ran.code).toBe(errorTexts.forbidden.exit);
    expect(fs.statSync(home).mode & 0o777).toBe(0o755);
    const agent = await run(home, ['doctor', '--fix', '--yes'], { terminal: true, env: { CLAUDECODE: '1' } });
    expect(agent.code).toBe(errorTexts.forbidden.exit);
  });

  it('prints a report for an issue in which neither the home nor an agent is named', async () => {
    const ran = await run(home, ['doctor', '--report']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^- Parley: 1\.0\.0, protocol \d+$/m);
    expect(ran.stdout).toContain('| permissions | ');
    expect(ran.stdout).not.toContain(home);
    expect(ran.stdout).not.toContain('Nova');
  });
});
