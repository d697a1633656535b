import type { CallEvent } from './applyCalls';
import type { AgentId, CallId, LegState } from './model';
import type { State } from './state';

/** What a feed says of a call. */
export type CallTold =
  | { readonly what: 'call'; readonly call: CallId }
  | { readonly what: 'outcome'; readonly call: CallId; readonly agent: AgentId; readonly outcome: LegState | 'nobody' };

/**
 * Whom this event of a call concerns, and what they are told; never who did it. While a person is asked first, they are
 * told what the callee would be. To be asked when the event has been applied.
 */
export function toldOfCall(state: State, event: CallEvent): readonly (readonly [AgentId, CallTold])[] {
  if (event.type === 'call.placed' || event.type === 'call.hunted') return [];
  const { call, agent } = event.payload;
  const record = state.calls.get(call);
  if (!record) return [];
  const { from, placedAt } = record.call;
  const leg = record.legs.get(agent);
  const callee = leg?.asks ?? agent;
  const outcome = (
    what: LegState | 'nobody',
    actor: AgentId | undefined,
    ...parties: AgentId[]
  ): (readonly [AgentId, CallTold])[] =>
    [...new Set(parties)]
      .filter((party) => party !== actor)
      .map((party) => [party, { what: 'outcome', call, agent, outcome: what }] as const);
  switch (event.type) {
    case 'call.queued':
    case 'call.awaited':
      // The caller has it in the answer to its own request. Nobody asks a person about a call that does not ring.
      return event.payload.asks === undefined ? [[agent, { what: 'call', call }]] : [];
    case 'call.rang':
      // A ring that goes on after a restart is no second ring.
      return leg?.rangOffset === event.offset ? [[callee, { what: 'call', call }]] : [];
    case 'call.permitted':
      return [[agent, { what: 'call', call }]];
    case 'call.accepted':
      return outcome('accepted', event.payload.by, from, agent);
    case 'call.declined':
      return outcome('declined', event.payload.by, from, agent);
    case 'call.returned':
      return outcome('returned', event.payload.by, from, agent);
    case 'call.merged':
      // At once, the caller has it in the answer to its own request; out of a queue it is news.
      return placedAt === event.time ? [] : outcome('merged', undefined, from);
    case 'call.cancelled':
      return outcome('cancelled', event.payload.by, from, callee);
    case 'call.missed':
      return outcome('missed', event.payload.by, from, callee);
    case 'call.passed':
      return outcome('passed', event.payload.by, from, callee);
    case 'call.freed':
      return outcome('free', undefined, from, callee);
    case 'call.expired':
      return outcome('expired', undefined, from, callee);
    case 'call.nobody':
      return outcome('nobody', undefined, from);
  }
}
