import type { ToolProgress } from '../../contract/wire';
import type { McpHost } from '../../mcp/host';
import { wordsBudget } from '../../mcp/text';
import type { Connection, Exchange } from '../../operations/exchange';

/** The way to the broker for a server that runs in it, as the agent of this connection. */
export function hostOf(exchange: Exchange, connection: Connection): McpHost {
  return {
    ask: (operation, input, { signal, progress }) =>
      exchange.ask(connection, operation, input, {
        signal,
        budget: wordsBudget,
        // While anything else waits, the server itself says so.
        ...(operation === 'useTool' &&
          progress && { progress: (text, fraction) => progress(toolProgress(text, fraction)) }),
      }),
    confirm: (delivery) => exchange.confirm(connection, [delivery], 'mcp'),
    follow: (changed) => exchange.follow(connection, changed),
  };
}

function toolProgress(text: string, progress: number | undefined): ToolProgress {
  return { ...(text !== '' && { text }), ...(progress !== undefined && { progress }) };
}
