import type { ServerResponse } from 'node:http';
import type { Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';
import { ParleyError } from '../../contract/errors';
import type { After } from '../../mcp/repeat';
import { standingStream, type SessionEvents } from './eventStore';
import { EventStream } from './eventStream';

export interface SessionTransportParts {
  readonly sessionId: string;
  readonly after: After;
  readonly events: SessionEvents;
  /** The client knows streams that begin with an empty event, and comes back for what it missed. */
  readonly canResume: boolean;
  /** How long a request whose stream broke goes on, so that the client can come back for the answer (ms). */
  readonly resumeGrace: number;
}

/** The requests of one POST, and the stream that their answers go to. */
interface Channel {
  readonly stream: number;
  readonly open: Set<RequestId>;
  /** The connection that it is written to now, if there is one. */
  live: EventStream | undefined;
  /** Settled when the last answer was handed over whole, or nobody will come for it any more. */
  readonly handedOver: { readonly promise: Promise<void>; readonly settle: (whole: boolean) => void };
  cancelGrace: () => void;
}

/**
 * One session's side of Streamable HTTP (2025-11-25): each POST with requests has a stream of its own for their answers,
 * a GET has one for what the server says by itself, and a GET with `Last-Event-ID` resumes either. `send` of a response
 * resolves when its stream was handed over whole.
 */
export class SessionTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport['onmessage'];
  readonly sessionId: string;
  readonly #parts: SessionTransportParts;
  readonly #byRequest = new Map<RequestId, Channel>();
  /** Until their answers were handed over, or are given up. */
  readonly #channels = new Map<number, Channel>();
  #lastStream = standingStream;
  #standing: EventStream | undefined;
  #hasStood = false;
  #isClosed = false;

  constructor(parts: SessionTransportParts) {
    this.sessionId = parts.sessionId;
    this.#parts = parts;
  }

  /** Requests that wait for their answers. */
  get pending(): number {
    return this.#byRequest.size;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Takes the messages of one POST in and answers on `response`; resolves when that has ended. */
  async post(messages: readonly JSONRPCMessage[], response: ServerResponse): Promise<void> {
    const ids = messages.filter((message) => 'id' in message && 'method' in message).map(({ id }) => id);
    if (ids.length === 0) {
      response.writeHead(202).end();
      for (const message of messages) this.#take(message);
      return;
    }
    // An id that is used twice at once is the client's mistake: the earlier request ends without an answer.
    const again = ids.filter((id) => this.#byRequest.has(id));
    for (const id of again) this.#giveUp(id);
    // The server takes up what is cancelled a turn later than a request: it would cancel the new one.
    if (again.length > 0) await Promise.resolve();
    const live = this.#open(response);
    const channel: Channel = {
      stream: ++this.#lastStream,
      open: new Set(ids),
      live,
      handedOver: settled(),
      cancelGrace: () => undefined,
    };
    const begin = this.#parts.events.begin(channel.stream);
    if (this.#parts.canResume) live.prime(begin);
    this.#channels.set(channel.stream, channel);
    for (const id of channel.open) this.#byRequest.set(id, channel);
    for (const message of messages) this.#take(message);
    await this.#serve(channel, live);
  }

  /**
   * Without `lastEventId` the stream for what the server says by itself; a newer one takes the place of the older, whose
   * client is gone. With it, the stream of that event goes on after it.
   * @throws `stream_gone` when that is not this session's, or is not kept any more
   */
  async get(response: ServerResponse, lastEventId?: string): Promise<void> {
    const missed = lastEventId === undefined ? undefined : this.#parts.events.after(lastEventId);
    if (lastEventId !== undefined && !missed) throw new ParleyError('stream_gone');
    const stream = missed?.stream ?? standingStream;
    if (stream === standingStream) this.#standing?.end();
    const live = this.#open(response);
    for (const event of missed?.events ?? []) live.send(event);
    const channel = this.#channels.get(stream);
    if (stream === standingStream) {
      const begin = this.#parts.events.begin(standingStream);
      if (!missed && this.#parts.canResume && !this.#hasStood) live.prime(begin);
      this.#hasStood = true;
      this.#standing = live;
      await live.ended;
      if (this.#standing === live) this.#standing = undefined;
    } else if (channel) {
      channel.cancelGrace();
      const former = channel.live;
      channel.live = live;
      former?.end();
      if (channel.open.size === 0) live.end();
      await this.#serve(channel, live);
    } else {
      live.end();
      await live.ended;
    }
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if ('method' in message) {
      const related = options?.relatedRequestId;
      const channel = related === undefined ? undefined : this.#byRequest.get(related);
      if (channel) this.#say(channel.stream, channel.live, message);
      // Before a client has asked for this stream there is nobody to keep it for.
      else if (related === undefined && this.#hasStood) this.#say(standingStream, this.#standing, message);
      return;
    }
    const { id } = message;
    const channel = id === undefined ? undefined : this.#byRequest.get(id);
    if (id === undefined || !channel) throw new Error('the client waits for this answer no longer');
    this.#say(channel.stream, channel.live, message);
    this.#finish(id);
    await channel.handedOver.promise;
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    for (const channel of [...this.#channels.values()]) {
      channel.live?.end();
      // What was answered already is on its way; what was not will not be.
      if (channel.open.size > 0 || !channel.live) this.#end(channel, false);
    }
    this.#byRequest.clear();
    this.#standing?.end();
    this.#parts.events.clear();
    this.onclose?.();
    return Promise.resolve();
  }

  #open(response: ServerResponse): EventStream {
    return new EventStream(response, { 'Mcp-Session-Id': this.sessionId }, this.#parts.after);
  }

  #say(stream: number, live: EventStream | undefined, message: JSONRPCMessage): void {
    const event = this.#parts.events.add(stream, JSON.stringify(message));
    live?.send(event);
  }

  /** Waits until the connection that the channel is written to has ended, and sees to what was left unsaid. */
  async #serve(channel: Channel, live: EventStream): Promise<void> {
    const end = await live.ended;
    // The client has come back over another connection: this one counts no more.
    if (channel.live !== live) return;
    channel.live = undefined;
    if (end === 'whole' && channel.open.size === 0) this.#end(channel, true);
    else if (this.#isClosed || !this.#parts.canResume) this.#abandon(channel);
    else {
      channel.cancelGrace = this.#parts.after(this.#parts.resumeGrace, () => this.#abandon(channel));
    }
  }

  /** Nobody comes back for the answers: what still waits ends. */
  #abandon(channel: Channel): void {
    // A stream without its answer would only make a client that comes back later wait for it.
    if (channel.open.size > 0) this.#parts.events.forget(channel.stream);
    for (const id of [...channel.open]) this.#cancel(id, 'the connection was closed');
    this.#end(channel, false);
  }

  #end(channel: Channel, whole: boolean): void {
    if (!this.#channels.delete(channel.stream)) return;
    channel.cancelGrace();
    this.#parts.events.finish(channel.stream);
    channel.handedOver.settle(whole);
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
    const channel = this.#byRequest.get(id);
    if (!channel) return;
    this.#byRequest.delete(id);
    channel.open.delete(id);
    if (channel.open.size > 0) return;
    if (channel.live) channel.live.end();
  }
}

function settled(): Channel['handedOver'] {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((whole, broken) => {
    resolve = whole;
    reject = broken;
  });
  // Whoever answers awaits it; a request that was cancelled has nobody who does.
  promise.catch(() => undefined);
  return {
    promise,
    settle: (whole) => (whole ? resolve() : reject(new Error('the connection broke before the answer was out'))),
  };
}
