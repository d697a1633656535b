import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  adminToken,
  checkNewest,
  homeOf,
  markNewest,
  prepareHome,
  prepareSocket,
  readSettings,
  removeBrokerRecord,
  writeBrokerRecord,
} from '../broker/home';
import { ulids } from '../broker/ids';
import { openLog } from '../broker/log';
import { RunningBroker } from '../broker/running';
import { fromStorage } from '../broker/storageErrors';
import { errorTexts, toParleyError, toWire } from '../contract/errors';
import { homeFiles } from '../contract/home';
import { protocol } from '../contract/wire';
import { LazyDoor } from '../doors/lazyDoor';
import { RpcDoor } from '../doors/rpc/rpcDoor';
import { DoorServer } from '../doors/server';
import { ExchangeService } from '../operations/service';
import { ShareFile } from '../shares/shareFile';
import { SharedServers } from '../shares/sharedServers';
import type { Clock } from '../store/clock';
import { nodeFiles } from '../store/nodeFiles';
import { machineProcesses } from '../store/processes';
import { openStore } from '../store/store';
import { openIndex } from '../store/index/index';
import { aroundBroker } from './brokerAround';

declare const PARLEY_VERSION: string;
declare const PARLEY_BUILD: number;

/** How long a stop may take before the process ends anyway (ms). */
const stopTimeout = 5000;

/** Runs the broker of this environment's home until it is told to stop. Time comes from `clock`. */
export async function runBroker(clock: Clock): Promise<void> {
  // Nothing that this process makes is for others to read, the socket included.
  process.umask(0o077);
  const home = homeOf(process.env);
  prepareHome(home);
  checkNewest(home, { version: PARLEY_VERSION, build: PARLEY_BUILD });
  const settings = readSettings(home);
  const log = openLog(path.join(home, homeFiles.logs, 'broker.log'));
  const processes = machineProcesses();
  const startedAt = clock.now();

  /** Set once everything stands; a failure before that ends the process by throwing. */
  let stop: (reason: string, exit: number) => void = (_reason, exit) => process.exit(exit);
  const fail = (error: unknown): void => {
    log('storage failed', { error: String(error) });
    // Nothing more may be answered: the next start reads the disk.
    process.exit(errorTexts.storage_failed.exit);
  };

  const store = await openStore({
    files: nodeFiles,
    home,
    durability: settings.durability,
    clock,
    processes,
    onFailure: fail,
  });
  const archive = openIndex({
    store,
    home,
    program: path.join(__dirname, 'index-worker.js'),
    clock,
    log,
  });
  const token = adminToken(home);
  const running = new RunningBroker({
    store,
    archive,
    clock,
    settings,
    newId: ulids(),
    adminToken: token,
    log,
    onFailure: fail,
  });
  const { broker } = running;
  const socket = prepareSocket(home);
  const report = store.recovered.report;
  const repaired = report.tornBytes > 0 ? `${report.tornBytes} bytes of an unfinished write were cut off` : undefined;

  let cancelIdle: () => void = () => undefined;
  const whenIdle = (empty: boolean): void => {
    cancelIdle();
    if (empty) cancelIdle = clock.after(settings.idleExit, () => stop('nobody was connected', 0));
  };
  const shares = new SharedServers({
    broker,
    file: new ShareFile(home),
    version: PARLEY_VERSION,
    load: async () => (await import('../shares/mcpServer')).openMcpServer,
    log,
  });
  const exchange = new ExchangeService({
    broker,
    shares,
    around: aroundBroker(home, clock.now.bind(clock), (agent) => broker.state.agents.has(agent)),
    person: running.person,
    adminToken: token,
    onEmpty: whenIdle,
    house: {
      status: () => ({
        version: PARLEY_VERSION,
        pid: process.pid,
        home,
        socket,
        startedAt,
        durability: settings.durability,
        ...(store.refusal && { readOnly: store.refusal.message }),
        ...(repaired !== undefined && { repaired }),
      }),
      stop: (reason, successor) => {
        if (successor) markNewest(home, successor);
        setImmediate(() => stop(reason, 0));
      },
    },
  });
  const after = clock.after.bind(clock);
  const identity = {
    version: PARLEY_VERSION,
    build: PARLEY_BUILD,
    broker: broker.state.home,
    offset: () => broker.state.offset,
    agentName: (id: string) => broker.state.agents.get(id)?.name,
  };
  const rpc = new RpcDoor({ exchange, identity, log, after });
  const mcp = new LazyDoor(async () => {
    const { createMcpDoor } = await import('../doors/mcp/mcpDoor');
    return createMcpDoor(exchange, { clock, log, version: PARLEY_VERSION });
  });
  const server = new DoorServer({ rpc, mcp, after });
  await server.listen(socket);
  if (process.platform !== 'win32') fs.chmodSync(socket, 0o600);
  writeBrokerRecord(home, {
    pid: process.pid,
    processStart: processes.self.started,
    startedAt,
    socket,
    version: PARLEY_VERSION,
    build: PARLEY_BUILD,
    protocol,
    epoch: store.manifest.epoch,
  });
  log('started', {
    version: PARLEY_VERSION,
    home,
    socket,
    offset: broker.state.offset,
    torn: report.tornBytes,
    milliseconds: clock.now() - startedAt,
  });

  let stopping = false;
  stop = (reason, exit) => {
    if (stopping) return;
    stopping = true;
    log('stopping', { reason });
    removeBrokerRecord(home, process.pid);
    setTimeout(() => process.exit(exit), stopTimeout).unref();
    broker.farewell(reason);
    void server
      .close()
      // A server may take its time to end: what is queued is written meanwhile.
      .then(() => Promise.all([shares.stop(), running.stop()]))
      .then(
        () => process.exit(exit),
        () => process.exit(1),
      );
  };
  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  whenIdle(true);
  if (!store.refusal) shares.start();
}

/** Ends the process with the error's exit code. The last line on stderr says what went wrong: starters read it. */
export function endWith(error: unknown): never {
  const known = toParleyError(fromStorage(error, homeOf(process.env)));
  if (known.code === 'internal')
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.stderr.write(`${JSON.stringify({ ...toWire(known), message: known.message })}\n`);
  process.exit(errorTexts[known.code].exit);
}
