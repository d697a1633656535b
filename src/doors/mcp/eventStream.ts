import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { repeat, type After } from '../../mcp/repeat';

/** A comment this often (ms): VS Code drops a stream that is silent for 300 s, proxies do sooner. */
export const keepAlive = 15_000;

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

  send(message: object): void {
    // JSON has no raw line feeds, so one data line holds it.
    this.#write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  }

  end(): void {
    this.#stopKeepAlive();
    this.#response.end();
  }

  #write(text: string): void {
    if (!this.#response.writableEnded && !this.#response.destroyed) this.#response.write(text);
  }
}
