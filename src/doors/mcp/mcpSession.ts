import type { ServerResponse } from 'node:http';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { Connection, Exchange, Principal } from '../../operations/exchange';
import type { SessionEvents } from './eventStore';
import { hostOf } from './host';
import type { McpServers, ServerParts, SessionServer } from './servers';
import { SessionTransport } from './sessionTransport';

export interface McpSessionParts {
  readonly id: string;
  readonly exchange: Exchange;
  readonly servers: McpServers;
  readonly server: ServerParts;
  readonly principal: Principal;
  readonly client: { readonly name: string; readonly version: string };
  readonly events: SessionEvents;
  readonly canResume: boolean;
  /** How long a request goes on whose stream broke (ms). */
  readonly resumeGrace: number;
  /** How long it lives without a stream or request (ms). */
  readonly idle: number;
  readonly onEnd: (session: McpSession) => void;
}

/** One client's session: a server, a transport and a connection of the agent, which counts as present while it lasts. */
export class McpSession {
  readonly id: string;
  readonly principal: Principal;
  readonly #parts: McpSessionParts;
  readonly #connection: Connection;
  readonly #transport: SessionTransport;
  readonly #server: SessionServer;
  #busy = 0;
  #cancelIdle: () => void = () => undefined;
  #hasEnded = false;

  constructor(parts: McpSessionParts) {
    const { id, exchange, servers, server, principal, client, events, canResume, resumeGrace } = parts;
    this.id = id;
    this.principal = principal;
    this.#parts = parts;
    const { name, version } = client;
    // Nothing can be rung through here, so the seat is left to a connection of the agent that can.
    this.#connection = exchange.connect(principal, {
      client: name,
      version,
      present: true,
      seat: false,
      ringers: [],
      ended: () => void this.end(),
    });
    this.#transport = new SessionTransport({ sessionId: id, after: server.after, events, canResume, resumeGrace });
    this.#server = servers.session(hostOf(exchange, this.#connection), server);
  }

  /** Streams and requests under way. */
  get busy(): number {
    return this.#busy;
  }

  /** Requests under way. */
  get pending(): number {
    return this.#transport.pending;
  }

  async start(): Promise<void> {
    await this.#server.connect(this.#transport);
    this.#rest();
  }

  post(messages: readonly JSONRPCMessage[], response: ServerResponse): Promise<void> {
    return this.#during(() => this.#transport.post(messages, response));
  }

  /** @throws `stream_gone` */
  get(response: ServerResponse, lastEventId: string | undefined): Promise<void> {
    return this.#during(() => this.#transport.get(response, lastEventId));
  }

  async end(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancelIdle();
    this.#parts.onEnd(this);
    await this.#server.close();
    // It said goodbye, or has been silent for so long that there is no grace left to give.
    this.#connection.close(false);
  }

  async #during(work: () => Promise<void>): Promise<void> {
    this.#busy++;
    this.#cancelIdle();
    try {
      await work();
    } finally {
      this.#busy--;
      this.#rest();
    }
  }

  #rest(): void {
    if (this.#busy > 0 || this.#hasEnded) return;
    this.#cancelIdle();
    this.#cancelIdle = this.#parts.server.after(this.#parts.idle, () => void this.end());
  }
}
