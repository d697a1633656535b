import { ringerNeedsPermission, ringerWakes, ringsTheAway, staysInSight } from '../contract/ringers';
import type { RingerTest, StandBy, Watched } from '../contract/wire';
import { toldOfTask } from '../core/applyTasks';
import type { DurableEvent } from '../core/events';
import { mayWake, ruleOf, wakeCap, wakesOf } from '../core/govern';
import { ringsAt } from '../core/inboxCalls';
import { noRinger, type AgentId, type CallId, type RingReport, type SubjectId } from '../core/model';
import { reportRing } from '../core/receipts';
import type { State } from '../core/state';
import { waitingTasks } from '../core/taskBook';
import type { Clock } from '../store/clock';
import type { Client, Connections, Way } from './connections';
import type { Reaches } from './reach';
import { ringerOf, ringRequest, subjectId, type RingSubject } from './ringWords';
import type { Switchboard } from './switchboard';
import type { Views } from './views';

/** An agent that asked for something this short a time ago is probably in its turn, and will listen by itself (ms). */
const inTurn = 30_000;
/** How long such an agent is given to listen before it is rung for a message (ms). */
const turnGrace = 1500;

/** Why nobody was woken, as the receipt and the watchdog say it. */
const reasons = { cap: 'wake limit', sender: 'the sender may not wake' } as const;

/**
 * Gets through to agents that are not listening: tries the ringers of the connection that holds the agent's seat, best
 * first, and journals what each reported. What was not tried is not claimed. Nobody is rung while all is paused or the
 * agent is held, by who may not wake, or beyond what it may be woken in an hour.
 */
export class Attention {
  readonly #board: Switchboard;
  readonly #connections: Connections;
  readonly #reaches: Reaches;
  readonly #views: Views;
  readonly #clock: Clock;
  readonly #log: (what: string, facts: object) => void;
  readonly #tell: (passing: Watched) => void;
  /** Agents that were rung and have not asked for anything since. */
  readonly #outstanding = new Set<AgentId>();
  readonly #askedAt = new Map<AgentId, number>();
  readonly #planned = new Map<AgentId, { readonly cancel: () => void; readonly subjects: RingSubject[] }>();
  /** Rings under way that will count as wakes. */
  readonly #waking = new Map<AgentId, number>();
  /** Rings under way, with what their client told of them before it answered. */
  readonly #trying = new Map<string, RingReport | undefined>();
  /** Calls that stopped ringing at an agent and may ring again: `call agent`. */
  readonly #silenced = new Set<string>();

  constructor(parts: {
    readonly board: Switchboard;
    readonly connections: Connections;
    readonly reaches: Reaches;
    readonly views: Views;
    readonly clock: Clock;
    readonly log: (what: string, facts: object) => void;
    /** Tells those who watch which ringer is tried. */
    readonly tell: (passing: Watched) => void;
  }) {
    this.#board = parts.board;
    this.#connections = parts.connections;
    this.#reaches = parts.reaches;
    this.#views = parts.views;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#tell = parts.tell;
  }

