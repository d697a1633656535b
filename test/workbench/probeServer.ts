import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

/** An MCP server with one tool, `echo`, that answers with what it was given. */
export interface ProbeServer {
  /** Where it listens: the socket's path, or an http address on loopback. */
  readonly address: string;
  /** How many clients are connected. */
  readonly clients: number;
  /** What was echoed so far. */
  readonly echoed: readonly string[];
  stop(): Promise<void>;
}

/** Serves the probe at a socket path, or without one on a loopback port. */
export async function startProbeServer(socket?: string): Promise<ProbeServer> {
  const echoed: string[] = [];
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const server = createServer(async (request, response) => {
    const known = sessions.get(String(request.headers['mcp-session-id']));
    if (known !== undefined) return known.handleRequest(request, response);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    // The SDK's own types disagree about optional members under exactOptionalPropertyTypes.
    await makeProbe(echoed).connect(transport as Parameters<McpServer['connect']>[0]);
    await transport.handleRequest(request, response);
  });
  await listen(server, socket);
  const address = socket ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    address,
    echoed,
    stop,
    get clients() {
      return sessions.size;
    },
  };
}

function makeProbe(echoed: string[]): McpServer {
  const probe = new McpServer({ name: 'probe', version: '1' });
  const annotations = { readOnlyHint: true, openWorldHint: false };
  probe.registerTool(
    'echo',
    { description: 'Says it back', inputSchema: { text: z.string() }, annotations },
    ({ text }) => {
      echoed.push(text);
      return { content: [{ type: 'text', text: `echo of ${text}` }] };
    },
  );
  return probe;
}

async function listen(server: Server, socket: string | undefined): Promise<void> {
  await new Promise<void>((resolve) =>
    socket === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(socket, resolve),
  );
}
