import { permitAnswer } from '../../../src/core/callAnswers';
import { govern, pauseAll, resumeAll, type RuleChange } from '../../../src/core/govern';
import { invite, transfer } from '../../../src/core/invitations';
import { matchCall } from '../../../src/core/match';
import type { AgentId, CallPolicy, Urgency } from '../../../src/core/model';
import type { State } from '../../../src/core/state';
import type { Step } from '../../../src/core/step';
import type { Choices } from './choices';

/** The commands of calls that are no plain calls, and those of the person over them, by weight. */
export const callCommands = { match: 4, invite: 4, transfer: 2, permit: 2, govern: 2, pauseAll: 1 } as const;

export type CallCommand = keyof typeof callCommands;

/** One command, decoded: who does what by which rule. `call` and `thread` are of late. */
export function playCall(
  command: CallCommand,
  given: { self: AgentId; call: string; thread: string; state: State; pick: Choices },
): { readonly by: AgentId; readonly what: string; readonly rule: (step: Step) => unknown } {
  const { self, call, state, pick } = given;
  const agents = [...state.agents.keys()];
  switch (command) {
    case 'match': {
      const capability = pick.of(['review', 'review', undefined, 'tests']);
      const onlyAvailable = pick.take(3) === 0;
      const urgency = pick.of<Urgency>(['next', 'next', 'now', 'later']);
      const wish = { capability, topic: 'Review', onlyAvailable, urgency, content: pick.of([undefined, 'hi']) };
      return { by: self, what: `matches ${capability ?? 'anybody'}`, rule: (step) => matchCall(step, self, wish) };
    }
    case 'invite':
    case 'transfer': {
      const by = pick.of([self, ...state.inThreads.keys()]) ?? self;
      // Mostly one that it is in, or the current one.
      const own = pick.of([undefined, ...(state.inThreads.get(by) ?? [])]);
      const thread = pick.take(5) === 0 ? given.thread : own;
      const to = pick.of(agents) ?? '';
      const into = thread ?? 'the current';
      if (command === 'transfer') {
        const reason = pick.of([undefined, 'you know it']);
        return { by, what: `hands ${into} over to ${to}`, rule: (step) => transfer(step, by, { thread, to, reason }) };
      }
      const others = pick.take(4) === 0 ? [pick.of(agents) ?? ''] : [];
      const inviting = { thread, to: [to, ...others], content: pick.of([undefined, 'come']) };
      return { by, what: `invites ${inviting.to.join()} into ${into}`, rule: (step) => invite(step, by, inviting) };
    }
    case 'permit': {
      const agent = pick.of([...(state.calls.get(call)?.legs.keys() ?? [])]) ?? self;
      const person = [...state.agents.values()].find(({ kind }) => kind === 'human')?.id ?? self;
      const what = `lets ${agent} answer ${call}`;
      return { by: person, what, rule: (step) => permitAnswer(step, person, call, agent) };
    }
    case 'govern': {
      const agent = pick.of([undefined, self, self, self]);
      const change = pick.of<RuleChange>([
        { hold: true },
        { hold: null },
        { hold: null, policy: null },
        { policy: pick.of<CallPolicy>(['ask-person', 'decline', 'same-workspace']) ?? 'ring' },
        { policy: null, maySend: null },
        { maySend: pick.take(2) === 0 },
        { mayWake: false, wakesPerHour: 2 },
      ]);
      const what = `rules ${agent ?? 'all'} ${JSON.stringify(change)}`;
      return { by: self, what, rule: (step) => govern(step, self, agent, change ?? {}) };
    }
    case 'pauseAll': {
      const isOver = state.paused !== undefined || pick.take(3) > 0;
      const rule = (step: Step): void => (isOver ? resumeAll : pauseAll)(step, self);
      return { by: self, what: isOver ? 'lets all go on' : 'pauses all', rule };
    }
  }
}
