import type { Broker } from '../broker/broker';
import type { Archive } from '../broker/archive';
import type { Gathered } from '../broker/listening';
import type { AgentId, ThreadId } from '../core/model';
import { markThreadSeen } from '../core/receipts';
import { Refusal } from '../core/refusal';
import { leave, leaveMessage, send, currentThread, type Sent } from '../core/threads';
import { Step } from '../core/step';
import type { MessageView, ReceiptView, ThreadView } from '../contract/views';
import { utf8Length } from '../core/text';
import { saidIn } from './calls';
import type { AskOptions } from './exchange';
import { mostEvents, self, waitOf, type Caller, type Handlers } from './handler';

/** Messages that `read` gives when no limit is named. */
const defaultPage = 50;

export const threadHandlers: Handlers<'send' | 'message' | 'read' | 'threads' | 'leave' | 'seen'> = {
  async send(broker, caller, input, options) {
    const from = self(caller);
    const draft = { content: input.text, refs: input.refs, replyTo: input.replyTo, key: input.key };
    const sent = await broker.board.change((step) => send(step, from, input.thread, draft));
    return answerSent(broker, caller, sent, input.wait, options);
  },

  async message(broker, caller, input, options) {
    const from = self(caller);
    const draft = { content: input.text, refs: input.refs, key: input.key };
    const sent = await broker.board.change((step) => leaveMessage(step, from, input.to, input.topic, draft));
    return answerSent(broker, caller, sent, input.wait, options);
  },

  async read(broker, caller, input, options) {
    const reader = self(caller);
    const id = input.thread ?? currentOf(broker, reader);
    const thread = await threadView(broker, caller, id);
    const limit = input.limit ?? defaultPage;
    const query = { thread: id, after: input.after, before: input.before, limit };
    const page = await broker.archive.messages(query, broker.state.offset);
    await broker.board.durable();
    const all = page.messages.map((stored) => viewOf(broker, stored));
    const skip = input.skip ?? 0;
    const { messages, whole, part, left } = within(all, options.budget ?? Infinity, skip, input.after === undefined);
    const [first] = all;
    // The end of a message whose beginning was not handed over does not make it seen.
    const seen = whole.filter((id) => id !== first?.id || broker.deliveries.shownUpTo(reader, id) >= skip);
    return {
      output: { thread, messages, more: page.more + left, waiting: broker.views.waiting(reader) },
      delivery: broker.deliveries.holdUnseen(caller.client, { agent: reader, messages: seen, calls: [], part }),
    };
  },

  async threads(broker, caller, input) {
    const reader = self(caller);
    const stored = await broker.archive.threads(
      {
        ...(caller.role === 'agent' && { agent: reader }),
        state: input.state ?? 'all',
        before: input.before,
        limit: input.limit ?? defaultPage,
      },
      broker.state.offset,
    );
    await broker.board.durable();
    const threads = stored.map((one) => storedView(broker, one, reader));
    return { output: { threads, waiting: broker.views.waiting(reader) } };
  },

  async leave(broker, caller, input) {
    const from = self(caller);
    const thread = await broker.board.change((step) => leave(step, from, input.thread, input.close));
    return { output: { thread, closed: !broker.state.threads.has(thread), waiting: broker.views.waiting(from) } };
  },

  async seen(broker, caller, { thread, seq }) {
    const reader = self(caller);
    await broker.board.change((step) => markThreadSeen(step, reader, thread, seq, 'view'));
    return { output: {} };
  },
};

async function answerSent(
  broker: Broker,
  caller: Caller,
  sent: Sent,
  wait: number | undefined,
  options: AskOptions,
): Promise<{ output: SentOutput; delivery?: string | undefined }> {
  const from = self(caller);
  const milliseconds = waitOf(wait);
  let heard: Gathered | undefined;
  if (milliseconds > 0) {
    const until = saidIn(broker, sent.thread, from);
    heard = await broker.listening.gather(caller.client, from, {
      ...options,
      wait: milliseconds,
      limit: mostEvents,
      until,
    });
  }
  return {
    output: {
      message: { id: sent.message, thread: sent.thread, seq: sent.seq, timestamp: broker.clock.now() },
      receipts: receiptsOf(broker, sent.message),
      events: heard?.events ?? [],
      waiting: broker.views.waiting(from),
    },
    delivery: heard?.delivery,
  };
}

interface SentOutput {
  message: { id: string; thread: string; seq: number; timestamp: number };
  receipts: ReceiptView[];
  events: Gathered['events'];
  waiting: { unread: number; calls: number; ringing: number };
}

