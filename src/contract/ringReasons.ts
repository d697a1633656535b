import type { Speech } from './wording';

/**
 * What receipts and the watchdog tell of a ring, in words for a reader: in VS Code, in the terminal, in an answer to a model.
 * A ringer's report holds a result and a reason of few English words: those that stand here are said in the language of the
 * reader; every other, a client's own above all, as it was told.
 */

/** What became of a ring. */
export const ringResults: Readonly<Record<string, string>> = {
  written: 'handed over',
  held: 'held back',
  refused: 'refused',
  failed: 'did not get through',
};

/** Reasons that are codes: of the broker, of what a client's record says, and of refusals. */
const codes: Readonly<Record<string, string>> = {
  'wake limit': 'it was woken as often as it may be in an hour',
  'the sender may not wake': 'who sent it may not wake it',
  'permission prompt': 'it waits for a permission',
  'question to its user': 'it has asked its user something',
  'input needed': 'it has asked its user something',
  'plan approval': 'it waits for its plan to be approved',
  'a prompt': 'it waits for its user',
  'its user': 'it waits for its user',
  gone: 'its connection is gone',
  failed: 'no reason was told',
  unknown: 'no reason was told',
  inbox_full: 'its inbox is full',
  message_too_long: 'the message is too long',
};

/** Why the watchdog found something unseen; it may also tell a ring's own reason. */
const unseen: Readonly<Record<string, string>> = {
  offline: 'it is away',
  busy: 'it is busy',
  held: 'the person holds it: nothing rings there',
  'not-listening': 'it has not asked since',
  'rung-not-seen': 'it was rung and has not looked',
  'ring-held': 'it was rung, and the ring was held back',
  'ring-refused': 'it was rung, and the ring was refused',
  'ring-failed': 'no ring got through to it',
};

/** Reasons that are sentences already. */
const sentences: readonly string[] = [
  'its user must let the message in',
  'its user let the message in',
  'its user declined the message',
  'it takes no messages from other sessions',
  'held until it expired',
  'the session has ended',
  'the session has not said its id',
  'its inbox socket is gone',
  'its inbox does not answer',
  'its socket belongs to another user',
  'Codex runs without its server',
  'its server hung up',
  'which of its threads is ours shows with the first use of Parley',
  'OpenCode has no session open yet',
  'OpenCode was started without --port',
  'nobody is behind its port',
  'its port hung up',
  'it was not started with --ui-server --port',
  'it hung up',
  'it has been rung already',
  'the person does not allow it any more',
  'needs the permission of the person',
  'this editor has no chat',
  'its terminal is not in this window',
  'its terminal is closed',
  'what runs in its terminal cannot be told',
  'its client is not in the foreground of its terminal',
  'its terminal has the keyboard: somebody may be typing there',
  'somebody was at its terminal a moment ago',
  'its folder is not open in a trusted window',
  'another window holds its folder',
  'no session of it is known that can be brought back',
  'its session is being brought back already',
  'its session runs',
  'its inbox socket belongs to another user',
  'Codex has no such socket on Windows',
  'its server has too many threads to tell ours',
  'its place is not known',
  'OpenCode has not said its process',
  'the path of Parley’s home is too long for its socket',
  'no such ringer here',
];

/** Reasons with a value in them, which may be a reason itself. */
const open = [
  'it did not answer in {0} s',
  '{0} rings wait already',
  'dropped: {0}',
  'its line stands in the terminal, not sent: {0}',
  'the program {0} is not found',
  'the program {0} is not on the PATH',
  'the version of {0} is not known; this way in is used from {1} to below {2}',
  '{0} is {1}; this way in is used from {2} to below {3}',
] as const;

const patterns = open.map((text) => {
  const parts = text.split(/\{\d\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return { text, pattern: new RegExp(`^${parts.join('(.{1,200})')}$`) };
});

/** Every sentence above that can be said, once. */
export const ringTexts: readonly string[] = [
  ...new Set([...[ringResults, codes, unseen].flatMap((table) => Object.values(table)), ...sentences, ...open]),
];

const isKnown: ReadonlySet<string> = new Set(sentences);

/** A ring's result for a person; one that this version does not know is told as it is. */
export function ringResult(result: string, tongue: Speech): string {
  const known = Object.hasOwn(ringResults, result) ? ringResults[result] : undefined;
  return known === undefined ? result : tongue.say(known);
}

/** A ring's reason for a person; what is not known here is told as it is. Not plain. */
export function ringReason(detail: string, tongue: Speech): string {
  const code = Object.hasOwn(codes, detail) ? codes[detail] : undefined;
  if (code !== undefined) return tongue.say(code);
  if (isKnown.has(detail)) return tongue.say(detail);
  for (const { text, pattern } of patterns) {
    const values = pattern.exec(detail)?.slice(1);
    if (values) return tongue.say(text, ...values.map((value) => ringReason(value, tongue)));
  }
  return detail;
}

/** What the watchdog tells of something unseen; what is not known here is told as it is. Not plain. */
export function unseenReason(reason: string, tongue: Speech): string {
  const known = Object.hasOwn(unseen, reason) ? unseen[reason] : undefined;
  return known === undefined ? ringReason(reason, tongue) : tongue.say(known);
}
