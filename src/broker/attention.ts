import { ringerNeedsPermission } from '../contract/ringers';
import type { RingRequest } from '../contract/wire';
import type { DurableEvent } from '../core/events';
import type { AgentId, CallId, Message, RingReport, SubjectId } from '../core/model';
import { reportRing } from '../core/receipts';
import { waitingFor } from '../core/presence';
import type { Clock } from '../store/clock';
import type { Client, Connections } from './connections';
import type { Reaches } from './reach';
import type { Switchboard } from './switchboard';
import type { Views } from './views';

/** An agent that asked for something this short a time ago is probably in its turn, and will listen by itself (ms). */
const inTurn = 30_000;
/** How long such an agent is given to listen before it is rung for a message (ms). */
const turnGrace = 1500;
/** The window in which wakes are counted (ms). */
const wakeWindow = 3_600_000;

/** Why an agent is to be rung. */
type Subject =
  { readonly kind: 'call'; readonly call: CallId } | { readonly kind: 'message'; readonly message: Message };

/**
 * Gets through to agents that are not listening: tries the ringers of the connection that holds the agent's seat, best
 * first, and journals what each reported. What was not tried is not claimed.
 */
export class Attention {
  readonly #board: Switchboard;
  readonly #connections: Connections;
  readonly #reaches: Reaches;
  readonly #views: Views;
  readonly #clock: Clock;
  readonly #log: (what: string, facts: object) => void;
  /** Agents that were rung and have not asked for anything since. */
  readonly #outstanding = new Set<AgentId>();
  readonly #askedAt = new Map<AgentId, number>();
  readonly #planned = new Map<AgentId, () => void>();
  readonly #wakes = new Map<AgentId, number[]>();

