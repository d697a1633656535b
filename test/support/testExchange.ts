import { monotonicFactory } from 'ulid';
import { Broker } from '../../src/broker/broker';
import { hashToken } from '../../src/broker/tokens';
import type { Input, OperationName, Output } from '../../src/contract/operations';
import { register } from '../../src/core/agents';
import type { DurableEvent } from '../../src/core/events';
import { defaultLimits, type Limits } from '../../src/core/limits';
import { emptyState } from '../../src/core/state';
import type { Connection, ConnectionOptions } from '../../src/operations/exchange';
import { ExchangeService } from '../../src/operations/service';
import { ManualClock } from './manualClock';
import { MemoryArchive } from './memoryArchive';

export const adminToken = 'the-token-of-the-person-in-tests-0123456789';

/** A connected agent in a test. */
export interface Party {
  readonly name: string;
  readonly id: string;
  readonly token: string;
  readonly connection: Connection;
  /** Asks, and confirms what the answer held as a door does. */
  ask<N extends OperationName>(operation: N, input: Input<N>, signal?: AbortSignal): Promise<Output<N>>;
}

/** The broker behind its operations, with everything real but the disk, the worker and time. */
export function testExchange(limits: Partial<Limits> = {}) {
  const clock = new ManualClock();
  const archive = new MemoryArchive();
  const journal: DurableEvent[] = [];
  const newId = monotonicFactory();
  const record = {
    refusal: undefined as Error | undefined,
    busy: undefined,
    durableOffset: 0,
    append(events: readonly DurableEvent[]) {
      for (const event of events) {
        // Through JSON, as on the disk: nothing may live on shared objects.
        journal.push(JSON.parse(JSON.stringify(event)) as DurableEvent);
        archive.follow(event);
        record.durableOffset = event.offset;
      }
    },
    durable: () => Promise.resolve(),
  };
  const broker = new Broker({
    state: emptyState('01BROKER'),
    replayed: [],
    record,
    archive,
    clock,
    limits: { ...defaultLimits, ...limits },
    newId,
    log: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
  const person = broker.board.run((step) =>
    register(step, { name: 'Alex', kind: 'human', tokenHash: hashToken(adminToken), nameSeed: 0 }),
  );
  const stopped: string[] = [];
  const exchange = new ExchangeService({
    broker,
    person: person.id,
    adminToken,
    onEmpty: () => undefined,
    house: {
      status: () => ({
        version: 'test',
        pid: 1,
        home: '/home',
        socket: '/socket',
        startedAt: 0,
        durability: 'os' as const,
      }),
      stop: (reason) => stopped.push(reason),
    },
  });
  broker.start();

  const defaults: ConnectionOptions = { client: 'test', version: '1', present: true, seat: true, ringers: [] };

  function party(token: string, options: Partial<ConnectionOptions> = {}): Party {
    const principal = exchange.identify(token);
    const connection = exchange.connect(principal, { ...defaults, ...options });
    return {
      name: broker.views.name(principal.agent ?? ''),
      id: principal.agent ?? '',
      token,
      connection,
      async ask(operation, input, signal = new AbortController().signal) {
        const { output, delivery } = await exchange.ask(connection, operation, input, { signal });
        if (delivery !== undefined) exchange.confirm(connection, [delivery], 'test');
        return output as never;
      },
    };
  }

  async function join(name?: string, options: Partial<ConnectionOptions> = {}): Promise<Party> {
    const stranger = exchange.connect({ role: 'none' }, { ...defaults, present: false, seat: false });
    const { output } = await exchange.ask(
      stranger,
      'register',
      { ...(name !== undefined && { name }) },
      { signal: new AbortController().signal },
    );
    stranger.close(false);
    return party((output as Output<'register'>).token, options);
  }

  return { broker, exchange, clock, archive, journal, record, stopped, party, join, person: () => party(adminToken) };
}
