import type { CallEvent } from '../../../src/core/applyCalls';
import type { AgentId, CallId } from '../../../src/core/model';
import { check } from './check';

interface ShadowLeg {
  state: 'open' | 'rang' | 'over';
  /** The person whom this call is put before: the callee is told nothing. */
  asks: AgentId | undefined;
}

interface ShadowCall {
  readonly from: AgentId;
  readonly placedAt: number;
  readonly line: readonly AgentId[] | undefined;
  readonly legs: Map<AgentId, ShadowLeg>;
  over: boolean;
}

/** Which legs of calls are open, and whom each event of a call concerns. Written from the rules' text, not from their code. */
export class ShadowCalls {
  readonly #calls = new Map<CallId, ShadowCall>();

  /** @returns whom the event concerns, never its own author; @throws when it breaks an invariant */
  take(event: CallEvent): AgentId[] {
    switch (event.type) {
      case 'call.placed': {
        const { call, to } = event.payload;
        const legs = new Map(to.map((agent): [AgentId, ShadowLeg] => [agent, { state: 'open', asks: undefined }]));
        this.#calls.set(call.id, { from: call.from, placedAt: event.time, line: call.line, legs, over: false });
        check(call.line === undefined || to.length === 0, 'a hunt begins with nobody', event);
        return [];
      }
      case 'call.hunted': {
        const { call: id, agent } = event.payload;
        const call = this.#call(id);
        check(call.line?.includes(agent) === true, 'a hunt tries those of its line', event);
        check(!call.legs.has(agent), 'a hunt tries everyone at most once', event);
        check(
          !call.over && [...call.legs.values()].every(({ state }) => state === 'over'),
          'a hunt tries one at a time',
          event,
        );
        call.legs.set(agent, { state: 'open', asks: undefined });
        return [];
      }
      case 'call.queued':
      case 'call.awaited': {
        const leg = this.#open(event);
        leg.asks = event.payload.asks;
        return leg.asks === undefined ? [event.payload.agent] : [];
      }
      case 'call.rang': {
        const leg = this.#open(event);
        const again = leg.state === 'rang';
        leg.state = 'rang';
        leg.asks = event.payload.asks;
        return again ? [] : [leg.asks ?? event.payload.agent];
      }
      case 'call.permitted': {
        const leg = this.#open(event);
        check(leg.asks !== undefined, 'a person permits what was put before them', event);
        leg.asks = undefined;
        return [event.payload.agent];
      }
      case 'call.missed': {
        const { asks } = this.#open(event);
        return this.#parties(event, event.payload.by, asks);
      }
      case 'call.accepted':
      case 'call.declined':
      case 'call.returned':
        this.#end(event);
        return this.#parties(event, event.payload.by);
      case 'call.cancelled':
      case 'call.passed':
        return this.#parties(event, event.payload.by, this.#end(event).asks);
      case 'call.expired':
      case 'call.freed':
        return this.#parties(event, undefined, this.#end(event).asks);
      case 'call.nobody': {
        const call = this.#call(event.payload.call);
        check(
          !call.over && [...call.legs.values()].every(({ state }) => state === 'over'),
          'nobody is the end of a hunt',
          event,
        );
        call.over = true;
        return [call.from];
      }
      case 'call.merged': {
        this.#end(event);
        const { from, placedAt } = this.#call(event.payload.call);
        return placedAt === event.time ? [] : [from];
      }
    }
  }

  #open(event: {
    readonly type: string;
    readonly payload: { readonly call: CallId; readonly agent: AgentId };
  }): ShadowLeg {
    const leg = this.#call(event.payload.call).legs.get(event.payload.agent);
    check(leg !== undefined && leg.state !== 'over', 'nothing happens to a leg after its end', event);
    return leg as ShadowLeg;
  }

  #end(event: {
    readonly type: string;
    readonly payload: { readonly call: CallId; readonly agent: AgentId };
  }): ShadowLeg {
    const leg = this.#call(event.payload.call).legs.get(event.payload.agent);
    const name = event.type === 'call.accepted' ? 'one acceptance per leg' : 'one end per leg';
    check(leg !== undefined && leg.state !== 'over', name, event);
    (leg as ShadowLeg).state = 'over';
    return leg as ShadowLeg;
  }

  /** The caller and the callee, or the person in the callee's stead, but for who did it. */
  #parties(
    { payload: { call, agent } }: { readonly payload: { readonly call: CallId; readonly agent: AgentId } },
    by?: AgentId,
    asks?: AgentId,
  ): AgentId[] {
    return [...new Set([this.#call(call).from, asks ?? agent])].filter((party) => party !== by);
  }

  #call(id: CallId): ShadowCall {
    const call = this.#calls.get(id);
    if (!call) throw new Error(`invariant broken: every call is placed first (${id})`);
    return call;
  }
}
