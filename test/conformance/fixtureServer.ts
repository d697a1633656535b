import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { McpDoor } from '../../src/doors/mcp/mcpDoor';
import { RpcDoor } from '../../src/doors/rpc/rpcDoor';
import { DoorServer } from '../../src/doors/server';
import { machineClock } from '../../src/store/clock';
import type { Exchange } from '../../src/operations/exchange';
import { testExchange } from '../support/testExchange';
import { sessionFixture } from './sessionFixture';
import { statelessFixture } from './statelessFixture';

/** Parley's HTTP server, checks, limits and sessions around the suite's fixtures, reachable by TCP. */
export interface FixtureServer {
  /** `http://127.0.0.1:PORT/mcp` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Everything in front of the fixtures is what the broker has; only the way there is not, because the suite wants a URL:
 * bytes that come over TCP are passed to the broker's socket as they are. The suite sends no token, so one agent of the
 * test stands for whoever brings none.
 */
export async function startFixtureServer(): Promise<FixtureServer> {
  const { exchange: real, join } = testExchange();
  const { token } = await join('Suite');
  const exchange = new Proxy<Exchange>(real, {
    get(target, name) {
      if (name === 'identify') return (given: string | undefined) => target.identify(given ?? token);
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member as (...args: unknown[]) => unknown).bind(target) : member;
    },
  });
  const after = machineClock.after.bind(machineClock);
  const log = (): void => undefined;
  const identity = { version: '1', build: 1, broker: 'BROKER', offset: () => 0, agentName: () => undefined };
  const mcp = new McpDoor(exchange, {
    clock: machineClock,
    log,
    servers: {
      session: sessionFixture,
      stateless: () => Promise.resolve({ make: (_host, { bus }) => statelessFixture(bus), mayWait: () => false }),
    },
  });
  const doors = new DoorServer({ rpc: new RpcDoor({ exchange, identity, log, after }), mcp, after });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'parley-conformance-'));
  const socket = path.join(folder, 'socket');
  await doors.listen(socket);
  const relay = await startRelay(socket);
  return {
    url: `http://127.0.0.1:${relay.port}/mcp`,
    close: async () => {
      await relay.close();
      await doors.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function startRelay(socket: string): Promise<{ readonly port: number; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const relay: Server = createServer((from) => {
    const to = connect(socket);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  return {
    port: (relay.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise((resolve) => relay.close(resolve));
      for (const one of open) one.destroy();
      await closed;
    },
  };
}
