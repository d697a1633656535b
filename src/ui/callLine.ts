import type { CallView, LegView, ReceiptView } from '../contract/views';
import { ringers } from '../contract/ringers';
import { ringReason, ringResult } from '../contract/ringReasons';
import { ringerLabel, type Ring } from '../contract/ringSaid';
import { noRinger } from '../core/model';
import { elapsed } from './times';
import { list, listWithYou, tongue, words } from './words';

/** Characters of a reason that the line gives. */
const longestReason = 200;

/** A receipt's `ringer` may also say how it was shown (`mcp`, `cli`): that is no ring. */
function rungBy({ ringer, result }: ReceiptView): string[] {
  if (ringer === undefined || ringer === noRinger || !Object.hasOwn(ringers, ringer)) return [];
  const label = ringerLabel(ringer, tongue);
  return [result === undefined || result === 'written' ? label : `${label} (${ringResult(result, tongue)})`];
}

/** How a message or call was rung, and with what result, in words; empty when nothing was tried. */
export function ringText({ ringer, result, detail }: Ring): string {
  const tried = ringer !== undefined && ringer !== noRinger;
  return [
    tried ? ringerLabel(ringer, tongue) : ringer === undefined ? '' : words.noRing,
    // What was not tried has no result.
    result === undefined || ringer === noRinger ? '' : ringResult(result, tongue),
    detail === undefined ? '' : ringReason(detail, tongue),
  ]
    .filter((text) => text !== '')
    .join(' · ');
}

/** Who reads: by the agent's id and its name, which are said as "you". */
export interface Reader {
  readonly id: string;
  /** Undefined where the name is not known. */
  readonly name: string | undefined;
}

/**
 * The call that opened a thread, in one line: who called whom, how they were rung, what each of them did and how fast.
 * `openedAt` is when the thread opened, for calls of which no receipt is left.
 */
export function callLine(call: CallView, you: Reader, openedAt: number): string {
  const others = call.to.filter(({ agent }) => agent !== you.id).map((leg) => leg.name);
  const callees = others.length === call.to.length ? list(others) : listWithYou(others);
  const isForYou = call.to.length === 1 && call.to[0]?.agent === you.id;
  const caller = call.from === you.id ? words.you : call.fromName;
  const through = [...new Set(call.to.flatMap(({ receipt }) => (receipt ? rungBy(receipt) : [])))];
  return [
    isForYou
      ? call.returns === undefined
        ? words.calledYou(caller)
        : words.calledYouBack(caller)
      : call.returns === undefined
        ? words.called(caller, callees)
        : words.calledBack(caller, callees),
    ...(through.length === 0 ? [] : [words.rungThrough(list(through))]),
    ...call.to.map((leg) => legText(leg, you, (leg.receipt?.at ?? openedAt) - call.placedAt)),
  ].join(' · ');
}

function clip(text: string): string {
  return text.length <= longestReason ? text : `${text.slice(0, longestReason - 1)}…`;
}

function declined(callee: string, reason: string): string {
  return reason === '' ? words.declined(callee) : words.declinedBecause(callee, reason);
}

function legText(leg: LegView, you: Reader, answeredAfter: number): string {
  const isYou = leg.agent === you.id;
  const callee = isYou ? words.you : leg.name;
  const by = leg.by !== undefined && leg.by === you.name ? words.you : leg.by;
  switch (leg.state) {
    case 'accepted': {
      const took = elapsed(answeredAfter);
      return by === undefined ? words.answeredAfter(callee, took) : words.answeredFor(by, callee, took);
    }
    case 'declined':
      return by === undefined ? declined(callee, clip(leg.reason ?? '')) : words.declinedFor(by, callee);
    case 'ringing':
      return isYou ? words.ringsYou : words.rings(callee);
    case 'queued':
      return isYou ? words.waitsForYou : words.waitsFor(callee);
    case 'missed':
      return isYou ? words.notAnsweredByYou : words.notAnswered(callee);
    case 'cancelled':
      return isYou ? words.cancelledForYou : words.cancelledFor(callee);
    case 'merged':
      return words.merged(callee);
    case 'returned':
      return words.returned(callee);
    case 'expired':
      return words.expiredFor(callee);
    case 'awaited':
      return isYou ? words.awaitedYou : words.awaited(callee);
    case 'free':
      return isYou ? words.freeYou : words.free(callee);
    case 'passed':
      return isYou ? words.passedYou : words.passed(callee);
  }
}
