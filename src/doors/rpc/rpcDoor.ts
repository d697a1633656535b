import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import * as z from 'zod';
import { ParleyError, errorTexts, say, toParleyError, toWire } from '../../contract/errors';
import { operationNames } from '../../contract/operations';
import {
  oldestProtocol,
  protocol,
  rpcMethods,
  type RingAnswer,
  type RingRequest,
  type Told,
  type ToolProgress,
  type ToolRequest,
  type Watched,
  type Welcome,
} from '../../contract/wire';
import type { AskOptions, Connection, Exchange, Principal } from '../../operations/exchange';
import { RpcError, RpcPeer, rpcErrorCodes, type RpcCall } from '../../transport/rpcPeer';
import { bearerOf, checkHostAndOrigin } from '../http';

/** JSON-RPC error code of every ParleyError; which one it is stands in `data`. */
const parleyErrorCode = -32000;
/** A client with more than this unsent (bytes) is cut off: it reconnects and goes on from its position. */
const mostUnsent = 16 * 1024 * 1024;

export interface RpcLimits {
  /** Largest frame, bytes. */
  readonly frameBytes: number;
  /** How long a connection may be silent before its hello, ms. */
  readonly helloTimeout: number;
}

export const rpcLimits: RpcLimits = { frameBytes: 4 * 1024 * 1024, helloTimeout: 10_000 };

/** What the door says of the broker in its welcome. */
export interface RpcIdentity {
  readonly version: string;
  readonly build: number;
  readonly broker: string;
  offset(): number;
  agentName(id: string): string | undefined;
}

const helloInput = z.object({
  client: z.string().max(64),
  version: z.string().max(64),
  protocol: z.number().int(),
  seat: z.boolean(),
  ringers: z.array(z.string().max(32)).max(16),
  present: z.boolean(),
  budget: z.number().int().min(1024).optional(),
  batches: z.boolean().optional(),
});

export interface RpcDoorParts {
  readonly exchange: Exchange;
  readonly identity: RpcIdentity;
  readonly log: (what: string, facts: object) => void;
  readonly after: (milliseconds: number, run: () => void) => () => void;
  readonly limits?: RpcLimits;
}

/** One connection. */
interface Session {
  readonly socket: WebSocket;
  readonly principal: Principal;
  readonly peer: RpcPeer;
  /** Undefined before the hello. */
  connection: Connection | undefined;
  budget: number | undefined;
  endFollow: () => void;
  readonly cancelHello: () => void;
}

const pushMethods: ReadonlySet<string> = new Set([
  rpcMethods.subscribe,
  rpcMethods.watch,
  rpcMethods.follow,
  rpcMethods.offer,
  rpcMethods.tested,
  rpcMethods.standBy,
]);
const operationSet: ReadonlySet<string> = new Set(operationNames);

/** JSON-RPC over WebSocket: every operation is a method, besides the few of {@link rpcMethods}. */
export class RpcDoor {
  readonly #parts: RpcDoorParts;
  readonly #limits: RpcLimits;
  readonly #server: WebSocketServer;
  readonly #sessions = new Set<Session>();