/** What the live state knows of the message's receipts. */
function receiptsOf(broker: Broker, message: string): ReceiptView[] {
  const receipts = broker.state.pending.get(message)?.receipts ?? new Map<AgentId, never>();
  return [...receipts].map(([agent, receipt]) => broker.views.receipt(agent, receipt));
}

/** Messages of a thread, from the index. */
export async function messageViews(broker: Broker, query: Parameters<Archive['messages']>[0]): Promise<MessageView[]> {
  const { messages } = await broker.archive.messages(query, broker.state.offset);
  return messages.map((stored) => viewOf(broker, stored));
}

type StoredMessage = Awaited<ReturnType<Archive['messages']>>['messages'][number];
type StoredThread = NonNullable<Awaited<ReturnType<Archive['thread']>>>;

function viewOf(broker: Broker, { message, receipts }: StoredMessage): MessageView {
  return broker.views.message(
    message,
    receipts.map(({ agent, state, at, ringer, result, detail }) => ({
      agent,
      name: broker.views.name(agent),
      state,
      at,
      ...(ringer !== undefined && { ringer }),
      ...(result !== undefined && { result }),
      ...(detail !== undefined && { detail }),
    })),
  );
}

/** The thread as this caller may see it: its participants and the person may. @throws `unknown_thread` */
export async function threadView(broker: Broker, caller: Caller, id: ThreadId): Promise<ThreadView> {
  const reader = self(caller);
  const stored = await broker.archive.thread(id, broker.state.offset);
  const isTheirs = stored?.participants.some((one) => one.agent === reader) ?? false;
  if (!stored || (!isTheirs && caller.role === 'agent'))
    throw new Refusal('unknown_thread', { thread: id.slice(0, 64) });
  return storedView(broker, stored, reader);
}

function storedView(broker: Broker, stored: StoredThread, reader: AgentId): ThreadView {
  const live = broker.state.threads.get(stored.id);
  if (live) return broker.views.thread(live, reader);
  const call = stored.call === undefined ? undefined : broker.state.calls.get(stored.call);
  return {
    id: stored.id,
    topic: stored.topic,
    mode: stored.mode,
    state: stored.state,
    home: stored.home,
    participants: stored.participants.map((one) => broker.views.participant(one.agent, one.left)),
    openedAt: stored.openedAt,
    lastAt: stored.lastAt,
    ...(stored.closedAt !== undefined && { closedAt: stored.closedAt }),
    messages: stored.messages,
    unread: broker.state.lastWords.get(reader)?.get(stored.id)?.length ?? 0,
    ...(call && { call: broker.views.call(call) }),
    isOpen: false,
    turns: 'free',
  };
}

/** @throws `no_current_thread`, `which_thread` */
function currentOf(broker: Broker, agent: AgentId): ThreadId {
  return currentThread(new Step(broker.state, broker.board.world, broker.clock.now(), broker.newId), agent);
}

/** What of a page fits the budget. */
interface Fitting {
  readonly messages: MessageView[];
  /** Messages of agents and the person that stand there to their end. */
  readonly whole: string[];
  /** A message of which only a part stands there, up to this character. */
  readonly part?: { readonly message: string; readonly upTo: number };
  readonly left: number;
}

/**
 * As many messages as the budget (bytes) holds: the first ones, or with `latest` the last ones. One that is larger alone is
 * cut. `skip`: characters of the first message to leave out.
 */
function within(all: readonly MessageView[], budget: number, skip: number, latest: boolean): Fitting {
  const shown = all.map((message, index) =>
    index === 0 && skip > 0 ? { ...message, content: message.content.slice(skip) } : message,
  );
  const order = latest ? shown.toReversed() : shown;
  let spent = 0;
  let count = 0;
  for (const message of order) {
    spent += sizeOf(message);
    if (spent > budget) break;
    count++;
  }
  const [first] = order;
  if (count === 0 && first) {
    const content = first.content.slice(0, Math.floor(budget / 3));
    const cut = { ...first, content, cut: first.content.length - content.length };
    const upTo = content.length + (first === shown[0] ? skip : 0);
    return { messages: [cut], whole: [], part: { message: first.id, upTo }, left: all.length - 1 };
  }
  const messages = latest ? shown.slice(shown.length - count) : shown.slice(0, count);
  const whole = messages.filter((message) => message.type === 'message').map((message) => message.id);
  return { messages, whole, left: all.length - count };
}

/** Bytes of agents' text in a message. */
function sizeOf(message: MessageView): number {
  return utf8Length(message.content) + message.refs.reduce((sum, ref) => sum + utf8Length(ref.excerpt ?? ''), 0);
}
