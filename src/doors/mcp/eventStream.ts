import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { repeat, type After } from '../../mcp/repeat';

/** A comment this often (ms): VS Code drops a stream that is silent for 300 s, proxies do sooner. */
export const keepAlive = 15_000;

/** How long a client that lost a stream is asked to wait before it comes back for the rest (ms). */
export const reconnectAfter = 500;

/** How a stream ended. `whole`: everything written was taken by the system while the client was connected. */
export type StreamEnd = 'whole' | 'broken';

/** One response as server-sent events. Its headers go out at once. */
export class EventStream {
  readonly ended: Promise<StreamEnd>;
  readonly #response: ServerResponse;
  readonly #socket: Socket | null;
  readonly #stopKeepAlive: () => void;

  constructor(response: ServerResponse, headers: Readonly<Record<string, string>>, after: After) {
    this.#response = response;
    // Node takes the socket away from a finished response, so it is remembered here.
    this.#socket = response.socket;
    this.ended = new Promise((resolve) => {
      response.once('finish', () => resolve(this.#socket?.destroyed === false ? 'whole' : 'broken'));
      response.once('close', () => resolve('broken'));
    });
    response.on('error', () => undefined);
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
      ...headers,
    });
    response.flushHeaders();
    this.#stopKeepAlive = repeat(after, keepAlive, () => this.#write(': waiting\n\n'));
    void this.ended.then(this.#stopKeepAlive);
  }

  /** @param data one message as JSON; `id` is what a client that lost the connection names to go on after it */
  send({ id, data }: { readonly id?: string; readonly data: string }): void {
    // JSON has no raw line feeds, so one data line holds it.
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: message\ndata: ${data}\n\n`);
  }

  /** An event without a message: a client that loses the connection before the first one can go on from here. */
  prime(id: string): void {
    this.#write(`id: ${id}\nretry: ${reconnectAfter}\ndata:\n\n`);
  }

  end(): void {
    this.#stopKeepAlive();
    this.#response.end();
  }

  #write(text: string): void {
    if (!this.#response.writableEnded && !this.#response.destroyed) this.#response.write(text);
  }
}
