import { expectedUntil } from '../../../src/core/expected';
import { ruleOf } from '../../../src/core/govern';
import type { Limits } from '../../../src/core/limits';
import { isOver, present, type State } from '../../../src/core/state';
import { check } from './check';

/** What holds of calls after every command. */
export function checkSilence(state: State): void {
  for (const [agent, waiting] of state.waiting) {
    const silent = state.paused !== undefined || ruleOf(state, agent).hold === true;
    for (const id of silent ? waiting : []) {
      const leg = state.calls.get(id)?.legs.get(agent);
      check(leg?.state !== 'ringing', 'nothing rings while all is paused or the agent is held', { agent, id });
    }
  }
  for (const id of state.hunts) {
    const record = state.calls.get(id);
    const open = [...(record?.legs.values() ?? [])].filter((leg) => !isOver(leg));
    check(open.length === 1, 'a hunt that goes on tries exactly one', { id, open });
  }
}

/** The indexes of calls agree with the calls. Costs the whole state. */
export function checkCallIndexes(state: State, limits: Limits): void {
  const hunts = new Set<string>();
  const invitations = new Map<string, Set<string>>();
  for (const [id, { call, overAt }] of state.calls) {
    if (overAt !== undefined) continue;
    if (call.line !== undefined) hunts.add(id);
    if (call.into === undefined) continue;
    check(state.threads.has(call.into), 'an open invitation leads into an open thread', id);
    invitations.set(call.into, (invitations.get(call.into) ?? new Set()).add(id));
  }
  check([...hunts].join() === [...state.hunts].join(), 'hunts agree with the calls');
  const listed = (map: ReadonlyMap<string, ReadonlySet<string>>): string =>
    [...map]
      .map(([thread, calls]) => `${thread}: ${[...calls].sort().join()}`)
      .sort()
      .join('\n');
  check(listed(invitations) === listed(state.invitations), 'invitations agree with the calls');
  for (const thread of state.threads.values()) {
    if (thread.mode !== 'live' || thread.room || present(thread).length >= 2) continue;
    check(expectedUntil(state, { limits }, thread.id) !== undefined, 'who is alone waits for somebody', thread.id);
  }
}
