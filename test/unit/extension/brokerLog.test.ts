import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { brokerLog } from '../../../src/extension/upkeep/brokerLog';

let home: string;

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-log-'));
});

afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

function write(name: string, second: number): string {
  const file = path.join(home, 'logs', name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, name);
  fs.utimesSync(file, second, second);
  return file;
}

it("the broker's log is the newer of its own and of its start", () => {
  expect(brokerLog(home)).toBeUndefined();
  const start = write('start.log', 10);
  expect(brokerLog(home)).toBe(start);
  const own = write('broker.log', 11);
  expect(brokerLog(home)).toBe(own);
  write('start.log', 12);
  expect(brokerLog(home)).toBe(start);
});
