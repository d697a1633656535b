import { ringReason, unseenReason } from '../contract/ringReasons';
import { ringSaid } from '../contract/ringSaid';
import { inEnglish } from '../contract/wording';
import type { ListenEvent, MessageView, ReceiptView, RefView, ThreadView } from '../contract/views';
import { incomingCall, legWords } from './callPieces';
import { counted, hint, lines, platform, quote } from './pieces';
import { task } from './taskPieces';
import { ago, clockTime, plain, shortId, styled, type Style, type Terminal } from './terminal';

export function receipts(terminal: Terminal, all: readonly ReceiptView[]): string {
  return styled(terminal, 'dim', all.map(receipt).join(' · '));
}

/** How far it got with one recipient, and what was in the way: a ring that was handed over needs no words. */
export function receipt(one: ReceiptView): string {
  return `${plain(one.name)}: ${[one.state, plain(obstacle(one))].filter((part) => part !== '').join(', ')}`;
}

function obstacle({ state, ringer, result, detail, code }: ReceiptView): string {
  if (state === 'refused') return ringReason(code ?? detail ?? '', inEnglish);
  if (state !== 'stored' && state !== 'rung') return '';
  return result === 'written' ? '' : ringSaid({ ringer, result, detail });
}

/** One message: its number in the thread, who and when, and the text. */
export function message(terminal: Terminal, one: MessageView): string {
  const number = styled(terminal, 'dim', `#${one.seq}`);
  const when = styled(terminal, 'dim', clockTime(terminal.now, one.timestamp));
  const who = styled(terminal, 'bold', plain(one.fromName));
  if (one.type !== 'message') {
    const did = `${plain(one.fromName)} ${one.type === 'join' ? 'joined' : 'left'}`;
    return styled(terminal, 'dim', `· ${one.type === 'system' ? plain(one.content) : did}`);
  }
  const cut =
    one.cut === undefined
      ? ''
      : `${one.cut} more characters: parley read ${shortId(one.thread)} --after ${one.seq - 1}`;
  const refs = one.refs.map((ref) => `  ${styled(terminal, 'cyan', `→ ${plain(ref.uri)}${linesOf(ref)}`)}`);
  // Whatever they speak through, that it is the person counts more.
  const isPerson = one.fromKind === 'human';
  const told = one.receipts.length === 0 ? '' : `  ${receipts(terminal, one.receipts)}`;
  const reply = one.replyToExcerpt;
  return lines(
    `${number}  ${who}${platform(isPerson ? 'the person' : one.fromPlatform)}  ${when}${told}`,
    reply === undefined ? '' : hint(terminal, `in reply to ${plain(reply.from)}: ${plain(reply.text)}`),
    quote(terminal, one.content),
    ...refs,
    hint(terminal, cut),
  );
}

/** The lines that a ref points to, as `--ref` takes them; nothing for a whole file. */
function linesOf({ range }: RefView): string {
  if (range === undefined) return '';
  const first = range.start.line + 1;
  // A range that ends before the first character of a line holds the lines before it.
  const last = range.end.character === 0 ? range.end.line : range.end.line + 1;
  return last > first ? `:${first}-${last}` : `:${first}`;
}

/** A thread in two lines: what it is, who is in it. */
export function threadLine(terminal: Terminal, thread: ThreadView): string {
  const isArchived = thread.state === 'closed';
  // In the end everybody has left: who took part is what one looks for then.
  const who = thread.participants.filter(({ left }) => isArchived || !left).map(({ name }) => plain(name));
  const state = isArchived ? 'archived' : thread.state === 'open' ? thread.mode : thread.state;
  const unread = thread.unread === 0 ? '' : styled(terminal, 'yellow', `  ${thread.unread} unread`);
  const style: Style = state === 'live' ? 'green' : isArchived ? 'dim' : 'cyan';
  const more = [
    who.join(', ') || 'nobody',
    counted(thread.messages, 'message') || '0 messages',
    ago(terminal.now, thread.lastAt),
    isArchived || !thread.isOpen ? '' : 'anyone may join',
    isArchived ? '' : turns(thread),
    thread.typing === undefined || thread.typing.length === 0 ? '' : `${thread.typing.map(plain).join(', ')} typing`,
    shortId(thread.id),
  ];
  return lines(
    `${styled(terminal, style, state)}  ${styled(terminal, 'bold', plain(thread.topic))}${unread}`,
    hint(terminal, more.filter((part) => part !== '').join(' · ')),
  );
}

function turns({ turns: order, turn, turnsLeft }: ThreadView): string {
  const left = turnsLeft === 0 ? 'agents wait for more turns' : '';
  const next = order !== 'round-robin' ? '' : turn === undefined ? 'in turn' : `${plain(turn)}'s turn`;
  return [next, left].filter((part) => part !== '').join(', ');
}

/** What `listen`, and everything that waits, brings. */
export function event(terminal: Terminal, one: ListenEvent): string {
  switch (one.what) {
    case 'call':
      return incomingCall(terminal, one.call);
    case 'outcome':
      return `${styled(terminal, 'bold', plain(one.agent))} ${legWords[one.outcome]} (your call "${plain(one.call.topic)}")`;
    case 'message':
      return lines(
        message(terminal, one.message),
        one.yourTurn === true ? styled(terminal, 'yellow', '  It is your turn.') : '',
      );
    case 'task':
      return task(terminal, one.task, one.change);
    case 'unseen':
      return styled(
        terminal,
        'yellow',
        `${plain(one.agent)} has not seen it yet: ${plain(unseenReason(one.reason, inEnglish))}`,
      );
    case 'gap':
      return styled(
        terminal,
        'yellow',
        'What happened longer ago is not kept any more: parley inbox and parley threads show what waits.',
      );
    case 'limited':
      return styled(
        terminal,
        'yellow',
        `· agents wait for more turns in "${plain(one.topic)}": parley grant ${shortId(one.thread)}`,
      );
    case 'removed':
      return styled(terminal, 'yellow', `· you were taken out of "${plain(one.topic)}"`);
    case 'paused':
    case 'resumed':
    case 'closed': {
      const by = one.by === undefined ? '' : ` by ${plain(one.by)}`;
      const what = one.what === 'closed' ? 'archived' : one.what;
      return styled(terminal, 'dim', `· "${plain(one.topic)}" ${what}${by}`);
    }
  }
}

export function events(terminal: Terminal, all: readonly ListenEvent[]): string {
  return all.map((one) => event(terminal, one)).join('\n');
}
