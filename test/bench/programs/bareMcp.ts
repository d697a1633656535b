// The control for calls over MCP: the SDK's own server with sessions on a Unix socket, and one tool that answers the same
// every time: the text and the structured result that Parley gave for the same call, handed over in the environment.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';

const [, , address] = process.argv;
const result = JSON.parse(process.env['BENCH_RESULT'] ?? '{}') as CallToolResult;
const sessions = new Map<string, StreamableHTTPServerTransport>();

async function begin(): Promise<StreamableHTTPServerTransport> {
  const server = new McpServer({ name: 'bare', version: '1' });
  const inputSchema = { agent: z.string().optional(), capability: z.string().optional() };
  server.registerTool('who', { description: 'Who is there.', inputSchema }, () => result);
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await server.connect(transport);
  return transport;
}

createServer((request, response) => {
  const id = request.headers['mcp-session-id'];
  const known = typeof id === 'string' ? sessions.get(id) : undefined;
  void (known ? Promise.resolve(known) : begin()).then((transport) => transport.handleRequest(request, response));
}).listen(address);
