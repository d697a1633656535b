import { ParleyError } from '../contract/errors';
import { readBrokerRecord } from '../client/brokerRecord';
import { pause } from '../client/clock';
import { readAdminToken } from '../client/identityStore';
import type { Output } from '../contract/operations';
import { counted } from './pieces';
import { quiet } from './rosterPieces';
import type { Session } from './session';
import { ago, plain, styled, table, type Cell } from './terminal';

/** How long a stopping broker may take. Milliseconds. */
const stopTimeout = 10_000;

/** Starts the broker unless it runs. */
export async function startBroker(session: Session): Promise<void> {
  const wasThere = readBrokerRecord(session.options.home)?.pid;
  await session.with(await session.connect(undefined), async () => {
    const record = readBrokerRecord(session.options.home);
    if (!record) throw new ParleyError('broker_gone');
    const { pid, version, socket } = record;
    const started = pid !== wasThere;
    if (session.isJson) await session.printJson({ started, pid, version, socket });
    else
      await session.print(
        `The broker ${started ? 'runs now' : 'was running'}: process ${pid}, version ${plain(version)}.`,
      );
  });
}

/** Stops the broker cleanly and waits until it is gone. */
export async function stopBroker(session: Session): Promise<void> {
  const token = session.personToken();
  const pid = readBrokerRecord(session.options.home)?.pid;
  await session.with(await session.connect(token, { start: false }), async (client) => {
    await client.ask('stop', { reason: 'parley broker stop' }).catch((error: unknown) => {
      // It may go before its answer comes.
      if (!(error instanceof ParleyError) || error.code !== 'broker_gone') throw error;
    });
  });
  const { clock, processes } = session.options;
  const deadline = clock.now() + stopTimeout;
  // Nothing tells of the end of a process that is not our child; the deadline ends the looking.
  while (pid !== undefined && processes.isAlive(pid)) {
    if (clock.now() > deadline) throw new ParleyError('broker_hangs', { pid });
    await pause(clock, 20);
  }
  if (session.isJson) await session.printJson({ stopped: true });
  else await session.print('The broker has stopped.');
}

/** What the broker says of itself; to those who may not ask, what it says to everyone. */
export async function brokerStatus(session: Session): Promise<void> {
  const { isTerminal } = session.surroundings;
  const token = isTerminal ? readAdminToken(session.options.home) : undefined;
  await session.with(await session.connect(token, { start: false }), async (client) => {
    const record = readBrokerRecord(session.options.home);
    if (token === undefined) {
      const { version, offset } = await client.ready();
      const known = { version, pid: record?.pid, socket: record?.socket, startedAt: record?.startedAt, offset };
      if (session.isJson) await session.printJson(known);
      else await session.print(`The broker runs: process ${record?.pid ?? '?'}, version ${plain(version)}.`);
      return;
    }
    const status = await client.ask('status', {});
    if (session.isJson) await session.printJson(status);
    else await session.print(statusText(session, status));
  });
}

function statusText(session: Session, status: Output<'status'>): string {
  const { terminal } = session;
  const rows: (readonly [string, string])[] = [
    ['process', `${status.pid}, started ${ago(terminal.now, status.startedAt)}`],
    ['version', status.version],
    ['home', status.home],
    ['socket', status.socket],
    ['agents', `${status.agents}, ${counted(status.connections, 'connection') || 'no connection'}`],
    ['paused', status.paused ? 'everything, by the person' : ''],
    [
      'quiet',
      status.doNotDisturb.on || status.doNotDisturb.hours !== undefined ? quiet(terminal, status.doNotDisturb) : '',
    ],
    ['threads', `${status.openThreads} open`],
    ['journal', `offset ${status.offset}, durability ${status.durability}`],
    ['memory', `${Math.round(status.memory / 1024 / 1024)} MiB`],
    ['read only', status.readOnly ?? ''],
    ['repaired', status.repaired ?? ''],
  ];
  const shown = rows
    .filter(([, value]) => value !== '')
    .map(([name, value]): Cell[] => [[`  ${name}`, 'dim'], [plain(value)]]);
  return `${styled(terminal, 'bold', 'The broker runs.')}\n${table(terminal, shown)}`;
}
