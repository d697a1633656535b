import { defaultTopic } from '../core/model';
import { oneLine } from '../core/text';
import { plural, Tongue, worded, type Bundle } from '../contract/wording';

/** Every word that the page itself shows, in one place; `l10n/bundle.l10n.de.json` has a German line for each. */
export const texts = {
  you: 'You',
  /** A thread of messages whose topic nobody chose. */
  untitled: 'Messages',
  live: 'live',
  async: 'async',
  archived: 'archived',
  paused: 'paused',
  lasted: 'lasted {0}',
  left: 'left',

  controls: {
    grant: { label: 'Grant More Turns', title: 'Let the agents go on' },
    invite: { label: 'Invite', title: 'Invite an agent into this thread' },
    transfer: { label: 'Transfer', title: 'Hand this thread over: invite an agent and leave' },
    pause: { label: 'Pause', title: 'Only you can write until it goes on' },
    resume: { label: 'Resume', title: 'Let the agents write again' },
    leave: { label: 'Leave', title: 'Leave this thread' },
    close: { label: 'End', title: 'End this thread for everyone' },
  },
  limited: 'turn limit',
  limitedNote: 'The agents are at their turn limit: they go on when you write or grant more.',
  yourTurn: 'your turn',
  turnOf: 'turn of {0}',
  actions: 'Thread actions',
  more: 'More actions',
  participants: 'Participants',

  called: '{0} called {1}',
  calledBack: '{0} called {1} back',
  calledYou: '{0} called you',
  calledYouBack: '{0} called you back',
  rungThrough: 'rung through {0}',
  answeredAfter: '{0} answered after {1}',
  answeredFor: '{0} answered for {1} after {2}',
  declined: '{0} declined',
  declinedBecause: '{0} declined: {1}',
  declinedFor: '{0} declined for {1}',
  notAnswered: 'not answered by {0}',
  notAnsweredByYou: 'not answered by you',
  rings: 'ringing {0}',
  ringsYou: 'ringing you',
  waitsFor: 'waits for {0}',
  waitsForYou: 'waits for you',
  cancelledFor: 'no longer calling {0}',
  cancelledForYou: 'no longer calling you',
  expiredFor: '{0} never answered',
  merged: '{0} called too: one call for both',
  returned: '{0} called back',
  awaited: 'to be told when {0} is free',
  awaitedYou: 'to be told when you are free',
  free: '{0} is free',
  freeYou: 'you are free',
  passed: '{0} was tried',
  passedYou: 'you were tried',
  /** In the place of a ringer where none was tried. */
  noRing: 'not rung',
  joined: '{0} joined',
  wentAway: '{0} left',
  cameAndWent: '{0} joined and left',
  archivedAt: plural('Archived {1} · {0} entry', 'Archived {1} · {0} entries'),

  receipt: {
    stored: 'stored',
    rung: 'rung',
    seen: 'seen',
    answered: 'answered',
    refused: 'refused',
    expired: 'expired',
  },
  by: ' by {0}',
  byAt: ' by {0} {1}',
  notSeen: ', not seen',
  notYetSeen: ', not yet seen',
  notYetSeenBy: ', not yet seen by {0}',
  notRung: ', not rung',
  notYetRung: ', not yet rung',
  notYetRungFor: ' for {0}, not yet rung',
  neverSeenBy: ', never seen by {0}',
  all: 'all {0}',

  receiptsOpen: 'Show what became of it for every recipient',
  receiptsClose: 'Hide the receipts',
  receiptsTable: 'Receipts',
  recipient: 'Recipient',
  state: 'State',
  through: 'Through',
  result: 'Result',
  time: 'Time',

  newMessages: 'new',
  older: plural('{0} older message', '{0} older messages'),
  loadingOlder: 'Loading older messages…',
  toLatest: 'Jump to latest',
  newBelow: plural('{0} new message', '{0} new messages'),
  log: 'Messages: {0}',
  said: '{0}: {1}',
  message: '{0}, {1}',
  inReplyTo: 'to {0}: {1}',
  inReplyToYou: 'to you: {0}',
  cut: '{0} more characters are not shown',

  reply: 'Reply',
  replyTo: 'Reply to {0}',
  replyToYou: 'Reply to your message',
  copyMessage: 'Copy this message',
  goToReplied: 'Go to the message that this replies to',
  seeking: 'Looking for that message…',
  insert: 'Insert at Cursor',
  insertCode: 'Insert this code at the cursor of the editor',
  codeIn: 'Code, {0}',
  code: 'Code',

  peek: 'Show what stands there',
  peekClose: 'Hide what stands there',
  peeking: 'Reading…',
  peekNow: 'Now',
  peekThen: 'When it was written',
  peekMore: plural('1 more line', '{0} more lines'),
  changedSince: 'changed since',
  unchanged: 'unchanged',
  peekMissing: 'This file is not there.',
  peekShort: plural('The file has 1 line only.', 'The file has {0} lines only.'),
  peekOutside: 'Outside of every open folder: it is not read here.',
  peekUnreadable: 'It cannot be shown here: no text, or too large.',

  copy: 'Copy',
  copied: 'Copied',
  copyCode: 'Copy this code',
  openRef: 'Open {0}',
  openRefNoted: 'Open {0} · {1}',
  openLink: 'Open {0} (asks first)',

  writeHere: 'Message this thread',
  writeTo: 'Message {0}',
  composer: 'Your message',
  asYou: 'as You',
  pickAgent: '@ agent',
  pickAgentTitle: 'Name an agent (@)',
  pickPlace: '# file or symbol',
  pickPlaceTitle: 'Point to a file or symbol (#)',
  picker: { agent: 'Agents', place: 'Files and symbols' },
  searching: 'Searching…',
  nothingFound: 'Nothing found',
  attached: 'Attached places',
  detach: 'Remove {0}',
  dropHere: 'Drop files to point to them',
  cannotAttach: 'Only files of the open folders can be pointed to: not {0}.',
  selectionAttached: 'The selection is attached as {0}.',
  tooManyRefs: 'A message points to {0} places at most.',
  replyingTo: 'Reply to {0}: {1}',
  replyingToYou: 'Reply to your message: {0}',
  stopReplying: 'Do not reply to it (Escape)',
  tooLong: 'This is {0} bytes long; a message has at most {1}. Shorten it, or point to a file.',
  edit: 'Edit',
  send: 'Send',
  sendTitle: 'Send (Enter). New line: Shift+Enter',
  pausedNote: 'Paused: only you can write here.',
  closedNote: 'This thread is archived: it can be read, not written.',
  goneNote: 'Waiting for the broker. Your draft is kept.',
  sending: 'sending…',
  waiting: 'goes out when the broker is back',
  notSent: 'not sent',
  tryAgain: 'Try Again',
  discard: 'Discard',

  loading: 'Loading the thread…',
  loadingSlow: 'Still loading. The broker has not answered yet.',
  noThread: 'No thread is open.',
  noThreadDo: 'Choose one in the Threads view, or call an agent from the Roster.',
  missing: 'This thread is not there any more.',
  missingDo: 'Choose another in the Threads view.',
  empty: 'Nothing has been said yet.',
  emptyArchived: 'Nothing was said.',
  gone: 'The broker cannot be reached.',
  goneDo: 'The thread comes back by itself when the broker does.',
  startBroker: 'Start Broker',
  back: 'The broker is back.',
  failed: 'This view has a fault and stopped.',
  failedDo: 'Close it and open the thread again. Nothing is lost.',

  typing: plural('{1} is typing…', '{1} are typing…'),
  and: '{0} and {1}',
  andYou: '{0} and you',
  days: '{0} d',
  others: plural('{0} other', '{0} others'),
} as const;

