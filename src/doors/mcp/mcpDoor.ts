import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isInitializeRequest, JSONRPCMessageSchema, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { ParleyError } from '../../contract/errors';
import { eraOf, sessionRevisions, statelessRevisions, unsupportedEra } from '../../mcp/era';
import type { After } from '../../mcp/repeat';
import { McpServer } from '../../mcp/server';
import type { Exchange, Principal } from '../../operations/exchange';
import { bearerOf } from '../http';
import { readJson } from './body';
import { eventLimits } from './eventStore';
import { HttpError, toHttpError } from './httpError';
import type { McpServers, ServerParts } from './servers';
import { Sessions, type SessionLimits } from './sessions';
import type { StatelessEra, StatelessLimits } from './statelessEra';

export interface McpLimits extends SessionLimits, StatelessLimits {
  /** Largest body of a POST, bytes: `too_large`. */
  readonly bodyBytes: number;
  /** How long a body may take, ms: `bad_input`. */
  readonly bodyTimeout: number;
  /** Requests under way in one session, or of one agent without any: `too_many_requests`. */
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
  streams: 8,
  resumeGrace: 10_000,
  ...eventLimits,
};

/** How long what is left of a refused body is read and dropped, so that its client sees the answer, ms. */
const restOfBody = 2000;

export interface McpDoorOptions {
  readonly clock: { after(milliseconds: number, run: () => void): () => void };
  readonly log: (what: string, facts: object) => void;
  /** The broker's, as clients are told it. */
  readonly version?: string;
  readonly limits?: Partial<McpLimits>;
  /** What answers behind the door: Parley's tools, unless a test brings its own. */
  readonly servers?: McpServers;
  readonly newId?: () => string;
}

/** Parley itself: the same tools, resources and prompts in both eras. */
const parleyServers: McpServers = {
  session: (host, parts) => new McpServer(host, parts),
  stateless: async () => {
    const [{ statelessServer }, { mayWait }] = await Promise.all([
      import('../../mcp/statelessServer'),
      import('../../mcp/toolCalls'),
    ]);
    return { make: statelessServer, mayWait };
  },
};

export function createMcpDoor(exchange: Exchange, options: McpDoorOptions): McpDoor {
  return new McpDoor(exchange, options);
}

/**
 * MCP over HTTP in both eras on one path: with sessions (2025-11-25 and its forerunners) and without (2026-07-28), told
 * apart by each request. Who asks is what the token says, in either.
 */
export class McpDoor {
  readonly #exchange: Exchange;
  readonly #log: McpDoorOptions['log'];
  readonly #after: After;
  readonly #limits: McpLimits;
  readonly #servers: McpServers;
  readonly #server: ServerParts;
  readonly #sessions: Sessions;
  #stateless: Promise<StatelessEra> | undefined;
  /** The same, once it is loaded. */
  #loaded: StatelessEra | undefined;

