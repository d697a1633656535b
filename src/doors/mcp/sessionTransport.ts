import type { ServerResponse } from 'node:http';
import type { Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { After } from '../../mcp/repeat';
import { EventStream } from './eventStream';

/** The requests of one POST and the stream that their answers go to. */
interface Exchange {
  readonly stream: EventStream;
  readonly open: Set<RequestId>;
}

/**
 * One session's side of Streamable HTTP (2025-11-25): each POST with requests has a stream of its own for their answers,
 * a GET has one for what the server says by itself. `send` of a response resolves when its stream was handed over whole.
 */
export class SessionTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport['onmessage'];
  readonly sessionId: string;
  readonly #after: After;
  readonly #byRequest = new Map<RequestId, Exchange>();
  #standing: EventStream | undefined;
  #isClosed = false;

  constructor(sessionId: string, after: After) {
    this.sessionId = sessionId;
    this.#after = after;
  }

  /** Requests that wait for their answers. */
  get pending(): number {
    return this.#byRequest.size;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Takes the messages of one POST in and answers on `response`; resolves when the stream has ended. */
  async post(messages: readonly JSONRPCMessage[], response: ServerResponse): Promise<void> {
    const ids = messages.filter((message) => 'id' in message && 'method' in message).map(({ id }) => id);
    if (ids.length === 0) {
      response.writeHead(202).end();
      for (const message of messages) this.#take(message);
      return;
    }
    const exchange: Exchange = { stream: this.#open(response), open: new Set(ids) };
    for (const id of exchange.open) {
      // An id that is used twice at once is the client's mistake: the earlier request ends without an answer.
      this.#giveUp(id);
      this.#byRequest.set(id, exchange);
    }
    for (const message of messages) this.#take(message);
    await exchange.stream.ended;
    // Nothing can be replayed here, so an answer to a client that is gone reaches nobody: its wait ends.
    for (const id of exchange.open) this.#cancel(id, 'the connection was closed');
  }

  /** The stream for what the server says by itself. A newer one takes the place of the older, whose client is gone. */
  async get(response: ServerResponse): Promise<void> {
    this.#standing?.end();
    const stream = this.#open(response);
    this.#standing = stream;
    await stream.ended;
    if (this.#standing === stream) this.#standing = undefined;
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if ('method' in message) {
      const related = options?.relatedRequestId;
      const stream = related === undefined ? this.#standing : this.#byRequest.get(related)?.stream;
      stream?.send(message);
      return;
    }
    const { id } = message;
    const exchange = id === undefined ? undefined : this.#byRequest.get(id);
    if (id === undefined || !exchange) throw new Error('the client waits for this answer no longer');
    exchange.stream.send(message);
    this.#finish(id);
    if ((await exchange.stream.ended) === 'broken') throw new Error('the connection broke before the answer was out');
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    for (const { stream } of this.#byRequest.values()) stream.end();
    this.#byRequest.clear();
    this.#standing?.end();
    this.onclose?.();
    return Promise.resolve();
  }

  #open(response: ServerResponse): EventStream {
    return new EventStream(response, { 'Mcp-Session-Id': this.sessionId }, this.#after);
  }

  #take(message: JSONRPCMessage): void {
    this.onmessage?.(message);
    if (!('method' in message) || message.method !== 'notifications/cancelled') return;
    // A cancelled request gets no answer, so its stream has nothing to wait for. Ids that are finished are unknown here.
    const id = message.params?.['requestId'];
    if (typeof id === 'string' || typeof id === 'number') this.#giveUp(id);
  }

  #giveUp(id: RequestId): void {
    if (this.#byRequest.has(id)) this.#cancel(id, 'cancelled');
  }

  #cancel(id: RequestId, reason: string): void {
    this.#finish(id);
    this.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason } });
  }

  #finish(id: RequestId): void {
    const exchange = this.#byRequest.get(id);
    if (!exchange) return;
    this.#byRequest.delete(id);
    exchange.open.delete(id);
    if (exchange.open.size === 0) exchange.stream.end();
  }
}
