import path from 'node:path';
import { Program, Server, type Round } from './children';
import { BenchBroker, makeFolder, makeHome, type Durability } from './home';
import type { CrowdOptions } from './programs/crowd';
import type { PeerOptions } from './programs/peer';
import type { WireOptions } from './programs/wires';
import type { Processors } from './processors';
import { listening, startNats, startRedis } from './servers';

/** One way from a process to another, or the disk: does rounds of messages, each timed in µs. */
export interface Contender {
  readonly name: string;
  /** The processes through which a message goes: sender, server if there is one, receiver. */
  readonly pids: readonly number[];
  round(round: Round): Promise<readonly number[]>;
  stop(): Promise<void>;
}

interface Running {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Sender and receiver around a server that is up already. */
class Pair implements Contender {
  readonly name: string;
  readonly #sender: Program;
  readonly #receiver: Program;
  readonly #server: Running;

  private constructor(name: string, server: Running, processor: number | undefined) {
    this.name = name;
    this.#server = server;
    this.#sender = new Program('peer', processor);
    this.#receiver = new Program('peer', processor);
  }

  get pids(): number[] {
    return [this.#sender.pid, this.#server.pid, this.#receiver.pid];
  }

  static async open(
    name: string,
    server: Running,
    ends: { readonly sender: WireOptions; readonly receiver: WireOptions; readonly processor: number | undefined },
  ): Promise<Pair> {
    const pair = new Pair(name, server, ends.processor);
    const echo = path.join(await makeFolder(), 'echo');
    await pair.#sender.open({ ...ends.sender, role: 'sender', echo } satisfies PeerOptions);
    await pair.#receiver.open({ ...ends.receiver, role: 'receiver', echo } satisfies PeerOptions);
    return pair;
  }

  round(round: Round): Promise<readonly number[]> {
    return this.#sender.round(round);
  }

  async stop(): Promise<void> {
    await this.#sender.stop();
    await this.#receiver.stop();
    await this.#server.stop();
  }
}

export interface ParleyOptions {
  /** So many more are connected and listen. */
  readonly others?: number;
  /** How the second one hears. */
  readonly wire?: 'parley' | 'listen';
  /** A home that is there already; its settings hold. */
  readonly home?: string;
}

/** Two agents at a broker. */
export async function parley(
  on: Processors | undefined,
  name: string,
  durability: Durability,
  { others = 0, wire = 'parley', home: given }: ParleyOptions = {},
): Promise<Contender> {
  const home = given ?? (await makeHome(durability));
  const { broker, client: desk } = await BenchBroker.start(home, on?.middle);
  const [atlas, nova] = [await desk.ask('register', { name: 'Atlas' }), await desk.ask('register', { name: 'Nova' })];
  await desk.signIn(atlas.token);
  const { message } = await desk.ask('message', { to: 'Nova', text: 'Shall we talk?' });
  desk.close();
  const crowd = others > 0 ? new Program('crowd', on?.ends) : undefined;
  await crowd?.open({ home, agents: others } satisfies CrowdOptions);
  const options = { wire, address: '', home, thread: message.thread } as const;
  const server = {
    pid: broker.server.pid,
    async stop() {
      await crowd?.stop();
      await broker.stop();
    },
  };
  return Pair.open(name, server, {
    sender: { ...options, token: atlas.token },
    receiver: { ...options, token: nova.token },
    processor: on?.ends,
  });
}

/** The control. `keeps`: it writes and syncs every message before it passes it on. */
export async function relay(on: Processors | undefined, name: string, keeps = false): Promise<Contender> {
  const folder = await makeFolder();
  const address = path.join(folder, 'relay');
  const kept = keeps ? [path.join(folder, 'kept')] : [];
  const server = new Server(process.execPath, [path.join(import.meta.dirname, 'relay.js'), address, ...kept], {
    processor: on?.middle,
  });
  await listening(address);
  const options = { wire: 'relay', address } as const;
  return Pair.open(name, server, { sender: options, receiver: options, processor: on?.ends });
}

export async function rpcRelay(on: Processors | undefined, name: string): Promise<Contender> {
  const address = path.join(await makeFolder(), 'relay');
  const server = new Server(process.execPath, [path.join(import.meta.dirname, 'rpc-relay.js'), address], {
    processor: on?.middle,
  });
  await listening(address);
  const options = { wire: 'rpc', address } as const;
  return Pair.open(name, server, { sender: options, receiver: options, processor: on?.ends });
}

/** Undefined when no server is installed. */
export async function nats(on: Processors | undefined): Promise<Contender | undefined> {
  const started = await startNats(on?.middle);
  if (!started) return undefined;
  const options = { wire: 'nats', address: started.address } as const;
  return Pair.open('NATS publish → subscribe, loopback TCP', started.server, {
    sender: options,
    receiver: options,
    processor: on?.ends,
  });
}

/** Without any persistence. Undefined when no server is installed. */
export async function redis(on: Processors | undefined): Promise<Contender | undefined> {
  const started = await startRedis(on?.middle, ['--appendonly', 'no']);
  if (!started) return undefined;
  const options = { wire: 'redis', address: started.address } as const;
  return Pair.open('Redis publish → subscribe, Unix socket', started.server, {
    sender: options,
    receiver: options,
    processor: on?.ends,
  });
}

export async function disk(on: Processors | undefined, name: string): Promise<Contender> {
  const program = new Program('disk', on?.middle);
  await program.open({ file: path.join(await makeFolder(), 'disk') });
  return { name, pids: [program.pid], round: (round) => program.round(round), stop: () => program.stop() };
}
