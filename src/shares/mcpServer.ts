import { existsSync } from 'node:fs';
import * as os from 'node:os';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport, getDefaultEnvironment } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  type CallToolResult,
  CallToolResultSchema,
  ErrorCode,
  McpError,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { RunTool } from '../broker/connections';
import type { ToolAnswer, ToolRequest } from '../contract/wire';
import type { ToolCard } from '../core/model';
import type { Share } from './shareFile';

/** How long a server may take until it answers first, ms: it may have to be fetched by npx. */
const connectTime = 60_000;
/** How long the broker waits for a tool beyond the time that its user gave it, ms: it is told to stop at that time. */
const patience = 5000;
/** Pages of its list of tools that are read. */
const mostPages = 20;
/** What is kept of its standard error, characters. */
const lastWords = 500;

/** Codes of the client's own errors, not of the server's. */
const lost: ReadonlySet<number> = new Set([ErrorCode.ConnectionClosed, ErrorCode.RequestTimeout]);

/** A running MCP server. */
export interface McpServer {
  /** What it says it is. */
  readonly title: string;
  tools(): Promise<ToolCard[]>;
  readonly run: RunTool;
  readonly isGone: () => boolean;
  /** What it wrote to its standard error last. */
  readonly lastWords: () => string;
  close(): Promise<void>;
}

export interface McpServerParts {
  readonly share: Share;
  readonly version: string;
  /** Called once when it is gone, unless it was closed. */
  readonly onGone: () => void;
  readonly onToolsChanged: () => void;
}

/** Starts or reaches the server, and greets it. Rejects when it does not answer. */
export async function openMcpServer({ share, version, onGone, onToolsChanged }: McpServerParts): Promise<McpServer> {
  // It may ask nothing of us: no capability is declared.
  const client = new Client({ name: 'parley', version });
  let words = '';
  const transport = transportOf(share, (text) => (words = (words + text).slice(-lastWords)));
  let isGone = false;
  const close = async (): Promise<void> => {
    // Who closes it needs not be told.
    client.onclose = () => undefined;
    await client.close();
  };
  try {
    await client.connect(transport, { timeout: connectTime });
  } catch (error) {
    await close().catch(() => undefined);
    const said = words.trim().split('\n').at(-1) ?? '';
    throw new Error(`${startProblem(error, share)}${said === '' ? '' : ` (${said})`}`, { cause: error });
  }
  client.onclose = () => {
    isGone = true;
    onGone();
  };
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => onToolsChanged());
  return {
    title: titleOf(client),
    tools: () => toolsOf(client),
    run: (request, run) => runTool(client, request, run),
    isGone: () => isGone,
    lastWords: () => words.trim(),
    close,
  };
}

function transportOf(share: Share, said: (text: string) => void): Transport {
  const { command: [program, ...args] = [], url = '', headers } = share;
  if (program === undefined) {
    return new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { ...headers } } });
  }
  const transport = new StdioClientTransport({
    command: program,
    args,
    // Nothing of the broker's own but what every program needs: the rest is the person's choice.
    env: { ...getDefaultEnvironment(), ...share.environment },
    cwd: share.folder ?? os.homedir(),
    stderr: 'pipe',
  });
  transport.stderr?.on('data', (data: Buffer) => said(data.toString('utf8')));
  return transport;
}

function titleOf(client: Client): string {
  const info = client.getServerVersion();
  return info === undefined ? '' : `${info.title ?? info.name} ${info.version}`;
}

async function toolsOf(client: Client): Promise<ToolCard[]> {
  if (!client.getServerCapabilities()?.tools) return [];
  const cards: ToolCard[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const { tools, nextCursor } = await client.listTools({ cursor }, { timeout: connectTime });
    for (const { name, title, description, inputSchema } of tools)
      cards.push({ name, description: description ?? title ?? '', input: inputSchema });
    cursor = nextCursor;
    if (cursor === undefined) break;
  }
  return cards;
}

async function runTool(
  client: Client,
  { tool, args, timeout }: ToolRequest,
  { signal, progress }: Parameters<RunTool>[1],
): Promise<ToolAnswer> {
  try {
    const result = await client.request(
      { method: 'tools/call', params: { name: tool, arguments: args } },
      CallToolResultSchema,
      {
        signal,
        timeout: timeout + patience,
        onprogress: ({ progress: done, total, message }) =>
          progress({
            ...(message !== undefined && { text: message }),
            ...(total !== undefined && total > 0 && { progress: done / total }),
          }),
      },
    );
    return answerOf(result);
  } catch (error) {
    // What the server says is an answer; that it is gone or was told to stop is none.
    const isOurs = signal.aborted || !(error instanceof McpError);
    const isLost = !isOurs && lost.has(error.code);
    // A server behind HTTP is known to be gone only by what is asked of it.
    if (!signal.aborted && !(error instanceof McpError)) void client.close().catch(() => undefined);
    if (isOurs || isLost) throw error;
    return { content: error.message, isError: true };
  }
}

function answerOf({ content, structuredContent, isError }: CallToolResult): ToolAnswer {
  const text = content.map((block): string => {
    switch (block.type) {
      case 'text':
        return block.text;
      case 'image':
      case 'audio':
        return `[${block.type}, ${block.mimeType}, ${block.data.length} characters of base64]`;
      case 'resource':
        return 'text' in block.resource ? block.resource.text : `[${block.resource.uri}]`;
      case 'resource_link':
        return `[${block.name}: ${block.uri}]`;
    }
  });
  return {
    content: text.join('\n'),
    ...(structuredContent !== undefined && { structured: structuredContent }),
    ...(isError === true && { isError }),
  };
}

/** Why a server did not start, for a person: what a system or the protocol calls it says little to one. */
function startProblem(error: unknown, { command: [program] = [], folder }: Share): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // A folder that is not there fails in the same way as a program that is not.
  if (code === 'ENOENT' && folder !== undefined && !existsSync(folder)) return `there is no folder ${folder}`;
  if (code === 'ENOENT') return `there is no program ${program ?? ''}`;
  if (code === 'EACCES') return `${program ?? ''} may not be run`;
  if (code === ErrorCode.ConnectionClosed) return 'it ended before it answered';
  if (code === ErrorCode.RequestTimeout) return `it has not answered within ${connectTime / 1000} s`;
  return messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
