import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
  type CallToolResult,
  type JSONRPCMessage,
  type RequestId,
  type ServerNotification,
} from '@modelcontextprotocol/sdk/types.js';
import { ParleyError } from '../contract/errors';
import type { McpHost } from './host';
import { instructions } from './instructions';
import { defaultLogLevel, isAtLeast, logger, type LogLevel } from './logLevels';
import { complete, getPrompt, listedPrompts } from './prompts';
import { toProtocolError, withInvalidParams } from './protocolErrors';
import { repeat, type After } from './repeat';
import { listResources, parseUri, readResource, resourceTemplates, unknownResource } from './resources';
import { callTool, listTools, noteOf, progressWords } from './toolCalls';
import { mostSubscriptions, Updates } from './updates';

/** Between two progress notifications of one waiting call, in milliseconds. */
export const progressInterval = 10_000;

/** JSON-RPC code for a resource that is not there, in the revisions up to 2025-11-25. */
const resourceNotFound = -32002;

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

/** What a request brings besides its parameters. */
interface RequestContext {
  readonly signal: AbortSignal;
  readonly requestId: RequestId;
  readonly _meta?:
    { readonly [key: string]: unknown; readonly progressToken?: string | number | undefined } | undefined;
  readonly sendNotification: (notification: ServerNotification) => Promise<void>;
}

/**
 * One MCP server of the revisions with sessions, for one client: tools, resources and prompts over an abstract way to the
 * broker. An answer counts as handed over when the transport's `send` resolves, so a transport's `send` of a response MUST
 * resolve only then and reject otherwise.
 */
export class McpServer {
  readonly #host: McpHost;
  readonly #options: McpServerOptions;
  // The low-level server: the other one would validate, compile and describe what is declared here already.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  readonly #server: Server;
  readonly #updates: Updates;
  /** Deliveries that ride in responses not yet handed over. */
  readonly #riding = new Map<RequestId, string>();
  #level: LogLevel = defaultLogLevel;

