import type { OutgoingHttpHeaders } from 'node:http';
import { headersOf, type DoorBench, type Reply } from './mcpHttp';

/** The stateless revision that these requests are of. */
export const revision = '2026-07-28';

interface StatelessRequest {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** The client's name; undefined: it does not say. */
  readonly client?: string | undefined;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly agent?: string;
}

/** A request as that revision has it: everything that a session would know stands in it. */
export function statelessBody({ id = 1, method, params, client = 'test-client', meta }: StatelessRequest): object {
  return {
    jsonrpc: '2.0',
    id,
    method,
    params: {
      ...params,
      _meta: {
        'io.modelcontextprotocol/protocolVersion': revision,
        'io.modelcontextprotocol/clientCapabilities': {},
        'io.modelcontextprotocol/clientInfo': { name: client, version: '1' },
        ...meta,
      },
    },
  };
}

export function statelessHeaders(
  { method, params, agent = 'atlas' }: StatelessRequest,
  more: OutgoingHttpHeaders = {},
): OutgoingHttpHeaders {
  const name = params?.['name'] ?? params?.['uri'];
  return headersOf(undefined, {
    authorization: `Bearer token-of-${agent}`,
    'mcp-protocol-version': revision,
    'mcp-method': method,
    ...(typeof name === 'string' && { 'mcp-name': name }),
    ...more,
  });
}

export function askStateless(
  bench: DoorBench,
  request: StatelessRequest,
  headers: OutgoingHttpHeaders = {},
): Promise<Reply> {
  return bench.send('POST', statelessHeaders(request, headers), JSON.stringify(statelessBody(request)));
}
