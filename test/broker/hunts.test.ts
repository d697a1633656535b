import { expect, it } from 'vitest';
import { defaultLimits } from '../../src/core/limits';
import { RestartableBroker } from '../support/restartableBroker';

const second = 1000;

/** Ada, who asks, and two who can review, all connected. */
class Reviewers extends RestartableBroker {
  readonly ada = this.register('Ada', 'agent');
  readonly bea = this.register('Bea', 'agent', ['review']);
  readonly cleo = this.register('Cleo', 'agent', ['review']);

  constructor() {
    super(defaultLimits, 1_800_000_000_000);
    for (const id of [this.ada, this.bea, this.cleo]) this.connect(id, false);
  }

  async match(): Promise<string> {
    const placed = await this.ask(this.ada, 'match', { capability: 'review', topic: 'Parser' });
    return (placed as { call: { id: string } }).call.id;
  }

  tried(call: string): string[] {
    return [...(this.state.calls.get(call)?.legs.values() ?? [])].map(({ state }) => state);
  }
}

it('a hunt goes on over a restart of the broker: who rang comes back and answers', async () => {
  const office = new Reviewers();
  const call = await office.match();
  office.crash(true);
  office.clock.turnTo(office.clock.time + second);
  office.start();
  expect(office.tried(call)).toEqual(['ringing']);
  office.clock.turnTo(office.clock.time + 3 * second);
  office.connect(office.bea, false);
  await office.ask(office.bea, 'answer', { answer: 'accept', call });
  expect(office.tried(call)).toEqual(['accepted']);
});

it('a hunt rings who does not come back after a restart for as long as any, then the next', async () => {
  const office = new Reviewers();
  const call = await office.match();
  office.crash(true);
  office.start();
  office.connect(office.cleo, false);
  expect(office.tried(call)).toEqual(['ringing']);
  office.clock.turnTo(office.clock.time + 20 * second);
  expect(office.tried(call)).toEqual(['passed', 'ringing']);
});

it('who comes back after a restart and goes again is passed at once', async () => {
  const office = new Reviewers();
  const call = await office.match();
  office.crash(true);
  office.start();
  for (const id of [office.bea, office.cleo]) office.connect(id, false);
  office.clock.turnTo(office.clock.time + second);
  office.disconnect(office.bea, false);
  expect(office.tried(call)).toEqual(['passed', 'ringing']);
});
