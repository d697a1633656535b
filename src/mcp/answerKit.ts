import type { OperationName, Output } from '../contract/operations';
import type { ListenEvent, MessageView, WaitingView } from '../contract/views';
import { toEvent, toWaits, type LeanCall } from './results';
import { eventText, outcomeText, type Answer, type Entry } from './text';

/** For each operation, what a tool says of its output; `input` is what was asked. */
export type Composers<Names extends OperationName> = {
  readonly [N in Names]: (output: Output<N>, input: Readonly<Record<string, unknown>>) => Answer;
};

/** An answer of one sentence, to be filled. */
export function answer(head: string, waiting: WaitingView): Answer {
  const goOn = 'Use listen for the rest.';
  return { head, entries: [], keep: 'first', data: {}, more: 0, waits: toWaits(waiting), goOn };
}

export function eventEntry(event: ListenEvent): Entry {
  const lean = toEvent(event);
  return { field: 'events', data: lean, text: eventText(lean) };
}

/**
 * As {@link eventEntry}. Each event of a task comes with the task as it is now, so that of several only the last tells it in
 * words: the others would say of an earlier step what came later.
 */
export function eventEntries(events: readonly ListenEvent[]): Entry[] {
  return events.map((event, index) => {
    const entry = eventEntry(event);
    if (event.what !== 'task') return entry;
    const { id } = event.task;
    const isFollowed = events.slice(index + 1).some((later) => later.what === 'task' && later.task.id === id);
    return isFollowed ? { ...entry, text: `Task ${id}: ${event.change}; see below.` } : entry;
  });
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The head tells of the call itself, and what has been said so far stands above the events. */
export function isKnown(event: ListenEvent, { id }: LeanCall, messages: readonly MessageView[] = []): boolean {
  if (event.what === 'call' || event.what === 'outcome') return event.call.id === id;
  return event.what === 'message' && messages.some((message) => message.id === event.message.id);
}

/** What came of placing a call. */
export function placed(call: LeanCall, thread: string | undefined): string {
  const outcome = outcomeText(call);
  if (thread !== undefined) return `${outcome} You are in thread ${thread}: use send.`;
  const open = call.to.some(({ state }) => state === 'ringing' || state === 'queued' || state === 'missed');
  return open ? `${outcome} Call ${call.id}: the answer comes by listen; cancel takes it back.` : outcome;
}
