// Fills a home with messages, as fast as the rules allow: without doors, through the switchboard, the journal and the index.
import * as path from 'node:path';
import { adminToken, prepareHome, readSettings } from '../../../src/broker/home';
import { ulids } from '../../../src/broker/ids';
import { RunningBroker } from '../../../src/broker/running';
import { register } from '../../../src/core/agents';
import type { AgentId } from '../../../src/core/model';
import { markThreadSeen } from '../../../src/core/receipts';
import { leave, leaveMessage, send } from '../../../src/core/threads';
import { machineClock } from '../../../src/store/clock';
import { openIndex } from '../../../src/store/index/index';
import { nodeFiles } from '../../../src/store/nodeFiles';
import { machineProcesses } from '../../../src/store/processes';
import { openStore } from '../../../src/store/store';
import { rareWord } from '../seedWords';
import { takeTasks } from './tasks';

export interface SeedOptions {
  readonly home: string;
  readonly messages: number;
}

const agents = 20;
/** Messages of one thread. */
const perThread = 100;
/** Of ten threads so many are closed when all is said. */
const closedOfTen = 9;
const text =
  'I looked at the parser again, and the error is in the way that it counts what it has read so far. '.repeat(3);

async function open({ home, messages }: SeedOptions): Promise<void> {
  prepareHome(home);
  const problem = (error: unknown): never => {
    throw error;
  };
  const processes = machineProcesses();
  const store = await openStore({
    files: nodeFiles,
    home,
    durability: 'os',
    clock: machineClock,
    processes,
    onFailure: problem,
  });
  const log = (): void => undefined;
  const program = path.join(__dirname, 'index-worker.js');
  const archive = openIndex({ store, home, program, clock: machineClock, log });
  const parts = { store, archive, clock: machineClock, settings: readSettings(home), newId: ulids(), log };
  const running = new RunningBroker({ ...parts, adminToken: adminToken(home), onFailure: problem });
  const { board } = running.broker;
  const names = Array.from({ length: agents }, (_, index) => `Agent${index}`);
  const ids = names.map(
    (name) => board.run((step) => register(step, { name, kind: 'agent', tokenHash: name, nameSeed: 0 })).id,
  );
  for (let thread = 0; thread * perThread < messages; thread++) {
    const [from, to] = [thread % agents, (thread + 1 + (thread % (agents - 1))) % agents];
    converse(running, thread, { id: ids[from] ?? '' }, { id: ids[to] ?? '', name: names[to] ?? '' });
    await board.durable();
  }
  await archive.snapshot();
  await running.stop();
}

/** One writes, the other reads, in turns; then it is closed, or not. */
function converse(
  { broker }: RunningBroker,
  count: number,
  from: { id: AgentId },
  to: { id: AgentId; name: string },
): void {
  const { board } = broker;
  const first = board.run((step) => leaveMessage(step, from.id, to.name, `Matter ${count}`, { content: text }));
  const ends = [to.id, from.id];
  for (let seq = 4; seq < perThread + 3; seq++) {
    const speaker = ends[seq % 2] ?? '';
    board.run((step) => markThreadSeen(step, speaker, first.thread, seq, 'bench'));
    const rare = rareWord(count * perThread + seq);
    board.run((step) => send(step, speaker, first.thread, { content: `${seq} ${text} ${rare}` }));
  }
  if (count % 10 < closedOfTen) board.run((step) => leave(step, from.id, first.thread, true));
}

takeTasks({ open: (options) => open(options as SeedOptions), round: () => Promise.resolve([]) });
