import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { until } from '../support/until';
import type { HttpBench } from './mcpHttp';

/** One server-sent event. An event without data has an empty one. */
export interface SentEvent {
  readonly id: string | undefined;
  readonly data: string;
}

/** An event stream that the test reads and cuts when it likes. */
export class OpenStream {
  readonly events: SentEvent[] = [];
  status = 0;
  ended = false;
  #rest = '';
  #socket: Socket | undefined;

  /** Opens one; resolves when its head is there. */
  static async open(
    bench: HttpBench,
    method: 'GET' | 'POST',
    headers: OutgoingHttpHeaders,
    body?: object,
  ): Promise<OpenStream> {
    const stream = new OpenStream();
    const text = body === undefined ? '' : JSON.stringify(body);
    const done = bench.send(method, headers, text, (reply, socket) => stream.#begin(reply, socket));
    done.catch(() => undefined).finally(() => (stream.ended = true));
    await until('the head of the stream', () => stream.status > 0);
    return stream;
  }

  /** Its JSON-RPC messages so far. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  get messages(): any[] {
    return this.events.filter(({ data }) => data !== '').map(({ data }) => JSON.parse(data) as unknown);
  }

  get lastId(): string | undefined {
    return this.events.findLast(({ id }) => id !== undefined)?.id;
  }

  /** Waits until so many events are there. */
  async has(events: number): Promise<void> {
    await until(`${events} events`, () => this.events.length >= events);
  }

  async end(): Promise<void> {
    await until('the end of the stream', () => this.ended);
  }

  /** The connection breaks. */
  cut(): void {
    this.#socket?.destroy();
  }

  #begin(reply: IncomingMessage, socket: Socket): void {
    this.#socket = socket;
    this.status = reply.statusCode ?? 0;
    reply.on('data', (chunk: string) => {
      const blocks = (this.#rest + chunk).split('\n\n');
      this.#rest = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
    });
  }

  #take(block: string): void {
    const lines = block.split('\n');
    const data = lines.find((line) => line.startsWith('data:'));
    if (data === undefined) return;
    const id = lines.find((line) => line.startsWith('id: '))?.slice(4);
    this.events.push({ id, data: data.slice(5).trim() });
  }
}
