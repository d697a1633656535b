import { timingSafeEqual } from 'node:crypto';
import type { Broker } from '../broker/broker';
import type { Client } from '../broker/connections';
import { fromStorage } from '../broker/storageErrors';
import { hashToken } from '../broker/tokens';
import { ParleyError } from '../contract/errors';
import { operations, type OperationName, type Permission } from '../contract/operations';
import { offerInput } from '../contract/operations/tools';
import { standByInput, testedInput } from '../contract/ringers';
import type { Change } from '../contract/wire';
import type { AgentId } from '../core/model';
import { adminHandlers, type Housekeeping } from './admin';
import { agentHandlers, registerHandlers, type Around } from './agents';
import { callHandlers } from './calls';
import type { Asked, AskOptions, Connection, ConnectionOptions, Exchange, Principal, Role } from './exchange';
import { governHandlers } from './govern';
import type { Caller, Handlers } from './handler';
import { inboxHandlers } from './inbox';
import { isTooLarge, mostInputBytes } from './inputSize';
import { roomHandlers } from './rooms';
import { rosterHandlers } from './roster';
import { shareHandlers, type Shares } from './shares';
import { storageHandlers } from './storage';
import { taskHandlers } from './tasks';
import { threadHandlers } from './threads';
import { toolHandlers } from './tools';

/** How often a waiting request tells that it still waits (ms). */
const progressEvery = 10_000;

/** Requests of one connection that may be under way at once. */
export const mostRequests = 256;

interface Seated {
  readonly connection: Connection;
  readonly client: Client;
  readonly caller: Caller;
  readonly ends: Set<() => void>;
  requests: number;
}

/** The broker as the doors see it: permission and input are checked here, once for every door. */
export class ExchangeService implements Exchange {
  readonly #broker: Broker;
  readonly #person: AgentId;
  readonly #adminHash: Buffer;
  readonly #handlers: Handlers<OperationName>;
  readonly #seated = new Map<string, Seated>();
  readonly #onEmpty: (empty: boolean) => void;