  constructor(host: McpHost, options: McpServerOptions) {
    this.#host = host;
    this.#options = options;
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    this.#server = new Server(
      { name: 'parley', title: 'Parley', version: options.version },
      {
        capabilities: {
          tools: {},
          resources: { subscribe: true, listChanged: true },
          prompts: {},
          completions: {},
          logging: {},
        },
        instructions,
        // The SDK would make a schema compiler for each server, used only to check elicited input, which we never ask for.
        jsonSchemaValidator: { getValidator: neverUsed },
      },
    );
    this.#updates = new Updates(host, options.after, {
      updated: (uri) => void this.#server.sendResourceUpdated({ uri }).catch(neverMind),
      listChanged: () => void this.#server.sendResourceListChanged().catch(neverMind),
    });
    this.#server.onerror = (error) => options.onError?.(error);
    this.#server.onclose = () => {
      this.#updates.close();
      options.onClose?.();
    };
    this.#server.oninitialized = () => {
      const client = this.#server.getClientVersion();
      if (client) host.introduced?.({ name: client.name, version: client.version });
    };
    this.#offerTools();
    this.#offerResources();
    this.#offerPrompts();
    this.#server.setRequestHandler(SetLevelRequestSchema, ({ params }) => {
      this.#level = params.level;
      return {};
    });
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

  /** Tells whoever looks after the client what went on. Never what agents said. */
  log(level: LogLevel, text: string): void {
    if (this.client === undefined || !isAtLeast(level, this.#level)) return;
    const params = { level, logger, data: text };
    void this.#server.notification({ method: 'notifications/message', params }).catch(neverMind);
  }

  #offerTools(): void {
    this.#server.setRequestHandler(ListToolsRequestSchema, () => {
      this.#host.listed?.();
      return { tools: listTools(this.client?.name) };
    });
    this.#server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) =>
      this.#call(params.name, params.arguments ?? {}, extra),
    );
  }

  #offerResources(): void {
    this.#server.setRequestHandler(ListResourcesRequestSchema, (_request, { signal }) =>
      asked(async () => {
        this.#updates.begin();
        return { resources: await listResources(this.#host, { signal }) };
      }),
    );
    this.#server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates }));
    this.#server.setRequestHandler(ReadResourceRequestSchema, ({ params }, { signal }) =>
      asked(async () => ({ contents: [await readResource(this.#host, params.uri, { signal })] })),
    );
    this.#server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }, { signal }) =>
      asked(async () => {
        if (this.#updates.size >= mostSubscriptions) {
          throw new ParleyError('bad_input', {
            problem: `at most ${mostSubscriptions} resources can be subscribed to`,
          });
        }
        if (!parseUri(uri)) throw unknownResource(uri);
        // Who may not read it has nothing to be told of either.
        await readResource(this.#host, uri, { signal });
        this.#updates.subscribe(uri);
        return {};
      }),
    );
    this.#server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
      this.#updates.unsubscribe(params.uri);
      return {};
    });
  }

  #offerPrompts(): void {
    this.#server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: listedPrompts }));
    this.#server.setRequestHandler(GetPromptRequestSchema, ({ params }) =>
      asked(() => Promise.resolve({ ...getPrompt(params.name, params.arguments) })),
    );
    this.#server.setRequestHandler(CompleteRequestSchema, ({ params: { ref, argument } }, { signal }) =>
      asked(async () => ({ completion: await complete(this.#host, ref, argument, { signal }) })),
    );
  }

  async #call(name: string, args: Readonly<Record<string, unknown>>, extra: RequestContext): Promise<CallToolResult> {
    const token = extra._meta?.progressToken;
    if (extra._meta) this.#host.called?.(extra._meta);
    const tell = token === undefined ? undefined : progressOf(token, extra);
    const stop = tell && repeat(this.#options.after, progressInterval, () => tell('waiting'));
    try {
      const { result, delivery, refusal } = await callTool(
        this.#host,
        {
          name,
          args,
          signal: extra.signal,
          context: { workspace: this.#options.workspace?.(), note: noteOf(extra._meta) },
          client: this.client?.name,
          progress: tell && ((progress) => tell(progressWords(progress))),
          hasProgress: token !== undefined,
        },
        this.#options.onError,
      );
      if (delivery !== undefined) this.#ride(extra, delivery);
      if (refusal !== undefined && isAtLeast('info', this.#level)) {
        const params = { level: 'info' as const, logger, data: `A tool call was refused: ${refusal}.` };
        extra.sendNotification({ method: 'notifications/message', params }).catch(neverMind);
      }
      return result;
    } finally {
      stop?.();
    }
  }

  /** The delivery counts when the response was handed over and the request was not cancelled by then. */
  #ride({ requestId, signal }: RequestContext, delivery: string): void {
    this.#riding.set(requestId, delivery);
    signal.addEventListener('abort', () => this.#riding.delete(requestId), { once: true });
  }

  #answered(id: RequestId, whole: boolean): void {
    const delivery = this.#riding.get(id);
    this.#riding.delete(id);
    if (whole && delivery !== undefined) this.#host.confirm(delivery);
  }
}

/** Tells the client one step further, with these words. */
function progressOf(progressToken: string | number, { sendNotification }: RequestContext): (message: string) => void {
  let progress = 0;
  return (message) => {
    const params = { progressToken, progress: ++progress, message };
    sendNotification({ method: 'notifications/progress', params }).catch(neverMind);
  };
}

/** With the errors of the protocol. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toProtocolError(error, resourceNotFound);
  }
}

/** Passes everything through, but for the SDK's words for bad parameters, and tells whether a response was handed over whole. */
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
    const said =
      'error' in message ? { ...message, error: { ...message.error, ...withInvalidParams(message.error) } } : message;
    try {
      await this.#inner.send(said, options);
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
