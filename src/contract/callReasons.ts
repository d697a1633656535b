/**
 * What became of a call with one callee, and why it did not ring, in English, after the name of the callee: for the terminal
 * and for models; what became of a task, and why. Reasons are those of a leg; one that this version does not know has no words.
 */

const queued: ReadonlyMap<string, string> = new Map([
  ['offline', 'is away: the call waits in the inbox'],
  ['busy', 'is busy: the call waits in the inbox'],
  ['in-call', 'is in a call: it rings when free'],
  ['ringing', 'is being called by somebody else: it rings when free'],
  ['later', 'is not rung, as you asked: the call waits in the inbox'],
  ['paused', 'is not rung while the person has paused all: it rings after that'],
  ['held', 'is not rung while the person holds it: it rings after that'],
]);

const passed: ReadonlyMap<string, string> = new Map([
  ['no-answer', 'did not answer in time'],
  ['offline', 'is away'],
  ['busy', 'is busy'],
  ['in-call', 'is in a call'],
  ['ringing', 'is being called by somebody else'],
  ['later', 'is not rung'],
  ['paused', 'is not rung while the person has paused all'],
  ['held', 'is not rung while the person holds it'],
]);

/** Of a queued leg: why it does not ring, and what becomes of the call. */
export function queuedWords(reason = ''): string | undefined {
  return queued.get(reason);
}

/** Of a hunt's leg that was passed: why the next was tried. */
export function passedWords(reason = ''): string | undefined {
  return passed.get(reason);
}

/** What became of a call with one callee, after its name, by the state of the leg: for models. */
export const outcomeWords: Readonly<Record<string, string>> & { readonly queued: string } = {
  queued: 'cannot take it now: the call waits in the inbox there',
  ringing: 'is being rung',
  missed: 'did not answer: the call waits in the inbox there',
  accepted: 'accepted',
  declined: 'declined',
  cancelled: 'is no longer called: the call was taken back',
  merged: 'was calling you at the same time: you are connected',
  returned: 'answered late and calls back',
  expired: 'never answered: the call has expired',
  awaited: 'is not free now: you are told when that changes',
  free: 'is free now: call again',
  passed: 'was tried, and the next one is rung',
};

const tasks: ReadonlyMap<string, string> = new Map([
  ['deadline', 'its deadline has passed'],
  ['expired', 'nobody has touched it for too long'],
  ['lapsed', 'who has it reported nothing for too long'],
  ['failed', 'who had it could not do it'],
]);

/** Each in English, which is the key of its translations. */
export const taskReasons: readonly string[] = [...tasks.values()];

/** Why a task failed or came back by a rule; undefined for a reason that this version does not know. */
export function taskReason(reason: string): string | undefined {
  return tasks.get(reason);
}

/** What has happened to a task, after its title: for models. */
export const taskChangeWords: Readonly<Record<string, string>> = {
  offered: 'is offered',
  working: 'is being worked on',
  progress: 'has got further',
  'input-required': 'asks for input',
  input: 'has been given the input that it asked for',
  returned: 'came back',
  completed: 'is completed',
  failed: 'has failed',
  canceled: 'was taken back',
  rejected: 'was declined',
};
