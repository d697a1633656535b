import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isInitializeRequest, JSONRPCMessageSchema, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { ParleyError, errorTexts, toParleyError, type ErrorCode } from '../../contract/errors';
import { oneLine } from '../../core/text';
import { eraOf, sessionRevisions, unsupportedEra } from '../../mcp/era';
import type { After } from '../../mcp/repeat';
import type { Exchange, Principal } from '../../operations/exchange';
import { bearerOf } from '../http';
import { readJson } from './body';
import { McpSession } from './mcpSession';

export interface McpLimits {
  /** Largest body of a POST, bytes: `too_large`. */
  readonly bodyBytes: number;
  /** How long a body may take, ms: `bad_input`. */
  readonly bodyTimeout: number;
  /** How long a session lives after its last stream or request, ms. */
  readonly sessionIdle: number;
  /** Sessions at once: `too_many_requests`. */
  readonly sessions: number;
  /** Requests under way in one session: `too_many_requests`. */
  readonly requests: number;
  /** Messages in one batch: `bad_input`. */
  readonly batch: number;
}

export const mcpLimits: McpLimits = {
  bodyBytes: 4 * 1024 * 1024,
  bodyTimeout: 30_000,
  sessionIdle: 5 * 60_000,
  sessions: 1000,
  requests: 64,
  batch: 100,
};

export interface McpDoorOptions {
  readonly clock: { after(milliseconds: number, run: () => void): () => void };
  readonly log: (what: string, facts: object) => void;
  /** The broker's, as clients are told it. */
  readonly version?: string;
  readonly limits?: Partial<McpLimits>;
}

export function createMcpDoor(exchange: Exchange, options: McpDoorOptions): McpDoor {
  return new McpDoor(exchange, options);
}

/** Answers other than 2xx, beside the statuses of the error codes. */
class HttpError extends Error {
  readonly status: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, body?: object, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.body = body ?? { jsonrpc: '2.0', id: null, error: { code: -32000, message } };
    this.headers = headers;
  }
}

/**
 * MCP over HTTP, revision 2025-11-25 with sessions and its forerunners. Streamable HTTP with server-sent events
 * throughout; a session belongs to the agent whose token began it and to no other.
 */
export class McpDoor {
  readonly #exchange: Exchange;
  readonly #log: McpDoorOptions['log'];
  readonly #version: string;
  readonly #after: After;
  readonly #limits: McpLimits;
  readonly #sessions = new Map<string, McpSession>();

  constructor(exchange: Exchange, { clock, log, version = '0', limits }: McpDoorOptions) {
    this.#exchange = exchange;
    this.#log = log;
    this.#version = version;
    this.#after = (milliseconds, run) => clock.after(milliseconds, run);
    this.#limits = { ...mcpLimits, ...limits };
  }

  /** Sessions that live now. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Streams and requests under way in all of them. */
  get busy(): number {
    return [...this.#sessions.values()].reduce((sum, { busy }) => sum + busy, 0);
  }

  /** Host and Origin MUST have been checked. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch (error) {
      this.#refuse(request, response, error);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.end()));
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const principal = this.#principal(request);
    switch (request.method) {
      case 'POST':
        await this.#post(request, response, principal);
        return;
      case 'GET':
        checkVersion(request);
        accepts(request, 'text/event-stream');
        await this.#session(request, principal).get(response);
        return;
      case 'DELETE':
        checkVersion(request);
        await this.#session(request, principal).end();
        response.writeHead(204).end();
        return;
      default:
        throw new HttpError(405, 'Use POST, GET or DELETE', undefined, { Allow: 'POST, GET, DELETE' });
    }
  }

  async #post(request: IncomingMessage, response: ServerResponse, principal: Principal): Promise<void> {
    const { bodyBytes: limit, bodyTimeout: timeout } = this.#limits;
    const body = await readJson(request, { limit, timeout, after: this.#after });
    const era = eraOf(body);
    if (era.era === 'stateless') throw new HttpError(400, 'unsupported version', unsupportedEra(body, era.version));
    checkVersion(request);
    accepts(request, 'text/event-stream');
    const messages = this.#parse(body);
    const session = messages.some(isInitializeRequest)
      ? await this.#begin(messages, principal)
      : this.#session(request, principal);
    if (session.pending >= this.#limits.requests) {
      throw new ParleyError('too_many_requests', { limit: this.#limits.requests });
    }
    await session.post(messages, response);
  }

  /** Only an agent speaks here: a model never gets the person's part. */
  #principal(request: IncomingMessage): Principal {
    const principal = this.#exchange.identify(bearerOf(request));
    if (principal.role === 'none') throw new ParleyError('who_are_you');
    if (principal.role !== 'agent') throw new ParleyError('forbidden', { needs: 'a registered agent' });
    return principal;
  }

