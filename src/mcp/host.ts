import type { OperationName } from '../contract/operations';
import type { Change } from '../contract/wire';

export interface McpAsk {
  /** Aborted when the client cancelled, or when there is nobody left to answer. */
  readonly signal: AbortSignal;
}

/** What an MCP server needs from whoever reaches the broker: the door in the broker, or the bridge. */
export interface McpHost {
  /** @throws ParleyError */
  ask(
    operation: OperationName,
    input: Readonly<Record<string, unknown>>,
    options: McpAsk,
  ): Promise<{ readonly output: object; readonly delivery?: string }>;
  /** The answer that held this delivery was handed over whole. */
  confirm(delivery: string): void;
  /** The client has introduced itself. */
  introduced?(client: { readonly name: string; readonly version: string }): void;
  /** Tells what changes for the agent from now on, until the function returned is called. */
  follow(changed: (change: Change) => void): () => void;
}
