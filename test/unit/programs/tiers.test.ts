import { spawnSync } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compileSoon } from '../../../src/programs/tiers';

const flag = '--invocation-count-for-turbofan';
const { versions } = process;
let flags: string[];

beforeEach(() => {
  flags = [];
  vi.spyOn(v8, 'setFlagsFromString').mockImplementation((set) => void flags.push(set));
  syncBuiltinESMExports();
});

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  Object.defineProperty(process, 'versions', { value: versions });
});

const runOn = (version: string): void => {
  Object.defineProperty(process, 'versions', { value: { ...versions, v8: version } });
  compileSoon();
};

describe('a program that runs for long', () => {
  it('has its functions compiled with all effort after a hundred calls', () => {
    runOn('12.4.254.21-node.33');
    expect(flags).toEqual([`${flag}=100`]);
  });

  it('leaves a V8 alone that does not know the flag', () => {
    runOn('11.3.244.8-node.30');
    expect(flags).toEqual([]);
  });

  it('names a flag that this V8 knows, if it is to know it', () => {
    const known = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' }).stdout.includes(`${flag} (`);
    expect(known).toBe(Number.parseInt(versions.v8, 10) >= 12);
  });
});
