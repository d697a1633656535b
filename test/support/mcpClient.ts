import { request } from 'node:http';
import { Readable } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

/** `fetch` over a Unix socket, as far as the SDK's client needs it. */
export function fetchOver(socketPath: string): typeof fetch {
  return (input, init) =>
    new Promise((resolve, reject) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const headers = Object.fromEntries(new Headers(init?.headers));
      const asking = request({ socketPath, path: url.pathname, method: init?.method ?? 'GET', headers }, (reply) => {
        const status = reply.statusCode ?? 500;
        const body = [204, 205, 304].includes(status) ? null : (Readable.toWeb(reply) as ReadableStream);
        const given = Object.entries(reply.headers).map(([name, value]): [string, string] => [name, String(value)]);
        resolve(new Response(body, { status, headers: given }));
      });
      init?.signal?.addEventListener('abort', () => asking.destroy(new Error('aborted')));
      asking.on('error', reject);
      asking.end(typeof init?.body === 'string' ? init.body : undefined);
    });
}

/** The SDK's own client at the broker's MCP door. */
export async function mcpClient(socketPath: string, token: string, name = 'test-client'): Promise<Client> {
  const transport = new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), {
    fetch: fetchOver(socketPath),
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  const client = new Client({ name, version: '1' });
  // Its class leaves optional fields undefined where its own interface forbids that.
  await client.connect(transport as unknown as Transport);
  return client;
}
