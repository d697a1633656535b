import type { Broker } from '../broker/broker';
import type { Gathered } from '../broker/listening';
import { answerCall, cancelCall } from '../core/callAnswers';
import { placeCall } from '../core/calls';
import { findAgent } from '../core/agents';
import { invite, transfer } from '../core/invitations';
import { once } from '../core/keys';
import { matchCall } from '../core/match';
import { Refusal } from '../core/refusal';
import type { AgentId, CallId, ThreadId } from '../core/model';
import { isOver, type FeedEntry } from '../core/state';
import { send } from '../core/threads';
import type { Output } from '../contract/operations';
import type { CallView, MessageView } from '../contract/views';
import { mostEvents, self, waitOf, whileWaiting, type Caller, type Handlers } from './handler';
import type { AskOptions } from './exchange';
import { answerTaskOffer } from './tasks';
import { filledRefs } from './refs';
import { messageViews, shownTo, threadView } from './pages';

export const callHandlers: Handlers<'call' | 'match' | 'invite' | 'transfer' | 'cancel' | 'answer'> = {
  async call(broker, caller, input, options) {
    const from = self(caller);
    const refs = await filledRefs(broker, from, input.refs, input.key);
    const { topic, message: content, urgency, callBack, note, key } = input;
    const id = await broker.board.change((step) =>
      placeCall(step, from, { to: listed(input.to), topic, content, refs, urgency, callBack, note, key }),
    );
    return answerPlaced(broker, caller, id, input, options);
  },

  async match(broker, caller, input, options) {
    const from = self(caller);
    const refs = await filledRefs(broker, from, input.refs, input.key);
    const { capability, topic, message: content, workspace, presence, agents, urgency, note, key } = input;
    const onlyAvailable = presence === 'available';
    const id = await broker.board.change((step) =>
      matchCall(step, from, { capability, topic, content, refs, workspace, onlyAvailable, agents, urgency, note, key }),
    );
    const { output, delivery } = await answerPlaced(broker, caller, id, input, options);
    const tried = output.call.to.map(({ name, state, reason }) => ({
      name,
      outcome: reason === undefined ? state : `${state}: ${reason}`,
    }));
    return { output: { ...output, tried }, delivery };
  },

  async invite(broker, caller, input, options) {
    const from = self(caller);
    const { thread, message: content, key } = input;
    const id = await broker.board.change((step) => invite(step, from, { thread, to: listed(input.to), content, key }));
    return answerPlaced(broker, caller, id, { wait: input.wait }, options);
  },

  async transfer(broker, caller, input) {
    const from = self(caller);
    const id = await broker.board.change((step) => transfer(step, from, input));
    const call = callView(broker, id);
    const thread = await threadView(broker, caller, call.into ?? '');
    return { output: { call, thread, waiting: broker.views.waiting(from) } };
  },

  async cancel(broker, caller, { call, key }) {
    const from = self(caller);
    await broker.board.change((step) =>
      once(step, from, key, ['cancel', call], () => {
        cancelCall(step, from, call);
        return { kind: 'done' };
      }),
    );
    return { output: { call: callView(broker, call), waiting: broker.views.waiting(from) } };
  },

  async answer(broker, caller, input, options) {
    const by = self(caller);
    if (input.call !== undefined && broker.state.tasks.has(input.call)) return answerTaskOffer(broker, caller, input);
    const answered = await broker.board.change((step) => {
      const leg = input.for === undefined ? undefined : findAgent(step, input.for).id;
      return answerCall(step, by, input.call, input.answer, { reason: input.reason, leg, key: input.key });
    });
    const { thread } = answered;
    let messages: MessageView[] = [];
    if (thread !== undefined) messages = shownTo(broker, by, await messageViews(broker, { thread, limit: mostEvents }));
    const words = input.message;
    if (thread !== undefined && words !== undefined && words.trim() !== '' && broker.state.threads.has(thread)) {
      await broker.board.change((step) => send(step, by, thread, { content: words, key: keyOfWords(input.key) }));
    }
    const read = broker.deliveries.holdUnseen(caller.client, {
      agent: by,
      messages: messages.map((message) => message.id),
      calls: [answered.call],
    });
    // What has been said already is told at once to one who had nothing to say yet.
    const isNews = messages.some(({ type, from }) => type === 'message' && from !== by);
    const wait = isNews && words === undefined ? 0 : waitOf(input.wait);
    // What the caller had said already comes with this answer: it is no reply to it.
    const known = new Set(messages.map((message) => message.id));
    const heard =
      wait > 0 && thread !== undefined
        ? await broker.listening.gather(caller.client, by, {
            ...whileWaiting(options),
            wait,
            limit: mostEvents,
            until: (entry) =>
              saidIn(broker, thread, by)(entry) && !(entry.what === 'message' && known.has(entry.message)),
          })
        : undefined;
    return {
      output: {
        call: callView(broker, answered.call),
        ...(thread !== undefined && { thread }),
        ...(answered.ringBack !== undefined && { ringBack: answered.ringBack }),
        messages,
        events: heard?.events ?? [],
        waiting: broker.views.waiting(by),
      },
      delivery: broker.deliveries.join(caller.client, [read, heard?.delivery]),
    };
  },
};

