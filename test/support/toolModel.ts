import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How long a client may take to ask its model (ms). */
const patience = 30_000;

/** How many requests are kept to look into; each holds what those before it held. */
const keptRequests = 50;

/** A tool as the client's model names it; Codex has a namespace beside the name. */
export interface ToolName {
  readonly name: string;
  readonly namespace?: string;
}

/**
 * A model on loopback whose every step a test says: it speaks the streams of OpenAI's chat completions and responses and of
 * Gemini. What offers no tools (titles, summaries) is answered at once with something fixed.
 */
export class ToolModel {
  readonly #server: Server;
  readonly #waiting: ModelTurn[] = [];
  readonly #takers = new Set<() => void>();
  #count = 0;
  readonly #seen: string[] = [];
  readonly #bodies: string[] = [];

  private constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
    this.#server.requestTimeout = 0;
  }

  static async start(): Promise<ToolModel> {
    const model = new ToolModel();
    await new Promise<void>((resolve) => model.#server.listen(0, '127.0.0.1', resolve));
    return model;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How often it was asked so far, by requests that offered tools. */
  get count(): number {
    return this.#count;
  }

  /**
   * The oldest request that holds these words and is not answered yet. @throws naming what was asked, when none comes in time
   */
  async asked(words: string, timeout = patience): Promise<ModelTurn> {
    const end = performance.now() + timeout;
    for (;;) {
      const turn = this.take(words);
      if (turn) return turn;
      const left = end - performance.now();
      if (left <= 0)
        throw new Error(`no request with "${words}" in ${timeout} ms; seen:\n${this.#seen.slice(-8).join('\n')}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#takers.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#takers.add(wake);
      });
    }
  }

  /** Takes the oldest request that holds these words and is not answered yet. */
  take(words: string): ModelTurn | undefined {
    const at = this.#waiting.findIndex((turn) => turn.body.includes(words));
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }

  /** Whether these words stood in a request, answered or not. */
  hasHeard(words: string): boolean {
    return this.#bodies.some((body) => body.includes(words));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const at = performance.now();
    const body = Buffer.concat(parts).toString('utf8');
    const url = request.url ?? '';
    if (request.method !== 'POST') {
      response
        .writeHead(url.includes('/models') ? 200 : 404, { 'content-type': 'application/json' })
        .end('{"data":[]}');
      return;
    }
    const turn = new ModelTurn(at, url, body, response);
    this.#seen.push(`${url} ${body.slice(-200)}`);
    if (!hasTools(body)) {
      await turn.say('Scripted');
      return;
    }
    this.#count++;
    this.#bodies.push(body);
    if (this.#bodies.length > keptRequests) this.#bodies.shift();
    this.#waiting.push(turn);
    response.once('close', () => {
      const place = this.#waiting.indexOf(turn);
      if (place >= 0) this.#waiting.splice(place, 1);
    });
    for (const wake of [...this.#takers]) wake();
  }
}

function hasTools(body: string): boolean {
  const { tools, input } = JSON.parse(body === '' ? '{}' : body) as { tools?: unknown[]; input?: { type?: string }[] };
  return (tools?.length ?? 0) > 0 || (Array.isArray(input) && input.some(({ type }) => type === 'additional_tools'));
}

/** One request of a client to its model, until it is answered. */
export class ModelTurn {
  /** When it was whole, by `performance.now()`. */
  readonly at: number;
  readonly body: string;
  readonly #url: string;
  readonly #response: ServerResponse;

  constructor(at: number, url: string, body: string, response: ServerResponse) {
    this.at = at;
    this.#url = url;
    this.body = body;
    this.#response = response;
  }

  /** Ends the client's turn with these words. */
  say(words: string): Promise<void> {
    return this.#answer({ words });
  }

  /** Has the client use a tool; it asks again with what came of it. */
  use(tool: ToolName, args: object): Promise<void> {
    return this.#answer({ tool, args });
  }

  #answer(step: Step): Promise<void> {
    if (this.#response.destroyed) return Promise.resolve();
    this.#response.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = this.#url.includes('enerateContent')
      ? geminiEvents(step)
      : this.#url.includes('/responses')
        ? responsesEvents(step)
        : chatEvents(step);
    for (const event of events) this.#response.write(event);
    // A client that gave the request up never takes its end.
    return new Promise((resolve) => {
      this.#response.once('close', resolve);
      this.#response.end(resolve);
    });
  }
}

type Step = { readonly words: string } | { readonly tool: ToolName; readonly args: object };

let serial = 0;
const freshId = (prefix: string): string => `${prefix}${++serial}`;
const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;

function geminiEvents(step: Step): string[] {
  const part = 'words' in step ? { text: step.words } : { functionCall: { name: step.tool.name, args: step.args } };
  const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
  const content = { role: 'model', parts: [part] };
  return [data({ candidates: [{ content, finishReason: 'STOP', index: 0 }], usageMetadata })];
}

function chatEvents(step: Step): string[] {
  const chunk = { id: freshId('c'), object: 'chat.completion.chunk', created: 1, model: 'scripted' };
  const call = (tool: ToolName, args: object): object => ({
    role: 'assistant',
    tool_calls: [
      { index: 0, id: freshId('t'), type: 'function', function: { name: tool.name, arguments: JSON.stringify(args) } },
    ],
  });
  const delta = 'words' in step ? { role: 'assistant', content: step.words } : call(step.tool, step.args);
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const reason = 'words' in step ? 'stop' : 'tool_calls';
  return [
    data({ ...chunk, choices: [{ index: 0, delta, finish_reason: null }] }),
    data({ ...chunk, choices: [{ index: 0, delta: {}, finish_reason: reason }], usage }),
    'data: [DONE]\n\n',
  ];
}

function responsesEvents(step: Step): string[] {
  const event = (type: string, rest: object): string => `event: ${type}\n${data({ type, ...rest })}`;
  const id = freshId('r');
  const item =
    'words' in step
      ? {
          type: 'message',
          id: freshId('m'),
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: step.words, annotations: [] }],
        }
      : {
          type: 'function_call',
          id: freshId('f'),
          call_id: freshId('call'),
          status: 'completed',
          ...step.tool,
          arguments: JSON.stringify(step.args),
        };
  const usage = {
    input_tokens: 1,
    output_tokens: 1,
    total_tokens: 2,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  };
  return [
    event('response.created', { response: { id, status: 'in_progress', output: [] } }),
    event('response.output_item.added', { output_index: 0, item }),
    event('response.output_item.done', { output_index: 0, item }),
    event('response.completed', { response: { id, object: 'response', status: 'completed', output: [item], usage } }),
  ];
}
