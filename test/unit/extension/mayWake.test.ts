import { expect, test } from 'vitest';
import type { Watched } from '../../../src/contract/wire';
import { Signal } from '../../../src/extension/disposable';
import { grantWakes } from '../../../src/extension/ring/mayWake';
import { rings, TestClock } from './support';

const fail = (error: unknown): never => {
  throw error;
};

test.each([
  ['is woken for each call when the setting says so', 'OWN', true, ['wake c1'], ['c1']],
  ['is left alone when the setting is off', 'OWN', false, [], []],
  ['is meant, not the agents beside it', 'NOVA', true, [], []],
])('this window’s own agent %s', (_what, callee, mayWake, asked, settled) => {
  const events = new Signal<Watched>(fail);
  const [did, left]: [string[], string[]] = [[], []];
  grantWakes({
    line: {
      ask: ((operation: string, input: { call: string }) => {
        did.push(`${operation} ${input.call}`);
        return Promise.resolve({});
      }) as never,
    },
    lookout: { events, rings: { settle: (call: string) => left.push(call) } as never },
    mayWake: () => mayWake,
    ownAgent: () => 'OWN',
    onError: fail,
  });
  for (const one of rings('c1', callee, new TestClock())) events.tell(one);
  expect([did, left]).toEqual([asked, settled]);
});
