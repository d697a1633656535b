import type { Readable, Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { JSONRPCMessageSchema, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { eraOf, unsupportedEra } from '../mcp/era';

/** Longest message, in bytes; a client that sends a longer one has lost the thread, and the bridge ends. */
const longestMessage = 10 * 1024 * 1024;

/** MCP over standard input and output, one message a line. `send` resolves when the system took the whole line. */
export class StdioTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport['onmessage'];
  readonly #input: Readable;
  readonly #output: Writable;
  #rest: Buffer[] = [];
  #restSize = 0;
  #isClosed = false;

  constructor(input: Readable, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  start(): Promise<void> {
    const end = (): void => void this.close();
    this.#input.on('data', (chunk: Buffer | string) => this.#read(Buffer.from(chunk)));
    this.#input.once('end', end);
    this.#input.once('close', end);
    this.#input.on('error', end);
    this.#output.on('error', end);
    return Promise.resolve();
  }

  send(message: JSONRPCMessage): Promise<void> {
    return this.#write(message);
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#input.removeAllListeners('data');
      this.#input.pause();
      this.onclose?.();
    }
    return Promise.resolve();
  }

  #write(message: object): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new Error('the client has gone'));
        return;
      }
      this.#output.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  #read(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0 && !this.#isClosed; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...this.#rest, chunk.subarray(from, end)]).toString('utf8');
      this.#rest = [];
      this.#restSize = 0;
      from = end + 1;
      if (line.trim() !== '') this.#take(line);
    }
    if (from === chunk.length) return;
    this.#rest.push(chunk.subarray(from));
    this.#restSize += chunk.length - from;
    if (this.#restSize > longestMessage) {
      this.onerror?.(new Error(`a message is longer than ${longestMessage} bytes`));
      void this.close();
    }
  }

  #take(line: string): void {
    let given: unknown;
    try {
      given = JSON.parse(line);
    } catch {
      this.#refuse(-32700, 'Not JSON');
      return;
    }
    const era = eraOf(given);
    if (era.era === 'stateless') {
      this.#write(unsupportedEra(given, era.version)).catch(neverMind);
      return;
    }
    const parsed = JSONRPCMessageSchema.safeParse(given);
    if (parsed.success) this.onmessage?.(parsed.data);
    else this.#refuse(-32600, 'Not a JSON-RPC 2.0 message');
  }

  #refuse(code: number, message: string): void {
    this.#write({ jsonrpc: '2.0', id: null, error: { code, message } }).catch(neverMind);
  }
}

/** An error answer that nobody is there to read. */
function neverMind(): void {}
