import type { OperationName } from '../contract/operations';
import type { Change, ToolProgress } from '../contract/wire';

export interface McpAsk {
  /** Aborted when the client cancelled, or when there is nobody left to answer. */
  readonly signal: AbortSignal;
  /** Told how far a tool that is used has come. */
  readonly progress?: (progress: ToolProgress) => void;
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
  /** The client has asked which tools there are. */
  listed?(): void;
  /** A tool is called with this `_meta`, in which some clients name their session. */
  called?(meta: Readonly<Record<string, unknown>>): void;
  /**
   * False while asking would sign the client on only because it looked: nothing is listed of an agent that is none yet.
   * Without it: true.
   */
  isKnown?(): boolean;
  /** Tells what changes for the agent from now on, until the function returned is called. */
  follow(changed: (change: Change) => void): () => void;
}
