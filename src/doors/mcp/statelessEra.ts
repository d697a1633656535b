import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createMcpHandler,
  type McpHttpHandler,
  type ServerEvent,
  type ServerEventBus,
} from '@modelcontextprotocol/server';
import { ParleyError } from '../../contract/errors';
import { oneLine } from '../../core/text';
import type { AgentId } from '../../core/model';
import type { McpHost } from '../../mcp/host';
import type { After } from '../../mcp/repeat';
import { parseUri } from '../../mcp/resources';
import { mostSubscriptions, Updates } from '../../mcp/updates';
import type { Connection, Exchange, Principal } from '../../operations/exchange';
import { hostOf } from './host';
import type { ServerParts, StatelessServers } from './servers';
import { goneSignal, webRequest, writeOut } from './webResponse';

export interface StatelessLimits {
  /** How long an agent counts as connected after its last stream or request, ms. */
  readonly sessionIdle: number;
  /** Agents that are served at once: `too_many_requests`. */
  readonly sessions: number;
  /** Requests of one agent under way: `too_many_requests`. */
  readonly requests: number;
  /** Streams of `subscriptions/listen` that one agent may have open: `-32603`. */
  readonly streams: number;
}

export interface StatelessParts {
  readonly exchange: Exchange;
  readonly servers: StatelessServers;
  readonly server: ServerParts;
  readonly limits: StatelessLimits;
}

/**
 * MCP without sessions (2026-07-28). Each request says by its token who it comes from; nothing else in it does. What has to
 * be kept between requests (that the agent is there, and its open streams) is kept by agent.
 */
export class StatelessEra {
  readonly #parts: StatelessParts;
  readonly #visitors = new Map<AgentId, Visitor>();

  constructor(parts: StatelessParts) {
    this.#parts = parts;
  }

  /** Agents that count as connected by their requests here. */
  get size(): number {
    return this.#visitors.size;
  }

