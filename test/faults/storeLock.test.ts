import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { TestProgram, bundleProgram, temporaryFolder } from '../support/faultsPrograms';

const races = 200;
/** The user "nobody" on Linux. */
const nobody = 65534;
let program: string;

beforeAll(async () => {
  program = await bundleProgram('faultsRaceProgram.ts');
}, 60_000);

/** The lock that a broker leaves which is killed while it holds the home. */
async function lockOfTheDead(): Promise<{ nonce: string } & Record<string, unknown>> {
  const home = temporaryFolder();
  const child = new TestProgram(program, {});
  child.say(`open ${home} 0`);
  expect(await child.next()).toMatch(/^won/);
  await child.kill();
  return JSON.parse(readFileSync(path.join(home, 'lock'), 'utf8')) as { nonce: string };
}

describe('F8: two starts at once on one home', () => {
  it(`leave exactly one writer, ${races} times, half of them over the lock of a killed one`, async () => {
    const dead = await lockOfTheDead();
    const home = temporaryFolder();
    const pair = [new TestProgram(program, {}), new TestProgram(program, {})];
    let slowest = 0;
    for (let race = 1; race <= races; race++) {
      if (race % 2 === 0) {
        mkdirSync(home, { recursive: true });
        writeFileSync(path.join(home, 'lock'), JSON.stringify({ ...dead, nonce: `dead ${race}` }));
      }
      const at = Date.now() + 5;
      for (const child of pair) child.say(`open ${home} ${at}`);
      const answers = await Promise.all(pair.map((child) => child.next()));
      const winner = answers.findIndex((answer) => answer.startsWith('won'));
      const loser = answers[1 - winner] ?? '';
      expect(
        answers.filter((answer) => answer.startsWith('won')),
        `race ${race}: ${answers.join(', ')}`,
      ).toHaveLength(1);
      expect(loser, `race ${race}`).toMatch(/^refused home_locked/);
      slowest = Math.max(slowest, Number(answers[winner]?.split(' ')[1]));
      pair[winner]?.say('close');
      expect(await pair[winner]?.next()).toBe('closed');
    }
    expect(slowest).toBeLessThan(1000);
    await Promise.all(pair.map((child) => child.kill()));
    rmSync(home, { recursive: true });
  });

  it('leave exactly one writer when the one before was killed that instant', async () => {
    const home = temporaryFolder();
    let holder = new TestProgram(program, {});
    holder.say(`open ${home} 0`);
    expect(await holder.next()).toMatch(/^won/);
    for (let round = 1; round <= 10; round++) {
      const pair = [new TestProgram(program, {}), new TestProgram(program, {})];
      await holder.kill();
      for (const child of pair) child.say(`open ${home} 0`);
      const answers = await Promise.all(pair.map((child) => child.next()));
      const winner = answers.findIndex((answer) => answer.startsWith('won'));
      expect(
        answers.filter((answer) => answer.startsWith('won')),
        `round ${round}: ${answers.join()}`,
      ).toHaveLength(1);
      await pair[1 - winner]?.kill();
      holder = pair[winner] ?? holder;
    }
    await holder.kill();
    rmSync(home, { recursive: true });
  });

  it('are refused while the owner is alive but stopped', async () => {
    const home = temporaryFolder();
    const holder = new TestProgram(program, {});
    holder.say(`open ${home} 0`);
    expect(await holder.next()).toMatch(/^won/);
    holder.process.kill('SIGSTOP');
    const other = new TestProgram(program, {});
    other.say(`open ${home} 0`);
    expect(await other.next()).toMatch(/^refused home_locked/);
    await Promise.all([holder.kill(), other.kill()]);
    rmSync(home, { recursive: true });
  });
});

describe('a home that this user may not write', () => {
  it('is refused with home_read_only', async (test) => {
    if (process.platform === 'win32') test.skip('needs POSIX permissions');
    const home = temporaryFolder();
    chmodSync(home, 0o555);
    chmodSync(path.dirname(program), 0o755);
    chmodSync(program, 0o755);
    const isRoot = process.getuid?.() === 0;
    const user = isRoot ? { uid: nobody, gid: nobody } : {};
    const child = new TestProgram(program, {}, user);
    child.say(`open ${home} 0`);
    expect(await child.next()).toMatch(/^refused home_read_only/);
    expect(existsSync(path.join(home, 'journal'))).toBe(false);
    // The obstacle was real: without it, the same user opens the same home.
    if (isRoot) chownSync(home, nobody, nobody);
    chmodSync(home, 0o700);
    child.say(`open ${home} 0`);
    expect(await child.next()).toMatch(/^won/);
    await child.kill();
    rmSync(home, { recursive: true });
  });
});
