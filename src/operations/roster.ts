import type { Broker } from '../broker/broker';
import { ParleyError } from '../contract/errors';
import type { QuietView } from '../contract/operations/roster';
import { changeProfile, findAgent } from '../core/agents';
import type { Agent } from '../core/model';
import { personOf, setQuiet } from '../core/quiet';
import { hoursText } from '../core/quietHours';
import { signOff } from '../core/signOff';
import type { State } from '../core/state';
import type { Step } from '../core/step';
import { self, type Handlers } from './handler';

/** Calls that `pastCalls` gives when no limit is named. */
const defaultCalls = 10;

export const rosterHandlers: Handlers<'renameAgent' | 'disconnect' | 'pastCalls' | 'doNotDisturb'> = {
  async renameAgent(broker, caller, { agent: name, name: wanted }) {
    const by = self(caller);
    const agent = await broker.board.change((step) => {
      const one = other(step, name);
      return changeProfile(step, one.id, { name: wanted });
    });
    return { output: { agent: broker.views.agent(agent), waiting: broker.views.waiting(by) } };
  },

  async disconnect(broker, caller, { agent: name }) {
    const by = self(caller);
    const agent = broker.board.run((step) => other(step, name));
    while (!broker.board.run((step) => signOff(step, by, agent.id)));
    await broker.board.durable();
    return { output: { agent: agent.name, waiting: broker.views.waiting(by) } };
  },

  async pastCalls(broker, caller, { agent: name, limit = defaultCalls }) {
    const by = self(caller);
    const { views, board } = broker;
    const agent = board.run((step) => findAgent(step, name));
    const calls = await broker.archive.calls({ agent: agent.id, limit }, board.state.offset);
    await broker.pastNames.learn(calls.flatMap(({ from, to }) => [from, ...to.map((leg) => leg.agent)]));
    const output = {
      calls: calls.map((call) => ({
        ...call,
        fromName: views.name(call.from),
        to: call.to.map((leg) => ({ ...leg, name: views.name(leg.agent) })),
      })),
      waiting: views.waiting(by),
    };
    return { output };
  },

  async doNotDisturb(broker, caller, { on, hours, for: seconds }) {
    const by = self(caller);
    await broker.board.change((step) => {
      const until = on === true && seconds !== undefined ? step.now + Math.round(seconds * 1000) : undefined;
      setQuiet(step, by, { on, hours, until });
    });
    return { output: { doNotDisturb: quietOf(broker), waiting: broker.views.waiting(by) } };
  },
};

/** Whether the person is to be left alone, and until when. */
export function quietOf({ state }: Pick<Broker, 'state'>): QuietView {
  const { hours, until } = state.quiet ?? {};
  const on = isQuiet(state);
  return { on, ...(on && until !== undefined && { until }), ...(hours && { hours: hoursText(hours) }) };
}

function isQuiet(state: State): boolean {
  return state.agents.get(personOf(state) ?? '')?.busy === true;
}

/** An agent that is not the person. */
function other(step: Step, name: string): Agent {
  const agent = findAgent(step, name);
  if (agent.kind === 'human') throw new ParleyError('bad_input', { problem: 'agent: that is the person' });
  return agent;
}
