import { knownCall } from '../core/calls';
import { Refusal } from '../core/refusal';
import { isOver } from '../core/state';
import type { Output } from '../contract/operations';
import type { Edition } from '../contract/versions';
import type { Handlers } from './handler';

/** What the program around the broker does for the operations. */
export interface Housekeeping {
  status(): Omit<Output<'status'>, 'offset' | 'agents' | 'connections' | 'openThreads' | 'paused' | 'memory'>;
  /** Stops the broker once the answer is out. */
  stop(reason: string, successor?: Edition): void;
}

export function adminHandlers(house: Housekeeping): Handlers<'status' | 'stop' | 'wake'> {
  return {
    status(broker) {
      const { state, connections } = broker;
      const output = {
        ...house.status(),
        offset: state.offset,
        agents: state.agents.size,
        connections: connections.count,
        openThreads: state.threads.size,
        paused: state.paused !== undefined,
        memory: process.memoryUsage.rss(),
      };
      return Promise.resolve({ output });
    },

    stop(_broker, _caller, { reason, successor }) {
      house.stop(reason ?? 'asked to', successor);
      return Promise.resolve({ output: {} });
    },

    wake(broker, _caller, { call, agent }) {
      broker.board.run((step) => {
        const leg = knownCall(step, call).legs.get(agent);
        if (!leg) throw new Refusal('not_your_call', { call });
        if (isOver(leg)) step.refuse('call_over', { call, outcome: leg.state, by: broker.views.name(leg.by ?? agent) });
      });
      return Promise.resolve({ output: { ringers: broker.attention.permit(agent, call) } });
    },
  };
}
