import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  type CallToolResult,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import type { z } from 'zod';
import { ParleyError, toParleyError } from '../contract/errors';
import type { Output } from '../contract/operations';
import { compose, isToolOperation, type ToolOperation } from './answers';
import { allowedWait, traitsOf, type ClientTraits } from './clients';
import { instructions } from './instructions';
import { oneLine } from '../core/text';
import { repeat, type After } from './repeat';
import { fit, type Fitted } from './text';
import { tools, type CallerContext, type Plan, type Tool } from './tools';
import { inputSchema, outputSchema, withoutBlanks } from './toolSchema';

/** Between two progress notifications of one waiting call, in milliseconds. */
export const progressInterval = 10_000;

export interface McpAsk {
  /** Aborted when the client cancelled, or when there is nobody left to answer. */
  readonly signal: AbortSignal;
}

/** What the server needs from whoever reaches the broker: the door in the broker, or the bridge. */
export interface McpHost {
  /** @throws ParleyError */
  ask(
    operation: ToolOperation,
    input: Readonly<Record<string, unknown>>,
    options: McpAsk,
  ): Promise<{ readonly output: object; readonly delivery?: string }>;
  /** The answer that held this delivery was handed over whole. */
  confirm(delivery: string): void;
  /** The client has introduced itself. */
  introduced?(client: { readonly name: string; readonly version: string }): void;
}

export interface McpServerOptions {
  readonly version: string;
  /** Relative paths in refs are taken from here. Asked once the client is known. */
  readonly workspace?: () => string;
  readonly after: After;
  /** Told what goes wrong besides what callers are told. */
  readonly onError?: (error: Error) => void;
  /** Told when the transport has closed. */
  readonly onClose?: () => void;
}

const listedTextOnly = tools.map(({ name, title, description, input, annotations }) => ({
  name,
  title,
  description,
  inputSchema: inputSchema(input),
  annotations: { title, ...annotations },
}));
const listed = tools.map(({ output }, index) => ({ ...listedTextOnly[index], outputSchema: outputSchema(output) }));
const toolByName = new Map(tools.map((tool) => [tool.name, tool]));

/**
 * One MCP server for one client: tools over an abstract way to the broker. An answer counts as handed over when the
 * transport's `send` resolves, so a transport's `send` of a response MUST resolve only then and reject otherwise.
 */
export class McpServer {
  readonly #host: McpHost;
  readonly #options: McpServerOptions;
  // The low-level server: the other one would validate, compile and describe what is declared here already.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  readonly #server: Server;
  /** Deliveries that ride in responses not yet handed over. */
  readonly #riding = new Map<RequestId, string>();

  constructor(host: McpHost, options: McpServerOptions) {
    this.#host = host;
    this.#options = options;
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    this.#server = new Server(
      { name: 'parley', title: 'Parley', version: options.version },
      // The SDK would make a schema compiler for each server, used only to check elicited input, which we never ask for.
      { capabilities: { tools: {} }, instructions, jsonSchemaValidator: { getValidator: neverUsed } },
    );
    this.#server.onerror = (error) => options.onError?.(error);
    this.#server.onclose = () => options.onClose?.();
    this.#server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: this.#traits.textOnly === true ? listedTextOnly : listed,
    }));
    this.#server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      const token = extra._meta?.progressToken;
      const stop =
        token === undefined
          ? undefined
          : this.#progress((progress) => {
              const params = { progressToken: token, progress, message: 'waiting' };
              extra.sendNotification({ method: 'notifications/progress', params }).catch(neverMind);
            });
      try {
        const context = { workspace: options.workspace?.(), note: noteOf(extra._meta) };
        return await this.#call(params.name, params.arguments ?? {}, {
          context,
          id: extra.requestId,
          signal: extra.signal,
          hasProgress: token !== undefined,
        });
      } finally {
        stop?.();
      }
    });
    // VS Code sets a log level before it says that it is initialized, whether or not logging is offered.
    this.#server.fallbackRequestHandler = ({ method }) => {
      if (method === 'logging/setLevel') return Promise.resolve({});
      return Promise.reject(Object.assign(new Error('Method not found'), { code: -32601 }));
    };
    this.#server.oninitialized = () => {
      const client = this.#server.getClientVersion();
      if (client) host.introduced?.({ name: client.name, version: client.version });
    };
  }

  /** The client's name and version, once it has initialized. */
  get client(): { readonly name: string; readonly version: string } | undefined {
    return this.#server.getClientVersion();
  }

  async connect(transport: Transport): Promise<void> {
    await this.#server.connect(new Confirming(transport, (id, whole) => this.#answered(id, whole)));
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  /** The delivery counts when the response was handed over and the request was not cancelled by then. */
  #ride({ id, signal }: ToolRequest, delivery: string): void {
    this.#riding.set(id, delivery);
    signal.addEventListener('abort', () => this.#riding.delete(id), { once: true });
  }

  #answered(id: RequestId, whole: boolean): void {
    const delivery = this.#riding.get(id);
    this.#riding.delete(id);
    if (whole && delivery !== undefined) this.#host.confirm(delivery);
  }

  #progress(send: (count: number) => void): () => void {
    let count = 0;
    return repeat(this.#options.after, progressInterval, () => send(++count));
  }

  async #call(name: string, args: Readonly<Record<string, unknown>>, request: ToolRequest): Promise<CallToolResult> {
    const tool = toolByName.get(name);
    try {
      if (!tool) throw new ParleyError('unknown_operation', { operation: oneLine(name).slice(0, 64) });
      const { fitted, delivery } = await this.#run(planOf(tool, args, request.context), request);
      if (delivery !== undefined) this.#ride(request, delivery);
      const content: CallToolResult['content'] = [{ type: 'text', text: fitted.text }];
      return this.#traits.textOnly === true ? { content } : { content, structuredContent: fitted.structured };
    } catch (error) {
      // Nobody hears the end of a wait that was cancelled.
      return toResult(error, request.signal.aborted ? undefined : this.#options.onError);
    }
  }

  async #run(plan: Plan, request: ToolRequest): Promise<{ fitted: Fitted; delivery: string | undefined }> {
    const { operation, otherwise } = plan;
    if (!isToolOperation(operation)) throw new ParleyError('unknown_operation', { operation });
    const input = this.#withWait(plan, request.hasProgress);
    const ask = async (asked: object): Promise<{ fitted: Fitted; delivery: string | undefined }> => {
      const { output, delivery } = await this.#host.ask(operation, { ...asked }, { signal: request.signal });
      const fitted = fit(compose(operation, output as Output<typeof operation>, input));
      return { fitted, delivery: fitted.left === 0 ? delivery : undefined };
    };
    try {
      const first = await ask(input);
      // What was not shown must not count as seen: the same again, but only as much as fits. Nothing has moved yet.
      if (first.fitted.left === 0 || (operation !== 'listen' && operation !== 'read')) return first;
      return await ask({ ...input, limit: first.fitted.shown });
    } catch (error) {
      if (!otherwise?.codes.includes(toParleyError(error).code)) throw error;
      return this.#run(otherwise.plan, request);
    }
  }

  #withWait({ input, waits }: Plan, hasProgress: boolean): Record<string, unknown> {
    const asked = typeof input['wait'] === 'number' ? input['wait'] : undefined;
    if (!waits && asked === undefined) return { ...input };
    return { ...input, wait: allowedWait(asked, this.#traits, hasProgress) };
  }

  get #traits(): ClientTraits {
    return traitsOf(this.client?.name);
  }
}

