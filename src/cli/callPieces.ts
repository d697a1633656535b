import { passedWords, queuedWords } from '../contract/callReasons';
import type { CallView, LegView, ListenEvent } from '../contract/views';
import { hint, lines, platform, quote, threadHint } from './pieces';
import { clockTime, plain, shortId, styled, table, type Cell, type Style, type Terminal } from './terminal';

type Outcome = Extract<ListenEvent, { what: 'outcome' }>['outcome'];

/** What became of a call with one callee, after the callee's name. */
export const legWords: Readonly<Record<Outcome, string>> = {
  queued: 'will be rung when free',
  ringing: 'ringing',
  missed: 'did not answer; it waits in the inbox',
  accepted: 'answered',
  declined: 'declined',
  cancelled: 'cancelled',
  merged: 'was calling at the same time',
  returned: 'is ringing back',
  expired: 'never answered',
  awaited: 'cannot be reached now: you are told when they are free',
  free: 'is free now',
  passed: 'did not answer in time; the next was tried',
  nobody: 'was the last: nobody of them answered',
};

function leg(one: LegView): string {
  if (one.asks !== undefined) return `${plain(one.asks)} is asked first`;
  if (one.state === 'queued') return queuedWords(one.reason) ?? legWords.queued;
  if (one.state === 'passed') return passed(one.reason);
  const by = one.by === undefined ? '' : ` by ${plain(one.by)}`;
  // Other legs may still have the reason why they were queued.
  const why = one.state === 'declined' && (one.reason ?? '') !== '' ? `: ${plain(one.reason ?? '')}` : '';
  return `${legWords[one.state]}${by}${why}`;
}

function passed(reason: string | undefined): string {
  const why = passedWords(reason);
  return why === undefined ? legWords.passed : `${why}; the next was tried`;
}

/** A call as its caller sees it. */
export function placedCall(terminal: Terminal, call: CallView): string {
  const what = call.into === undefined ? 'Call' : call.transfer === true ? 'Transfer' : 'Invitation';
  const head = `${styled(terminal, 'bold', what)} about "${plain(call.topic)}"`;
  const rows = call.to.map((one): Cell[] => [[`  ${plain(one.name)}`, 'bold'], [leg(one)]]);
  const isOpen = call.to.some(({ state }) => state === 'ringing' || state === 'queued' || state === 'awaited');
  // Whole: nothing lists the calls that one has placed, so that a part could be looked up.
  const next = isOpen ? `take it back: parley cancel ${call.id}` : '';
  return lines(
    head,
    table(terminal, rows),
    call.hunt?.nobody === true ? '  Nobody of them answered.' : '',
    call.thread === undefined ? hint(terminal, next) : threadHint(terminal, call.thread),
  );
}

/** A call as its callee sees it in the inbox. */
export function incomingCall(terminal: Terminal, call: CallView): string {
  const states = new Set(call.to.map(({ state }) => state));
  const [word, style]: readonly [string, Style] = states.has('ringing')
    ? ['rings', 'yellow']
    : states.has('missed')
      ? ['missed', 'red']
      : ['waits', 'dim'];
  const who = `${styled(terminal, 'bold', plain(call.fromName))}${platform(call.fromPlatform)}`;
  const asks = call.into === undefined ? '' : call.transfer === true ? ' hands over' : ' invites you to';
  const id = shortId(call.id);
  return lines(
    `${styled(terminal, style, word)}  ${who}${asks}  "${plain(call.topic)}"  ${styled(terminal, 'dim', clockTime(terminal.now, call.placedAt))}`,
    call.message === undefined ? '' : quote(terminal, call.message),
    hint(terminal, `parley accept ${id} · parley decline ${id}`),
  );
}