  constructor(parts: RpcDoorParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? rpcLimits;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: this.#limits.frameBytes,
      perMessageDeflate: false,
    });
  }

  /** Takes an upgrade to {@link doorPaths.rpc}; refuses it before 101 when the token is not known. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => undefined);
    let principal: Principal;
    try {
      checkHostAndOrigin(request);
      principal = this.#parts.exchange.identify(bearerOf(request));
    } catch (error) {
      refuseUpgrade(socket, error);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#serve(webSocket, socket, principal));
  }

  /** Ends every connection; the clients come back by themselves. */
  close(): void {
    for (const { peer } of this.#sessions) peer.close(1012);
    this.#server.close();
  }

  /** Cuts what has not closed by itself. */
  terminate(): void {
    for (const { socket } of this.#sessions) socket.terminate();
  }

  #serve(socket: WebSocket, stream: Duplex, principal: Principal): void {
    const session: Session = {
      socket,
      principal,
      connection: undefined,
      budget: undefined,
      endFollow: () => undefined,
      cancelHello: this.#parts.after(this.#limits.helloTimeout, () => socket.close(1008, 'no hello')),
      peer: new RpcPeer(
        socket,
        {
          request: (method, params, call) => this.#answer(session, method, params, call),
          refusal: rpcErrorOf,
          notification: () => undefined,
          broken: () => socket.close(1007, 'not a JSON-RPC message'),
        },
        { stream, isServer: true },
      ),
    };
    this.#sessions.add(session);
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      session.cancelHello();
      this.#sessions.delete(session);
      // 1000 and 1001: it said goodbye. Everything else may come back within the grace.
      session.connection?.close(code !== 1000 && code !== 1001);
    });
  }

  #answer(session: Session, method: string, params: unknown, call: RpcCall): unknown {
    const { exchange } = this.#parts;
    if (method === rpcMethods.hello) return this.#welcome(session, params);
    if (!operationSet.has(method) && !pushMethods.has(method)) {
      throw new RpcError(rpcErrorCodes.methodNotFound, method.slice(0, 64));
    }
    const { connection, budget } = session;
    if (!connection) throw new ParleyError('bad_input', { problem: 'say hello first' });
    if (method === rpcMethods.subscribe) exchange.subscribe(connection);
    else if (method === rpcMethods.watch) exchange.watch(connection);
    else if (method === rpcMethods.follow) this.#follow(session, connection);
    else if (method === rpcMethods.tested) exchange.tested(connection, params);
    else if (method === rpcMethods.standBy) exchange.standBy(connection, params);
    else if (method === rpcMethods.offer) return exchange.offer(connection, params).then(() => ({}));
    else return exchange.ask(connection, method, params, new Asking(method, call, budget));
    return {};
  }

  /** Following twice is following once. */
  #follow(session: Session, connection: Connection): void {
    const { socket, peer } = session;
    session.endFollow();
    session.endFollow = this.#parts.exchange.follow(connection, (change) => {
      if (socket.bufferedAmount > mostUnsent) socket.terminate();
      else peer.notify(rpcMethods.changed, change);
    });
  }

  #welcome(session: Session, given: unknown): Welcome {
    const { socket, principal, peer } = session;
    if (session.connection) throw new ParleyError('bad_input', { problem: 'hello was said already' });
    const hello = helloInput.safeParse(given);
    if (!hello.success) throw new ParleyError('bad_input', { problem: hello.error.issues[0]?.message ?? 'hello' });
    const { data } = hello;
    if (data.protocol > protocol || data.protocol < oldestProtocol) {
      throw new ParleyError('protocol_mismatch', { theirs: data.protocol, ours: protocol });
    }
    const { exchange, identity, log } = this.#parts;
    const push = (method: string, value: Told | Watched): void => {
      if (socket.bufferedAmount > mostUnsent) {
        log('slow client cut off', { client: data.client, unsent: socket.bufferedAmount });
        socket.terminate();
      } else peer.notify(method, value);
    };
    const connection = exchange.connect(principal, {
      client: data.client,
      version: data.version,
      present: data.present,
      seat: data.seat,
      ringers: data.ringers,
      ring: (request: RingRequest) => peer.request(rpcMethods.ring, request) as Promise<RingAnswer>,
      useTool: (request, { signal, progress }) => useTool(peer, request, signal, progress),
      told: (told) => push(rpcMethods.told, told),
      event: (watched) => push(rpcMethods.event, watched),
      stopping: (reason) => peer.notify(rpcMethods.stopping, { reason }),
      ended: () => peer.close(1008, 'signed off'),
    });
    session.cancelHello();
    session.connection = connection;
    session.budget = data.budget;
    if (data.batches) peer.batch();
    const name = principal.agent === undefined ? undefined : identity.agentName(principal.agent);
    return {
      protocol: data.protocol,
      version: identity.version,
      build: identity.build,
      broker: identity.broker,
      role: principal.role,
      ...(principal.agent !== undefined && name !== undefined && { agent: { id: principal.agent, name } }),
      seat: connection.seat,
      offset: identity.offset(),
      batches: true,
    };
  }
}

function rpcErrorOf(error: unknown): RpcError {
  const known = toParleyError(error);
  return new RpcError(parleyErrorCode, known.message, toWire(known));
}

/** An error that the program answered is the tool's own; that it is gone is not. */
async function useTool(
  peer: RpcPeer,
  request: ToolRequest,
  abandon: AbortSignal,
  progress: (value: unknown) => void,
): Promise<unknown> {
  try {
    return await peer.request(rpcMethods.useTool, request, { abandon, progress });
  } catch (error) {
    if (error instanceof RpcError) return { content: error.message, isError: true };
    throw error;
  }
}

function progressOf(text: string, progress: number | undefined): ToolProgress {
  return { ...(text !== '' && { text }), ...(progress !== undefined && { progress }) };
}

/** What a request says of itself. Made for each: the signal stays unmade until somebody looks at it. */
class Asking implements AskOptions {
  readonly #call: RpcCall;
  readonly budget?: number;
  readonly progress?: NonNullable<AskOptions['progress']>;

  constructor(method: string, call: RpcCall, budget: number | undefined) {
    this.#call = call;
    if (budget !== undefined) this.budget = budget;
    // Only who uses a tool is told more than the answer.
    if (method === 'useTool') this.progress = (text, progress) => call.progress(progressOf(text, progress));
  }

  get signal(): AbortSignal {
    return this.#call.signal;
  }
}

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const { code, facts } = toWire(error);
  const known = toParleyError(error).code;
  const body = JSON.stringify({ error: { code, facts, message: say(known, facts) } });
  const { status } = errorTexts[known];
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
