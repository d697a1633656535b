import fc from 'fast-check';
import { expect, it } from 'vitest';
import { present } from '../../../src/core/state';
import { SqlDatabase } from '../../../src/store/index/database';
import { project } from '../../../src/store/index/projection';
import { schema } from '../../../src/store/index/schema';
import { sqlForTests } from '../../support/faultsIndex';
import { Player } from './player';
import { runSeed } from '../../support/faultsRandom';

const sequences = 60;
const seed = runSeed();

it('The index tells the same of threads and receipts as the live state, for any sequence of commands', async () => {
  const sql = await sqlForTests();
  fc.assert(
    fc.property(fc.noShrink(fc.array(fc.noBias(fc.nat()), { minLength: 100, maxLength: 100 })), (numbers) => {
      const player = new Player();
      player.play(numbers);
      const database = new SqlDatabase(sql);
      database.script(schema);
      for (const event of player.events) project(database, event);
      compare(player, database);
      database.close();
    }),
    { numRuns: sequences, seed },
  );
}, 120_000);

function compare({ state, receipts }: Player, database: SqlDatabase): void {
  for (const thread of state.threads.values()) {
    const row = database.get('select state, messages from thread where id = ?', thread.id);
    expect(row).toEqual({ state: thread.state, messages: thread.ids.length });
    const inside = database.all('select agent from participant where thread = ? and leftAt is null', thread.id);
    expect(inside.map(({ agent }) => agent).sort()).toEqual(present(thread).sort());
  }
  for (const { message, agent, state: told, at } of database.all('select * from receipt')) {
    const live = receipts.last(String(message), String(agent));
    if (live) expect([message, agent, told, at]).toEqual([message, agent, live.state, live.at]);
  }
  for (const { call, agent, state: leg } of database.all('select * from leg')) {
    const live = state.calls.get(String(call))?.legs.get(String(agent));
    if (live) expect([call, agent, leg]).toEqual([call, agent, live.state]);
  }
}
