import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { maskedTextFrame, textFrame } from './textFrame';

/** An error of JSON-RPC: its code, its message, and what else it carries. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** JSON-RPC 2.0, section 5.1. */
export const rpcErrorCodes = {
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
};

/** What a peer does with what the other side says. */
export interface RpcHandlers {
  /**
   * Answers a request, at once or later; the call's signal is aborted when the other side takes it back or is gone. Throws
   * (or rejects with) an {@link RpcError}, or something that {@link refusal} makes one of.
   */
  request(method: string, params: unknown, call: RpcCall): unknown;
  refusal(error: unknown): RpcError;
  /** What it throws is dropped: nobody waits for it. */
  notification(method: string, params: unknown): void;
  /** Something came that is no JSON; the connection is of no more use. */
  broken(error: unknown): void;
}

/** One request of the other side. */
export interface RpcCall {
  /** Made when it is looked at: most requests wait for nothing, and a signal costs more than they do. */
  readonly signal: AbortSignal;
  /** Tells the other side how it goes. After the answer, and to who did not ask for it, it is of no use. */
  progress(value: object): void;
}

/** What a request may have besides its parameters. */
export interface RequestOptions {
  /** Aborted: the other side is told to stop, and its answer is still waited for. */
  readonly signal?: AbortSignal | undefined;
  /** As the signal; but nothing is waited for any more, and the request fails with {@link Abandoned}. */
  readonly abandon?: AbortSignal | undefined;
  /** Told what the other side says of how it goes. */
  readonly progress?: ((value: unknown) => void) | undefined;
}

/** Messages of one turn that leave in one frame: the other side works on them while this one makes the next. */
export const mostHeld = 8;
/** Characters that a frame of several messages may have, or little more; a longer message leaves in a frame of its own. */
export const mostBatched = 64 * 1024;

/** What the WebSocket writes to. Frames are written to it past the WebSocket, which MUST NOT compress. */
export interface RpcStream {
  readonly stream: Duplex;
  /** It is the server's end: its frames are not masked. */
  readonly isServer: boolean;
}

interface Asked {
  readonly progress?: ((value: unknown) => void) | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One end of JSON-RPC 2.0 over a WebSocket. A request is taken up in the turn of the event loop in which its frame came, and
 * its answer is written in the turn in which it is there: a hop of the loop is what a message notices most. The first message
 * of a turn leaves at once in a frame of its own. The others leave some in one frame (a batch), to a side that takes batches:
 * with 64 requests under way a frame costs as much as the request, and whoever gets all of them at the end of the turn was
 * idle until then. Other than JSON-RPC has it, what came in a batch is answered as if it had come alone.
 */
export class RpcPeer {
  readonly #socket: WebSocket;
  readonly #stream: Duplex | undefined;
  readonly #isServer: boolean;
  readonly #handlers: RpcHandlers;
  readonly #asked = new Map<number, Asked>();
  /** Requests of the other side that are not answered yet. */
  readonly #open = new Map<number | string, Call>();
  #lastId = 0;
  #ended = false;
  /** See {@link batch}. */
  #batches = false;
  /** A frame has left in this turn: the others are held back. */
  #inTurn = false;
  /** What is held back, and its length. */
  #batch: string[] = [];
  #batched = 0;

  constructor(socket: WebSocket, handlers: RpcHandlers, under?: RpcStream) {
    this.#socket = socket;
    this.#stream = under?.stream;
    this.#isServer = under?.isServer ?? false;
    this.#handlers = handlers;
    socket.on('message', (data, isBinary) => this.#read(data, isBinary));
    socket.on('close', () => this.end());
  }

  /** The other side takes several messages in one frame: from now on it may get them so. */
  batch(): void {
    this.#batches = true;
  }

  /** @throws RpcError as the other side answered; {@link ConnectionEnded} when that does not come any more */
  request(method: string, params: object | undefined, options: RequestOptions = {}): Promise<unknown> {
    const { abandon, progress } = options;
    const signal = options.signal ?? abandon;
    if (this.#ended) return Promise.reject(new ConnectionEnded());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (signal) {
        const cancel = (): void => {
          this.notify('$/cancelRequest', { id });
          if (!abandon) return;
          this.#asked.delete(id);
          reject(new Abandoned());
        };
        signal.addEventListener('abort', cancel, { once: true });
        const done = (settle: (value: unknown) => void) => (value: unknown) => {
          signal.removeEventListener('abort', cancel);
          settle(value);
        };
        this.#asked.set(id, { resolve: done(resolve), reject: done(reject), progress });
      } else this.#asked.set(id, { resolve, reject, progress });
      this.#write({ jsonrpc: '2.0', id, method, params });
      if (signal?.aborted) {
        this.notify('$/cancelRequest', { id });
        if (abandon && this.#asked.delete(id)) reject(new Abandoned());
      }
    });
  }