  /** Streams and requests under way. */
  get busy(): number {
    return [...this.#visitors.values()].reduce((sum, { busy }) => sum + busy, 0);
  }

  /** @param body the request's body, parsed. @throws `too_many_requests`, `bad_input` */
  async handle(request: IncomingMessage, response: ServerResponse, body: unknown, principal: Principal): Promise<void> {
    const agent = principal.agent ?? '';
    const visitor = this.#visitors.get(agent) ?? this.#arrive(agent, principal, body);
    await visitor.serve(request, response, body);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#visitors.values()].map((visitor) => visitor.end()));
  }

  #arrive(agent: AgentId, principal: Principal, body: unknown): Visitor {
    const { sessions: limit } = this.#parts.limits;
    if (this.#visitors.size >= limit) throw new ParleyError('too_many_requests', { limit });
    const { name, version } = clientOf(body);
    const visitor = new Visitor(this.#parts, principal, { name, version }, () => this.#visitors.delete(agent));
    this.#visitors.set(agent, visitor);
    return visitor;
  }
}

/** One agent that comes without a session: it counts as present until some time after its last request. */
class Visitor {
  readonly #parts: StatelessParts;
  readonly #connection: Connection;
  readonly #bus: VisitorBus;
  /** Both serve the same; what may wait begins its response before it has an answer. */
  readonly #handlers: { readonly atOnce: McpHttpHandler; readonly waiting: McpHttpHandler };
  readonly #onEnd: () => void;
  /** By request: where its server puts what has to be confirmed. */
  readonly #held = new WeakMap<Request, string[]>();
  #busy = 0;
  #cancelIdle: () => void = () => undefined;
  #hasEnded = false;

  constructor(parts: StatelessParts, principal: Principal, client: Client, onEnd: () => void) {
    const { exchange, servers, server, limits } = parts;
    this.#parts = parts;
    this.#onEnd = onEnd;
    // Nothing can be rung through here, so the seat is left to a connection of the agent that can.
    this.#connection = exchange.connect(principal, {
      client: client.name,
      version: client.version,
      present: true,
      seat: false,
      ringers: [],
    });
    const host = hostOf(exchange, this.#connection);
    this.#bus = new VisitorBus(host, server.after);
    const handler = (responseMode: 'auto' | 'sse'): McpHttpHandler =>
      createMcpHandler(
        ({ requestInfo }) => {
          const held = requestInfo && this.#held.get(requestInfo);
          return servers.make(host, { ...server, holds: (delivery) => held?.push(delivery), bus: this.#bus });
        },
        {
          legacy: 'reject',
          responseMode,
          bus: this.#bus,
          maxSubscriptions: limits.streams,
          // Ours, by the clock that is handed in, come from the writer.
          keepAliveMs: 0,
        },
      );
    this.#handlers = { atOnce: handler('auto'), waiting: handler('sse') };
  }

  get busy(): number {
    return this.#busy;
  }

  async serve(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void> {
    const { exchange, server, servers, limits } = this.#parts;
    if (this.#busy >= limits.requests) throw new ParleyError('too_many_requests', { limit: limits.requests });
    const asked = honoured(body);
    this.#busy++;
    this.#cancelIdle();
    const endWatch = this.#bus.watch(asked.uris);
    try {
      const held: string[] = [];
      const asking = webRequest(request, goneSignal(response));
      this.#held.set(asking, held);
      const { atOnce, waiting } = this.#handlers;
      const handler = servers.mayWait(toolOf(body)) ? waiting : atOnce;
      const answer = await handler.fetch(asking, { parsedBody: asked.body });
      const end = await writeOut(answer, response, server.after);
      if (end === 'whole' && held.length > 0) exchange.confirm(this.#connection, held, 'mcp');
    } finally {
      endWatch();
      this.#busy--;
      this.#rest();
    }
  }

  async end(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancelIdle();
    this.#onEnd();
    await Promise.all([this.#handlers.atOnce.close(), this.#handlers.waiting.close()]);
    this.#bus.close();
    this.#connection.close(false);
  }

  #rest(): void {
    if (this.#busy > 0 || this.#hasEnded) return;
    this.#cancelIdle();
    this.#cancelIdle = this.#parts.server.after(this.#parts.limits.sessionIdle, () => void this.end());
  }
}

/** Carries what changes for one agent to its own streams, and to no other's. */
class VisitorBus implements ServerEventBus {
  readonly #updates: Updates;
  readonly #listeners = new Set<(event: ServerEvent) => void>();
  /** How many streams look at a resource. */
  readonly #watched = new Map<string, number>();

  constructor(host: McpHost, after: After) {
    this.#updates = new Updates(host, after, {
      updated: (uri) => this.publish({ kind: 'resource_updated', uri }),
      listChanged: () => this.publish({ kind: 'resources_list_changed' }),
    });
  }

  publish(event: ServerEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  subscribe(listener: (event: ServerEvent) => void): () => void {
    this.#listeners.add(listener);
    this.#updates.begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#updates.pause();
    };
  }

  /** Looks at these resources until the function returned is called. */
  watch(uris: readonly string[]): () => void {
    for (const uri of uris) {
      this.#watched.set(uri, (this.#watched.get(uri) ?? 0) + 1);
      this.#updates.subscribe(uri);
    }
    return () => {
      for (const uri of uris) {
        const left = (this.#watched.get(uri) ?? 1) - 1;
        if (left > 0) this.#watched.set(uri, left);
        else {
          this.#watched.delete(uri);
          this.#updates.unsubscribe(uri);
        }
      }
      if (this.#listeners.size === 0) this.#updates.pause();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#updates.close();
  }
}

interface Client {
  readonly name: string;
  readonly version: string;
}

/** What the client says of itself; a name for the roster and nothing else. */
function clientOf(body: unknown): Client {
  const info = at(body, 'params', '_meta', 'io.modelcontextprotocol/clientInfo');
  const said = (field: string, otherwise: string): string => {
    const value = at(info, field);
    return typeof value === 'string' && value !== '' ? oneLine(value).slice(0, 64) : otherwise;
  };
  return { name: said('name', 'mcp'), version: said('version', '') };
}

/** The tool that is called, or nothing. */
function toolOf(body: unknown): string {
  const name = at(body, 'params', 'name');
  return at(body, 'method') === 'tools/call' && typeof name === 'string' ? name : '';
}

/**
 * A stream's request with those of the resources that there are: what is acknowledged is what is looked at.
 * @throws `bad_input` for more than {@link mostSubscriptions}
 */
function honoured(body: unknown): { readonly body: unknown; readonly uris: readonly string[] } {
  const filter = at(body, 'params', 'notifications');
  const wanted = at(filter, 'resourceSubscriptions');
  if (at(body, 'method') !== 'subscriptions/listen' || !Array.isArray(wanted)) return { body, uris: [] };
  if (wanted.length > mostSubscriptions) {
    throw new ParleyError('bad_input', { problem: `at most ${mostSubscriptions} resources can be subscribed to` });
  }
  const given = wanted as readonly unknown[];
  if (!given.every((uri) => typeof uri === 'string')) return { body, uris: [] };
  const uris = [...new Set(given)].filter((uri) => parseUri(uri) !== undefined);
  const { params } = body as { readonly params: object };
  const notifications = { ...(filter as object), resourceSubscriptions: uris };
  return { body: { ...(body as object), params: { ...params, notifications } }, uris };
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce(
    (inner, name) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}