  constructor(parts: {
    readonly broker: Broker;
    readonly person: AgentId;
    readonly adminToken: string;
    readonly house: Housekeeping;
    /** Absent: nothing can be shared here. */
    readonly shares?: Shares;
    /** Absent: nothing nearby is known here. */
    readonly around?: Around;
    /** Told when the last connection went, and when one came. */
    readonly onEmpty: (empty: boolean) => void;
  }) {
    this.#broker = parts.broker;
    this.#person = parts.person;
    this.#adminHash = Buffer.from(hashToken(parts.adminToken));
    this.#onEmpty = parts.onEmpty;
    this.#handlers = {
      ...registerHandlers(parts.adminToken),
      ...agentHandlers(parts.around),
      ...callHandlers,
      ...threadHandlers,
      ...roomHandlers,
      ...inboxHandlers,
      ...taskHandlers,
      ...toolHandlers,
      ...governHandlers,
      ...rosterHandlers,
      ...storageHandlers,
      ...shareHandlers(parts.shares),
      ...adminHandlers(parts.house),
    };
  }

  identify(token: string | undefined): Principal {
    if (token === undefined || token === '') return { role: 'none' };
    if (timingSafeEqual(Buffer.from(hashToken(token)), this.#adminHash)) return { role: 'admin', agent: this.#person };
    const agent = this.#broker.tokens.find(token);
    if (agent === undefined) throw new ParleyError('unauthorized');
    return { role: 'agent', agent };
  }

  connect(principal: Principal, options: ConnectionOptions): Connection {
    const { connections, attention } = this.#broker;
    const client: Client = {
      id: this.#broker.newId(),
      program: options.client,
      version: options.version,
      agent: principal.agent,
      present: options.present,
      ringers: options.ringers,
      claims: options.seat,
      ring: options.ring,
      useTool: options.useTool,
      told: options.told,
      event: options.event,
      stopping: options.stopping,
      ended: () => {
        options.ended?.();
        this.#close(client.id, false);
      },
    };
    connections.add(client);
    const seat = options.seat && principal.role === 'agent' ? connections.claimSeat(client) : 'none';
    const connection: Connection = {
      id: client.id,
      principal,
      seat,
      close: (dropped = true) => this.#close(client.id, dropped),
    };
    const caller: Caller = { role: principal.role, agent: principal.agent, client };
    this.#seated.set(client.id, { connection, client, caller, ends: new Set(), requests: 0 });
    if (this.#seated.size === 1) this.#onEmpty(false);
    if (seat === 'held' && principal.agent !== undefined) attention.seated(principal.agent);
    if (isAside(client)) {
      attention.aside(client.agent, client);
      this.#broker.tell({ type: 'reach', agent: client.agent });
    }
    if (seat === 'taken' && principal.agent !== undefined) {
      this.#broker.tell({ type: 'seat', agent: principal.agent, program: options.client });
    }
    return connection;
  }

  async ask(connection: Connection, operation: string, input: unknown, options: AskOptions): Promise<Asked> {
    const seated = this.#of(connection);
    const { caller } = seated;
    if (!Object.hasOwn(operations, operation))
      throw new ParleyError('unknown_operation', { operation: operation.slice(0, 64) });
    const name = operation as OperationName;
    const declared = operations[name];
    permit(caller.role, declared.permission);
    const parsed = declared.input.safeParse(input ?? {});
    if (!parsed.success) throw new ParleyError('bad_input', { problem: problemOf(parsed.error.issues) });
    // What is imported becomes no event: it goes into files of its own.
    if (name !== 'import' && isTooLarge(parsed.data)) throw new ParleyError('too_large', { limit: mostInputBytes });
    if (seated.requests >= mostRequests) throw new ParleyError('too_many_requests', { limit: mostRequests });
    if (caller.agent !== undefined) {
      this.#broker.attention.contact(caller.agent);
      if (!seated.client.present && caller.role === 'agent') this.#broker.connections.touch(caller.agent);
    }
    seated.requests++;
    const endProgress = this.#progress(options);
    try {
      // The table says which input belongs to which handler; the union of all of them cannot be told to the compiler.
      const handler = this.#handlers[name] as (...args: unknown[]) => Promise<Asked>;
      const asked = await handler(this.#broker, caller, parsed.data, options);
      // What the handler counted still holds, unless the answer itself tells of some of it.
      if (caller.agent === undefined || asked.delivery === undefined || !('waiting' in asked.output)) return asked;
      const waiting = this.#broker.deliveries.waitingAfter(caller.client, caller.agent, asked.delivery);
      return { ...asked, output: { ...asked.output, waiting } };
    } catch (error) {
      throw fromStorage(error, '');
    } finally {
      seated.requests--;
      endProgress();
    }
  }

  confirm(connection: Connection, deliveries: readonly string[], via: string): void {
    const seated = this.#seated.get(connection.id);
    if (seated && !this.#broker.board.isFailed) this.#broker.deliveries.confirm(seated.client, deliveries, via);
  }

  async offer(connection: Connection, input: unknown): Promise<void> {
    const { client } = this.#of(connection);
    if (client.agent === undefined) throw new ParleyError('forbidden', { needs: 'a registered agent' });
    const parsed = offerInput.safeParse(input ?? {});
    if (!parsed.success) throw new ParleyError('bad_input', { problem: problemOf(parsed.error.issues) });
    const cards = await this.#broker.schemas.offered(parsed.data.tools, this.#broker.board.world.limits);
    // It may be gone by now.
    if (!this.#seated.has(connection.id)) return;
    this.#broker.offers.set(client, cards);
    this.#broker.tell({ type: 'reach', agent: client.agent });
  }

  tested(connection: Connection, input: unknown): void {
    const { client } = this.#of(connection);
    const parsed = testedInput.safeParse(input ?? {});
    if (!parsed.success) throw new ParleyError('bad_input', { problem: problemOf(parsed.error.issues) });
    this.#broker.attention.tested(client, parsed.data.tests);
  }

  standBy(connection: Connection, input: unknown): void {
    const { client, caller } = this.#of(connection);
    if (caller.role !== 'admin') throw new ParleyError('forbidden', { needs: needs.admin });
    const parsed = standByInput.safeParse(input ?? {});
    if (!parsed.success) throw new ParleyError('bad_input', { problem: problemOf(parsed.error.issues) });
    for (const offer of this.#broker.connections.standBys.set(client, parsed.data.agents))
      this.#broker.attention.stoodBy(offer);
  }

  subscribe(connection: Connection): void {
    const { client, caller, ends } = this.#of(connection);
    if (caller.agent === undefined) throw new ParleyError('forbidden', { needs: 'a registered agent' });
    ends.add(this.#broker.listening.subscribe(client, caller.agent));
  }

  follow(connection: Connection, changed: (change: Change) => void): () => void {
    const { caller, ends } = this.#of(connection);
    if (caller.agent === undefined) throw new ParleyError('forbidden', { needs: 'a registered agent' });
    const end = this.#broker.follows.follow(caller.agent, changed);
    ends.add(end);
    return () => {
      ends.delete(end);
      end();
    };
  }

  watch(connection: Connection): void {
    const { client, caller, ends } = this.#of(connection);
    if (caller.role !== 'admin' && caller.role !== 'observer')
      throw new ParleyError('forbidden', { needs: 'an observer or the person' });
    ends.add(this.#broker.watch(client));
  }

  #of(connection: Connection): Seated {
    const seated = this.#seated.get(connection.id);
    if (!seated) throw new ParleyError('broker_gone');
    return seated;
  }

  #close(id: string, dropped: boolean): void {
    const seated = this.#seated.get(id);
    if (!seated) return;
    this.#seated.delete(id);
    for (const end of seated.ends) end();
    this.#broker.deliveries.forget(seated.client);
    this.#broker.uses.forget(seated.client);
    const { agent } = seated.client;
    if (this.#broker.offers.forget(seated.client) && agent !== undefined) this.#broker.tell({ type: 'reach', agent });
    this.#broker.connections.remove(seated.client, dropped);
    for (const offer of this.#broker.connections.standBys.set(seated.client, [])) this.#broker.attention.stoodBy(offer);
    if (isAside(seated.client)) this.#broker.tell({ type: 'reach', agent: seated.client.agent });
    if (this.#seated.size === 0) this.#onEmpty(true);
  }

  #progress({ progress }: AskOptions): () => void {
    if (!progress) return () => undefined;
    let cancel: () => void = () => undefined;
    const next = (): void => {
      cancel = this.#broker.clock.after(progressEvery, () => {
        progress('still waiting');
        next();
      });
    };
    next();
    return () => cancel();
  }
}

const ranks: Readonly<Record<Permission, readonly Role[]>> = {
  none: ['none', 'agent', 'observer', 'admin'],
  agent: ['agent', 'admin'],
  observer: ['agent', 'observer', 'admin'],
  admin: ['admin'],
};

const needs: Readonly<Record<Permission, string>> = {
  none: 'anyone',
  agent: 'a registered agent',
  observer: 'an agent, an observer or the person',
  admin: 'the person',
};

/** @throws `who_are_you` without an identity, `forbidden` with one that may not */
function permit(role: Role, permission: Permission): void {
  if (ranks[permission].includes(role)) return;
  throw role === 'none' ? new ParleyError('who_are_you') : new ParleyError('forbidden', { needs: needs[permission] });
}

function problemOf(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  return issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length > 0 ? `${path.map(String).join('.')}: ${message}` : message))
    .join('; ');
}

/** It can ring its agent without holding its seat. */
function isAside(client: Client): client is Client & { readonly agent: AgentId } {
  return client.agent !== undefined && client.present && !client.claims && client.ringers.length > 0;
}
