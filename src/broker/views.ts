import type {
  AgentView,
  CallView,
  LegView,
  ListenEvent,
  MessageView,
  ReceiptView,
  ThreadView,
  WaitingView,
} from '../contract/views';
import type { Agent, AgentId, Message, Ref, ThreadId } from '../core/model';
import { ruleOf, wakesOf } from '../core/govern';
import { untried } from '../core/hunts';
import { liveThreads, presenceOf, waitingFor } from '../core/presence';
import type { Limits } from '../core/limits';
import { oneLine } from '../core/text';
import { whoseTurn } from '../core/turns';
import {
  isOver,
  present,
  type CallRecord,
  type FeedEntry,
  type Receipt,
  type State,
  type ThreadRecord,
} from '../core/state';
import type { TaskView } from '../contract/taskViews';
import type { TaskRecord } from '../core/taskModel';
import { openTasksOf } from '../core/taskBook';
import { taskView } from './taskViews';
import type { PastNames } from './pastNames';
import type { ToolOffers } from './toolOffers';
import type { Reaches } from './reach';
import type { Connections } from './connections';
import type { Typing } from './typing';

/** What the views need besides the state. */
interface Rooms {
  readonly typing: Typing;
  readonly limits: Limits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly offers: ToolOffers;
  readonly pastNames: PastNames;
}

/** Characters of a message that stand beside a reply to it. */
const excerptLength = 80;

/** Shows the live state as the contract's views. Pure reading; every id gets the name that it has now. */
export class Views {
  readonly #state: State;
  readonly #connections: Connections;
  readonly #reaches: Reaches;
  readonly #rooms: Rooms;

  constructor(state: State, connections: Connections, reaches: Reaches, rooms: Rooms) {
    this.#rooms = rooms;
    this.#state = state;
    this.#connections = connections;
    this.#reaches = reaches;
  }

