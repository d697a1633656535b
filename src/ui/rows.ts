import type { CallView, MessageView } from '../contract/views';
import type { OpenThread, Outgoing } from './page';
import type { Times } from './times';
import { list, listWithYou, words } from './words';

/** Messages of one author within this time stand under one name, ms. */
const together = 60_000;

/** One row of the list. `key` is its own for as long as the thread is shown; `first` and `last`: the seqs that it shows. */
export type Row =
  | { readonly kind: 'older'; readonly key: string; readonly count: number; readonly loading: boolean }
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'call'; readonly key: string; readonly call: CallView; readonly first: number; readonly last: number }
  | { readonly kind: 'passage'; readonly key: string; readonly text: string; readonly at: number; readonly first: number; readonly last: number }
  | { readonly kind: 'system'; readonly key: string; readonly message: MessageView; readonly first: number; readonly last: number }
  | { readonly kind: 'message'; readonly key: string; readonly message: MessageView; readonly continues: boolean; readonly first: number; readonly last: number }
  | { readonly kind: 'new'; readonly key: string }
  | { readonly kind: 'archived'; readonly key: string; readonly at: number; readonly messages: number }
  | { readonly kind: 'outgoing'; readonly key: string; readonly outgoing: Outgoing }; // prettier-ignore

/** What the list shows, top to bottom. */
export function rows(view: OpenThread, now: number, times: Times): Row[] {
  const builder = new RowBuilder(view, now, times);
  for (const message of view.messages) builder.add(message);
  return builder.finish();
}

class RowBuilder {
  readonly #view: OpenThread;
  readonly #times: Times;
  readonly #rows: Row[] = [];
  /** Joins and leaves that nothing stood between. */
  #passage: MessageView[] = [];
  #before: MessageView | undefined;
  #day: number;

  constructor(view: OpenThread, now: number, times: Times) {
    this.#view = view;
    this.#times = times;
    // The first day is said only when it is not today.
    this.#day = now;
    const { older, loadingOlder, thread } = view;
    if (older > 0) this.#rows.push({ kind: 'older', key: 'older', count: older, loading: loadingOlder });
    else if (thread.call) this.#open(thread.call);
  }

  add(message: MessageView): void {
    if (message.seq === this.#view.divider) {
      this.#flush();
      this.#rows.push({ kind: 'new', key: 'new' });
      this.#before = undefined;
    }
    if (message.type === 'join' || message.type === 'leave') {
      if (!this.#isToldByCall(message)) this.#passage.push(message);
      return;
    }
    this.#flush();
    this.#sayDay(message.timestamp);
    const place = { key: message.id, message, first: message.seq, last: message.seq };
    if (message.type === 'system') this.#rows.push({ kind: 'system', ...place });
    else this.#rows.push({ kind: 'message', ...place, continues: this.#continues(message) });
    this.#before = message.type === 'message' ? message : undefined;
  }

  finish(): Row[] {
    this.#flush();
    const { thread, outgoing } = this.#view;
    if (thread.state === 'closed') {
      const at = thread.closedAt ?? thread.lastAt;
      this.#sayDay(at);
      this.#rows.push({ kind: 'archived', key: 'archived', at, messages: thread.messages });
    }
    const arrived = new Set<string>();
    for (const one of outgoing) {
      if (this.#hasArrived(one, arrived)) continue;
      this.#rows.push({ kind: 'outgoing', key: `outgoing-${one.key}`, outgoing: one });
    }
    return this.#rows;
  }

  /** The message may be here before the word that it was taken: then it does not stand here twice. */
  #hasArrived({ text, after, error }: Outgoing, arrived: Set<string>): boolean {
    if (after === undefined || error !== undefined) return false;
    const { messages, you } = this.#view;
    for (let index = messages.length - 1; index >= 0; index--) {
      const message = messages[index];
      if (!message || message.seq <= after) return false;
      if (message.from !== you.id || message.content !== text || arrived.has(message.id)) continue;
      arrived.add(message.id);
      return true;
    }
    return false;
  }

  /** The call's line stands for the joins of those whom it names. */
  #open(call: CallView): void {
    this.#sayDay(call.placedAt);
    const told = this.#view.messages.filter((message) => this.#isToldByCall(message));
    const last = told.at(-1)?.seq;
    this.#rows.push({ kind: 'call', key: `call-${call.id}`, call, first: last === undefined ? 0 : 1, last: last ?? 0 });
  }

  #isToldByCall({ type, from, seq }: MessageView): boolean {
    const { call, participants } = this.#view.thread;
    if (!call || type !== 'join' || this.#view.older > 0) return false;
    // The two that opened it come first; who answers later is a join like any other.
    return seq <= 2 && participants.length >= 2 && (from === call.from || call.to.some(({ agent }) => agent === from));
  }

  #continues(message: MessageView): boolean {
    const before = this.#before;
    if (before?.from !== message.from || message.replyTo !== undefined) return false;
    const last = this.#rows.at(-1);
    return last?.kind === 'message' && message.timestamp - before.timestamp < together;
  }

  #sayDay(at: number): void {
    if (this.#times.sameDay(at, this.#day)) return;
    this.#day = at;
    this.#before = undefined;
    this.#rows.push({ kind: 'day', key: `day-${at}`, at });
  }

  #flush(): void {
    const [first] = this.#passage;
    const last = this.#passage.at(-1);
    if (!first || !last) return;
    this.#sayDay(first.timestamp);
    const text = passageText(this.#passage, this.#view.you.id);
    this.#rows.push({ kind: 'passage', key: first.id, text, at: last.timestamp, first: first.seq, last: last.seq });
    this.#passage = [];
    this.#before = undefined;
  }
}

/** A run of joins and leaves by what it comes to: who is in now, who is out, who was here in between. */
export function passageText(messages: readonly MessageView[], you: string): string {
  const names = new Map<string, string>();
  const first = new Map<string, MessageView['type']>();
  const last = new Map<string, MessageView['type']>();
  for (const { from, fromName, type } of messages) {
    names.set(from, fromName);
    if (!first.has(from)) first.set(from, type);
    last.set(from, type);
  }
  const who = (test: (agent: string) => boolean): string => {
    const own = [...names].filter(([agent]) => test(agent));
    const others = own.filter(([agent]) => agent !== you).map(([, name]) => name);
    return others.length === own.length ? list(others) : listWithYou(others);
  };
  const joined = who((agent) => last.get(agent) === 'join');
  const left = who((agent) => last.get(agent) === 'leave' && first.get(agent) === 'leave');
  const both = who((agent) => last.get(agent) === 'leave' && first.get(agent) === 'join');
  return [
    ...(joined === '' ? [] : [words.joined(joined)]),
    ...(both === '' ? [] : [words.cameAndWent(both)]),
    ...(left === '' ? [] : [words.wentAway(left)]),
  ].join(' · ');
}
