import { ringReason } from '../contract/ringReasons';
import type { ReceiptView } from '../contract/views';
import { elapsed, type Times } from './times';
import { list, tongue, words } from './words';

type State = ReceiptView['state'];
export type Tone = 'good' | 'wait' | 'bad';

/** One stretch of the receipts line: the state's word in its tone, then the rest. */
export interface ReceiptPart {
  readonly tone: Tone;
  readonly word: string;
  readonly rest: string;
}

export interface ReceiptSummary {
  readonly parts: readonly ReceiptPart[];
  /** The line holds a running clock. */
  readonly runs: boolean;
}

/** What needs a look comes first. */
const order: readonly State[] = ['refused', 'expired', 'stored', 'rung', 'seen', 'answered'];

export const tones: Readonly<Record<State, Tone>> = {
  stored: 'wait',
  rung: 'wait',
  seen: 'good',
  answered: 'good',
  refused: 'bad',
  expired: 'bad',
};

export interface ReceiptContext {
  /** The reader's own receipts say nothing new in a summary. */
  readonly you: string;
  readonly now: number;
  /** The thread is archived: nothing is awaited any more. */
  readonly closed: boolean;
  readonly times: Times;
}

/** The receipts of one message in a line. Without recipients other than the reader: no parts. */
export function summarise(receipts: readonly ReceiptView[], context: ReceiptContext): ReceiptSummary {
  const others = receipts.filter(({ agent }) => agent !== context.you);
  const parts = order.flatMap((state) => {
    const group = others.filter((receipt) => receipt.state === state);
    return group.length === 0 ? [] : [part(state, group, others.length, context)];
  });
  return { parts, runs: !context.closed && others.some(({ state }) => state === 'stored' || state === 'rung') };
}

function part(state: State, group: readonly ReceiptView[], of: number, context: ReceiptContext): ReceiptPart {
  return { tone: tones[state], word: words.receipt[state], rest: rest(state, group, of, context) };
}

function rest(state: State, group: readonly ReceiptView[], of: number, { now, closed, times }: ReceiptContext): string {
  const [first] = group;
  const alone = of === 1;
  const names =
    group.length === of && of > 2
      ? words.all(of)
      : group.length > 3
        ? String(group.length)
        : list(group.map(({ name }) => name));
  const since = closed || !first ? '' : ` · ${elapsed(now - Math.min(...group.map(({ at }) => at)))}`;
  const why =
    group.length === 1 && first?.detail !== undefined && first.detail !== ''
      ? `: ${ringReason(first.detail, tongue)}`
      : '';
  switch (state) {
    case 'answered':
    case 'seen':
      return group.length === 1 && first ? words.byAt(first.name, times.moment(first.at, now)) : words.by(names);
    case 'rung':
      if (closed) return alone ? words.notSeen : words.neverSeenBy(names);
      return (alone ? words.notYetSeen : words.notYetSeenBy(names)) + since;
    case 'stored':
      if (closed) return alone ? words.notRung : words.neverSeenBy(names);
      return (alone ? words.notYetRung : words.notYetRungFor(names)) + since;
    case 'refused':
      return words.by(names) + why;
    case 'expired':
      return words.neverSeenBy(names);
  }
}