  name(agent: AgentId): string {
    if (agent === this.#state.home) return brokerName;
    return this.#state.agents.get(agent)?.name ?? this.#rooms.pastNames.get(agent) ?? goneName;
  }

  agent(agent: Agent): AgentView {
    const connected = this.#connections.isConnected(agent.id);
    return {
      id: agent.id,
      name: agent.name,
      kind: agent.kind,
      presence: presenceOf(this.#state, connected, agent.id),
      lastSeen: this.#connections.lastSeen(agent.id) ?? agent.registeredAt,
      reach: this.#reaches.of(agent.id),
      description: agent.card.description,
      capabilities: [...agent.card.capabilities],
      platform: agent.card.platform,
      version: agent.card.version,
      workspace: agent.card.workspace,
      files: [...agent.card.files],
      policy: agent.card.policy,
      inCallWith: this.#partners(agent.id),
      ...this.#work(agent.id),
      ...this.#ruled(agent),
    };
  }

  call(record: CallRecord): CallView {
    const { call } = record;
    return {
      id: call.id,
      from: call.from,
      fromName: this.name(call.from),
      fromPlatform: this.#platform(call.from),
      topic: call.topic,
      urgency: call.urgency,
      ...(call.content !== undefined && { message: call.content }),
      refs: refs(call.refs),
      placedAt: call.placedAt,
      to: [...record.legs.values()].map((leg): LegView => {
        const receipt = this.#state.pending.get(call.id)?.receipts.get(leg.agent) ?? record.settled.get(leg.agent);
        const reason = leg.reason ?? leg.queued;
        return {
          agent: leg.agent,
          name: this.name(leg.agent),
          state: leg.state,
          ...(reason !== undefined && { reason }),
          ...(leg.asks !== undefined && !isOver(leg) && { asks: this.name(leg.asks) }),
          ...(leg.state === 'ringing' && leg.deadline !== undefined && { deadline: leg.deadline }),
          ...(leg.by !== undefined && leg.by !== leg.agent && { by: this.name(leg.by) }),
          ...(receipt && { receipt: this.receipt(leg.agent, receipt) }),
        };
      }),
      ...(record.thread !== undefined && { thread: record.thread }),
      ...(call.returns !== undefined && { returns: call.returns }),
      ...(call.into !== undefined && { into: call.into }),
      ...(call.transfer && { transfer: true }),
      ...(call.callBack && { callBack: true }),
      ...(call.line && { hunt: { left: untried(this.#state, record).length, nobody: record.nobody ?? false } }),
    };
  }

  /** What the person decided about this agent, as far as others may see it. */
  #ruled(agent: Agent): Partial<AgentView> {
    const { hold, mute, policy } = ruleOf(this.#state, agent.id);
    const wakes = wakesOf(this.#state, agent.id, this.#rooms.now()).length;
    return {
      ...(hold && { hold }),
      ...(mute && { muted: mute }),
      ...(policy !== undefined && { allowedPolicy: policy }),
      ...(wakes > 0 && { wakesLastHour: wakes }),
    };
  }

  receipt(agent: AgentId, receipt: Receipt): ReceiptView {
    return {
      agent,
      name: this.name(agent),
      state: receipt.state,
      at: receipt.at,
      ...(receipt.report && { ringer: receipt.report.ringer, result: receipt.report.result }),
      ...(receipt.report?.detail !== undefined && { detail: receipt.report.detail }),
      ...(receipt.code !== undefined && { code: receipt.code }),
    };
  }

  /** `repliedTo`: the message that this one replies to, when it is at hand. */
  message(message: Message, receipts: readonly ReceiptView[], repliedTo?: Message): MessageView {
    return {
      id: message.id,
      thread: message.thread,
      from: message.from,
      fromName: this.name(message.from),
      fromPlatform: this.#platform(message.from),
      fromKind: this.#state.agents.get(message.from)?.kind ?? 'agent',
      type: message.type,
      content: message.content,
      refs: refs(message.refs),
      ...(message.replyTo !== undefined && { replyTo: message.replyTo }),
      ...(repliedTo && { replyToExcerpt: this.#excerpt(repliedTo) }),
      ...(message.broadcast !== undefined && { broadcast: message.broadcast }),
      seq: message.seq,
      timestamp: message.timestamp,
      receipts: [...receipts],
    };
  }

  thread(thread: ThreadRecord, reader: AgentId | undefined): ThreadView {
    const record = thread.call === undefined ? undefined : this.#state.calls.get(thread.call);
    return {
      id: thread.id,
      topic: thread.topic,
      mode: thread.mode,
      state: thread.state,
      home: thread.home,
      participants: [...thread.places].map(([agent, place]) => this.participant(agent, place.leftAt !== undefined)),
      openedAt: thread.openedAt,
      lastAt: thread.lastAt,
      messages: thread.ids.length,
      unread: reader === undefined ? 0 : (thread.places.get(reader)?.unseen.length ?? 0),
      ...(record && { call: this.call(record) }),
      ...this.#room(thread),
    };
  }

  #room(thread: ThreadRecord): Pick<ThreadView, 'isOpen' | 'turns' | 'turn' | 'turnsLeft' | 'typing'> {
    const turn = whoseTurn(this.#state, thread);
    const limit = Math.min(thread.turnLimit ?? Infinity, this.#rooms.limits.turns);
    const typing = this.#rooms.typing.in(thread.id);
    return {
      isOpen: thread.open,
      turns: thread.order ?? 'free',
      ...(turn !== undefined && { turn: this.name(turn) }),
      turnsLeft: Math.max(0, limit - thread.turns),
      ...(typing.length > 0 && { typing: typing.map((agent) => this.name(agent)) }),
    };
  }

  participant(agent: AgentId, left: boolean): ThreadView['participants'][number] {
    return {
      agent,
      name: this.name(agent),
      platform: this.#platform(agent),
      kind: this.#state.agents.get(agent)?.kind ?? 'agent',
      left,
    };
  }

  /** Whether everybody's name is at hand who stands in what {@link told} tells: some may have signed off by now. */
  knowsNames(entry: FeedEntry, message: Message | undefined): boolean {
    return this.#namedIn(entry, message).every((agent) => this.#rooms.pastNames.isKnown(agent));
  }

  /** Makes it so. */
  learnNames(entry: FeedEntry, message: Message | undefined): Promise<void> {
    return this.#rooms.pastNames.learn(this.#namedIn(entry, message));
  }

  #namedIn(entry: FeedEntry, message: Message | undefined): AgentId[] {
    const record = 'call' in entry ? this.#state.calls.get(entry.call) : undefined;
    const { agent, by } = entry as { readonly agent?: AgentId; readonly by?: AgentId };
    return [message?.from, record?.call.from, ...(record?.legs.keys() ?? []), agent, by].filter(
      (id) => id !== undefined,
    );
  }

  /** One entry of the reader's feed; `message` is its message, read beforehand, and `repliedTo` what that replies to. Undefined when what it tells of is gone. */
  told(entry: FeedEntry, message: Message | undefined, reader: AgentId, repliedTo?: Message): ListenEvent | undefined {
    const { offset, time: at } = entry;
    switch (entry.what) {
      case 'call':
      case 'outcome': {
        const record = this.#state.calls.get(entry.call);
        if (!record) return undefined;
        const call = this.call(record);
        if (entry.what === 'call') return { what: 'call', offset, at, call };
        return { what: 'outcome', offset, at, call, agent: this.name(entry.agent), outcome: entry.outcome };
      }
      case 'message':
        if (!message) return undefined;
        return {
          what: 'message',
          offset,
          at,
          topic: this.#topic(entry.thread),
          message: this.message(message, [], repliedTo),
          ...(this.#isTurnOf(reader, entry.thread) && { yourTurn: true }),
        };
      case 'removed':
        return {
          what: 'removed',
          offset,
          at,
          thread: entry.thread,
          topic: this.#topic(entry.thread),
          by: this.name(entry.by),
        };
      case 'limited':
        return { what: 'limited', offset, at, thread: entry.thread, topic: this.#topic(entry.thread) };
      case 'paused':
      case 'resumed':
        return {
          what: entry.what,
          offset,
          at,
          thread: entry.thread,
          topic: this.#topic(entry.thread),
          by: this.name(entry.by),
        };
      case 'closed':
        return { what: 'closed', offset, at, thread: entry.thread, topic: entry.topic, reason: entry.reason };
      case 'task': {
        const record = this.#state.tasks.get(entry.task);
        return record && { what: 'task', offset, at, task: this.task(record), change: entry.change };
      }
      case 'unseen':
        return {
          what: 'unseen',
          offset,
          at,
          subject: entry.subject,
          agent: this.name(entry.agent),
          reason: entry.reason,
        };
    }
  }

  task(record: TaskRecord): TaskView {
    const pending = this.#state.pending.get(record.task.id)?.receipts.get(record.task.to);
    return taskView(record, (agent) => this.name(agent), pending);
  }

  waiting(agent: AgentId | undefined): WaitingView {
    return agent === undefined ? { unread: 0, calls: 0, ringing: 0 } : waitingFor(this.#state, agent);
  }

  #excerpt({ from, content }: Message): { from: string; text: string } {
    const line = oneLine(content);
    const text = line.length > excerptLength ? `${line.slice(0, excerptLength - 1)}…` : line;
    return { from: this.name(from), text };
  }

  #isTurnOf(agent: AgentId, id: ThreadId): boolean {
    const thread = this.#state.threads.get(id);
    return thread !== undefined && whoseTurn(this.#state, thread) === agent;
  }

  /** What the agent offers, and what it works on. */
  #work(agent: AgentId): Pick<AgentView, 'tools' | 'task'> {
    const tools = this.#rooms.offers.of(agent).map(({ card: { name, description } }) => ({ name, description }));
    const working = openTasksOf(this.#state, agent).filter(
      ({ task, state }) => task.to === agent && state === 'working',
    );
    const latest = working.sort((a, b) => b.changedAt - a.changedAt)[0]?.task;
    return { ...(tools.length > 0 && { tools }), ...(latest && { task: { id: latest.id, title: latest.title } }) };
  }

  #platform(agent: AgentId): string {
    return this.#state.agents.get(agent)?.card.platform ?? '';
  }

  #topic(thread: string): string {
    return this.#state.threads.get(thread)?.topic ?? this.#state.closed.get(thread)?.topic ?? '';
  }

  #partners(agent: AgentId): string[] {
    const others = new Set<AgentId>();
    for (const id of liveThreads(this.#state, agent)) {
      const thread = this.#state.threads.get(id);
      if (thread) for (const other of present(thread)) if (other !== agent) others.add(other);
    }
    return [...others].map((other) => this.name(other));
  }
}

/** Who speaks in the notes that the broker puts into a thread. */
export const brokerName = 'Parley';

/** Shown for an agent that was retired: its history stays, its name is free. */
export const goneName = '(gone)';

function refs(list: readonly Ref[]): MessageView['refs'] {
  return list.map((ref) => structuredClone(ref) as MessageView['refs'][number]);
}
