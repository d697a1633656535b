import { ParleyError } from '../../src/contract/errors';
import type { Change } from '../../src/contract/wire';
import type {
  Asked,
  AskOptions,
  Connection,
  ConnectionOptions,
  Exchange,
  Principal,
} from '../../src/operations/exchange';
import { nothingWaits } from '../unit/mcp/views';

/** One `ask` as it arrived. */
export interface AskedOf {
  readonly agent: string | undefined;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly options: AskOptions;
}

type Answerer = (asked: AskedOf) => Promise<Asked> | Asked;

/** An exchange whose tokens are `token-of-X` for the agent X, and whose answers the test gives. */
export class FakeExchange implements Exchange {
  readonly asked: AskedOf[] = [];
  readonly confirmed: string[] = [];
  readonly connections = new Map<string, ConnectionOptions>();
  /** How connections ended: true for those that were dropped. */
  readonly closed: boolean[] = [];
  answer: Answerer = () => ({ output: { you: 'Atlas', agents: [], waiting: nothingWaits } });
  #count = 0;

  identify(token: string | undefined): Principal {
    if (token === undefined) return { role: 'none' };
    if (token === 'token-of-the-person') return { role: 'admin', agent: 'person' };
    const agent = /^token-of-(\w+)$/.exec(token)?.[1];
    if (agent === undefined) throw new ParleyError('unauthorized');
    return { role: 'agent', agent };
  }

  connect(principal: Principal, options: ConnectionOptions): Connection {
    const id = `connection-${++this.#count}`;
    this.connections.set(id, options);
    return {
      id,
      principal,
      seat: 'held',
      close: (dropped = true) => {
        if (this.connections.delete(id)) this.closed.push(dropped);
      },
    };
  }

  async ask(connection: Connection, operation: string, input: unknown, options: AskOptions): Promise<Asked> {
    const asked = { agent: connection.principal.agent, operation, input: input as Record<string, unknown>, options };
    this.asked.push(asked);
    return this.answer(asked);
  }

  confirm(_connection: Connection, deliveries: readonly string[]): void {
    this.confirmed.push(...deliveries);
  }

  readonly followers = new Set<(change: Change) => void>();

  follow(_connection: Connection, changed: (change: Change) => void): () => void {
    this.followers.add(changed);
    return () => this.followers.delete(changed);
  }

  offer(): Promise<void> {
    return Promise.resolve();
  }

  standBy(): void {
    throw new Error('not through MCP');
  }

  tested(): void {
    throw new Error('not used by this door');
  }

  subscribe(): void {
    throw new Error('not used by this door');
  }

  watch(): void {
    throw new Error('not used by this door');
  }
}

/** Rejects when the signal aborts, as a wait of the broker ends then. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')));
  });
}