  notify(method: string, params: object): void {
    if (!this.#ended) this.#write({ jsonrpc: '2.0', method, params });
  }

  /** Begins the closing handshake; what was said before goes first. */
  close(code: number, reason?: string): void {
    this.#flush();
    this.#socket.close(code, reason);
  }

  /** Nothing more is answered, nothing more comes; what waits for an answer fails with {@link ConnectionEnded}. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const call of this.#open.values()) call.abort();
    this.#open.clear();
    for (const { reject } of this.#asked.values()) reject(new ConnectionEnded());
    this.#asked.clear();
  }

  #read(data: WebSocket.RawData, isBinary: boolean): void {
    if (this.#ended) return;
    let message: unknown;
    try {
      if (isBinary) throw new Error('a binary frame');
      message = JSON.parse((data as Buffer).toString());
    } catch (error) {
      this.#handlers.broken(error);
      return;
    }
    if (!Array.isArray(message)) this.#take(message);
    else if (message.length === 0) this.#refuse();
    else for (const one of message) this.#take(one);
  }

  #take(message: unknown): void {
    if (typeof message !== 'object' || message === null) {
      this.#refuse();
      return;
    }
    const { id, method, params, result, error } = message as Record<string, unknown>;
    const isId = typeof id === 'number' || typeof id === 'string';
    if (typeof method === 'string') {
      if (isId) this.#answer(id, method, params);
      else if (id !== undefined) this.#refuse();
      else if (method === '$/cancelRequest') this.#cancel(params);
      else if (method === '$/progress') this.#progress(params);
      else this.#hear(method, params);
    } else if (method !== undefined || (result === undefined && error === undefined)) this.#refuse();
    // To an answer nobody waits for, nothing is said: two who did would go on for ever.
    else if (typeof id === 'number') this.#settle(id, result, error);
  }

  #hear(method: string, params: unknown): void {
    try {
      this.#handlers.notification(method, params);
    } catch {
      // Nobody waits for it, and the connection is not to blame.
    }
  }

  #settle(id: number, result: unknown, error: unknown): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error === undefined || error === null) asked?.resolve(result);
    else asked?.reject(rpcErrorOf(error));
  }

  #answer(id: number | string, method: string, params: unknown): void {
    const call = new Call((value) => {
      if (this.#open.get(id) === call) this.notify('$/progress', { id, value });
    });
    this.#open.set(id, call);
    try {
      const result = this.#handlers.request(method, params, call);
      if (result instanceof Promise) {
        result.then(
          (later: unknown) => this.#reply(id, call, later),
          (error: unknown) => this.#fail(id, call, error),
        );
      } else this.#reply(id, call, result);
    } catch (error) {
      this.#fail(id, call, error);
    }
  }

  #reply(id: number | string, call: Call, result: unknown): void {
    if (this.#open.get(id) === call) this.#open.delete(id);
    if (!this.#ended) this.#write({ jsonrpc: '2.0', id, result: result ?? null });
  }

  #fail(id: number | string, call: Call, error: unknown): void {
    if (this.#open.get(id) === call) this.#open.delete(id);
    if (this.#ended) return;
    const { code, message, data } = error instanceof RpcError ? error : this.#handlers.refusal(error);
    this.#write({ jsonrpc: '2.0', id, error: { code, message, data } });
  }

  #progress(params: unknown): void {
    const { id, value } = (params ?? {}) as { readonly id?: unknown; readonly value?: unknown };
    if (typeof id !== 'number') return;
    try {
      this.#asked.get(id)?.progress?.(value);
    } catch {
      // As with any notification.
    }
  }

  #cancel(params: unknown): void {
    const id = (params as { readonly id?: unknown } | null | undefined)?.id;
    if (typeof id === 'number' || typeof id === 'string') this.#open.get(id)?.abort();
  }

  #refuse(): void {
    const error = { code: rpcErrorCodes.invalidRequest, message: 'not a JSON-RPC message' };
    this.#write({ jsonrpc: '2.0', id: null, error });
  }

  // Does not wait for the frame to leave: what is lost with the connection is repeated by who asked.
  #write(message: object): void {
    const text = JSON.stringify(message);
    if (!this.#batches || text.length > mostBatched) {
      this.#flush();
      this.#frame(text);
    } else if (this.#inTurn) {
      this.#batch.push(text);
      this.#batched += text.length;
      if (this.#batch.length >= mostHeld || this.#batched > mostBatched) this.#flush();
    } else {
      this.#frame(text);
      this.#inTurn = true;
      // Runs when no promise has anything left to do: whatever they still send in this turn goes along.
      process.nextTick(() => {
        this.#inTurn = false;
        this.#flush();
      });
    }
  }

  #flush(): void {
    const texts = this.#batch;
    if (texts.length === 0) return;
    this.#batch = [];
    this.#batched = 0;
    this.#frame(texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(',')}]`);
  }

  #frame(text: string): void {
    if (!this.#stream) this.#socket.send(Buffer.from(text), { binary: false });
    else if (this.#socket.readyState === this.#socket.OPEN)
      this.#stream.write(this.#isServer ? textFrame(text) : maskedTextFrame(text));
  }
}

/** The connection ended before the answer came. */
export class ConnectionEnded extends Error {}

/** Nobody waits for the answer any more. */
export class Abandoned extends Error {}

class Call implements RpcCall {
  readonly progress: (value: object) => void;
  #controller: AbortController | undefined;
  #aborted = false;

  constructor(progress: (value: object) => void) {
    this.progress = progress;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted) this.#controller.abort();
    return this.#controller.signal;
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }
}

function rpcErrorOf(error: unknown): RpcError {
  const { code, message, data } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  return new RpcError(typeof code === 'number' ? code : 0, typeof message === 'string' ? message : '', data);
}
