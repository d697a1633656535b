import { describe, expect, it } from 'vitest';
import { answerCall } from '../../../src/core/callAnswers';
import { placeCall } from '../../../src/core/calls';
import { pauseAll, resumeAll } from '../../../src/core/govern';
import type { AgentId, CallId } from '../../../src/core/model';
import { Office } from './office';

const fast = { messagesPerMinute: 1e9, messageBurst: 1e9, agents: 1e6, inboxItems: 1e6 };

/** An office with very many urgent calls at one agent, and a count of how often a call is looked up. */
function crowded(callers: number) {
  const office = new Office(fast);
  const person = office.person();
  const bea = office.agent('Bea');
  const call = (from: AgentId, to: string): CallId =>
    office.run((step) => placeCall(step, from, { to: [to], topic: 'x', urgency: 'now' }));
  const calls = Array.from({ length: callers }, (_, index) => call(office.agent(`Caller${index}`), 'Bea'));
  const lookUps = (work: () => void): number => {
    const { calls: map } = office.state;
    let count = 0;
    Object.defineProperty(map, 'get', {
      configurable: true,
      value: (id: CallId) => {
        count++;
        return Map.prototype.get.call(map, id) as unknown;
      },
    });
    work();
    delete (map as { get?: unknown }).get;
    return count;
  };
  const ringing = (): number => calls.filter((id) => office.leg(id, bea).state === 'ringing').length;
  return { office, person, bea, call, calls, lookUps, ringing };
}

describe('with very many calls at one agent', () => {
  it('going on after a pause looks twice as often at twice as many, and not four times', () => {
    const resumed = (callers: number): number => {
      const { office, person, lookUps, ringing } = crowded(callers);
      office.run((step) => pauseAll(step, person));
      expect(ringing()).toBe(0);
      const looked = lookUps(() => office.run((step) => resumeAll(step, person)));
      expect(ringing()).toBe(callers);
      return looked;
    };
    const once = resumed(300);
    expect(once).toBeGreaterThan(300);
    expect(resumed(600)).toBeLessThan(2.5 * once);
  });

  it('the end of a call at another agent looks at none of them', () => {
    const declined = (callers: number): number => {
      const { office, call, lookUps } = crowded(callers);
      const [ada, cleo] = office.agents('Ada', 'Cleo') as [AgentId, AgentId];
      const other = call(ada, 'Cleo');
      return lookUps(() => office.run((step) => answerCall(step, cleo, other, 'decline')));
    };
    expect(declined(400)).toBe(declined(10));
  });
});
