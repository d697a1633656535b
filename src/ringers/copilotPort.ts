import { connect, type Socket } from 'node:net';
import type { RingAnswer } from '../contract/wire';
import { DoorClosed, type Door, type DoorTest, type Ring } from './ringer';

/** The most that is read of one answer, in bytes. */
const longestAnswer = 1024 * 1024;

export interface CopilotPortParts {
  /** `COPILOT_AGENT_SESSION_ID`. */
  readonly session: () => string | undefined;
  /** The command lines of the processes above us, nearest first, word by word. */
  readonly commands: () => readonly (readonly string[])[];
}

/**
 * The port of a Copilot CLI that was started with `--ui-server --port N`: JSON-RPC with `Content-Length` headers on
 * loopback, which asks for no token. It serves every session of that process; ours is named.
 */
export class CopilotPortDoor implements Door {
  readonly name = 'copilot-port';
  readonly #parts: CopilotPortParts;

  constructor(parts: CopilotPortParts) {
    this.#parts = parts;
  }

  /** Connects: nothing but that shows whether anybody is behind a port. */
  async look(): Promise<void> {
    const rpc = await PortRpc.open(this.#port(), new AbortController().signal).catch((error: unknown) => {
      if (error instanceof DoorClosed) throw error;
      throw new DoorClosed('nobody is behind its port');
    });
    rpc.close();
  }

  async test(signal: AbortSignal): Promise<DoorTest> {
    return this.#during(signal, async (rpc, session) => {
      const { sessionId } = await rpc.ask('session.getForeground', {});
      const isOurs = sessionId === session;
      return { did: `asked its port for the session in front${isOurs ? '' : ', which is another one'}` };
    });
  }

  async ring({ text }: Ring, signal: AbortSignal): Promise<RingAnswer> {
    return this.#during(signal, async (rpc, session) => {
      // Without this the port knows no session to send to.
      await rpc.ask('session.resume', { sessionId: session, disableResume: true });
      await rpc.ask('session.send', { sessionId: session, prompt: text, mode: 'immediate' });
      return { result: 'written' };
    });
  }

  async #during<T>(signal: AbortSignal, work: (rpc: PortRpc, session: string) => Promise<T>): Promise<T> {
    const session = this.#parts.session() ?? '';
    const rpc = await PortRpc.open(this.#port(), signal);
    try {
      await rpc.ask('connect', {});
      return await work(rpc, session);
    } finally {
      rpc.close();
    }
  }

  /** @throws DoorClosed */
  #port(): number {
    if ((this.#parts.session() ?? '') === '') throw new DoorClosed('the session has not said its id');
    const command = this.#parts.commands().find((words) => words.includes('--ui-server'));
    const port = command && portIn(command);
    if (port === undefined) throw new DoorClosed('it was not started with --ui-server --port');
    return port;
  }
}

function portIn(words: readonly string[]): number | undefined {
  const at = words.findIndex((word) => word === '--port' || word.startsWith('--port='));
  const word = words[at] ?? '';
  const port = Number(word.includes('=') ? word.slice('--port='.length) : words[at + 1]);
  return at >= 0 && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/** JSON-RPC 2.0 in frames with a `Content-Length`, as language servers speak it; one request at a time. */
class PortRpc {
  readonly #socket: Socket;
  #held: Buffer = Buffer.alloc(0);
  #id = 0;
  #settle:
    | { readonly id: number; readonly done: (answer: Answer) => void; readonly failed: (error: Error) => void }
    | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#heard(chunk));
    socket.on('error', (error) => this.#settle?.failed(error));
    socket.on('close', () => this.#settle?.failed(new Error('its port hung up')));
  }

  static open(port: number, signal: AbortSignal): Promise<PortRpc> {
    return new Promise((resolve, reject) => {
      const connection = connect({ host: '127.0.0.1', port, signal });
      connection.once('error', reject);
      connection.once('connect', () => {
        connection.off('error', reject);
        resolve(new PortRpc(connection));
      });
    });
  }

  /** @throws with what the port said when it refuses */
  async ask(method: string, params: object): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#id;
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    const answer = await new Promise<Answer>((done, failed) => {
      this.#settle = { id, done, failed };
      this.#socket.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
    });
    if (answer.error !== undefined)
      throw new Error(`its port refused ${method}: ${String(answer.error.message).slice(0, 120)}`);
    return answer.result ?? {};
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #heard(chunk: Buffer): void {
    this.#held = Buffer.concat([this.#held, chunk]);
    for (let body = this.#next(); body !== undefined; body = this.#next()) {
      const answer = answerOf(body);
      // Everything else is told to every connection: events of the session.
      if (answer && answer.id === this.#settle?.id && answer.method === undefined) this.#settle?.done(answer);
    }
    if (this.#held.length > longestAnswer) this.#socket.destroy(new Error('its port says too much'));
  }

  /** The next whole body that has come in. */
  #next(): string | undefined {
    const end = this.#held.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const length = Number(/content-length: *(\d{1,9})/i.exec(this.#held.subarray(0, end).toString('latin1'))?.[1]);
    if (!Number.isInteger(length)) {
      this.#socket.destroy(new Error('its port speaks another language'));
      return undefined;
    }
    const from = end + 4;
    if (this.#held.length < from + length) return undefined;
    const body = this.#held.subarray(from, from + length).toString();
    this.#held = this.#held.subarray(from + length);
    return body;
  }
}

interface Answer {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message?: unknown };
}

function answerOf(body: string): Answer | undefined {
  try {
    const value = JSON.parse(body) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
