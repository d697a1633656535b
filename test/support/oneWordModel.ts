import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A model on loopback that answers every request with the same words, in the streams of OpenAI's chat completions and
 * responses and of Gemini, and keeps what it was asked.
 */
export class OneWordModel {
  readonly #server: Server;
  readonly requests: string[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        this.requests.push(body);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        answer(request.url ?? '', response);
        response.end();
      });
    });
  }

  static async start(): Promise<OneWordModel> {
    const model = new OneWordModel();
    await new Promise<void>((resolve) => model.#server.listen(0, '127.0.0.1', resolve));
    return model;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What it always says. */
export const words = 'Nothing to do.';

function answer(url: string, response: ServerResponse): void {
  const data = (value: object, event?: string): void => {
    if (event !== undefined) response.write(`event: ${event}\n`);
    response.write(`data: ${JSON.stringify(value)}\n\n`);
  };
  if (url.includes('generateContent') || url.includes('streamGenerateContent')) {
    const content = { role: 'model', parts: [{ text: words }] };
    const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
    data({ candidates: [{ content, finishReason: 'STOP', index: 0 }], usageMetadata });
  } else if (url.includes('/responses')) {
    const item = {
      type: 'message',
      id: 'm1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: words, annotations: [] }],
    };
    const usage = {
      input_tokens: 1,
      output_tokens: 1,
      total_tokens: 2,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    };
    const whole = { id: 'r1', object: 'response', status: 'completed', output: [item], usage };
    data({ type: 'response.created', response: { id: 'r1', status: 'in_progress', output: [] } }, 'response.created');
    data(
      { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
      'response.output_item.added',
    );
    data(
      { type: 'response.output_text.delta', item_id: 'm1', output_index: 0, content_index: 0, delta: words },
      'response.output_text.delta',
    );
    data({ type: 'response.output_item.done', output_index: 0, item }, 'response.output_item.done');
    data({ type: 'response.completed', response: whole }, 'response.completed');
  } else {
    const chunk = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'scripted' };
    data({ ...chunk, choices: [{ index: 0, delta: { role: 'assistant', content: words }, finish_reason: null }] });
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    data({ ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage });
    response.write('data: [DONE]\n\n');
  }
}
