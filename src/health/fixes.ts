import * as fs from 'node:fs/promises';
import { ParleyError } from '../contract/errors';
import type { BrokerRecord } from '../contract/wire';
import { readBrokerRecord } from '../client/brokerRecord';
import { connect } from '../client/client';
import { pause } from '../client/clock';
import { stillRuns } from '../client/processes';
import type { ClientName } from '../connect/clientNames';
import type { Fix, Patient } from './finding';
import { runRepair } from './repair';
import { askPatience, talk } from './talk';
import { words } from './words';

/** How long a stopping broker may take, in milliseconds. */
const stopTimeout = 10_000;
/** Takes away what others may do with these files. */
export function closeHome(files: readonly string[]): Fix {
  return {
    name: 'closeHome',
    title: words.fix.closeHome,
    run: async () => {
      for (const file of files) await fs.chmod(file, (await fs.stat(file)).mode & 0o700);
    },
  };
}

/** Lets the owner write into the home again. */
export function openHome(home: string): Fix {
  return {
    name: 'openHome',
    title: words.fix.openHome,
    run: () => fs.chmod(home, 0o700),
  };
}

export function startBroker(patient: Patient): Fix {
  return { name: 'startBroker', title: words.fix.startBroker, run: () => start(patient) };
}

/** Stops the broker as the person does, and starts this program's. */
export function restartBroker(patient: Patient): Fix {
  return {
    name: 'restartBroker',
    title: words.fix.restartBroker,
    asks: words.asks.restartBroker,
    run: async () => {
      await stop(patient);
      await start(patient);
    },
  };
}

/** Ends a broker that does not answer any more, and starts another. */
export function endBroker(patient: Patient, record: BrokerRecord): Fix {
  const { pid, processStart } = record;
  const run = async (): Promise<void> => {
    const { processes, clock } = patient;
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      // Never a process that only has the number of the one that hung.
      if (!stillRuns(processes, { pid, start: processStart })) break;
      process.kill(pid, signal);
      await gone(patient, pid, clock.now() + askPatience);
    }
    if (processes.isAlive(pid)) throw new ParleyError('broker_hangs', { pid });
    await start(patient);
  };
  return { name: 'endBroker', title: words.fix.endBroker, asks: words.asks.endBroker, run };
}

/** Stops the broker, repairs the home with its program, and starts it again. */
export function repairHome(patient: Patient): Fix {
  const run = async (): Promise<void> => {
    await stop(patient);
    await runRepair(patient);
    await start(patient);
  };
  return { name: 'repairHome', title: words.fix.repairHome, asks: words.asks.repairHome, run };
}

/** Undefined where this program cannot do it. */
export function placePrograms({ hands }: Patient): Fix | undefined {
  return hands.placePrograms && { name: 'placePrograms', title: words.fix.placePrograms, run: hands.placePrograms };
}

/** Undefined where this program cannot do it. It asks by itself. */
export function connectClient({ hands }: Patient, client: ClientName, title: string): Fix | undefined {
  const { connectClient: run } = hands;
  return run && { name: 'connectClient', title: words.fix.connect(title), run: () => run(client) };
}

async function start(patient: Patient): Promise<void> {
  const { home, version, clock, autostart } = patient;
  const client = await connect({ home, client: 'parley-doctor', version, clock, autostart });
  client.close();
}

/** Resolves when no broker runs. @throws `forbidden` when the person does not ask, `broker_hangs` */
async function stop(patient: Patient): Promise<void> {
  const { home, processes, clock } = patient;
  const record = readBrokerRecord(home);
  if (!record || !stillRuns(processes, { pid: record.pid, start: record.processStart })) return;
  await talk(patient, async (client) => {
    // It may go before its answer comes.
    await client.ask('stop', { reason: 'parley doctor' }).catch((error: unknown) => {
      if (!(error instanceof ParleyError) || error.code !== 'broker_gone') throw error;
    });
  });
  await gone(patient, record.pid, clock.now() + stopTimeout);
  if (processes.isAlive(record.pid)) throw new ParleyError('broker_hangs', { pid: record.pid });
}

/** Resolves when the process has ended, or at that time: nothing tells of the end of one that is not our child. */
async function gone({ processes, clock }: Patient, pid: number, deadline: number): Promise<void> {
  while (processes.isAlive(pid) && clock.now() < deadline) await pause(clock, 20);
}
