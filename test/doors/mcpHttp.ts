import { createServer, request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { McpDoor, type McpLimits } from '../../src/doors/mcp/mcpDoor';
import { ManualTimers } from '../unit/mcp/manualTimers';
import { FakeExchange } from './mcpFakeExchange';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The JSON-RPC messages in it, whether it was JSON or server-sent events. */
  readonly messages: { id?: unknown; method?: string; result?: any; error?: any; params?: any }[]; // eslint-disable-line @typescript-eslint/no-explicit-any
}

/** A door behind an HTTP server on loopback. */
export class HttpBench {
  readonly door: McpDoor;
  readonly #server;
  readonly sockets = new Set<Socket>();

  constructor(door: McpDoor) {
    this.door = door;
    this.#server = createServer((incoming, response) => void door.handle(incoming, response));
    this.#server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await this.door.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Sends a request and waits for the whole answer; `onStart` is told when its head is there. */
  send(
    method: string,
    headers: OutgoingHttpHeaders,
    body: string | Buffer = '',
    onStart?: (reply: IncomingMessage, socket: Socket) => void,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      // Node refuses a header that is undefined; here it means that there is none.
      const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
      const asking = request({
        host: '127.0.0.1',
        port: this.port,
        path: '/mcp',
        method,
        headers: given,
        agent: false,
      });
      asking.on('error', reject);
      asking.on('response', (reply) => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (chunk: string) => (text += chunk));
        reply.on('error', reject);
        reply.on('end', () => {
          const { statusCode: status = 0, headers: given } = reply;
          resolve({ status, headers: given, body: text, messages: messagesIn(text) });
        });
        reply.on('close', () => reject(new Error('the answer broke off')));
        onStart?.(reply, reply.socket);
      });
      asking.end(body);
    });
  }

  post(message: unknown, session?: string, headers: OutgoingHttpHeaders = {}): Promise<Reply> {
    return this.send('POST', headersOf(session, headers), JSON.stringify(message));
  }

  /** Begins a session for who holds this token and returns its id. */
  async beginWith(token: string, clientName = 'test-client'): Promise<string> {
    const authorization = `Bearer ${token}`;
    const reply = await this.post(initialize(clientName), undefined, { authorization });
    const id = reply.headers['mcp-session-id'];
    if (typeof id !== 'string') throw new Error(`no session: ${reply.status} ${reply.body}`);
    await this.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, id, { authorization });
    return id;
  }
}

/** The door with an exchange and timers that the test moves. */
export class DoorBench extends HttpBench {
  readonly exchange: FakeExchange;
  readonly timers: ManualTimers;
  readonly log: object[];

  constructor(limits: Partial<McpLimits> = {}) {
    const exchange = new FakeExchange();
    const timers = new ManualTimers();
    const log: object[] = [];
    const tell = (what: string, facts: object): void => void log.push({ what, ...facts });
    super(new McpDoor(exchange, { clock: timers, log: tell, version: '1.2.3', limits }));
    this.exchange = exchange;
    this.timers = timers;
    this.log = log;
  }

  /** Begins a session for the agent and returns its id. */
  begin(agent = 'atlas', clientName = 'test-client'): Promise<string> {
    return this.beginWith(`token-of-${agent}`, clientName);
  }
}

export function headersOf(session: string | undefined, more: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: 'Bearer token-of-atlas',
    ...(session !== undefined && { 'mcp-session-id': session }),
    ...more,
  };
}

export function initialize(name = 'test-client', protocolVersion = '2025-11-25'): object {
  return {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion, capabilities: {}, clientInfo: { name, version: '1' } },
  };
}

export function toolCall(id: number | string, name: string, args: object = {}, meta?: object): object {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args, ...(meta && { _meta: meta }) } };
}

function messagesIn(text: string): Reply['messages'] {
  if (text.startsWith('{')) return [JSON.parse(text) as Reply['messages'][number]];
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice(6)) as Reply['messages'][number]);
}
