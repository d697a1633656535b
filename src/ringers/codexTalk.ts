import { WebSocket } from 'ws';
import * as z from 'zod';

/** The largest message that is taken from Codex's server, in bytes. */
const largestMessage = 4 * 1024 * 1024;

/** A thread of Codex as far as we look. */
export interface CodexThread {
  readonly id: string;
  readonly folder: string;
  /** A subagent's, or one that Codex made for itself: nobody talks with it. */
  readonly isInner: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** A turn runs. */
  readonly isRunning: boolean;
  /** What it waits for from its user; undefined when it does not. */
  readonly waits: string | undefined;
}

const answerShape = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const initializeShape = z.object({ userAgent: z.string() });
const loadedShape = z.object({ data: z.array(z.string()) });
const threadShape = z.object({
  thread: z.object({
    id: z.string(),
    cwd: z.string(),
    createdAt: z.number(),
    parentThreadId: z.string().nullish(),
    ephemeral: z.boolean().nullish(),
    status: z.object({ type: z.string(), activeFlags: z.array(z.string()).optional() }),
  }),
});
const startedShape = z.object({ turn: z.object({ id: z.string() }) });

/** What Codex says that a thread waits for, in words. */
const prompts: Readonly<Record<string, string>> = {
  waitingOnApproval: 'permission prompt',
  waitingOnUserInput: 'question to its user',
};

/** A conversation with Codex's app server: one JSON-RPC object (without `jsonrpc`) in each text frame of a WebSocket. */
export class CodexTalk {
  /** Codex's own, where its server names it. */
  version: string | undefined;
  readonly #socket: WebSocket;
  readonly #asked = new Map<
    number,
    { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }
  >();
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (frame: Buffer) => this.#heard(frame.toString('utf8')));
    socket.on('close', () => this.#ended(new Error('its server hung up')));
    socket.on('error', (error) => this.#ended(error));
  }

  /** Connects and introduces us. @throws when nobody answers there as Codex does, or the signal is aborted */
  static async open(path: string, signal?: AbortSignal): Promise<CodexTalk> {
    const socket = new WebSocket(`ws+unix://${path}:/`, { perMessageDeflate: false, maxPayload: largestMessage });
    const talk = new CodexTalk(socket);
    const end = (): void => talk.cut();
    signal?.addEventListener('abort', end, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('error', reject);
        socket.once('close', () => reject(new Error('its server hung up')));
      });
      const clientInfo = { name: 'parley', title: 'Parley', version: '0' };
      const said = await talk.#ask('initialize', { clientInfo, capabilities: { experimentalApi: true } });
      talk.version = /\/(\d+\.\d+\.\d+\S*)/.exec(initializeShape.parse(said).userAgent)?.[1];
      talk.#say({ method: 'initialized' });
      return talk;
    } catch (error) {
      talk.cut();
      throw error;
    } finally {
      signal?.removeEventListener('abort', end);
    }
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Ends it at once; what is under way fails. */
  cut(): void {
    this.#socket.terminate();
  }

  /** The ids of the threads that are in memory. */
  async loadedThreads(): Promise<readonly string[]> {
    return loadedShape.parse(await this.#ask('thread/loaded/list', {})).data;
  }

  /** @throws when there is no such thread */
  async thread(id: string): Promise<CodexThread> {
    const { thread } = threadShape.parse(await this.#ask('thread/read', { threadId: id }));
    if (thread.status.type === 'notLoaded') throw new Error('its thread is not open');
    const flag = thread.status.activeFlags?.[0];
    return {
      id: thread.id,
      folder: thread.cwd,
      isInner: (thread.parentThreadId ?? '') !== '' || thread.ephemeral === true,
      createdAt: thread.createdAt * 1000,
      isRunning: thread.status.type === 'active',
      waits: flag === undefined ? undefined : (prompts[flag] ?? 'its user'),
    };
  }

  /** Begins a turn with the text; in a thread whose turn runs, the text joins that. @throws what Codex says against it */
  async startTurn(thread: string, text: string): Promise<void> {
    startedShape.parse(await this.#ask('turn/start', { threadId: thread, input: [{ type: 'text', text }] }));
  }

  close(): void {
    this.#socket.close();
  }

  #ask(method: string, params: object): Promise<unknown> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#say({ id, method, params });
    });
  }

  #say(message: object): void {
    this.#socket.send(JSON.stringify(message), (error) => {
      if (error) this.#ended(error);
    });
  }

  #heard(text: string): void {
    const parsed = answerShape.safeParse(jsonOf(text));
    // Notifications, and requests to whoever shows the thread: not ours.
    if (!parsed.success || (parsed.data.result === undefined && !parsed.data.error)) return;
    const { id, result, error } = parsed.data;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error) asked?.reject(new Error(error.message));
    else asked?.resolve(result);
  }

  #ended(error: Error): void {
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
