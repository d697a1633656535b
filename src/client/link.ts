import * as net from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { ParleyError, fromWire } from '../contract/errors';
import {
  doorPaths,
  rpcMethods,
  type BrokerRecord,
  type Change,
  type Hello,
  type RingAnswer,
  type RingRequest,
  type Told,
  type ToolAnswer,
  type ToolRequest,
  type Watched,
  type Welcome,
  type WireError,
} from '../contract/wire';
import type { Clock } from './clock';
import {
  RpcError,
  RpcPeer,
  rpcErrorCodes,
  type RpcHandlers,
  type RequestOptions,
  type RpcCall,
} from '../transport/rpcPeer';

/** A broker that does not answer the hello for this long hangs. Milliseconds. */
export const helloTimeout = 5000;
/** The largest frame that is taken, in bytes. */
const maxFrameBytes = 64 * 1024 * 1024;
/** How long a closing handshake may take before the socket is cut. Milliseconds. */
const closeTimeout = 500;

/** What comes over a link unasked. */
export interface LinkEvents {
  told(told: Told): void;
  event(watched: Watched): void;
  changed?(change: Change): void;
  ring(request: RingRequest): Promise<RingAnswer>;
  useTool(request: ToolRequest, call: RpcCall): Promise<ToolAnswer>;
  stopping(reason: string): void;
  /** The link is gone; called once, and never after `close`. */
  lost(): void;
}

/** One connection to one broker that has answered the hello. It is not mended: a lost link is replaced by another. */
export class Link {
  readonly welcome: Welcome;
  readonly record: BrokerRecord;
  readonly #peer: RpcPeer;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  #open = true;

  private constructor(welcome: Welcome, record: BrokerRecord, peer: RpcPeer, socket: WebSocket, clock: Clock) {
    this.welcome = welcome;
    this.record = record;
    this.#peer = peer;
    this.#socket = socket;
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /**
   * Connects, authenticates and says hello.
   * @throws `broker_gone` when nobody listens there, `broker_hangs` after {@link helloTimeout}, `unauthorized`,
   *   `protocol_mismatch`, `socket_folder_denied`, and what else the broker answers
   */
  static async open(
    record: BrokerRecord,
    token: string | undefined,
    hello: Hello,
    events: LinkEvents,
    clock: Clock,
  ): Promise<Link> {
    // VS Code routes an extension's requests through its proxy settings, except those to a socket. Ours names one, with a
    // path that fits into an address; `createConnection` takes the real one, whatever characters it has.
    let stream: net.Socket | undefined;
    const socket = new WebSocket(`ws+unix:///broker:${doorPaths.rpc}`, {
      createConnection: () => (stream = net.connect(record.socket)),
      ...(token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }),
      perMessageDeflate: false,
      maxPayload: maxFrameBytes,
      skipUTF8Validation: true,
    });
    let stopClock = (): void => undefined;
    const hangs = new Promise<never>((_, reject) => {
      stopClock = clock.after(helloTimeout, () => reject(new ParleyError('broker_hangs', { pid: record.pid })));
    });
    try {
      await Promise.race([opened(socket, record), hangs]);
      const peer = peerOver(socket, events, stream);
      const made: { link?: Link } = {};
      // A frame that cannot be written closes the socket as well: `close` is where a link ends.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        const wasOpen = made.link?.end() ?? false;
        if (wasOpen) events.lost();
      });
      const welcome = await Promise.race([
        peer.request(rpcMethods.hello, { ...hello, batches: true }) as Promise<Welcome>,
        hangs,
      ]);
      if (welcome.batches) peer.batch();
      made.link = new Link(welcome, record, peer, socket, clock);
      return made.link;
    } catch (error) {
      socket.on('error', () => undefined);
      socket.terminate();
      throw asParleyError(error);
    } finally {
      stopClock();
    }
  }

  /** @throws ParleyError; `broker_gone` when the link went while the request waited */
  async request<R>(method: string, input: object | undefined, options?: RequestOptions): Promise<R> {
    try {
      return (await this.#peer.request(method, input, options)) as R;
    } catch (error) {
      throw asParleyError(error);
    }
  }

  /** Marks the end; returns whether the link was open until now. */
  private end(): boolean {
    const wasOpen = this.#open;
    this.#open = false;
    return wasOpen;
  }

  close(): void {
    if (!this.end()) return;
    // 1000 is goodbye: the agent counts as gone at once. Every other end may be followed by a return.
    this.#peer.close(1000);
    const stop = this.#clock.after(closeTimeout, () => this.#socket.terminate());
    this.#socket.once('close', stop);
  }
}

/** Resolves when the WebSocket stands. */
function opened(socket: WebSocket, record: BrokerRecord): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const denied = error.code === 'EACCES' || error.code === 'EPERM';
      const facts = { folder: record.socket, problem: error.code ?? '' };
      reject(
        denied
          ? new ParleyError('socket_folder_denied', facts, { cause: error })
          : new ParleyError('broker_gone', {}, { cause: error }),
      );
    });
    socket.once('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (body = (body + part).slice(0, 64 * 1024)));
      response.on('end', () => reject(refusedUpgrade(response.statusCode ?? 0, body)));
    });
  });
}

/** The door refuses an upgrade with the wire's own error as its body, else the status has to do. */
function refusedUpgrade(status: number, body: string): ParleyError {
  try {
    const answer = JSON.parse(body) as { error?: unknown };
    const wire = answer.error ?? answer;
    if (isWireError(wire)) return fromWire(wire);
  } catch {
    // No JSON: see below.
  }
  return new ParleyError(status === 401 ? 'unauthorized' : status === 429 ? 'too_many_requests' : 'broker_gone');
}

function isWireError(value: unknown): value is WireError {
  if (typeof value !== 'object' || value === null) return false;
  const { code, facts } = value as { code?: unknown; facts?: unknown };
  return typeof code === 'string' && typeof facts === 'object' && facts !== null;
}

/** The local form of what the rpc layer throws. */
function asParleyError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  if (error instanceof RpcError) {
    if (isWireError(error.data)) return fromWire(error.data);
    if (error.code === rpcErrorCodes.methodNotFound) {
      return new ParleyError('unknown_operation', { operation: error.message });
    }
    return new ParleyError('internal', {}, { cause: error });
  }
  return new ParleyError('broker_gone', {}, { cause: error });
}

/** Takes up what comes unasked. */
function peerOver(socket: WebSocket, events: LinkEvents, stream: Duplex | undefined): RpcPeer {
  const handlers: RpcHandlers = {
    request(method, params, call) {
      if (method === rpcMethods.ring) return events.ring(params as RingRequest);
      if (method === rpcMethods.useTool) return events.useTool(params as ToolRequest, call);
      throw new RpcError(rpcErrorCodes.methodNotFound, method);
    },
    refusal: (error) => new RpcError(rpcErrorCodes.internal, error instanceof Error ? error.message : 'failed'),
    notification(method, params) {
      if (method === rpcMethods.told) events.told(params as Told);
      else if (method === rpcMethods.event) events.event(params as Watched);
      else if (method === rpcMethods.changed) events.changed?.(params as Change);
      else if (method === rpcMethods.stopping) events.stopping((params as { reason?: string }).reason ?? '');
    },
    broken: () => socket.terminate(),
  };
  return new RpcPeer(socket, handlers, stream && { stream, isServer: false });
}