  constructor(parts: {
    readonly board: Switchboard;
    readonly connections: Connections;
    readonly reaches: Reaches;
    readonly views: Views;
    readonly clock: Clock;
    readonly log: (what: string, facts: object) => void;
  }) {
    this.#board = parts.board;
    this.#connections = parts.connections;
    this.#reaches = parts.reaches;
    this.#views = parts.views;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** Rings for what became durable. */
  published(event: DurableEvent): void {
    if (event.type === 'call.rang') {
      this.#attend(event.payload.agent, { kind: 'call', call: event.payload.call });
    } else if (event.type === 'message.sent' && event.payload.message.type === 'message') {
      const { message } = event.payload;
      const recipients = this.#board.state.pending.get(message.id)?.receipts.keys() ?? [];
      for (const agent of [...recipients]) this.#attend(agent, { kind: 'message', message });
    }
  }

  /** The agent asked for something: it is awake. */
  contact(agent: AgentId): void {
    this.#outstanding.delete(agent);
    this.#askedAt.set(agent, this.#clock.now());
  }

  /** Rings for what waited while the agent was away, once somebody took its seat. */
  seated(agent: AgentId): void {
    const { state } = this.#board;
    for (const call of state.waiting.get(agent) ?? []) {
      const receipt = state.pending.get(call)?.receipts.get(agent);
      const leg = state.calls.get(call)?.legs.get(agent);
      if (leg?.state === 'ringing' && receipt?.state === 'stored') this.#attend(agent, { kind: 'call', call });
    }
  }

  /**
   * The person permitted to wake the agent for this call: every ringer may run.
   * @returns the ringers that will be tried
   */
  permit(agent: AgentId, call: CallId): string[] {
    const seat = this.#connections.seatOf(agent);
    if (!seat) return [];
    void this.#ring(seat, agent, { kind: 'call', call }, true);
    return [...seat.ringers];
  }

  dispose(): void {
    for (const cancel of this.#planned.values()) cancel();
    this.#planned.clear();
  }

  #attend(agent: AgentId, subject: Subject): void {
    const seat = this.#connections.seatOf(agent);
    if (!seat?.ring || seat.ringers.length === 0 || this.#reaches.isListening(agent)) return;
    if (subject.kind === 'call') {
      void this.#ring(seat, agent, subject, false);
      return;
    }
    if (this.#planned.has(agent)) return;
    const awake = this.#clock.now() - (this.#askedAt.get(agent) ?? -Infinity) < inTurn;
    const later = (): void => {
      this.#planned.delete(agent);
      const now = this.#connections.seatOf(agent);
      if (!now || this.#outstanding.has(agent) || this.#reaches.isListening(agent)) return;
      if (this.#stillWaits(subject.message.id, agent)) void this.#ring(now, agent, subject, false);
    };
    if (awake) this.#planned.set(agent, this.#clock.after(turnGrace, later));
    else later();
  }

  #stillWaits(subject: SubjectId, agent: AgentId): boolean {
    const state = this.#board.state.pending.get(subject)?.receipts.get(agent)?.state;
    return state === 'stored' || state === 'rung';
  }

  async #ring(seat: Client, agent: AgentId, subject: Subject, permitted: boolean): Promise<void> {
    const id = subject.kind === 'call' ? subject.call : subject.message.id;
    for (const ringer of seat.ringers) {
      if (ringerNeedsPermission(ringer) && !permitted) continue;
      if (!permitted && !this.#spendWake(agent)) {
        this.#report(id, agent, { ringer, result: 'refused', detail: 'wake limit of this hour' });
        return;
      }
      const request = this.#request(id, agent, ringer, subject, permitted);
      const began = this.#clock.now();
      // Set before the answer: whoever wakes may ask for something before the ringer has reported.
      this.#outstanding.add(agent);
      const answer = await (
        seat.ring?.(request) ?? Promise.resolve({ result: 'failed' as const, detail: 'gone' })
      ).catch((error: unknown) => ({
        result: 'failed' as const,
        detail: error instanceof Error ? error.message : 'failed',
      }));
      const milliseconds = this.#clock.now() - began;
      this.#reaches.tried(agent, { ringer, at: began, milliseconds, ...answer });
      this.#log('ring', { agent, ringer, result: answer.result, milliseconds });
      this.#report(id, agent, {
        ringer,
        result: answer.result,
        ...(answer.detail !== undefined && { detail: answer.detail }),
      });
      if (answer.result === 'written') return;
      this.#outstanding.delete(agent);
    }
  }

  #report(subject: SubjectId, agent: AgentId, report: RingReport): void {
    if (this.#board.isFailed) return;
    this.#board.run((step) => reportRing(step, subject, agent, report));
  }

  #spendWake(agent: AgentId): boolean {
    const now = this.#clock.now();
    const spent = (this.#wakes.get(agent) ?? []).filter((at) => now - at < wakeWindow);
    if (spent.length >= this.#board.world.limits.wakesPerHour) return false;
    this.#wakes.set(agent, [...spent, now]);
    return true;
  }

  #request(id: SubjectId, agent: AgentId, ringer: string, subject: Subject, permitted: boolean): RingRequest {
    const { state } = this.#board;
    const fromId = state.pending.get(id)?.from ?? (subject.kind === 'message' ? subject.message.from : '');
    const sender = state.agents.get(fromId);
    const from = this.#views.name(fromId);
    const who =
      sender?.kind === 'human'
        ? `${from} (a person)`
        : `${from}${sender?.card.platform ? ` (${sender.card.platform})` : ''}`;
    if (subject.kind === 'call') {
      const call = state.calls.get(subject.call)?.call;
      const topic = call?.topic ?? '';
      const text =
        `Parley: ${who} is calling you. Topic, in the caller's words: ${quote(topic)}. ` +
        `This comes from ${sender?.kind === 'human' ? 'a person through Parley' : 'another agent, not from your user'}. ` +
        `Answer with the parley tool "answer", call "${subject.call}", answer "accept"; or "decline" with a reason.`;
      const note = call?.note;
      return {
        subject: id,
        kind: 'call',
        agent,
        ringer,
        call: subject.call,
        from,
        fromId,
        topic,
        text,
        permitted,
        ...(note !== undefined && { note }),
      };
    }
    const thread = state.threads.get(subject.message.thread);
    const { unread } = waitingFor(state, agent);
    const topic = thread?.topic ?? '';
    const text =
      `Parley: ${who} wrote to you in the thread ${quote(topic)}; ${unread} ${unread === 1 ? 'message waits' : 'messages wait'}. ` +
      `Hear them with the parley tool "listen". (message ${id})`;
    return {
      subject: id,
      kind: 'message',
      agent,
      ringer,
      thread: subject.message.thread,
      from,
      fromId,
      topic,
      text,
      permitted,
    };
  }
}

/** An agent's words inside a sentence of ours: in quotes that it cannot close. */
function quote(text: string): string {
  return JSON.stringify(text);
}
