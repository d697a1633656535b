import type { RingRequest } from '../contract/wire';
import type { AgentId, CallId, MessageId, SubjectId, ThreadId } from '../core/model';
import { waitingFor } from '../core/presence';
import type { State } from '../core/state';
import type { TaskId } from '../core/taskModel';

/** Why an agent is to be rung. */
export type RingSubject =
  | { readonly kind: 'call'; readonly call: CallId }
  /** Whom it called, and asked to be told of, is free. */
  | { readonly kind: 'free'; readonly call: CallId; readonly free: AgentId }
  | { readonly kind: 'message'; readonly message: MessageId; readonly thread: ThreadId; readonly from: AgentId }
  /** A task was offered, came back, is over, or waits for a word. `from`: the other side. */
  | { readonly kind: 'task'; readonly task: TaskId; readonly from: AgentId };

/** What receipts of this ring are about. */
export function subjectId(subject: RingSubject): SubjectId {
  switch (subject.kind) {
    case 'call':
    case 'free':
      return subject.call;
    case 'message':
      return subject.message;
    case 'task':
      return subject.task;
  }
}

/** Whose doing the ring is: its permission to wake counts. Who asked to be told is woken by its own wish. */
export function ringerOf(state: State, subject: RingSubject): AgentId {
  switch (subject.kind) {
    case 'call':
    case 'free':
      return state.calls.get(subject.call)?.call.from ?? '';
    case 'message':
    case 'task':
      return subject.from;
  }
}

/** The request to a client, with the words for the model: the agents' own text stands in it quoted. */
export function ringRequest(
  state: State,
  name: (agent: AgentId) => string,
  subject: RingSubject,
  { agent, ringer, permitted }: { readonly agent: AgentId; readonly ringer: string; readonly permitted: boolean },
): RingRequest {
  const fromId = subject.kind === 'free' ? subject.free : ringerOf(state, subject);
  const sender = state.agents.get(fromId);
  const from = name(fromId);
  const isPerson = sender?.kind === 'human';
  const platform = sender?.card.platform ?? '';
  const who = isPerson ? `${from} (a person)` : `${from}${platform === '' ? '' : ` (${platform})`}`;
  const common = { subject: subjectId(subject), agent, ringer, from, fromId, permitted };
  switch (subject.kind) {
    case 'call': {
      const call = state.calls.get(subject.call)?.call;
      const topic = call?.topic ?? '';
      const asks = call?.into === undefined ? 'is calling you' : 'asks you to join a thread';
      const text =
        `Parley: ${who} ${asks}. Topic, in the caller's words: ${quote(topic)}. ` +
        `This comes from ${isPerson ? 'a person through Parley' : 'another agent, not from your user'}. ` +
        `Answer with the parley tool "answer", call "${subject.call}", answer "accept"; or "decline" with a reason.`;
      const note = call?.note;
      return { ...common, kind: 'call', call: subject.call, topic, text, ...(note !== undefined && { note }) };
    }
    case 'free': {
      const topic = state.calls.get(subject.call)?.call.topic ?? '';
      const text =
        `Parley: ${who}, whom you called about ${quote(topic)}, is free now; you asked to be told. ` +
        `Call again with the parley tool "call".`;
      return { ...common, kind: 'message', topic, text };
    }
    case 'message': {
      const topic = state.threads.get(subject.thread)?.topic ?? '';
      const { unread } = waitingFor(state, agent);
      const text =
        `Parley: ${who} wrote to you in the thread ${quote(topic)}; ${unread} ${unread === 1 ? 'message waits' : 'messages wait'}. ` +
        `Hear them with the parley tool "listen". (message ${subject.message})`;
      return { ...common, kind: 'message', thread: subject.thread, topic, text };
    }
    case 'task': {
      const topic = state.tasks.get(subject.task)?.task.title ?? '';
      const text =
        `Parley: ${who} has news for you about the task ${quote(topic)} (${subject.task}). ` +
        `Hear it with the parley tool "listen".`;
      return { ...common, kind: 'message', topic, text };
    }
  }
}

/** An agent's words inside a sentence of ours: in quotes that it cannot close. */
function quote(text: string): string {
  return JSON.stringify(text);
}
