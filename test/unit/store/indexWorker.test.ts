import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { machineClock } from '../../../src/store/clock';
import { sqlTime } from '../../../src/store/index/client';
import { openIndex } from '../../../src/store/index/index';
import { nodeFiles } from '../../../src/store/nodeFiles';
import { machineProcesses } from '../../../src/store/processes';
import { openStore } from '../../../src/store/store';
import { conversation } from '../../support/faultsIndex';
import { bundleProgram, temporaryFolder } from '../../support/faultsPrograms';

let program: string;
const home = temporaryFolder();

beforeAll(async () => {
  program = await bundleProgram('../../src/programs/indexWorker.ts');
  const wasm = createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm.wasm');
  copyFileSync(wasm, path.join(path.dirname(program), 'sql-wasm.wasm'));
}, 60_000);

afterAll(() => rmSync(home, { recursive: true }));

it('the index answers from a worker of its own, as it is built', async () => {
  const store = await openStore({
    files: nodeFiles,
    home,
    durability: 'os',
    clock: machineClock,
    processes: machineProcesses(),
    onFailure: (error) => expect.unreachable(error.message),
  });
  const logged: string[] = [];
  const index = openIndex({ store, home, program, clock: machineClock, log: (what) => logged.push(what) });
  store.append(conversation.map((fact, at) => ({ ...fact, offset: at + 1, time: at, origin: 'here' })));
  const page = await index.messages({ thread: 't1', limit: 2 }, conversation.length);
  expect(page.messages.map(({ message }) => message.seq)).toEqual([4, 5]);
  await index.snapshot();
  expect(store.manifest.snapshots).toMatchObject([{ name: 'state.db', offset: conversation.length }]);
  expect(logged).toEqual([]);
  await index.close();
  await store.close();
});

it('a query that takes too long is ended, and the index goes on meanwhile', async () => {
  const store = await openStore({
    files: nodeFiles,
    home,
    durability: 'os',
    clock: machineClock,
    processes: machineProcesses(),
    onFailure: (error) => expect.unreachable(error.message),
  });
  // Only the first query is given a second; the next has its time, however busy the machine is.
  let isFirst = true;
  const hasty = {
    ...machineClock,
    after: (ms: number, run: () => void) => {
      const short = ms === sqlTime && isFirst;
      if (short) isFirst = false;
      return machineClock.after(short ? 1000 : ms, run);
    },
  };
  const index = openIndex({ store, home, program, clock: hasty, log: () => undefined });
  const endless = 'with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n';
  const running = index.sql({ text: endless, limit: 1 }, 0).catch((error: unknown) => error);
  expect((await index.messages({ thread: 't1', limit: 2 }, 0)).messages).toHaveLength(2);
  expect(await running).toMatchObject({ code: 'sql_too_slow', facts: { limit: sqlTime } });
  expect((await index.sql({ text: 'select count(*) from messages', limit: 1 }, 0)).rows).toEqual([[5]]);
  await index.close();
  await store.close();
});

it('a worker that cannot start answers index_failed', async () => {
  const store = await openStore({
    files: nodeFiles,
    home,
    durability: 'os',
    clock: machineClock,
    processes: machineProcesses(),
    onFailure: (error) => expect.unreachable(error.message),
  });
  const missing = path.join(home, 'no-such-program.js');
  const index = openIndex({ store, home, program: missing, clock: machineClock, log: () => undefined });
  await expect(index.thread('t1', 0)).rejects.toMatchObject({ code: 'index_failed' });
  await index.close();
  await store.close();
});

it('ends when the process that started it is gone', async () => {
  const worker = fork(program, [], { stdio: 'ignore' });
  await once(worker, 'spawn');
  worker.disconnect();
  expect(await once(worker, 'exit')).toEqual([0, null]);
});
