import type { Archive } from '../broker/archive';
import type { Broker } from '../broker/broker';
import type { MessageView, ThreadView } from '../contract/views';
import type { AgentId, Message, MessageId, ThreadId } from '../core/model';
import { heldFrom } from '../core/inboxCalls';
import { Refusal } from '../core/refusal';
import { utf8Length } from '../core/text';
import { self, type Caller } from './handler';

/** Looks into the index for what the messages of one page reply to, at most. */
const mostLooks = 20;

/** Messages of a thread, from the index. */
export async function messageViews(broker: Broker, query: Parameters<Archive['messages']>[0]): Promise<MessageView[]> {
  const { messages } = await broker.archive.messages(query, broker.state.offset);
  return viewsOf(broker, messages);
}

/** Without what other agents wrote since all was paused: agents hear of it when it goes on. */
export function shownTo(broker: Broker, reader: AgentId, messages: readonly MessageView[]): MessageView[] {
  const since = heldSince(broker, reader);
  return messages.filter(
    ({ from, fromKind, timestamp }) => from === reader || fromKind === 'human' || timestamp < since,
  );
}

/** From this time (ms) on what others write is held from the reader, because all is paused; `Infinity` when nothing is. */
export function heldSince({ state }: Broker, reader: AgentId): number {
  return heldFrom(state, reader) === Infinity ? Infinity : (state.paused?.at ?? Infinity);
}

/** Messages of one page, with what they reply to: from the page, from the latest, or from the index while the thread is open. */
export async function viewsOf(broker: Broker, page: readonly StoredMessage[]): Promise<MessageView[]> {
  const known = new Map<MessageId, Message>(page.map(({ message }) => [message.id, message]));
  let looks = 0;
  for (const { replyTo, thread } of page.map(({ message }) => message)) {
    if (replyTo === undefined || known.has(replyTo)) continue;
    const seq = 1 + (broker.state.threads.get(thread)?.ids.lastIndexOf(replyTo) ?? -1);
    let found = broker.recentMessage(replyTo);
    if (!found && seq > 0 && looks++ < mostLooks) {
      const before = await broker.archive.messages({ thread, after: seq - 1, limit: 1 }, broker.state.offset);
      found = before.messages[0]?.message;
    }
    if (found) known.set(replyTo, found);
  }
  await broker.pastNames.learn(
    page.flatMap(({ message, receipts }) => [message.from, ...receipts.map(({ agent }) => agent)]),
  );
  return page.map((stored) => viewOf(broker, stored, known.get(stored.message.replyTo ?? '')));
}

type StoredMessage = Awaited<ReturnType<Archive['messages']>>['messages'][number];
type StoredThread = NonNullable<Awaited<ReturnType<Archive['thread']>>>;

function viewOf(broker: Broker, { message, receipts }: StoredMessage, repliedTo: Message | undefined): MessageView {
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
    repliedTo,
  );
}

/** The thread as this caller may see it: its participants and the person may. @throws `unknown_thread` */
export async function threadView(broker: Broker, caller: Caller, id: ThreadId): Promise<ThreadView> {
  const reader = self(caller);
  const stored = await broker.archive.thread(id, broker.state.offset);
  const isTheirs = stored?.participants.some((one) => one.agent === reader) ?? false;
  if (!stored || (!isTheirs && caller.role === 'agent'))
    throw new Refusal('unknown_thread', { thread: id.slice(0, 64) });
  const [view] = await storedViews(broker, [stored], reader);
  return view ?? storedView(broker, stored, reader);
}

export async function storedViews(
  broker: Broker,
  stored: readonly StoredThread[],
  reader: AgentId,
): Promise<ThreadView[]> {
  await broker.pastNames.learn(stored.flatMap(({ participants }) => participants.map(({ agent }) => agent)));
  return stored.map((one) => storedView(broker, one, reader));
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

/** What of a page fits the budget. */
export interface Fitting {
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
export function within(all: readonly MessageView[], budget: number, skip: number, latest: boolean): Fitting {
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
