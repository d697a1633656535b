import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { textOf, type ModelBlock, type ModelMessage, type ModelRequest, type ModelTool } from './scriptedModelRequest';

/** An agent gives up a silent stream; while the test thinks, the stream gets a ping this often, in milliseconds. */
const pingInterval = 5_000;

/** What a turn answers: text, or a tool call. */
type Step =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool'; readonly name: string; readonly input: object };

/** One request of an agent to its model. Exactly one of `callTool`, `callTools`, `say`, `fail` answers it. */
export class Turn {
  readonly request: ModelRequest;
  /** When it was whole, by `performance.now()`. */
  readonly at = performance.now();
  readonly #response: ServerResponse;
  readonly #ping: NodeJS.Timeout | undefined;
  #answered = false;

  constructor(request: ModelRequest, response: ServerResponse) {
    this.request = request;
    this.#response = response;
    if (request.stream === true) this.#ping = setInterval(() => this.#event('ping', {}), pingInterval);
    response.once('close', () => clearInterval(this.#ping));
  }

  get messages(): readonly ModelMessage[] {
    return this.request.messages;
  }

  /** The tools offered to the model. */
  get tools(): readonly ModelTool[] {
    return this.request.tools ?? [];
  }

  /** The system prompt as one text. */
  get system(): string {
    return textOf(this.request.system);
  }

  /** The text of everything the model was sent after its own last answer. Clients split one input into several messages. */
  get news(): string {
    const last = this.request.messages.findLastIndex((message) => message.role === 'assistant');
    return this.request.messages
      .slice(last + 1)
      .map((message) => textOf(message.content))
      .join('\n');
  }

  /** The results of the tools called in the step before: text and whether it was an error. */
  get toolResults(): readonly { readonly text: string; readonly isError: boolean }[] {
    const last = this.request.messages.findLastIndex((message) => message.role === 'assistant');
    return this.request.messages
      .slice(last + 1)
      .flatMap((message): readonly ModelBlock[] => (typeof message.content === 'string' ? [] : message.content))
      .filter((block) => block.type === 'tool_result')
      .map((block) => ({ text: textOf(block.content), isError: block.is_error === true }));
  }

  /** Whether the agent gave the request up (its connection is gone) or got its answer. */
  get over(): boolean {
    return this.#answered || this.#response.destroyed;
  }

  /** Calls back when the request's connection is gone. */
  onGone(callback: () => void): void {
    this.#response.once('close', callback);
  }

  /** One line for failure messages. */
  describe(): string {
    const news = this.news.replaceAll(/\s+/g, ' ');
    return `${this.request.model}: ${this.tools.length} tools, ${this.messages.length} messages, "${news.slice(0, 200)}"`;
  }

  /** The model says something, which ends the agent's turn. Resolves when the answer was written. */
  async say(text: string): Promise<void> {
    await this.#answer([{ type: 'text', text }], 'end_turn');
  }

  /** The model calls one tool. The agent's next request brings the result. */
  async callTool(name: string, input: object = {}): Promise<void> {
    await this.callTools({ name, input });
  }

  /** The model calls several tools in one step. */
  async callTools(...calls: readonly { readonly name: string; readonly input: object }[]): Promise<void> {
    await this.#answer(
      calls.map(({ name, input }) => ({ type: 'tool', name, input })),
      'tool_use',
    );
  }

  /** The model's service answers with an error instead. */
  async fail(status = 529, type = 'overloaded_error'): Promise<void> {
    this.#begin();
    const body = JSON.stringify({ type: 'error', error: { type, message: 'scripted failure' } });
    if (this.#response.headersSent) this.#response.end(`event: error\ndata: ${body}\n\n`);
    else this.#response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    await this.#written();
  }

  async #answer(steps: readonly Step[], stopReason: string): Promise<void> {
    this.#begin();
    const head = { id: `msg_${randomUUID()}`, type: 'message', role: 'assistant', model: this.request.model };
    const usage = { input_tokens: 1000, output_tokens: 50 };
    const blocks = steps.map(asBlock);
    if (this.request.stream === true) {
      this.#event('message_start', {
        message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage },
      });
      steps.forEach((step, index) => this.#stream(step, blocks[index], index));
      this.#event('message_delta', {
        delta: { stop_reason: stopReason, stop_sequence: null },
        usage: { output_tokens: 50 },
      });
      this.#event('message_stop', {});
      this.#response.end();
    } else {
      const body = { ...head, content: blocks, stop_reason: stopReason, stop_sequence: null, usage };
      this.#response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }
    await this.#written();
  }

  #begin(): void {
    if (this.#answered) throw new Error('This request has its answer already');
    if (this.#response.destroyed) throw new Error(`The agent gave this request up: ${this.describe()}`);
    this.#answered = true;
    clearInterval(this.#ping);
  }

  #stream(step: Step, block: unknown, index: number): void {
    const empty = step.type === 'text' ? { type: 'text', text: '' } : { ...(block as object), input: {} };
    const delta =
      step.type === 'text'
        ? { type: 'text_delta', text: step.text }
        : { type: 'input_json_delta', partial_json: JSON.stringify(step.input) };
    this.#event('content_block_start', { index, content_block: empty });
    this.#event('content_block_delta', { index, delta });
    this.#event('content_block_stop', { index });
  }

  #event(type: string, data: object): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.#response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  }

  async #written(): Promise<void> {
    if (this.#response.writableFinished) return;
    await new Promise<void>((resolve) => {
      this.#response.once('finish', resolve);
      this.#response.once('close', resolve);
    });
  }
}

function asBlock(step: Step): object {
  if (step.type === 'text') return { type: 'text', text: step.text };
  return { type: 'tool_use', id: `toolu_${randomUUID().replaceAll('-', '')}`, name: step.name, input: step.input };
}
