import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { ParleyError } from '../../contract/errors';
import { oneLine } from '../../core/text';
import { canResume } from '../../mcp/era';
import type { Exchange, Principal } from '../../operations/exchange';
import { EventStore, type EventLimits } from './eventStore';
import { HttpError } from './httpError';
import { McpSession } from './mcpSession';
import type { McpServers, ServerParts } from './servers';

export interface SessionLimits extends EventLimits {
  /** How long a session lives after its last stream or request, ms. */
  readonly sessionIdle: number;
  /** Sessions at once. Beyond it the one that has been silent for longest ends; `too_many_requests` if none is. */
  readonly sessions: number;
  /** How long a request goes on whose stream broke, so that its client can come back for the answer, ms. */
  readonly resumeGrace: number;
}

/** The sessions of every agent. One belongs to the agent whose token began it, and to no other. */
export class Sessions {
  readonly #parts: {
    readonly exchange: Exchange;
    readonly servers: McpServers;
    readonly server: ServerParts;
    readonly limits: SessionLimits;
    readonly newId: () => string;
  };
  readonly #events: EventStore;
  /** Those that were used last come last. */
  readonly #sessions = new Map<string, McpSession>();

  constructor(parts: {
    readonly exchange: Exchange;
    readonly servers: McpServers;
    readonly server: ServerParts;
    readonly limits: SessionLimits;
    /** Makes ids that cannot be guessed, of letters, digits and dashes. */
    readonly newId: () => string;
  }) {
    this.#parts = parts;
    this.#events = new EventStore(parts.limits);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Streams and requests under way in all of them. */
  get busy(): number {
    return [...this.#sessions.values()].reduce((sum, { busy }) => sum + busy, 0);
  }

  /** Bytes kept for clients that come back. */
  get storedBytes(): number {
    return this.#events.bytes;
  }

  /** A session of another agent is answered like one that is not there. */
  find(id: string | undefined, principal: Principal): McpSession {
    if (id === undefined || id === '') throw new HttpError(400, 'Mcp-Session-Id is missing. Begin with initialize.');
    const session = this.#sessions.get(id);
    if (session === undefined || session.principal.agent !== principal.agent) {
      throw new HttpError(404, 'There is no such session (any more). Begin with initialize.');
    }
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return session;
  }

  /** @throws `bad_input` when something comes with `initialize`, `too_many_requests` when all are in use */
  async begin(messages: readonly JSONRPCMessage[], principal: Principal): Promise<McpSession> {
    const [first] = messages;
    if (messages.length > 1 || !isInitializeRequest(first)) {
      throw new ParleyError('bad_input', { problem: 'initialize comes alone' });
    }
    const { exchange, servers, server, limits, newId } = this.#parts;
    if (this.#sessions.size >= limits.sessions) await this.#makeRoom(principal);
    const { clientInfo, protocolVersion } = first.params;
    const session = new McpSession({
      id: newId(),
      exchange,
      servers,
      server,
      principal,
      client: { name: oneLine(clientInfo.name).slice(0, 64), version: oneLine(clientInfo.version).slice(0, 64) },
      events: this.#events.session(newId().replaceAll('-', '')),
      canResume: canResume(protocolVersion),
      resumeGrace: limits.resumeGrace,
      idle: limits.sessionIdle,
      onEnd: ({ id }) => this.#sessions.delete(id),
    });
    this.#sessions.set(session.id, session);
    await session.start();
    return session;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.end()));
  }

  /** Who opens session after session loses its own first. */
  async #makeRoom({ agent }: Principal): Promise<void> {
    const idle = [...this.#sessions.values()].filter(({ busy }) => busy === 0);
    const oldest = idle.find(({ principal }) => principal.agent === agent) ?? idle[0];
    if (!oldest) throw new ParleyError('too_many_requests', { limit: this.#parts.limits.sessions });
    await oldest.end();
  }
}
