import { permitAnswer } from '../core/callAnswers';
import type { Output } from '../contract/operations';
import type { Edition } from '../contract/versions';
import { quietOf } from './roster';
import { self, type Handlers } from './handler';

/** What the program around the broker does for the operations. */
export interface Housekeeping {
  status(): Omit<
    Output<'status'>,
    'offset' | 'agents' | 'connections' | 'openThreads' | 'paused' | 'doNotDisturb' | 'memory'
  >;
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
        doNotDisturb: quietOf(broker),
        memory: process.memoryUsage.rss(),
      };
      return Promise.resolve({ output });
    },

    stop(_broker, _caller, { reason, successor }) {
      house.stop(reason ?? 'asked to', successor);
      return Promise.resolve({ output: {} });
    },

    async wake(broker, caller, { call, agent }) {
      const by = self(caller);
      const callee = await broker.board.change((step) => permitAnswer(step, by, call, agent));
      return { output: { ringers: broker.attention.permit(callee, call) } };
    },
  };
}
