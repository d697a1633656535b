import { ParleyError } from '../contract/errors';
import { findAgent } from '../core/agents';
import { govern, pauseAll, resumeAll } from '../core/govern';
import { once } from '../core/keys';
import { self, type Handlers } from './handler';

export const governHandlers: Handlers<'govern' | 'pauseAll' | 'resumeAll'> = {
  async govern(broker, caller, { agent: name, ...change }) {
    const by = self(caller);
    const { agent, rule } = await broker.board.change((step) => {
      const one = name === undefined ? undefined : findAgent(step, name);
      if (one?.kind === 'human') throw new ParleyError('bad_input', { problem: 'agent: nobody governs the person' });
      return { agent: one, rule: govern(step, by, one?.id, change) };
    });
    return {
      output: { ...(agent && { agent: broker.views.agent(agent) }), rule, waiting: broker.views.waiting(by) },
    };
  },

  async pauseAll(broker, caller, { key }) {
    const by = self(caller);
    await broker.board.change((step) =>
      once(step, by, key, ['pauseAll'], () => {
        pauseAll(step, by);
        return { kind: 'done' };
      }),
    );
    return { output: { paused: true, waiting: broker.views.waiting(by) } };
  },

  async resumeAll(broker, caller, { key }) {
    const by = self(caller);
    await broker.board.change((step) =>
      once(step, by, key, ['resumeAll'], () => {
        resumeAll(step, by);
        return { kind: 'done' };
      }),
    );
    return { output: { paused: false, waiting: broker.views.waiting(by) } };
  },
};