/** What this page speaks: `speak` is called once, when it starts and before anything is shown. */
export const tongue = new Tongue();
export const words = worded(texts, tongue);

/** A thread's topic as the page shows it: the one that nobody chose is said in the reader's language. */
export function topicText(topic: string): string {
  return topic === defaultTopic ? words.untitled : oneLine(topic);
}

/** `Atlas`, `Atlas and Nova`, `Atlas, Nova and 3 others`: at most three entries. */
export function list(names: readonly string[]): string {
  const shown = names.length > 3 ? [...names.slice(0, 2), words.others(names.length - 2)] : [...names];
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : words.and(shown.join(', '), last);
}

/** The same with the reader, who comes last and in the form that stands within a sentence; alone: at its beginning. */
export function listWithYou(names: readonly string[]): string {
  const [first] = names;
  if (first === undefined) return words.you;
  return words.andYou((names.length > 2 ? [first, words.others(names.length - 1)] : names).join(', '));
}

/** The translation that stands in the page's document; what is none is English. */
export function bundleOf(data = '{}'): Bundle {
  try {
    const read: unknown = JSON.parse(data);
    if (typeof read !== 'object' || read === null) return {};
    return Object.fromEntries(
      Object.entries(read).filter((line): line is [string, string] => typeof line[1] === 'string'),
    );
  } catch {
    return {};
  }
}
