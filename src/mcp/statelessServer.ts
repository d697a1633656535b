import {
  CLIENT_INFO_META_KEY,
  Server,
  type CallToolResult,
  type ListToolsResult,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { McpHost } from './host';
import { instructions } from './instructions';
import { logger } from './logLevels';
import { complete, getPrompt, listedPrompts } from './prompts';
import { toProtocolError } from './protocolErrors';
import { repeat, type After } from './repeat';
import { listResources, readResource, resourceTemplates } from './resources';
import { progressInterval } from './server';
import { callTool, listTools, noteOf, progressWords } from './toolCalls';

/** JSON-RPC code for a resource that is not there, since 2026-07-28. */
const resourceNotFound = -32602;

/** How long a client may keep what never changes while a broker of this version runs, in milliseconds. */
const lasting = 60 * 60_000;

export interface StatelessServerOptions {
  readonly version: string;
  readonly after: After;
  /** The result of this request holds this delivery: confirm it when the response was handed over whole. */
  readonly holds: (delivery: string) => void;
  readonly onError?: (error: Error) => void;
}

/**
 * The MCP server of one request of the stateless revisions (2026-07-28): the same tools, resources and prompts as with a
 * session, with what a session would remember taken from the request.
 */
// The low-level server, for the same reasons as with a session.
// eslint-disable-next-line @typescript-eslint/no-deprecated
export function statelessServer(host: McpHost, options: StatelessServerOptions): Server {
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const server = new Server(
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
      jsonSchemaValidator: { getValidator: neverUsed },
      cacheHints: {
        'server/discover': { ttlMs: lasting, cacheScope: 'public' },
        'tools/list': { ttlMs: lasting, cacheScope: 'private' },
        'prompts/list': { ttlMs: lasting, cacheScope: 'public' },
        'resources/templates/list': { ttlMs: lasting, cacheScope: 'public' },
      },
    },
  );
  server.setRequestHandler('tools/list', (_request, context) => ({
    // JSON Schema is plain data; the SDK's type of it says so in another way than ours.
    tools: listTools(clientOf(context)) as unknown as ListToolsResult['tools'],
  }));
  server.setRequestHandler('tools/call', ({ params }, context) =>
    call(host, options, params.name, params.arguments ?? {}, context),
  );
  server.setRequestHandler('resources/list', (_request, { mcpReq: { signal } }) =>
    asked(async () => ({ resources: await listResources(host, { signal }) })),
  );
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates }));
  server.setRequestHandler('resources/read', ({ params }, { mcpReq: { signal } }) =>
    asked(async () => ({ contents: [await readResource(host, params.uri, { signal })] })),
  );
  server.setRequestHandler('prompts/list', () => ({ prompts: listedPrompts }));
  server.setRequestHandler('prompts/get', ({ params }) =>
    asked(() => Promise.resolve({ ...getPrompt(params.name, params.arguments) })),
  );
  server.setRequestHandler('completion/complete', ({ params: { ref, argument } }, { mcpReq: { signal } }) =>
    asked(async () => ({ completion: await complete(host, ref, argument, { signal }) })),
  );
  return server;
}

async function call(
  host: McpHost,
  options: StatelessServerOptions,
  name: string,
  args: Readonly<Record<string, unknown>>,
  context: ServerContext,
): Promise<CallToolResult> {
  const { mcpReq } = context;
  const progressToken = mcpReq._meta?.progressToken;
  let progress = 0;
  const tell = (message: string): void => {
    if (progressToken === undefined) return;
    const params = { progressToken, progress: ++progress, message };
    mcpReq.notify({ method: 'notifications/progress', params }).catch(neverMind);
  };
  const stop = progressToken === undefined ? undefined : repeat(options.after, progressInterval, () => tell('waiting'));
  try {
    const { result, delivery, refusal } = await callTool(
      host,
      {
        name,
        args,
        signal: mcpReq.signal,
        context: { note: noteOf(mcpReq._meta) },
        client: clientOf(context),
        progress: (told) => tell(progressWords(told)),
        hasProgress: progressToken !== undefined,
      },
      options.onError,
    );
    if (delivery !== undefined && !mcpReq.signal.aborted) options.holds(delivery);
    // Goes out only when the request says that it wants messages of this level.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    if (refusal !== undefined) await mcpReq.log('info', `A tool call was refused: ${refusal}.`, logger);
    return result;
  } finally {
    stop?.();
  }
}

function clientOf({ mcpReq: { envelope } }: ServerContext): string | undefined {
  // The key's type is lost in the SDK's declarations.
  const info = (envelope as Readonly<Record<string, { readonly name?: unknown }>> | undefined)?.[CLIENT_INFO_META_KEY];
  return typeof info?.name === 'string' ? info.name : undefined;
}

/** With the errors of the protocol. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toProtocolError(error, resourceNotFound);
  }
}

function neverUsed(): never {
  throw new Error('Nothing is elicited here');
}

/** A notification that cannot be sent any more. */
function neverMind(): void {}
