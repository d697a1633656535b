import type { ServerResponse } from 'node:http';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { McpServer, type McpHost } from '../../mcp/server';
import type { After } from '../../mcp/repeat';
import { wordsBudget } from '../../mcp/text';
import type { Connection, Exchange, Principal } from '../../operations/exchange';
import { SessionTransport } from './sessionTransport';

export interface McpSessionParts {
  readonly id: string;
  readonly exchange: Exchange;
  readonly principal: Principal;
  readonly client: { readonly name: string; readonly version: string };
  readonly version: string;
  readonly after: After;
  /** How long it lives without a stream or request (ms). */
  readonly idle: number;
  readonly onEnd: (session: McpSession) => void;
  readonly onError: (error: Error) => void;
}

/** One client's session: a server, a transport and a connection of the agent, which counts as present while it lasts. */
export class McpSession {
  readonly id: string;
  readonly principal: Principal;
  readonly #parts: McpSessionParts;
  readonly #connection: Connection;
  readonly #transport: SessionTransport;
  readonly #server: McpServer;
  #busy = 0;
  #cancelIdle: () => void = () => undefined;
  #hasEnded = false;

  constructor(parts: McpSessionParts) {
    const { exchange, principal, client } = parts;
    this.id = parts.id;
    this.principal = principal;
    this.#parts = parts;
    const { name, version } = client;
    // Nothing can be rung through here, so the seat is left to a connection of the agent that can.
    this.#connection = exchange.connect(principal, { client: name, version, present: true, seat: false, ringers: [] });
    this.#transport = new SessionTransport(parts.id, parts.after);
    this.#server = new McpServer(this.#host(), { version: parts.version, after: parts.after, onError: parts.onError });
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

  get(response: ServerResponse): Promise<void> {
    return this.#during(() => this.#transport.get(response));
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

  #host(): McpHost {
    const { exchange } = this.#parts;
    return {
      ask: (operation, input, { signal }) =>
        exchange.ask(this.#connection, operation, input, { signal, budget: wordsBudget }),
      confirm: (delivery) => exchange.confirm(this.#connection, [delivery], 'mcp'),
    };
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
    this.#cancelIdle = this.#parts.after(this.#parts.idle, () => void this.end());
  }
}
