import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Program, Server, type Done } from './children';
import { BenchBroker, makeFolder, makeHome } from './home';
import { processorTime } from './processorTime';
import type { PublisherOptions, Sender } from './programs/publishers';
import { atLeast, line, table } from './report';
import { listening, natsCanSync, startNats, startRedis } from './servers';
import { median, quantile } from './statistics';

/** Messages on their way at once, and messages of one turn: a turn takes about a tenth of a second. */
const loads = [
  { inFlight: 1, messages: 300, connections: 1 },
  { inFlight: 8, messages: 1200, connections: 1 },
  { inFlight: 64, messages: 3000, connections: 1 },
  { inFlight: 256, messages: 5120, connections: 1 },
  // As agents send: each over a connection of its own, one message at a time.
  { inFlight: 64, messages: 1500, connections: 64 },
] as const;
/** Of each contender most connections that a load has. */
const mostConnections = 64;
/** Turns of each contender in a round. */
const turns = 3;
/** Messages of each contender before anything counts, with 64 in flight. */
const warmUp = 6000;
/** Least of what Redis does that syncs each group before it answers. */
const leastOfRedis = 0.5;

const names = {
  parley: 'Parley fsync',
  os: 'Parley os',
  always: 'Redis Streams, appendfsync always',
  everysec: 'Redis Streams, appendfsync everysec',
  jetstream: 'NATS JetStream, file store',
  jetstreamAlways: 'NATS JetStream (2.10 on), synced',
  lines: 'floor: JSON lines, synced',
  rpc: 'floor: JSON-RPC, synced',
  linesOs: 'floor: JSON lines, not synced',
  rpcOs: 'floor: JSON-RPC, not synced',
} as const;

type Name = keyof typeof names;

interface Contender {
  readonly name: Name;
  readonly publisher: Program;
  readonly server: Pick<Server, 'pid' | 'stop'>;
  /** What happens between two turns, and is not timed. */
  readonly between?: (load: Load) => Promise<void>;
}

type Load = (typeof loads)[number];

/** One program that sends to one server that keeps what comes; each contender in turn. */
export async function durable({ rounds }: { readonly rounds: number }): Promise<void> {
  line(
    'Durable sends: a text of 300 bytes until the server says that it is kept; one program, one or more connections.',
  );
  line(
    'Parley `fsync` and Redis `always` answer after the sync that covers the message. Parley `os`, Redis `everysec` (a sync\n' +
      'each second) and JetStream (a sync every two minutes, its default) answer before. NATS on loopback TCP, the others on\n' +
      'a Unix socket. To whom Parley passes it reads it between two turns; each of its connections is another agent.\n' +
      `${rounds} rounds of ${turns} turns each; messages a second: median over the rounds. p50 and p99 of one message, ms, likewise.\n` +
      'CPU: processor time of one message in sender + server (main threads), µs.\n',
  );
  const opened = [
    await openParley('parley'),
    await openParley('os'),
    await openRedis('always'),
    await openRedis('everysec'),
    await openJetStream('jetstream'),
    await openJetStream('jetstreamAlways'),
    await openFloor('lines'),
    await openFloor('rpc'),
    await openFloor('linesOs'),
    await openFloor('rpcOs'),
  ];
  const contenders = opened.filter((one) => one !== undefined);
  try {
    for (const { publisher, between } of contenders) {
      await publisher.timed({ messages: warmUp, rest: 0, inFlight: 64 });
      await between?.(loads[0]);
    }
    for (const load of loads) report(load, await measure(contenders, load, rounds));
  } finally {
    for (const { publisher, server } of contenders) {
      await publisher.stop();
      await server.stop();
    }
  }
  const missing = Object.entries(names).filter(([name]) => !contenders.some((one) => one.name === name));
  if (missing.length > 0) line(`  not installed here: ${missing.map(([, title]) => title).join('; ')}`);
}

async function openParley(name: 'parley' | 'os'): Promise<Contender> {
  const home = await makeHome(name === 'os' ? 'os' : 'fsync');
  const { broker, client } = await BenchBroker.start(home);
  const nova = await client.ask('register', { name: 'Nova' });
  const tokens: string[] = [];
  while (tokens.length < mostConnections) tokens.push((await client.ask('register', {})).token);
  const senders: Sender[] = [];
  for (const token of tokens) {
    await client.signIn(token);
    const { message } = await client.ask('message', { to: 'Nova', text: 'Shall we talk?' });
    senders.push({ token, thread: message.thread });
  }
  await client.signIn(nova.token);
  const between = async ({ connections }: Load): Promise<void> => {
    for (const { thread } of senders.slice(0, connections))
      await client.ask('seen', { thread, seq: Number.MAX_SAFE_INTEGER });
  };
  const stop = async (): Promise<void> => {
    client.close();
    await broker.stop();
  };
  const options = { server: 'parley', address: '', home, senders } as const;
  return { name, publisher: await openPublisher(options), server: { pid: broker.server.pid, stop }, between };
}

async function openRedis(name: 'always' | 'everysec'): Promise<Contender | undefined> {
  // Rewriting the file is work that Parley does not have; it is left out.
  const keeps = ['--appendonly', 'yes', '--appendfsync', name, '--auto-aof-rewrite-percentage', '0'];
  const started = await startRedis(undefined, keeps);
  if (!started) return undefined;
  return {
    name,
    publisher: await openPublisher({ server: 'redis', address: started.address }),
    server: started.server,
  };
}