/** The first words of an answer are said under a key of their own: both may have to be repeated. */
function keyOfWords(key: string | undefined): string | undefined {
  return key === undefined ? undefined : `${key} words`;
}

function listed(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names;
}

/** The answer to whatever placed this call, after the wait that was asked for. */
async function answerPlaced(
  broker: Broker,
  caller: Caller,
  id: CallId,
  { message = '', wait }: { readonly message?: string | undefined; readonly wait?: number | undefined },
  options: AskOptions,
): Promise<{ readonly output: Output<'call'>; readonly delivery: string | undefined }> {
  const heard = await waitForCall(broker, caller, id, message.trim() !== '', waitOf(wait), options);
  const thread = broker.state.calls.get(id)?.thread;
  return {
    output: {
      call: callView(broker, id),
      ...(thread !== undefined && { thread }),
      events: heard?.events ?? [],
      waiting: broker.views.waiting(self(caller)),
    },
    delivery: heard?.delivery,
  };
}

export function callView(broker: Broker, id: CallId): CallView {
  const record = broker.state.calls.get(id);
  if (!record) throw new Refusal('unknown_call', { call: id });
  return broker.views.call(record);
}

/**
 * Waits until every callee has answered in some way or, when the call carried words and was accepted, until one of them
 * speaks. Undefined when nothing was waited for.
 */
async function waitForCall(
  broker: Broker,
  caller: Caller,
  call: CallId,
  forReply: boolean,
  wait: number,
  options: AskOptions,
): Promise<Gathered | undefined> {
  const from = self(caller);
  if (wait <= 0) return undefined;
  const legs = [...(broker.state.calls.get(call)?.legs.values() ?? [])];
  // It met the callee's own call and they talk already: that outcome is in this answer, and in no feed.
  if (!forReply && legs.every((leg) => leg.state === 'merged')) return undefined;
  const until = (entry: FeedEntry): boolean => {
    const record = broker.state.calls.get(call);
    if (!record) return true;
    if (record.thread !== undefined) {
      if (!forReply) return entry.what === 'outcome' && entry.call === call && entry.outcome === 'accepted';
      return saidIn(broker, record.thread, from)(entry);
    }
    if (entry.what !== 'outcome' || entry.call !== call) return false;
    // A hunt has more to come after each who was passed.
    if (record.call.line !== undefined) return record.overAt !== undefined;
    return [...record.legs.values()].every((leg) => isOver(leg) || leg.state === 'missed');
  };
  return broker.listening.gather(caller.client, from, { ...whileWaiting(options), wait, limit: mostEvents, until });
}

/** Something that ends a wait for a reply in this thread: words of another, a leave, the end. */
export function saidIn(broker: Broker, thread: ThreadId, self: AgentId): (entry: FeedEntry) => boolean {
  return (entry) => {
    if (entry.what === 'closed' || entry.what === 'paused') return entry.thread === thread;
    if (entry.what === 'unseen') return true;
    if (entry.what !== 'message' || entry.thread !== thread) return false;
    const message = broker.recentMessage(entry.message);
    return message === undefined || (message.type !== 'join' && message.from !== self);
  };
}
