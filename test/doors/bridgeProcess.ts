import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { until } from '../support/until';

/** A JSON-RPC message as a client sees it. */
export interface RpcMessage {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: {
    readonly content?: readonly { readonly text: string }[];
    readonly structuredContent?: Record<string, unknown>;
    readonly isError?: boolean;
    readonly [key: string]: unknown;
  };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** `parley mcp` as a process of its own, with a client that speaks to it line by line. */
export class BridgeProcess {
  readonly messages: RpcMessage[] = [];
  /** Lines on standard output that are no JSON; there must be none. */
  readonly strays: string[] = [];
  stderr = '';
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  #id = 0;

  constructor(programs: string, env: NodeJS.ProcessEnv, cwd = programs) {
    this.#child = spawn(process.execPath, [path.join(programs, 'parley.js'), 'mcp'], {
      cwd,
      env: { PATH: process.env['PATH'], HOME: env['PARLEY_HOME'], ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#exit = new Promise((resolve) => this.#child.once('exit', resolve));
    let rest = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        try {
          this.messages.push(JSON.parse(line) as RpcMessage);
        } catch {
          this.strays.push(line);
        }
      }
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.stderr += chunk));
    this.#child.stdin?.on('error', () => undefined);
  }

  write(text: string | Buffer): void {
    this.#child.stdin?.write(text);
  }

  notify(method: string, params: object = {}): void {
    this.write(`${JSON.stringify({ jsonrpc: '2.0', method, params })}\n`);
  }

  /** Sends a request; its id, to wait for with `answer`. */
  begin(method: string, params: object = {}): number {
    const id = ++this.#id;
    this.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return id;
  }

  answer(id: number): Promise<RpcMessage> {
    return until(`the answer to ${id}`, () => this.messages.find((message) => message.id === id && !message.method));
  }

  request(method: string, params: object = {}): Promise<RpcMessage> {
    return this.answer(this.begin(method, params));
  }

  async introduce(name = 'test-client', version = '2.1.329'): Promise<RpcMessage> {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name, version } };
    const answer = await this.request('initialize', params);
    this.notify('notifications/initialized');
    // As every client does; who can be rung signs on then.
    await this.request('tools/list');
    return answer;
  }

  async tool(name: string, args: object = {}): Promise<NonNullable<RpcMessage['result']>> {
    const { result, error } = await this.request('tools/call', { name, arguments: args });
    if (!result) throw new Error(`${name}: ${JSON.stringify(error)}`);
    return result;
  }

  /** Closes its input and waits for it to end; its exit code. */
  async leave(): Promise<number | null> {
    this.#child.stdin?.end();
    return this.#exit;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    this.#child.kill(signal);
    return this.#exit;
  }
}
