import { describe, expect, it } from 'vitest';
import { matchCall } from '../../../src/core/match';
import { signOff } from '../../../src/core/signOff';
import { answerTask, delegate } from '../../../src/core/tasks';
import { Office, refusal } from './office';

describe('an agent that the person signs off', () => {
  it('leaves its threads, and what waits for it or was asked by it ends', () => {
    const office = new Office();
    const kim = office.person();
    const [ada = '', bea = '', cleo = ''] = office.agents('Ada', 'Bea', 'Cleo');
    const thread = office.talk(ada, bea);
    const waiting = office.call(cleo, 'Ada');
    const placed = office.call(ada, 'Cleo');
    const task = office.run((step) => delegate(step, bea, { to: 'Ada', title: 'Mend it' }));
    office.run((step) => answerTask(step, ada, task, 'accept'));
    office.run((step) => signOff(step, kim, ada));
    expect(office.state.agents.has(ada)).toBe(false);
    expect(office.state.threads.has(thread)).toBe(false);
    expect(office.state.calls.get(waiting)?.legs.get(ada)).toMatchObject({ state: 'declined', by: kim });
    expect(office.state.calls.get(placed)?.legs.get(cleo)).toMatchObject({ state: 'cancelled' });
    expect(office.state.tasks.get(task)).toMatchObject({ state: 'canceled', by: kim });
    expect(office.agent('Ada')).not.toBe(ada);
  });

  it('is no end of a hunt: that goes on to the next', () => {
    const office = new Office();
    const kim = office.person();
    const [ada = '', bea = '', cleo = ''] = ['Ada', 'Bea', 'Cleo'].map((name) =>
      office.agent(name, { capabilities: name === 'Ada' ? [] : ['review'] }),
    );
    const call = office.run((step) => matchCall(step, ada, { topic: 'Look at this', capability: 'review' }));
    const legs = office.state.calls.get(call)?.legs;
    const [first = ''] = legs?.keys() ?? [];
    office.run((step) => signOff(step, kim, first));
    const next = first === bea ? cleo : bea;
    expect(legs?.get(next)?.state).toBe('ringing');
  });

  it('must be on the roster', () => {
    const office = new Office();
    const kim = office.person();
    expect(refusal(() => office.run((step) => signOff(step, kim, 'nobody')))).toMatchObject({ code: 'unknown_agent' });
  });
});
