import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { McpServerFactory, ServerEventBus } from '@modelcontextprotocol/server';
import type { McpHost } from '../../mcp/host';
import type { After } from '../../mcp/repeat';

/** The server of one session. */
export interface SessionServer {
  connect(transport: Transport): Promise<void>;
  close(): Promise<void>;
}

export interface ServerParts {
  readonly version: string;
  readonly after: After;
  readonly onError: (error: Error) => void;
}

/** What the stateless revisions are served with. */
export interface StatelessServers {
  /** A new server for one request. */
  make(
    host: McpHost,
    parts: ServerParts & {
      /** This is to be confirmed when the response was handed over whole. */
      readonly holds: (delivery: string) => void;
      /** Carries what changes to the agent's open streams. */
      readonly bus: ServerEventBus;
    },
  ): Awaited<ReturnType<McpServerFactory>>;
  /** Whether the answer to this call may take a while, so that its response has to begin before. */
  mayWait(tool: string): boolean;
}

/** The servers that the door puts behind its sessions and requests. */
export interface McpServers {
  session(host: McpHost, parts: ServerParts): SessionServer;
  /** Loaded when the first request of those revisions comes. */
  stateless(): Promise<StatelessServers>;
}
