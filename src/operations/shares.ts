import type { ShareView } from '../contract/operations/shares';
import type { Input } from '../contract/operations';
import { ParleyError } from '../contract/errors';
import type { AgentId } from '../core/model';
import { self, type Handlers } from './handler';

/** The MCP servers that the person shares, as the program around the broker runs them. */
export interface Shares {
  /** @throws `bad_share` when it cannot be started, `name_taken`, `bad_name`, `roster_full` */
  add(wish: Input<'share'>): Promise<ShareView>;
  list(): readonly ShareView[];
  /** @throws `unknown_share` */
  remove(by: AgentId, name: string): Promise<void>;
}

export function shareHandlers(shares: Shares | undefined): Handlers<'share' | 'shares' | 'unshare'> {
  const there = (): Shares => {
    if (!shares) throw new ParleyError('unknown_operation', { operation: 'share' });
    return shares;
  };
  return {
    async share(broker, caller, wish) {
      const by = self(caller);
      const share = await there().add(wish);
      return { output: { share, waiting: broker.views.waiting(by) } };
    },

    shares(broker, caller) {
      const output = { shares: [...there().list()], waiting: broker.views.waiting(self(caller)) };
      return Promise.resolve({ output });
    },

    async unshare(broker, caller, { name }) {
      const by = self(caller);
      await there().remove(by, name);
      return { output: { name, waiting: broker.views.waiting(by) } };
    },
  };
}
