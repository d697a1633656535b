import type { ShareView } from '../contract/operations/shares';
import type { Input } from '../contract/operations';
import { ParleyError } from '../contract/errors';
import type { AgentId } from '../core/model';
import { self, type Handlers } from './handler';

/** The MCP servers that the person shares, as the program around the broker runs them. */
export interface Shares {
  /** @throws `bad_share` when it cannot be started, `name_taken`, `bad_name`, `roster_full`, `key_conflict` */
  add(by: AgentId, wish: Input<'share'>): Promise<ShareView>;
  list(): readonly ShareView[];
  /** @throws `unknown_share`, `key_conflict` */
  remove(by: AgentId, wish: Input<'unshare'>): Promise<void>;
}

export function shareHandlers(shares: Shares | undefined): Handlers<'share' | 'shares' | 'unshare'> {
  const there = (): Shares => {
    if (!shares) throw new ParleyError('unknown_operation', { operation: 'share' });
    return shares;
  };
  return {
    async share(broker, caller, wish) {
      const by = self(caller);
      const share = await there().add(by, wish);
      return { output: { share, waiting: broker.views.waiting(by) } };
    },

    shares(broker, caller) {
      const output = { shares: [...there().list()], waiting: broker.views.waiting(self(caller)) };
      return Promise.resolve({ output });
    },

    async unshare(broker, caller, wish) {
      const by = self(caller);
      await there().remove(by, wish);
      return { output: { name: wish.name, waiting: broker.views.waiting(by) } };
    },
  };
}