  /** A session of another agent is answered like one that is not there. */
  #session(request: IncomingMessage, principal: Principal): McpSession {
    const id = request.headers['mcp-session-id'];
    if (typeof id !== 'string' || id === '')
      throw new HttpError(400, 'Mcp-Session-Id is missing. Begin with initialize.');
    const session = this.#sessions.get(id);
    if (session?.principal.agent !== principal.agent || session === undefined) {
      throw new HttpError(404, 'There is no such session (any more). Begin with initialize.');
    }
    return session;
  }

  async #begin(messages: readonly JSONRPCMessage[], principal: Principal): Promise<McpSession> {
    const [first] = messages;
    if (messages.length > 1 || !isInitializeRequest(first)) throw badInput('initialize comes alone');
    if (this.#sessions.size >= this.#limits.sessions) {
      throw new ParleyError('too_many_requests', { limit: this.#limits.sessions });
    }
    const { clientInfo } = first.params;
    const session = new McpSession({
      id: randomUUID(),
      exchange: this.#exchange,
      principal,
      client: { name: oneLine(clientInfo.name).slice(0, 64), version: oneLine(clientInfo.version).slice(0, 64) },
      version: this.#version,
      after: this.#after,
      idle: this.#limits.sessionIdle,
      onEnd: ({ id }) => this.#sessions.delete(id),
      onError: (error) => this.#log('mcp error', { error: error.message }),
    });
    this.#sessions.set(session.id, session);
    await session.start();
    return session;
  }

  #parse(body: unknown): JSONRPCMessage[] {
    const list = Array.isArray(body) ? (body as unknown[]) : [body];
    if (list.length === 0 || list.length > this.#limits.batch) {
      throw badInput(`a batch has 1 to ${this.#limits.batch} messages`);
    }
    return list.map((item) => {
      const parsed = JSONRPCMessageSchema.safeParse(item);
      if (!parsed.success) throw badInput('not a JSON-RPC 2.0 message');
      return parsed.data;
    });
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const { status, body, headers } = error instanceof HttpError ? error : this.#asHttp(error);
    const text = JSON.stringify(body);
    // What is left of a body that was not read is not waited for.
    const rest = request.complete ? {} : { Connection: 'close' };
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
      ...rest,
      ...headers,
    });
    response.end(text);
    if (!request.complete) request.resume();
  }

  #asHttp(error: unknown): HttpError {
    const known = toParleyError(error);
    const { code, facts, message } = known;
    if (code === 'internal') this.#log('mcp error', { error: String(known.cause) });
    const rpc = rpcCodes[code] ?? -32000;
    const body = { jsonrpc: '2.0', id: null, error: { code: rpc, message, data: { code, facts } } };
    return new HttpError(errorTexts[code].status, message, body);
  }
}

/** Codes of JSON-RPC for what JSON-RPC itself has words for. */
const rpcCodes: Partial<Record<ErrorCode, number>> = { bad_input: -32600, internal: -32603 };

function badInput(problem: string): ParleyError {
  return new ParleyError('bad_input', { problem });
}

/** Absent is fine: VS Code never sends it. */
function checkVersion(request: IncomingMessage): void {
  const version = request.headers['mcp-protocol-version'];
  if (version === undefined || (sessionRevisions as readonly unknown[]).includes(version)) return;
  throw new HttpError(400, 'unsupported version', unsupportedEra(undefined, String(version)));
}

function accepts(request: IncomingMessage, type: string): void {
  const { accept } = request.headers;
  if (accept === undefined || accept.includes(type) || accept.includes('*/*')) return;
  throw new HttpError(406, `Accept must include ${type}`);
}