  constructor(exchange: Exchange, options: McpDoorOptions) {
    const { clock, log, version = '0', limits, servers = parleyServers, newId = randomUUID } = options;
    this.#exchange = exchange;
    this.#log = log;
    this.#after = (milliseconds, run) => clock.after(milliseconds, run);
    this.#limits = { ...mcpLimits, ...limits };
    this.#servers = servers;
    this.#server = {
      version,
      after: this.#after,
      onError: (error) => this.#log('mcp error', { error: error.message }),
    };
    this.#sessions = new Sessions({ exchange, servers, server: this.#server, limits: this.#limits, newId });
  }

  /** Sessions that live now, and agents that are here without one. */
  get size(): number {
    return this.#sessions.size + (this.#loaded?.size ?? 0);
  }

  /** Streams and requests under way. */
  get busy(): number {
    return this.#sessions.busy + (this.#loaded?.busy ?? 0);
  }

  /** Bytes kept for clients that come back for what they missed. */
  get storedBytes(): number {
    return this.#sessions.storedBytes;
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
    await this.#sessions.close();
    // One that is being loaded just now has somebody who waits for it.
    await (await this.#stateless?.catch(() => undefined))?.close();
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const principal = this.#principal(request);
    if (request.method === 'POST') {
      await this.#post(request, response, principal);
      return;
    }
    const hasSessions = !isStateless(headerOf(request, 'mcp-protocol-version'));
    if (hasSessions && (request.method === 'GET' || request.method === 'DELETE')) {
      checkVersion(request);
      if (request.method === 'GET') accepts(request, 'text/event-stream');
      const session = this.#sessions.find(headerOf(request, 'mcp-session-id'), principal);
      if (request.method === 'GET') {
        await session.get(response, headerOf(request, 'last-event-id'));
        return;
      }
      await session.end();
      response.writeHead(204).end();
      return;
    }
    const allowed = hasSessions ? 'POST, GET, DELETE' : 'POST';
    throw new HttpError(405, `Use ${allowed}`, undefined, { Allow: allowed });
  }

  async #post(request: IncomingMessage, response: ServerResponse, principal: Principal): Promise<void> {
    const { bodyBytes: limit, bodyTimeout: timeout } = this.#limits;
    const body = await readJson(request, { limit, timeout, after: this.#after });
    if (eraOf(body, headerOf(request, 'mcp-protocol-version')).era === 'stateless') {
      await (await this.#withoutSessions()).handle(request, response, body, principal);
      return;
    }
    checkVersion(request);
    accepts(request, 'text/event-stream');
    const messages = this.#parse(body);
    if (messages.some(isBadInitialize)) throw badInput('initialize needs protocolVersion, capabilities and clientInfo');
    const session = messages.some(isInitializeRequest)
      ? await this.#sessions.begin(messages, principal)
      : this.#sessions.find(headerOf(request, 'mcp-session-id'), principal);
    if (session.pending >= this.#limits.requests) {
      throw new ParleyError('too_many_requests', { limit: this.#limits.requests });
    }
    await session.post(messages, response);
  }

  /** The other SDK is loaded when somebody needs it. */
  #withoutSessions(): Promise<StatelessEra> {
    this.#stateless ??= Promise.all([import('./statelessEra'), this.#servers.stateless()]).then(
      ([{ StatelessEra }, servers]) => {
        this.#loaded = new StatelessEra({
          exchange: this.#exchange,
          servers,
          server: this.#server,
          limits: this.#limits,
        });
        return this.#loaded;
      },
    );
    return this.#stateless;
  }

  /** Only an agent speaks here: a model never gets the person's part. */
  #principal(request: IncomingMessage): Principal {
    const principal = this.#exchange.identify(bearerOf(request));
    if (principal.role === 'none') throw new ParleyError('who_are_you');
    if (principal.role !== 'agent') throw new ParleyError('forbidden', { needs: 'a registered agent' });
    return principal;
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
    const onInternal = (cause: unknown): void => this.#log('mcp error', { error: String(cause) });
    const { status, body, headers } = toHttpError(error, onInternal);
    const text = JSON.stringify(body);
    // What is left of a body that was not read is not waited for, but for as long as its client needs to see that.
    const rest = request.complete ? {} : { Connection: 'close' };
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
      ...rest,
      ...headers,
    });
    response.write(text);
    if (request.complete) {
      response.end();
      return;
    }
    // A connection that closes under a client that is still writing takes the answer with it.
    const end = (): void => {
      cancel();
      response.end();
    };
    const cancel = this.#after(restOfBody, end);
    request.once('end', end);
    request.once('close', end);
    request.resume();
  }
}

function badInput(problem: string): ParleyError {
  return new ParleyError('bad_input', { problem });
}

/** It would begin a session, if it were of the right form. */
const isBadInitialize = (message: JSONRPCMessage): boolean =>
  'method' in message && message.method === 'initialize' && !isInitializeRequest(message);

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

const isStateless = (version: string | undefined): boolean =>
  (statelessRevisions as readonly (string | undefined)[]).includes(version);

/** Absent is fine: VS Code never sends it. */
function checkVersion(request: IncomingMessage): void {
  const version = headerOf(request, 'mcp-protocol-version');
  if (version === undefined || (sessionRevisions as readonly string[]).includes(version)) return;
  const supported = [...statelessRevisions, ...sessionRevisions];
  throw new HttpError(400, 'unsupported version', unsupportedEra(undefined, version, supported));
}

function accepts(request: IncomingMessage, type: string): void {
  const { accept } = request.headers;
  if (accept === undefined || accept.includes(type) || accept.includes('*/*')) return;
  throw new HttpError(406, `Accept must include ${type}`);
}
