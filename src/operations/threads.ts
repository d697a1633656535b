import type { Broker } from '../broker/broker';
import { once } from '../core/keys';
import type { AgentId, ThreadId } from '../core/model';
import { markThreadSeen } from '../core/receipts';
import { removeFromThread } from '../core/rooms';
import { isAnyoneElse, type FeedEntry } from '../core/state';
import { Step } from '../core/step';
import { leave, leaveMessage, send, currentThread, type Sent } from '../core/threads';
import { whoseTurn } from '../core/turns';
import { ParleyError } from '../contract/errors';
import type { Output } from '../contract/operations';
import type { ReceiptView } from '../contract/views';
import { saidIn } from './calls';
import type { AskOptions } from './exchange';
import { mostEvents, self, waitOf, whileWaiting, type Caller, type Handlers } from './handler';
import { shownTo, storedViews, threadView, viewsOf, within } from './pages';
import { filledRefs } from './refs';

/** Messages that `read` gives when no limit is named. */
const defaultPage = 50;

export const threadHandlers: Handlers<'send' | 'message' | 'read' | 'threads' | 'leave' | 'seen'> = {
  async send(broker, caller, input, options) {
    const from = self(caller);
    const refs = input.refs && (await filledRefs(broker, from, input.refs, input.key));
    const draft = { content: input.text, refs, replyTo: input.replyTo, key: input.key };
    const sent = await broker.board.change((step) => send(step, from, input.thread, draft));
    return input.wait
      ? answerHeard(broker, caller, sent, input.wait, options)
      : { output: sentOutput(broker, from, sent) };
  },

  async message(broker, caller, input, options) {
    const from = self(caller);
    const refs = input.refs && (await filledRefs(broker, from, input.refs, input.key));
    const draft = { content: input.text, refs, key: input.key };
    const sent = await broker.board.change((step) => leaveMessage(step, from, input.to, input.topic, draft));
    return input.wait
      ? answerHeard(broker, caller, sent, input.wait, options)
      : { output: sentOutput(broker, from, sent) };
  },

  async read(broker, caller, input, options) {
    const reader = self(caller);
    const id = input.thread ?? currentOf(broker, reader);
    const thread = await threadView(broker, caller, id);
    const limit = input.limit ?? defaultPage;
    const query = { thread: id, after: input.after, before: input.before, limit };
    const page = await broker.archive.messages(query, broker.state.offset);
    await broker.board.durable();
    const all = shownTo(broker, reader, await viewsOf(broker, page.messages));
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
    if (input.rooms === true) {
      const threads = openRooms(broker, reader, input);
      await broker.board.durable();
      return { output: { threads, waiting: broker.views.waiting(reader) } };
    }
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
    const threads = await storedViews(broker, stored, reader);
    return { output: { threads, waiting: broker.views.waiting(reader) } };
  },

  async leave(broker, caller, input) {
    const from = self(caller);
    const { agent } = input;
    if (agent !== undefined && caller.role !== 'admin') throw new ParleyError('forbidden', { needs: 'the person' });
    const parts = ['leave', input.thread ?? '', input.close ?? false, agent ?? ''] as const;
    const { thread, closed } = await broker.board.change((step) =>
      once(step, from, input.key, parts, () => {
        const left =
          agent === undefined
            ? leave(step, from, input.thread, input.close)
            : removeFromThread(step, from, input.thread, agent);
        return { kind: 'left', thread: left, closed: !step.state.threads.has(left) };
      }),
    );
    return { output: { thread, closed, waiting: broker.views.waiting(from) } };
  },

  async seen(broker, caller, { thread, seq }) {
    const reader = self(caller);
    await broker.board.change((step) => markThreadSeen(step, reader, thread, seq, 'view'));
    return { output: {} };
  },
};

/** The answer to what was sent, and what was heard within `wait` seconds. */
async function answerHeard(
  broker: Broker,
  caller: Caller,
  sent: Sent,
  wait: number,
  options: AskOptions,
): Promise<{ output: Output<'send'>; delivery?: string | undefined }> {
  const from = self(caller);
  const heard = await broker.listening.gather(caller.client, from, {
    ...whileWaiting(options),
    wait: waitOf(wait),
    limit: mostEvents,
    until: repliedIn(broker, sent.thread, from),
  });
  return { output: { ...sentOutput(broker, from, sent), events: heard.events }, delivery: heard.delivery };
}

function sentOutput(broker: Broker, from: AgentId, sent: Sent): Output<'send'> {
  return {
    message: { id: sent.message, thread: sent.thread, seq: sent.seq, timestamp: broker.clock.now() },
    receipts: receiptsOf(broker, sent.message),
    ...(isAlone(broker, sent.thread, from) && { nobodyElse: true as const }),
    events: [],
    waiting: broker.views.waiting(from),
  };
}

/** As {@link saidIn}; in a round-robin a speaker waits for its turn, for a person's word, or for the turn limit. */
function repliedIn(broker: Broker, thread: ThreadId, self: AgentId): (entry: FeedEntry) => boolean {
  const said = saidIn(broker, thread, self);
  return (entry) => {
    if (!said(entry)) return false;
    const record = broker.state.threads.get(thread);
    if (entry.what !== 'message' || !record) return true;
    const turn = whoseTurn(broker.state, record);
    if (turn === undefined || turn === self || record.limited !== undefined) return true;
    const from = broker.recentMessage(entry.message)?.from ?? '';
    return broker.state.agents.get(from)?.kind === 'human';
  };
}

/** In a room that nobody else is in yet. */
function isAlone(broker: Broker, thread: ThreadId, agent: AgentId): boolean {
  const record = broker.state.threads.get(thread);
  return record?.room === true && !isAnyoneElse(record, agent);
}

/** Open rooms, the one with the latest message first; the person may join every thread, and sees the rooms. */
function openRooms(
  broker: Broker,
  reader: AgentId,
  { limit = defaultPage, before = Infinity }: { limit?: number | undefined; before?: number | undefined },
): Output<'threads'>['threads'] {
  return [...broker.state.threads.values()]
    .filter(({ open, lastAt }) => open && lastAt < before)
    .sort((a, b) => b.lastAt - a.lastAt)
    .slice(0, limit)
    .map((thread) => broker.views.thread(thread, reader));
}

/** What the live state knows of the message's receipts. */
function receiptsOf(broker: Broker, message: string): ReceiptView[] {
  const receipts = broker.state.pending.get(message)?.receipts ?? new Map<AgentId, never>();
  return [...receipts].map(([agent, receipt]) => broker.views.receipt(agent, receipt));
}

/** @throws `no_current_thread`, `which_thread` */
function currentOf(broker: Broker, agent: AgentId): ThreadId {
  return currentThread(new Step(broker.state, broker.board.world, broker.clock.now(), broker.newId), agent);
}
