import * as fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import * as os from 'node:os';
import * as path from 'node:path';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { CancellationToken, ResponseError } from 'vscode-jsonrpc/node';
import { WebSocketServer, type WebSocket } from 'ws';
import type { BrokerRecord, Hello, Told, Welcome } from '../../../src/contract/wire';
import { jsonRpcOver } from './jsonRpcOver';

export function temporaryHome(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'parley-client-'));
}

/** One request as the fake was asked it. */
export interface Asked {
  readonly method: string;
  readonly input: Record<string, unknown>;
  readonly token: string | undefined;
  answer(output: object, delivery?: string): void;
  refuse(code: string, facts?: object): void;
  /** Set when the client took it back. */
  cancelled: boolean;
}

export interface FakeOptions {
  readonly version?: string;
  readonly protocol?: number;
  /** Tokens that are known; undefined: all. Without a token one always gets in. */
  readonly tokens?: readonly string[];
  /** Never answers a hello. */
  readonly hangs?: boolean;
  readonly offset?: number;
}

/** A broker of nothing but the rpc door: what it is asked is kept, and answered when the test says so. */
export class FakeBroker {
  readonly asked: Asked[] = [];
  readonly hellos: (Hello & { readonly token: string | undefined })[] = [];
  readonly closeCodes: number[] = [];
  readonly #options: FakeOptions;
  readonly #home: string;
  readonly #server: Server;
  readonly #sockets = new Set<WebSocket>();
  readonly #connections: MessageConnection[] = [];
  #told: (() => void)[] = [];

  private constructor(home: string, options: FakeOptions) {
    this.#home = home;
    this.#options = options;
    const webSockets = new WebSocketServer({ noServer: true });
    this.#server = createServer();
    this.#server.on('upgrade', (request, socket, head) => {
      const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1];
      if (token !== undefined && options.tokens?.includes(token) === false) {
        const body = JSON.stringify({ error: { code: 'unauthorized', facts: {}, message: '' } });
        socket.end(`HTTP/1.1 401 Refused\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
        return;
      }
      webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#serve(webSocket, token));
    });
  }

  static async start(home: string, options: FakeOptions = {}): Promise<FakeBroker> {
    const fake = new FakeBroker(home, options);
    const socket = path.join(home, 'fake.sock');
    fs.rmSync(socket, { force: true });
    await new Promise<void>((resolve) => fake.#server.listen(socket, resolve));
    fake.writeRecord({});
    return fake;
  }

  writeRecord(changes: Partial<BrokerRecord>): void {
    const record: BrokerRecord = {
      pid: process.pid,
      processStart: '',
      startedAt: 0,
      socket: path.join(this.#home, 'fake.sock'),
      version: this.#options.version ?? '1.0.0',
      build: 1,
      protocol: 1,
      epoch: 1,
      ...changes,
    };
    fs.writeFileSync(path.join(this.#home, 'broker.json'), JSON.stringify(record));
  }

  /** The requests of that method, once there are so many. */
  async requests(method: string, count = 1): Promise<Asked[]> {
    return this.#when(() => {
      const found = this.asked.filter((one) => one.method === method);
      return found.length >= count ? found : undefined;
    });
  }

  /** The hellos, once there are so many. */
  async greeted(count: number): Promise<void> {
    await this.#when(() => (this.hellos.length >= count ? true : undefined));
  }

  async closed(): Promise<number[]> {
    return this.#when(() => (this.closeCodes.length > 0 ? this.closeCodes : undefined));
  }

  tell(told: Told): void {
    for (const connection of this.#connections) void connection.sendNotification('told', told);
  }

  notify(method: string, value: object): void {
    for (const connection of this.#connections) void connection.sendNotification(method, value);
  }

  ring(request: object): Promise<unknown> {
    const connection = this.#connections.at(-1);
    if (!connection) throw new Error('nobody is connected');
    return connection.sendRequest('ring', request);
  }

  /** Ends as if killed: every connection drops, nobody listens; the record stays. */
  async kill(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: WebSocket, token: string | undefined): void {
    const rpc = jsonRpcOver(socket);
    this.#sockets.add(socket);
    socket.on('close', (code) => {
      this.#sockets.delete(socket);
      this.#connections.splice(this.#connections.indexOf(rpc), 1);
      this.closeCodes.push(code);
      this.#changed();
    });
    rpc.onRequest((method, params, cancellation) => {
      const input = (CancellationToken.is(params) ? {} : (params ?? {})) as Record<string, unknown>;
      if (method === 'hello') return this.#hello(input as unknown as Hello, token, rpc);
      return new Promise((resolve) => {
        const one: Asked = {
          method,
          input,
          token,
          cancelled: false,
          answer: (output, delivery) => resolve({ output, ...(delivery === undefined ? {} : { delivery }) }),
          refuse: (code, facts = {}) => resolve(new ResponseError(-32000, code, { code, facts })),
        };
        cancellation.onCancellationRequested(() => {
          one.cancelled = true;
          this.#changed();
        });
        this.asked.push(one);
        if (method === 'confirm' || method === 'subscribe' || method === 'watch') one.answer({});
        this.#changed();
      });
    });
    rpc.listen();
  }

  #hello(hello: Hello, token: string | undefined, rpc: MessageConnection): Promise<Welcome> | Welcome {
    this.hellos.push({ ...hello, token });
    this.#changed();
    if (this.#options.hangs === true) return new Promise(() => undefined);
    this.#connections.push(rpc);
    return {
      protocol: 1,
      version: this.#options.version ?? '1.0.0',
      build: 1,
      broker: 'B',
      role: 'agent',
      seat: 'none',
      offset: this.#options.offset ?? 0,
    };
  }

  #changed(): void {
    const told = this.#told;
    this.#told = [];
    for (const one of told) one();
  }

  async #when<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#told.push(resolve));
    }
  }
}
