import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CancellationToken, ResponseError, type MessageConnection } from 'vscode-jsonrpc/node';
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
  type Watched,
  type Welcome,
} from '../../contract/wire';
import type { AskOptions, Connection, Exchange, Principal } from '../../operations/exchange';
import { jsonRpcOver } from '../../transport/frames';
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
});

export interface RpcDoorParts {
  readonly exchange: Exchange;
  readonly identity: RpcIdentity;
  readonly log: (what: string, facts: object) => void;
  readonly after: (milliseconds: number, run: () => void) => () => void;
  readonly limits?: RpcLimits;
}

/** JSON-RPC over WebSocket: every operation is a method, besides the few of {@link rpcMethods}. */
export class RpcDoor {
  readonly #parts: RpcDoorParts;
  readonly #limits: RpcLimits;
  readonly #server: WebSocketServer;
  readonly #sockets = new Set<WebSocket>();

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
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#serve(webSocket, principal));
  }

  /** Ends every connection; the clients come back by themselves. */
  close(): void {
    for (const socket of this.#sockets) socket.close(1012);
    this.#server.close();
  }

  /** Cuts what has not closed by itself. */
  terminate(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  #serve(socket: WebSocket, principal: Principal): void {
    const { exchange, after } = this.#parts;
    const rpc = jsonRpcOver(socket);
    const state: { connection?: Connection; budget?: number | undefined } = {};
    const ended = new AbortController();
    this.#sockets.add(socket);
    const cancelHello = after(this.#limits.helloTimeout, () => socket.close(1008, 'no hello'));
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      cancelHello();
      this.#sockets.delete(socket);
      ended.abort();
      rpc.dispose();
      // 1000 and 1001: it said goodbye. Everything else may come back within the grace.
      state.connection?.close(code !== 1000 && code !== 1001);
    });
    rpc.onError(() => socket.close(1007, 'not a JSON-RPC message'));

    rpc.onRequest(rpcMethods.hello, (given: unknown) =>
      answered(() => {
        if (state.connection) throw new ParleyError('bad_input', { problem: 'hello was said already' });
        const { welcome, connection, budget } = this.#welcome(rpc, socket, principal, given);
        cancelHello();
        state.connection = connection;
        state.budget = budget;
        return welcome;
      }),
    );
    const connected = (): Connection => {
      if (!state.connection) throw new ParleyError('bad_input', { problem: 'say hello first' });
      return state.connection;
    };
    rpc.onRequest(rpcMethods.subscribe, () =>
      answered(() => {
        exchange.subscribe(connected());
        return {};
      }),
    );
    rpc.onRequest(rpcMethods.watch, () =>
      answered(() => {
        exchange.watch(connected());
        return {};
      }),
    );
    for (const name of operationNames) {
      rpc.onRequest(name, (input: unknown, token: unknown) =>
        answered(async () => {
          const cancelled = CancellationToken.is(token) ? token : undefined;
          const { options, dispose } = optionsOf(cancelled, ended.signal, state.budget);
          try {
            return await exchange.ask(connected(), name, CancellationToken.is(input) ? {} : input, options);
          } finally {
            dispose();
          }
        }),
      );
    }
    rpc.listen();

    function answered<T>(work: () => T | Promise<T>): Promise<T | ResponseError<unknown>> {
      return Promise.resolve()
        .then(work)
        .catch((error: unknown) => responseError(error));
    }
  }

  #welcome(
    rpc: MessageConnection,
    socket: WebSocket,
    principal: Principal,
    given: unknown,
  ): { welcome: Welcome; connection: Connection; budget: number | undefined } {
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
      } else void rpc.sendNotification(method, value).catch(() => undefined);
    };
    const connection = exchange.connect(principal, {
      client: data.client,
      version: data.version,
      present: data.present,
      seat: data.seat,
      ringers: data.ringers,
      ring: (request: RingRequest) => rpc.sendRequest<RingAnswer>(rpcMethods.ring, request),
      told: (told) => push(rpcMethods.told, told),
      event: (watched) => push(rpcMethods.event, watched),
      stopping: (reason) => void rpc.sendNotification(rpcMethods.stopping, { reason }).catch(() => undefined),
    });
    const name = principal.agent === undefined ? undefined : identity.agentName(principal.agent);
    const welcome: Welcome = {
      protocol: data.protocol,
      version: identity.version,
      build: identity.build,
      broker: identity.broker,
      role: principal.role,
      ...(principal.agent !== undefined && name !== undefined && { agent: { id: principal.agent, name } }),
      seat: connection.seat,
      offset: identity.offset(),
    };
    return { welcome, connection, budget: data.budget };
  }
}

function responseError(error: unknown): ResponseError<unknown> {
  const known = toParleyError(error);
  return new ResponseError(parleyErrorCode, known.message, toWire(known));
}

/** Makes the signal when it is looked at: most requests wait for nothing, and it costs more than they do. */
function optionsOf(
  token: CancellationToken | undefined,
  ended: AbortSignal,
  budget: number | undefined,
): { readonly options: AskOptions; readonly dispose: () => void } {
  let made: ReturnType<typeof signalOf> | undefined;
  const options = {
    get signal() {
      return (made ??= signalOf(token, ended)).signal;
    },
    ...(budget !== undefined && { budget }),
  };
  return { options, dispose: () => made?.dispose() };
}

/** Aborts when the client cancels the request or its connection ends. */
function signalOf(
  token: CancellationToken | undefined,
  ended: AbortSignal,
): { signal: AbortSignal; dispose: () => void } {
  if (!token) return { signal: ended, dispose: () => undefined };
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (ended.aborted || token.isCancellationRequested) abort();
  ended.addEventListener('abort', abort);
  const listener = token.onCancellationRequested(abort);
  return {
    signal: controller.signal,
    dispose: () => {
      listener.dispose();
      ended.removeEventListener('abort', abort);
    },
  };
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
