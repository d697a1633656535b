import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isAuxiliary, type ModelRequest } from './scriptedModelRequest';
import { Turn } from './scriptedModelTurn';

/** How long a test waits for an agent's next request unless it says otherwise, in milliseconds. */
const requestPatience = 60_000;

/**
 * A model on loopback that speaks the Anthropic Messages API, streaming and not. It holds several brains, told apart by
 * the first segment of the path; each of a brain's turns waits until the test says what it answers. Requests that offer
 * no tools (titles, summaries) and token counts are answered at once with something fixed.
 */
export class ScriptedModel {
  readonly port: number;
  readonly #server: Server;
  readonly #brains = new Map<string, Brain>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(): Promise<ScriptedModel> {
    const holder: { model?: ScriptedModel } = {};
    const server = createServer((request, response) => {
      holder.model?.handle(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500);
        response.end(String(error));
      });
    });
    // A turn may wait for its test for minutes.
    server.requestTimeout = 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    holder.model = new ScriptedModel(server);
    return holder.model;
  }

  /** The brain of that name; an agent reaches it at its `baseUrl`. */
  brain(name: string): Brain {
    const known = this.#brains.get(name);
    if (known !== undefined) return known;
    const brain = new Brain(name, `http://127.0.0.1:${this.port}/${name}`);
    this.#brains.set(name, brain);
    return brain;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = '', ...rest] = new URL(request.url ?? '/', 'http://model').pathname.split('/');
    const path = rest.join('/');
    if (request.method !== 'POST' || !path.startsWith('v1/messages')) {
      response.writeHead(request.method === 'HEAD' ? 200 : 404).end();
      return;
    }
    const body = JSON.parse(await readAll(request)) as ModelRequest;
    if (path === 'v1/messages/count_tokens') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"input_tokens":1000}');
      return;
    }
    this.brain(name).receive(new Turn(body, response));
  }

  /** Cuts every open request and closes the port. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Starts a scripted model on a free loopback port. */
export async function startScriptedModel(): Promise<ScriptedModel> {
  return ScriptedModel.start();
}

/** What one agent thinks with. The test reads each request and answers it. */
export class Brain {
  readonly name: string;
  /** For ANTHROPIC_BASE_URL; the messages are at `${baseUrl}/v1/messages`. */
  readonly baseUrl: string;
  readonly #waiting: Turn[] = [];
  readonly #takers: ((turn: Turn) => void)[] = [];
  readonly #seen: string[] = [];
  #last: Turn | undefined;

  constructor(name: string, baseUrl: string) {
    this.name = name;
    this.baseUrl = baseUrl;
  }

  /** Takes a request in: fixed answer for the auxiliary, else to whoever waits, else into the queue. */
  receive(turn: Turn): void {
    this.#seen.push(turn.describe());
    if (isAuxiliary(turn.request)) {
      void turn.say('Scripted');
      return;
    }
    this.#last = turn;
    turn.onGone(() => {
      const place = this.#waiting.indexOf(turn);
      if (place >= 0) this.#waiting.splice(place, 1);
    });
    const taker = this.#takers.shift();
    if (taker === undefined) this.#waiting.push(turn);
    else taker(turn);
  }

  /**
   * The agent's next request, whole, still unanswered. Requests that their agent gave up are passed over.
   * Throws after `timeout` milliseconds, naming the requests seen so far.
   */
  async nextRequest(timeout = requestPatience): Promise<Turn> {
    const queued = this.#waiting.shift();
    if (queued !== undefined) return queued;
    return new Promise((resolve, reject) => {
      const taker = (turn: Turn): void => {
        clearTimeout(timer);
        resolve(turn);
      };
      const timer = setTimeout(() => {
        this.#takers.splice(this.#takers.indexOf(taker), 1);
        const seen = this.#seen.length === 0 ? 'none' : this.#seen.map((line) => `\n  ${line}`).join('');
        reject(new Error(`${this.name} asked nothing within ${timeout} ms; requests so far: ${seen}`));
      }, timeout);
      this.#takers.push(taker);
    });
  }

  /** Takes the oldest request that holds these words and is not answered yet. */
  take(words: string): Turn | undefined {
    const at = this.#waiting.findIndex((turn) => JSON.stringify(turn.request).includes(words));
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }

  /** Whether these words stood in the newest request, which holds what was said before. */
  hasHeard(words: string): boolean {
    return JSON.stringify(this.#last?.request ?? {}).includes(words);
  }

  /** How many requests wait for an answer. Zero means that the agent is not thinking. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** One line per request so far, for a test's failure message. */
  get seen(): readonly string[] {
    return this.#seen;
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