/** By default it syncs every two minutes; servers from 2.10 on can be told to sync before they answer. */
async function openJetStream(name: 'jetstream' | 'jetstreamAlways'): Promise<Contender | undefined> {
  if (name === 'jetstreamAlways' && !natsCanSync()) return undefined;
  const started = await startNats(undefined, (folder) => {
    const config = path.join(folder, 'nats.conf');
    const sync = name === 'jetstreamAlways' ? ', sync_interval: always' : '';
    writeFileSync(config, `jetstream { store_dir: "${folder}"${sync} }\n`);
    return ['-c', config];
  });
  if (!started) return undefined;
  const publisher = await openPublisher({ server: 'nats', address: started.address });
  return { name, publisher, server: started.server };
}

/** The least that a program on this runtime does: see programs/keeper.ts. */
async function openFloor(name: 'lines' | 'rpc' | 'linesOs' | 'rpcOs'): Promise<Contender> {
  const folder = await makeFolder();
  const address = path.join(folder, 'keeper');
  const wire = name.startsWith('lines') ? 'lines' : 'rpc';
  const more = [wire, address, path.join(folder, 'kept'), name.endsWith('Os') ? 'os' : 'fsync'];
  const server = new Server(process.execPath, [path.join(import.meta.dirname, 'keeper.js'), ...more]);
  await listening(address);
  return { name, publisher: await openPublisher({ server: wire, address }), server };
}

async function openPublisher(options: PublisherOptions): Promise<Program> {
  const publisher = new Program('publisher');
  await publisher.open(options);
  return publisher;
}

/** What one contender did in one round. */
interface Round {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: readonly [number, number];
}

type Measured = ReadonlyMap<Name, readonly Round[]>;

async function measure(contenders: readonly Contender[], load: Load, rounds: number): Promise<Measured> {
  const measured = new Map<Name, Round[]>(contenders.map(({ name }) => [name, []]));
  let first = 0;
  for (let round = 0; round < rounds; round++) {
    const done = new Map(contenders.map(({ name }) => [name, [] as (Done & { cpu: [number, number] })[]]));
    for (let turn = 0; turn < turns; turn++, first++) {
      for (let place = 0; place < contenders.length; place++) {
        const contender = contenders[(first + place) % contenders.length];
        if (!contender) continue;
        const { publisher, server, name, between } = contender;
        const before = [processorTime(publisher.pid), processorTime(server.pid)] as const;
        const answer = await publisher.timed({ ...load, rest: 0 });
        const spent = (pid: number, since: number): number => (processorTime(pid) - since) / load.messages;
        done.get(name)?.push({ ...answer, cpu: [spent(publisher.pid, before[0]), spent(server.pid, before[1])] });
        await between?.(load);
      }
    }
    for (const [name, all] of done) measured.get(name)?.push(together(all));
  }
  return measured;
}

function together(all: readonly (Done & { readonly cpu: readonly [number, number] })[]): Round {
  const times = all.flatMap((one) => one.times);
  const elapsed = all.reduce((sum, one) => sum + one.elapsed, 0);
  return {
    perSecond: times.length / (elapsed / 1e6),
    p50: quantile(times, 0.5) / 1000,
    p99: quantile(times, 0.99) / 1000,
    cpu: [median(all.map(({ cpu }) => cpu[0])), median(all.map(({ cpu }) => cpu[1]))],
  };
}

function report({ inFlight, connections }: Load, measured: Measured): void {
  line(`  ${inFlight} in flight${connections > 1 ? ` over ${connections} connections` : ''}`);
  const over = (name: Name, one: (round: Round) => number): number => median((measured.get(name) ?? []).map(one));
  table(
    ['', 'a second', 'p50', 'p99', 'CPU', 'a second in each round'],
    [...measured].map(([name, rounds]) => [
      names[name],
      over(name, (round) => round.perSecond).toFixed(0),
      over(name, (round) => round.p50).toFixed(2),
      over(name, (round) => round.p99).toFixed(2),
      `${over(name, ({ cpu }) => cpu[0]).toFixed(0)} + ${over(name, ({ cpu }) => cpu[1]).toFixed(0)}`,
      rounds.map((round) => round.perSecond.toFixed(0)).join(' '),
    ]),
  );
  /** Of the two in the same round, so that what else the machine does comes upon both. */
  const ratio = (own: Name, other: Name): number => {
    const others = measured.get(other) ?? [];
    return median((measured.get(own) ?? []).map((round, index) => round.perSecond / (others[index]?.perSecond ?? NaN)));
  };
  if (measured.has('jetstream')) {
    atLeast('fsync beside JetStream', ratio('parley', 'jetstream'), 1, '×');
    atLeast('os beside JetStream, which promises as much', ratio('os', 'jetstream'), 1, '×');
  }
  if (measured.has('jetstreamAlways'))
    atLeast('fsync beside JetStream that syncs, which promises as much', ratio('parley', 'jetstreamAlways'), 1, '×');
  if (measured.has('jetstream') && measured.has('always')) {
    for (const floor of ['lines', 'rpc', 'linesOs', 'rpcOs'] as const)
      line(
        `  ${names[floor]}: beside JetStream ${ratio(floor, 'jetstream').toFixed(2)} ×, beside Redis always ${ratio(floor, 'always').toFixed(2)} ×`,
      );
  }
  if (measured.has('always')) atLeast('fsync beside Redis always', ratio('parley', 'always'), leastOfRedis, '×');
  line();
}