  get #state(): State {
    return this.#board.state;
  }

  /** Rings for what became durable. */
  published(event: DurableEvent): void {
    switch (event.type) {
      case 'call.rang':
        this.#rang(event.payload);
        return;
      case 'call.queued':
        this.#silenced.add(`${event.payload.call} ${event.payload.agent}`);
        // It rings once the agent is there again; who may be brought back for that is, unless the person is asked first.
        if (event.payload.reason === 'offline' && event.payload.asks === undefined)
          this.#attend(event.payload.agent, { kind: 'call', call: event.payload.call });
        return;
      case 'call.freed': {
        const from = this.#state.calls.get(event.payload.call)?.call.from;
        if (from !== undefined)
          this.#attend(from, { kind: 'free', call: event.payload.call, free: event.payload.agent });
        return;
      }
      case 'message.sent': {
        const { id, thread, from, type } = event.payload.message;
        if (type !== 'message') return;
        const recipients = this.#state.pending.get(id)?.receipts.keys() ?? [];
        for (const agent of [...recipients]) this.#attend(agent, { kind: 'message', message: id, thread, from });
        return;
      }
      case 'task.placed':
      case 'task.offered':
      case 'task.input':
      case 'task.returned':
      case 'task.ended':
      case 'task.reported':
        for (const [agent, change] of toldOfTask(this.#state, event)) {
          const id = event.type === 'task.placed' ? event.payload.task.id : event.payload.task;
          const task = this.#state.tasks.get(id)?.task;
          // How far it is can wait until its giver listens.
          if (!task || change === 'progress') continue;
          this.#attend(agent, { kind: 'task', task: id, from: agent === task.from ? task.to : task.from });
        }
        return;
      case 'all.resumed':
        for (const agent of [...this.#state.unread.keys()]) this.#attendUnread(agent);
        return;
      case 'agent.governed':
        // Whoever may wake, or be woken, from now on: what was not rung for is rung for.
        for (const agent of new Set([...this.#state.unread.keys(), ...this.#state.waiting.keys()])) {
          for (const call of this.#state.waiting.get(agent) ?? []) {
            const { report } = this.#state.pending.get(call)?.receipts.get(agent) ?? {};
            if (report?.ringer === noRinger && ringsAt(this.#state, call, agent))
              this.#attend(agent, { kind: 'call', call });
          }
          this.#attendUnread(agent);
        }
        return;
      case 'call.accepted':
      case 'call.declined':
      case 'call.cancelled':
      case 'call.expired':
      case 'call.passed':
        this.#silenced.delete(`${event.payload.call} ${event.payload.agent}`);
        return;
      default:
        return;
    }
  }

  /** The agent asked for something: it is awake. */
  contact(agent: AgentId): void {
    this.#outstanding.delete(agent);
    this.#askedAt.set(agent, this.#clock.now());
    this.#reaches.contact(agent);
  }

  /**
   * What a client tells of a ring afterwards. Some tell before their ringer has answered: then it is the ring's answer,
   * which would overtake it otherwise.
   */
  async reported(subject: SubjectId, agent: AgentId, report: RingReport): Promise<void> {
    const key = ringKey(subject, agent, report.ringer);
    if (report.result === 'failed') {
      this.#outstanding.delete(agent);
      // Its session did not come back for this call after all: once it does, the call rings at it.
      if (ringsTheAway(report.ringer) && this.#state.calls.has(subject)) this.#silenced.add(`${subject} ${agent}`);
    }
    if (this.#trying.has(key)) this.#trying.set(key, report);
    else {
      this.#board.run((step) => reportRing(step, subject, agent, report));
      await this.#board.durable();
    }
  }

  /** Rings for what waited while the agent was away, once somebody took its seat. */
  seated(agent: AgentId): void {
    this.#reaches.forget(agent);
    this.#ringWaiting(agent, true);
  }

  #ringWaiting(agent: AgentId, isNewcomer: boolean): void {
    for (const call of this.#state.waiting.get(agent) ?? []) {
      if (ringsAt(this.#state, call, agent) && this.#isUnrung(call, agent, isNewcomer) && !this.#isTrying(call, agent))
        this.#attend(agent, { kind: 'call', call });
    }
    for (const { task, isOffered } of waitingTasks(this.#state, agent)) {
      if (isOffered && this.#isUnrung(task.id, agent, isNewcomer))
        this.#attend(agent, { kind: 'task', task: task.id, from: task.from });
    }
    this.#attendUnread(agent, isNewcomer);
  }

  /** Whether no client was handed the ring. One that was held is with its client; a newcomer may not be that client. */
  #isUnrung(subject: SubjectId, agent: AgentId, isNewcomer: boolean): boolean {
    const receipt = this.#state.pending.get(subject)?.receipts.get(agent);
    return receipt?.state === 'stored' && (isNewcomer || receipt.report?.result !== 'held');
  }

  /**
   * The person permitted to wake the agent for this call: every ringer may run.
   * @returns the ringers that will be tried
   */
  permit(agent: AgentId, call: CallId): string[] {
    const ways = this.#connections.ways(agent);
    if (ways.length > 0) void this.#ring(ways, agent, { kind: 'call', call }, true);
    return ways.map(({ ringer }) => ringer);
  }

  /** Something that can ring the agent waits for it from now on, besides what holds its seat. */
  aside(agent: AgentId, { ringers }: Client): void {
    this.#reaches.forget(agent, ringers);
    this.#ringWaiting(agent, true);
  }

  /**
   * A program of the person's stands by for the agent from now on, or for what it can ring it by has opened or closed. What
   * waits for who is there is rung for; nobody is brought back for what waited before.
   */
  stoodBy(offer: StandBy): void {
    const { agent, ringers, closed = {} } = offer;
    this.#reaches.stoodBy(agent, offer, this.#clock.now());
    if (ringers.every((ringer) => Object.hasOwn(closed, ringer)) || !this.#connections.isConnected(agent)) return;
    this.#ringWaiting(agent, false);
  }

  /** The connection has tested its ringers. What another than the agent's seat says of them is nobody's ringer. */
  tested(client: Client, tests: readonly RingerTest[]): void {
    const { agent, ringers } = client;
    if (agent === undefined || this.#connections.seatOf(agent) !== client) return;
    const own = tests.filter(({ ringer }) => ringers.includes(ringer));
    this.#reaches.tested(agent, own, this.#clock.now());
  }

  dispose(): void {
    for (const { cancel } of this.#planned.values()) cancel();
    this.#planned.clear();
  }

  #rang({ call, agent, asks }: { readonly call: CallId; readonly agent: AgentId; readonly asks?: AgentId }): void {
    const wasSilenced = this.#silenced.delete(`${call} ${agent}`);
    // The person is asked first: until they let the agent answer, it hears nothing.
    if (asks !== undefined) return;
    // A ring that goes on after a restart: its client has taken it already.
    if (!wasSilenced && this.#receipt(call, agent) === 'rung') return;
    this.#attend(agent, { kind: 'call', call });
  }

  /** Rings for the newest message that waits and for which nobody rang. Who is away is brought back for news alone. */
  #attendUnread(agent: AgentId, isNewcomer = false): void {
    if (!this.#connections.isConnected(agent)) return;
    let newest:
      { readonly id: SubjectId; readonly thread: string; readonly from: AgentId; readonly at: number } | undefined;
    for (const thread of this.#state.inThreads.get(agent) ?? []) {
      const id = this.#state.threads.get(thread)?.places.get(agent)?.unseen.at(-1);
      const pending = id === undefined ? undefined : this.#state.pending.get(id);
      if (!pending || !this.#isUnrung(pending.id, agent, isNewcomer)) continue;
      if (newest === undefined || pending.at > newest.at)
        newest = { id: pending.id, thread, from: pending.from, at: pending.at };
    }
    if (newest) this.#attend(agent, { kind: 'message', message: newest.id, thread: newest.thread, from: newest.from });
  }

  #attend(agent: AgentId, subject: RingSubject): void {
    const ways = this.#reachable(agent);
    if (!ways) return;
    if (subject.kind === 'call') {
      void this.#ring(ways, agent, subject, false);
      return;
    }
    const planned = this.#planned.get(agent);
    if (planned) {
      planned.subjects.push(subject);
      return;
    }
    const subjects = [subject];
    const awake = this.#clock.now() - (this.#askedAt.get(agent) ?? -Infinity) < inTurn;
    const later = (): void => {
      this.#planned.delete(agent);
      const now = this.#reachable(agent);
      if (!now || this.#outstanding.has(agent)) return;
      // What came first may have been heard meanwhile, and what came after it not.
      const waiting = subjects.find((one) => one.kind !== 'message' || this.#stillWaits(one.message, agent));
      if (waiting) void this.#ring(now, agent, waiting, false);
    };
    if (awake) this.#planned.set(agent, { cancel: this.#clock.after(turnGrace, later), subjects });
    else later();
  }

  /** The ways to ring the agent, if it may be rung and does not listen anyway. */
  #reachable(agent: AgentId): readonly Way[] | undefined {
    if (this.#state.paused || ruleOf(this.#state, agent).hold || this.#reaches.isListening(agent)) return undefined;
    const ways = this.#connections.ways(agent);
    return ways.length === 0 ? undefined : ways;
  }

  #receipt(subject: SubjectId, agent: AgentId): string | undefined {
    return this.#state.pending.get(subject)?.receipts.get(agent)?.state;
  }

  /** Whether a ringer is at it just now. */
  #isTrying(subject: SubjectId, agent: AgentId): boolean {
    return [...this.#trying.keys()].some((key) => key.startsWith(ringKey(subject, agent, '')));
  }

  #stillWaits(subject: SubjectId, agent: AgentId): boolean {
    const state = this.#receipt(subject, agent);
    return state === 'stored' || state === 'rung';
  }

  async #ring(ways: readonly Way[], agent: AgentId, subject: RingSubject, byPerson: boolean): Promise<void> {
    const id = subjectId(subject);
    const allowed = byPerson ? 'all' : mayWake(this.#state, ringerOf(this.#state, subject));
    if (allowed === 'none') {
      this.#report(id, agent, { ringer: noRinger, result: 'refused', detail: reasons.sender });
      return;
    }
    const { report: before } = this.#state.pending.get(id)?.receipts.get(agent) ?? {};
    for (const way of ways) {
      const { ringer } = way;
      if (before?.result === 'held' && before.ringer === ringer && staysInSight(ringer)) {
        // What the doors before it have just reported is not the last word: its line still stands there.
        this.#report(id, agent, before);
        return;
      }
      if (ringerNeedsPermission(ringer) && allowed !== 'all' && !way.permitted) continue;
      const wakes = ringerWakes(ringer);
      if (wakes && !byPerson && !this.#mayBeWoken(agent)) {
        this.#report(id, agent, { ringer: noRinger, result: 'refused', detail: reasons.cap });
        return;
      }
      const result = await this.#try({ ...way, permitted: allowed === 'all' || way.permitted }, agent, subject, wakes);
      // The next stands ready for one that failed; held or refused is its user's word, and no other way in goes round it.
      if (result !== 'failed') return;
      // It was answered, cancelled, or heard of by itself while this one tried.
      if (
        subject.kind === 'call'
          ? !ringsAt(this.#state, id, agent) && !ringsTheAway(ringer)
          : subject.kind === 'message' && !this.#stillWaits(id, agent)
      )
        return;
    }
  }

  async #try(
    { client, ringer, permitted }: Way,
    agent: AgentId,
    subject: RingSubject,
    wakes: boolean,
  ): Promise<RingReport['result']> {
    const request = ringRequest(this.#state, (one) => this.#views.name(one), subject, { agent, ringer, permitted });
    const began = this.#clock.now();
    // Set before the answer: whoever wakes may ask for something before the ringer has reported.
    this.#outstanding.add(agent);
    if (wakes) this.#waking.set(agent, (this.#waking.get(agent) ?? 0) + 1);
    if (subject.kind === 'call') this.#tell({ type: 'ring', call: subject.call, agent, step: ringer });
    const key = ringKey(subjectId(subject), agent, ringer);
    this.#trying.set(key, undefined);
    const own = await (client.ring?.(request) ?? Promise.resolve({ result: 'failed' as const, detail: 'gone' })).catch(
      (error: unknown) => ({
        result: 'failed' as const,
        detail: error instanceof Error ? error.message : 'failed',
      }),
    );
    const { result, detail } = this.#trying.get(key) ?? own;
    const answer = { ringer, result, ...(detail !== undefined && { detail }) };
    this.#trying.delete(key);
    const milliseconds = this.#clock.now() - began;
    if (wakes) this.#waking.set(agent, (this.#waking.get(agent) ?? 1) - 1);
    this.#reaches.tried(agent, { at: began, milliseconds, ...answer });
    this.#log('ring', { agent, ringer, result, milliseconds });
    this.#report(subjectId(subject), agent, answer, wakes && result === 'written');
    if (result !== 'written') this.#outstanding.delete(agent);
    // Its session begins with this call before it: once it is there, the call does not ring at it anew.
    else if (subject.kind === 'call' && ringsTheAway(ringer)) this.#silenced.delete(`${subject.call} ${agent}`);
    return result;
  }

  #report(subject: SubjectId, agent: AgentId, report: RingReport, wakes = false): void {
    if (this.#board.isFailed) return;
    this.#board.run((step) => reportRing(step, subject, agent, report, wakes));
  }

  #mayBeWoken(agent: AgentId): boolean {
    const state = this.#state;
    const count = wakesOf(state, agent, this.#clock.now()).length + (this.#waking.get(agent) ?? 0);
    return count < wakeCap(state, agent, this.#board.world.limits.wakesPerHour);
  }
}

const ringKey = (subject: SubjectId, agent: AgentId, ringer: string): string => `${subject} ${agent} ${ringer}`;
