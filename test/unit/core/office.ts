import { changeProfile, register, type Registration } from '../../../src/core/agents';
import { apply } from '../../../src/core/apply';
import { answerCall, cancelCall, permitAnswer, type Answer, type Answered } from '../../../src/core/callAnswers';
import { placeCall, type Placing } from '../../../src/core/calls';
import { fromCheckpoint, toCheckpoint, type Checkpoint } from '../../../src/core/checkpoint';
import { due, nextDue, resume } from '../../../src/core/due';
import type { DurableEvent } from '../../../src/core/events';
import { follow, ringWaiting } from '../../../src/core/follow';
import { govern, pauseAll, resumeAll, type RuleChange } from '../../../src/core/govern';
import { invite, transfer, type Inviting, type Transfer } from '../../../src/core/invitations';
import { defaultLimits, type Limits } from '../../../src/core/limits';
import type { AgentId, Call, CallId, CallPolicy, Card, Leg, SubjectId, ThreadId } from '../../../src/core/model';
import { matchCall, type Matching } from '../../../src/core/match';
import { presenceOf } from '../../../src/core/presence';
import { markSeen } from '../../../src/core/receipts';
import { Refusal } from '../../../src/core/refusal';
import {
  emptyState,
  present,
  type FeedEntry,
  type Receipt,
  type State,
  type ThreadRecord,
} from '../../../src/core/state';
import { Step, type Bucket, type World } from '../../../src/core/step';
import { type Draft } from '../../../src/core/drafts';
import { leave, leaveMessage, send, type Sent } from '../../../src/core/threads';

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** The rules with a world around them: a clock that the test moves, ids that count, agents that come and go. */
export class Office {
  readonly limits: Limits;
  readonly rates = new Map<AgentId, Bucket>();
  readonly events: DurableEvent[] = [];
  readonly #offline = new Map<AgentId, number>();
  state: State = emptyState('broker');
  now = Date.UTC(2026, 0, 1);
  awakeSince: number | undefined;
  startedAt: number | undefined;
  #ids = 0;

  constructor(limits: Partial<Limits> = {}) {
    this.limits = { ...defaultLimits, ...limits };
  }

  get world(): World {
    return {
      limits: this.limits,
      isConnected: (agent) => this.state.agents.has(agent) && !this.#offline.has(agent),
      offlineSince: (agent) => this.#offline.get(agent),
      awakeSince: this.awakeSince,
      startedAt: this.startedAt,
      rates: this.rates,
    };
  }

  /** One command; what it frees rings. */
  run<T>(rule: (step: Step) => T): T {
    const step = new Step(this.state, this.world, this.now, () => `id${++this.#ids}`);
    try {
      const result = rule(step);
      follow(step);
      return result;
    } finally {
      this.events.push(...step.events);
    }
  }

  agent(name: string | undefined, card: Partial<Card> = {}, registration: Partial<Registration> = {}): AgentId {
    return this.run((step) =>
      register(step, { name, kind: 'agent', card, tokenHash: 'hash', nameSeed: 0, ...registration }),
    ).id;
  }

  person(name = 'Kim'): AgentId {
    return this.agent(name, {}, { kind: 'human' });
  }

  /** Any number of agents. */
  agents(...names: string[]): AgentId[] {
    return names.map((name) => this.agent(name));
  }

