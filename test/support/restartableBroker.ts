import { monotonicFactory } from 'ulid';
import { Broker } from '../../src/broker/broker';
import type { Client } from '../../src/broker/connections';
import { hashToken } from '../../src/broker/tokens';
import { register } from '../../src/core/agents';
import { apply } from '../../src/core/apply';
import { fromCheckpoint, toCheckpoint, type Checkpoint } from '../../src/core/checkpoint';
import type { DurableEvent } from '../../src/core/events';
import type { Agent } from '../../src/core/model';
import type { Limits } from '../../src/core/limits';
import { emptyState, type State } from '../../src/core/state';
import type { Connection } from '../../src/operations/exchange';
import type { Caller } from '../../src/operations/handler';
import { ExchangeService } from '../../src/operations/service';
import type { Clock } from '../../src/store/clock';
import { MemoryArchive } from './memoryArchive';

/** A clock whose timers run one after the other, in their order, when it is turned. */
class TurnedClock implements Clock {
  time: number;
  #timers: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;

  constructor(now: number) {
    this.time = now;
  }

  readonly now = (): number => this.time;

  readonly monotonic = (): number => this.time;

  readonly after = (milliseconds: number, run: () => void): (() => void) => {
    const timer = { at: this.time + milliseconds, order: this.#order++, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  };

  turnTo(end: number): void {
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = end;
  }

  /** The process is gone, and its timers with it. */
  forget(): void {
    this.#timers = [];
  }
}

/**
 * The broker behind its operations with everything real but the disk, the index and time, that can be crashed: what was
 * journaled is kept, and the next one is built from it, or from a checkpoint and the rest.
 */
export class RestartableBroker {
  readonly clock: TurnedClock;
  /** Everything that is on disk. */
  readonly journal: DurableEvent[] = [];
  broker!: Broker;
  /** While it is set nothing reaches the disk. */
  isHeld = false;
  readonly #limits: Limits;
  readonly #newId = monotonicFactory();
  readonly #connections = new Map<string, Connection>();
  #archive = new MemoryArchive();
  #exchange!: ExchangeService;
  #queued: DurableEvent[] = [];
  #waiters: { readonly offset: number; readonly resolve: () => void }[] = [];
  #checkpoint: { readonly text: string; readonly events: number } | undefined;

  constructor(limits: Limits, now: number) {
    this.#limits = limits;
    this.clock = new TurnedClock(now);
    this.#boot(emptyState('01BROKER'), []);
  }

  get state(): State {
    return this.broker.state;
  }

  /** Signs somebody on, without a connection; answers the id. */
  register(name: string, kind: 'agent' | 'human', capabilities: readonly string[] = []): string {
    const agent = { name, kind, card: { capabilities }, tokenHash: hashToken(name), nameSeed: 0 };
    return this.broker.board.run((step) => register(step, agent)).id;
  }

  /** Signs somebody on who chose no name. */
  registerGenerated(): Agent {
    return this.broker.board.run((step) => register(step, { kind: 'agent', tokenHash: 'none', nameSeed: 3 }));
  }

  connect(id: string, isPerson: boolean): void {
    const options = { client: 'test', version: '1', present: true, seat: true, ringers: [] };
    const principal = { role: isPerson ? ('admin' as const) : ('agent' as const), agent: id };
    this.#connections.set(id, this.#exchange.connect(principal, options));
  }

  disconnect(id: string, dropped: boolean): void {
    this.#connections.get(id)?.close(dropped);
    this.#connections.delete(id);
  }

  /** Asks over the agent's connection; what the answer held is confirmed unless `keeps` says that it got lost. */
  async ask(id: string, operation: string, input: object, keeps = true): Promise<object> {
    const connection = this.#connections.get(id);
    if (!connection) throw new Error(`${id} is not connected`);
    const { signal } = new AbortController();
    const { output, delivery } = await this.#exchange.ask(connection, operation, input, { signal });
    if (delivery !== undefined && keeps) this.#exchange.confirm(connection, [delivery], 'test');
    return output;
  }

  /** Asks as somebody who brings no token. */
  async askAsStranger(operation: string, input: object): Promise<object> {
    const options = { client: 'test', version: '1', present: false, seat: false, ringers: [] };
    const stranger = this.#exchange.connect({ role: 'none' }, options);
    const { output } = await this.#exchange.ask(stranger, operation, input, { signal: new AbortController().signal });
    stranger.close(false);
    return output;
  }

  /** Who this token is. @throws `unauthorized` */
  agentWith(token: string): string | undefined {
    const principal = this.#exchange.identify(token);
    return 'agent' in principal ? principal.agent : undefined;
  }

  /** Somebody who looks without being there: nothing that it is shown counts. */
  onlooker(id: string, role: 'agent' | 'admin'): Caller {
    const client: Client = {
      id: 'onlooker', program: 'test', version: '1', agent: id, present: false, ringers: [], claims: false,
    }; // prettier-ignore
    return { role, agent: id, client };
  }

  forget(onlooker: Caller): void {
    this.broker.deliveries.forget(onlooker.client);
  }

  /** From here the next start begins, and reads the events after it. */
  keepCheckpoint(): void {
    this.#sync();
    this.#checkpoint = { text: JSON.stringify(toCheckpoint(this.state)), events: this.journal.length };
  }

  /** The process is gone. `isOnDisk`: what was queued had been written; else it is lost with the process. */
  crash(isOnDisk: boolean): void {
    if (isOnDisk) this.#sync();
    this.#queued = [];
    this.#waiters = [];
    this.isHeld = false;
    this.#connections.clear();
    this.clock.forget();
    this.broker.stop();
  }

  /** Starts again from what is on disk. */
  start(): void {
    const kept = this.#checkpoint && fromCheckpoint(JSON.parse(this.#checkpoint.text) as Checkpoint);
    const replayed = this.journal.slice(kept ? (this.#checkpoint?.events ?? 0) : 0);
    const state = kept ?? emptyState('01BROKER');
    for (const event of replayed) apply(state, event);
    this.#archive = new MemoryArchive();
    for (const event of this.journal) this.#archive.follow(event);
    this.#boot(state, replayed);
    this.broker.start();
  }

  #boot(state: State, replayed: readonly DurableEvent[]): void {
    const queue = (events: readonly DurableEvent[], lazy: boolean): void => {
      // Through JSON, as on the disk: nothing may live on shared objects.
      this.#queued.push(...(JSON.parse(JSON.stringify(events)) as DurableEvent[]));
      if (!lazy && !this.isHeld) this.#sync();
    };
    const durable = (offset: number): Promise<void> => {
      if (!this.isHeld) this.#sync();
      if (offset <= durableOffset()) return Promise.resolve();
      return new Promise((resolve) => this.#waiters.push({ offset, resolve }));
    };
    const durableOffset = (): number => this.journal.at(-1)?.offset ?? 0;
    const record = {
      refusal: undefined,
      busy: undefined,
      get durableOffset() {
        return durableOffset();
      },
      append: (events: readonly DurableEvent[], options: { readonly lazy?: boolean } = {}) =>
        queue(events, options.lazy === true),
      durable,
    };
    const { clock } = this;
    this.broker = new Broker({
      state,
      replayed,
      record,
      archive: this.#archive,
      clock,
      limits: this.#limits,
      newId: () => this.#newId(),
      log: () => undefined,
      onFailure: (error) => {
        throw error;
      },
    });
    const status = (): never => {
      throw new Error('nobody asks');
    };
    this.#exchange = new ExchangeService({
      broker: this.broker,
      person: '',
      adminToken: 'nobody uses it',
      onEmpty: () => undefined,
      house: { status, stop: () => undefined },
    });
  }

  #sync(): void {
    for (const event of this.#queued.splice(0)) {
      this.journal.push(event);
      this.#archive.follow(event);
    }
    const last = this.journal.at(-1)?.offset ?? 0;
    const done = this.#waiters.filter(({ offset }) => offset <= last);
    this.#waiters = this.#waiters.filter(({ offset }) => offset > last);
    for (const { resolve } of done) resolve();
  }
}