interface ToolRequest {
  readonly id: RequestId;
  readonly signal: AbortSignal;
  readonly context: CallerContext;
  readonly hasProgress: boolean;
}

function planOf(tool: Tool, args: Readonly<Record<string, unknown>>, context: CallerContext): Plan {
  const parsed = tool.input.safeParse(withoutBlanks(args));
  if (!parsed.success) throw new ParleyError('bad_input', { problem: problemOf(parsed.error) });
  return tool.plan(parsed.data, context);
}

function problemOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map(({ path, message }) => oneLine(path.length === 0 ? message : `${path.join('.')}: ${message}`).slice(0, 200))
    .join('; ');
}

/** An error that a model can act on: the code, and what to do. */
function toResult(error: unknown, report: McpServerOptions['onError']): CallToolResult {
  const { code, facts, message } = toParleyError(error);
  if (code === 'internal' && error instanceof Error) report?.(error);
  return {
    content: [{ type: 'text', text: `${code}: ${message}` }],
    isError: true,
    _meta: { 'parley/error': { code, facts } },
  };
}

/** Which chat a call comes from, where the client says so. */
function noteOf(meta: Readonly<Record<string, unknown>> | undefined): string | undefined {
  for (const [field, client] of noteFields) {
    const value = meta?.[field];
    if (typeof value === 'string' && value !== '') return `${client}:${oneLine(value).slice(0, 150)}`;
  }
  return undefined;
}

const noteFields = [
  ['vscode.conversationId', 'vscode'],
  ['threadId', 'codex'],
] as const;

/** Passes everything through, and tells whether a response was handed over whole. */
class Confirming implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport['onmessage'];
  readonly #inner: Transport;
  readonly #answered: (id: RequestId, whole: boolean) => void;

  constructor(inner: Transport, answered: (id: RequestId, whole: boolean) => void) {
    this.#inner = inner;
    this.#answered = answered;
  }

  get sessionId(): string | undefined {
    return this.#inner.sessionId;
  }

  async start(): Promise<void> {
    this.#inner.onclose = () => this.onclose?.();
    this.#inner.onerror = (error) => this.onerror?.(error);
    this.#inner.onmessage = (message, extra) => this.onmessage?.(message, extra);
    await this.#inner.start();
  }

  async send(message: JSONRPCMessage, options?: Parameters<Transport['send']>[1]): Promise<void> {
    const id = 'id' in message && 'result' in message ? message.id : undefined;
    try {
      await this.#inner.send(message, options);
      if (id !== undefined) this.#answered(id, true);
    } catch (error) {
      if (id !== undefined) this.#answered(id, false);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }
}

function neverUsed(): never {
  throw new Error('Nothing is elicited here');
}

/** A progress notification that cannot be sent any more. */
function neverMind(): void {}
