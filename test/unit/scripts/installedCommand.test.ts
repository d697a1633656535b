import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

interface InstalledCommand {
  restore(folder: string): void;
}

// The scripts have no types: they run before anything is installed.
const script = new URL('../../../scripts/start/installedCommand.mjs', import.meta.url).href;
const { InstalledCommand } = (await import(script)) as { InstalledCommand: new (home: string) => InstalledCommand };

let home: string;
let file: string;
const run = '/tmp/parley-start-abc';
const launcher = `${run}/home/bin/parley`;

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-installed-'));
  file = path.join(home, '.local/bin/parley');
});

afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

function link(target: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.rmSync(file, { force: true });
  fs.symlinkSync(target, file);
}

describe("what npm start leaves of Install 'parley' Command", () => {
  it('is nothing: neither the link nor the folders made for it', () => {
    const installed = new InstalledCommand(home);
    link(launcher);
    installed.restore(run);
    expect(fs.readdirSync(home)).toEqual([]);
  });

  it('is the link that was there before', () => {
    link('/home/nova/.parley/bin/parley');
    const installed = new InstalledCommand(home);
    link(launcher);
    installed.restore(run);
    expect(fs.readlinkSync(file)).toBe('/home/nova/.parley/bin/parley');
  });

  it('is a link that somebody else made meanwhile, also into a folder whose name begins alike', () => {
    const installed = new InstalledCommand(home);
    link(`${run}def/home/bin/parley`);
    installed.restore(run);
    expect(fs.readlinkSync(file)).toBe(`${run}def/home/bin/parley`);
  });
});
