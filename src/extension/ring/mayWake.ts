import type { Client } from '../../client/client';
import { toParleyError } from '../../contract/errors';
import type { Disposable } from '../disposable';
import type { Lookout } from '../lookout';

/**
 * The standing permission of the setting `parley.chat.mayWake`: what the person would say by "Let the Agent Answer" is said
 * at once for calls at this window's own agent.
 */
export function grantWakes(options: {
  readonly line: Pick<Client, 'ask'>;
  readonly lookout: Pick<Lookout, 'events' | 'rings'>;
  readonly mayWake: () => boolean;
  readonly ownAgent: () => string | undefined;
  readonly onError: (error: unknown) => void;
}): Disposable {
  const { line, lookout, mayWake, ownAgent, onError } = options;
  return lookout.events.on((event) => {
    if (event.type !== 'call.rang' || event.payload.agent !== ownAgent() || !mayWake()) return;
    const { call, agent } = event.payload;
    lookout.rings.settle(call, agent);
    line.ask('wake', { call, agent }).catch((error: unknown) => {
      // Answered or taken back in the meantime.
      if (toParleyError(error).code !== 'call_over') onError(error);
    });
  });
}