  goOffline(agent: AgentId): void {
    if (this.#offline.has(agent)) return;
    this.#offline.set(agent, this.now);
    this.run(ringWaiting);
  }

  comeBack(agent: AgentId): void {
    this.#offline.delete(agent);
    this.run(ringWaiting);
  }

  /** Time passes, and what falls due on the way happens when it is due. */
  pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const next = nextDue(this.state, this.world);
      if (next === undefined || next > end) break;
      if (next > this.now) this.now = next;
      const before = this.state.offset;
      this.run(due);
      if (this.state.offset === before) throw new Error(`nothing was due at ${next}`);
    }
    this.now = end;
    this.run(due);
  }

  /** A restart: every rate starts anew, calls that rang go on. */
  restart(): void {
    this.rates.clear();
    this.run(resume);
  }

  call(from: AgentId, to: string | readonly string[], placing: Partial<Placing> = {}): CallId {
    return this.run((step) =>
      placeCall(step, from, { topic: 'Review', ...placing, to: typeof to === 'string' ? [to] : to }),
    );
  }

  answer(
    by: AgentId,
    call: CallId | undefined,
    answer: Answer = 'accept',
    options: Parameters<typeof answerCall>[4] = {},
  ): Answered {
    return this.run((step) => answerCall(step, by, call, answer, options));
  }

  match(from: AgentId, matching: Partial<Matching> = {}): CallId {
    return this.run((step) => matchCall(step, from, matching));
  }

  /** The order of this hunt, by name. */
  line(call: CallId): string[] {
    return (this.state.calls.get(call)?.call.line ?? []).map((agent) => this.name(agent));
  }

  /** At whom this call rings. */
  rings(call: CallId): AgentId {
    const leg = [...(this.state.calls.get(call)?.legs.values() ?? [])].find(({ state }) => state === 'ringing');
    if (!leg) throw new Error(`${call} does not ring`);
    return leg.agent;
  }

  busy(agent: AgentId, busy = true): void {
    this.run((step) => changeProfile(step, agent, { busy }));
  }

  policy(agent: AgentId, policy: CallPolicy): void {
    this.run((step) => changeProfile(step, agent, { card: { policy } }));
  }

  /** The broker's own lines in a thread. */
  notesIn(id: ThreadId | undefined): string[] {
    return this.events.flatMap((event) =>
      event.type === 'message.sent' && event.payload.message.thread === id && event.payload.message.type === 'system'
        ? [event.payload.message.content]
        : [],
    );
  }

  /** Another process: what the checkpoint kept. */
  reload(): void {
    const state = fromCheckpoint(JSON.parse(JSON.stringify(toCheckpoint(this.state))) as Checkpoint);
    if (!state) throw new Error('the checkpoint was not read');
    this.state = state;
    this.restart();
  }

  /** In order: who was tried in this hunt, and what came of it. */
  tried(call: CallId): string[] {
    const legs = [...(this.state.calls.get(call)?.legs.values() ?? [])];
    return legs.map(
      ({ agent, state, reason }) => `${this.name(agent)} ${state}${reason === undefined ? '' : ` ${reason}`}`,
    );
  }

  invite(from: AgentId, to: string | readonly string[], inviting: Partial<Inviting> = {}): CallId {
    return this.run((step) => invite(step, from, { ...inviting, to: typeof to === 'string' ? [to] : to }));
  }

  transfer(from: AgentId, to: string, transfer_: Partial<Transfer> = {}): CallId {
    return this.run((step) => transfer(step, from, { ...transfer_, to }));
  }

  permit(by: AgentId, call: CallId, agent: string): AgentId {
    return this.run((step) => permitAnswer(step, by, call, agent));
  }

  govern(by: AgentId, agent: AgentId | undefined, change: RuleChange): void {
    this.run((step) => govern(step, by, agent, change));
  }

  pauseAll(by: AgentId): void {
    this.run((step) => pauseAll(step, by));
  }

  resumeAll(by: AgentId): void {
    this.run((step) => resumeAll(step, by));
  }

  cancel(by: AgentId, call: CallId): void {
    this.run((step) => cancelCall(step, by, call));
  }

  send(from: AgentId, content: string, thread?: ThreadId, draft: Partial<Draft> = {}): Sent {
    return this.run((step) => send(step, from, thread, { content, ...draft }));
  }

  message(from: AgentId, to: string, content: string, topic?: string, draft: Partial<Draft> = {}): Sent {
    return this.run((step) => leaveMessage(step, from, to, topic, { content, ...draft }));
  }

  leave(agent: AgentId, thread?: ThreadId, close = false): ThreadId {
    return this.run((step) => leave(step, agent, thread, close));
  }

  /** A live thread: the first calls the others, each accepts. */
  talk(caller: AgentId, ...callees: AgentId[]): ThreadId {
    const call = this.call(caller, callees);
    const threads = callees.map((callee) => this.answer(callee, call).thread);
    return threads[0] ?? '';
  }

  see(agent: AgentId, ...subjects: SubjectId[]): void {
    this.run((step) => markSeen(step, agent, { messages: subjects, calls: subjects, via: 'test' }));
  }

  /** What the agent's next listen would tell. */
  told(agent: AgentId): FeedEntry[] {
    const own = this.state.feeds.get(agent);
    return own?.entries.filter((entry) => entry.offset > own.position) ?? [];
  }

  /** Tells it, and confirms that it was told. */
  listen(agent: AgentId): FeedEntry[] {
    const told = this.told(agent);
    this.run((step) =>
      markSeen(step, agent, {
        messages: told.flatMap((entry) => (entry.what === 'message' ? [entry.message] : [])),
        calls: told.flatMap((entry) => (entry.what === 'call' ? [entry.call] : [])),
        via: 'test',
        position: told.at(-1)?.offset,
      }),
    );
    return told;
  }

  /** In words, what the agent's next listen would tell. */
  heard(agent: AgentId): string[] {
    return this.told(agent).map((entry) => {
      if (entry.what === 'outcome') return `${this.name(entry.agent)} ${entry.outcome}`;
      if (entry.what === 'message') return this.#sent(entry.message);
      return entry.what;
    });
  }

  leg(call: CallId, agent: AgentId): Leg {
    const leg = this.state.calls.get(call)?.legs.get(agent);
    if (!leg) throw new Error(`no leg of ${agent} in ${call}`);
    return leg;
  }

  lastCall(): Call {
    const record = [...this.state.calls.values()].at(-1);
    if (!record) throw new Error('no call');
    return record.call;
  }

  thread(id: ThreadId | undefined): ThreadRecord {
    const thread = this.state.threads.get(id ?? '');
    if (!thread) throw new Error(`no open thread ${id ?? ''}`);
    return thread;
  }

  present(id: ThreadId | undefined): string[] {
    return present(this.thread(id)).map((agent) => this.name(agent));
  }

  /** The texts of a thread, open or closed, in order. */
  texts(id: ThreadId | undefined): string[] {
    return this.events.flatMap((event) =>
      event.type === 'message.sent' && event.payload.message.thread === id && event.payload.message.type === 'message'
        ? [`${this.name(event.payload.message.from)}: ${event.payload.message.content}`]
        : [],
    );
  }

  receipt(subject: SubjectId, agent: AgentId): Receipt | undefined {
    return this.state.pending.get(subject)?.receipts.get(agent);
  }

  presence(agent: AgentId): string {
    return presenceOf(this.state, this.world.isConnected(agent), agent);
  }

  name(agent: AgentId): string {
    return this.state.agents.get(agent)?.name ?? agent;
  }

  /** The types of the events since the given count, in order. */
  types(since = 0): string[] {
    return this.events.slice(since).map((event) => event.type);
  }

  #sent(id: SubjectId): string {
    for (const event of this.events) {
      if (event.type !== 'message.sent' || event.payload.message.id !== id) continue;
      const { from, type, content } = event.payload.message;
      return `${this.name(from)} ${type === 'message' ? `says ${content}` : `${type}s`}`;
    }
    return '?';
  }
}

/** The state that these events alone make. */
export function replay(events: readonly DurableEvent[]): State {
  const state = emptyState('broker');
  for (const event of events) apply(state, event);
  return state;
}

/** Why the rules refused: code and facts. A failure of another kind, or none, fails the test. */
export function refusal(act: () => unknown): { code: string } & Record<string, unknown> {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, ...error.facts };
    throw error;
  }
  throw new Error('it was not refused');
}
