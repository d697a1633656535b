import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { windowsLauncher } from '../../../src/extension/upkeep/launcher';
import { installPrograms, type ProgramsOptions } from '../../../src/extension/upkeep/programs';

const run = promisify(execFile);
let root: string;
let options: ProgramsOptions;

/** A build whose `parley` prints its version, home and arguments. */
async function build(version: string, number = 1): Promise<ProgramsOptions> {
  const source = path.join(root, `dist-${version}-${number}`);
  await mkdir(source, { recursive: true });
  for (const name of ['broker.js', 'index-worker.js', 'hook.js', 'sql-wasm.wasm'])
    await writeFile(path.join(source, name), name);
  const program = `console.log(JSON.stringify([${JSON.stringify(`${version}/${number}`)}, process.env.PARLEY_HOME, ...process.argv.slice(2)]))`;
  await writeFile(path.join(source, 'parley.js'), program);
  await writeFile(
    path.join(source, 'hook.js'),
    program.replace('log(JSON.stringify([', "log(JSON.stringify(['hook program',"),
  );
  return {
    source,
    home: path.join(root, `ho$me's "}`),
    edition: { version, build: number },
    runtime: process.execPath,
  };
}

async function launch(launcher: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const { stdout } = await run(launcher, args, { env: { PATH: '/usr/bin:/bin', ...env } });
  return JSON.parse(stdout) as unknown;
}

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'parley-programs-'));
  options = await build('0.1.0');
});
afterEach(async () => rm(root, { recursive: true, force: true }));

describe('the launcher', () => {
  test('runs the program with the arguments as they are, and knows its home', async () => {
    const { launcher } = await installPrograms(options);
    expect(await launch(launcher, ['say', `it's "$x" here`])).toEqual([
      '0.1.0/1',
      options.home,
      'say',
      `it's "$x" here`,
    ]);
  });

  test('leaves a PARLEY_HOME of the caller alone', async () => {
    const { launcher } = await installPrograms(options);
    expect(await launch(launcher, [], { PARLEY_HOME: '/other' })).toEqual(['0.1.0/1', '/other']);
  });

  test('runs the small program for hooks, and the whole one for the help of that', async () => {
    const { launcher } = await installPrograms(options);
    expect(await launch(launcher, ['hook', 'stop', 'codex'])).toEqual([
      'hook program',
      '0.1.0/1',
      options.home,
      'hook',
      'stop',
      'codex',
    ]);
    expect(await launch(launcher, ['hook', '--help'])).toEqual(['0.1.0/1', options.home, 'hook', '--help']);
    await rm(path.join(options.home, 'bin/0.1.0/hook.js'));
    expect(await launch(launcher, ['hook', 'stop', 'codex'])).toEqual([
      '0.1.0/1',
      options.home,
      'hook',
      'stop',
      'codex',
    ]);
  });

  test('works through a link', async () => {
    const { launcher } = await installPrograms(options);
    await symlink(launcher, path.join(root, 'parley'));
    expect(await launch(path.join(root, 'parley'))).toEqual(['0.1.0/1', options.home]);
  });

  test('runs the newest version, whichever was installed last', async () => {
    await installPrograms(await build('0.10.0'));
    const { launcher } = await installPrograms(await build('0.9.0'));
    expect(await launch(launcher)).toEqual(['0.10.0/1', options.home]);
  });

  test('runs a newer build of the same version', async () => {
    await installPrograms(options);
    const { launcher } = await installPrograms(await build('0.1.0', 2));
    expect(await launch(launcher)).toEqual(['0.1.0/2', options.home]);
  });

  test('falls back to a runtime that was recorded before, and to the node on the PATH', async () => {
    await installPrograms(options);
    const { launcher } = await installPrograms({ ...options, runtime: path.join(root, 'removed-editor') });
    expect(await launch(launcher)).toEqual(['0.1.0/1', options.home]);

    const other = { ...options, home: path.join(root, 'second'), runtime: path.join(root, 'removed-editor') };
    const second = await installPrograms(other);
    const onPath = path.dirname(process.execPath);
    expect(await launch(second.launcher, [], { PATH: `${onPath}:/usr/bin:/bin` })).toEqual(['0.1.0/1', other.home]);
  });

  test('with the programs gone: a hook ends in silence, anything else says what to do', async () => {
    const { launcher, folder } = await installPrograms(options);
    await rm(folder, { recursive: true });
    const env = { PATH: '/usr/bin:/bin' };
    expect(await run(launcher, ['hook', 'stop'], { env })).toEqual({ stdout: '', stderr: '' });
    await expect(run(launcher, ['who'], { env })).rejects.toMatchObject({
      code: 1,
      stderr: /Open VS Code with Parley once/,
    });
  });

  test('for Windows names home, program and runtimes in quotes, and doubles percent signs', () => {
    const text = windowsLauncher({
      home: 'C:\\U 1\\100%',
      program: 'C:\\b\\parley.js',
      runtimes: ['C:\\P F\\Code.exe'],
    });
    expect(text).toContain('set "PARLEY_HOME=C:\\U 1\\100%%"\r\n');
    expect(text).toContain('"C:\\P F\\Code.exe" "C:\\b\\parley.js" %*\r\nexit /b %errorlevel%');
  });
});

describe('installing', () => {
  test('leaves alone what is there already', async () => {
    const { folder, launcher } = await installPrograms(options);
    const before = await Promise.all([folder, launcher].map(async (file) => (await stat(file)).ino));
    await installPrograms(options);
    expect(await Promise.all([folder, launcher].map(async (file) => (await stat(file)).ino))).toEqual(before);
  });

  test('by several windows at once leaves whole programs and no rests', async () => {
    await Promise.all(Array.from({ length: 6 }, () => installPrograms(options)));
    const { bin, launcher } = await installPrograms(options);
    expect((await readdir(bin)).sort()).toEqual(['0.1.0', 'parley', 'runtimes.json']);
    expect(await launch(launcher)).toEqual(['0.1.0/1', options.home]);
  });

  test('keeps two older versions, for what still runs from them', async () => {
    for (const version of ['0.1.0', '0.2.0', '0.3.0', '0.4.0']) await installPrograms(await build(version));
    const { bin } = await installPrograms(await build('0.4.0'));
    expect((await readdir(bin)).filter((name) => name.startsWith('0.')).sort()).toEqual(['0.2.0', '0.3.0', '0.4.0']);
  });

  test('makes a launcher that everyone may run and nobody else may write, under any umask', async () => {
    const before = process.umask(0o077);
    try {
      const { launcher } = await installPrograms(options);
      expect((await stat(launcher)).mode & 0o777).toBe(0o755);
    } finally {
      process.umask(before);
    }
  });

  test('fails with the file system’s error when the home cannot be written', async () => {
    await mkdir(options.home);
    if (process.getuid?.() === 0) {
      // Root writes everywhere: a file in the way is an obstacle for root too.
      await writeFile(path.join(options.home, 'bin'), 'not a folder');
    } else await chmod(options.home, 0o500);
    await expect(installPrograms(options)).rejects.toMatchObject({
      code: expect.stringMatching(/EEXIST|ENOTDIR|EACCES/) as string,
    });
    await chmod(options.home, 0o700);
    expect(await readFile(path.join(options.source, 'broker.js'), 'utf8')).toBe('broker.js');
  });
});
