import { defaultLimits, type Limits } from '../../src/core/limits';
import { weigh } from '../unit/core/choices';

export const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Times such that no two of them end at the same millisecond by their own making. */
export const limits: Limits = {
  ...defaultLimits,
  callExpiry: 3 * hour + 7,
  threadIdle: 31 * minute + 11,
  offlineLeave: 29 * minute + 13,
  huntRing: 20 * second + 17,
  turnSilence: 2 * minute + 19,
  turnOffline: 10 * second + 23,
  participants: 3,
  eventsKept: 1000 * hour,
  messagesPerMinute: 1e9,
  messageBurst: 1e9,
  turns: 1e9,
  pairMessagesPerHour: 1e9,
  inboxItems: 1e9,
};
/** A schedule takes no longer: after a day the switchboard forgets what became of things. */
export const longest = 20 * hour;

export const names = ['Ada', 'Bea', 'Cleo', 'Dan', 'Kim'] as const;
export const person = 'Kim';
/** What the agents say that they are good at, and what is asked for. */
export const capabilities: Readonly<Record<string, readonly string[]>> = {
  Ada: ['review'],
  Bea: ['review', 'testing'],
  Cleo: ['code review'],
  Dan: ['testing'],
  Kim: ['review'],
};
export const wanted = ['review', 'review', 'testing', 'code review', 'cooking'] as const;
export const spans = [
  5 * second,
  11 * second,
  50 * second,
  2 * minute,
  3 * minute,
  12 * minute,
  32 * minute,
  2 * hour,
] as const;
export const downtimes = [second, 20 * second, 3 * minute, 40 * minute] as const;

/** What can come next in a schedule, by weight: a command comes as often as it stands here. */
export const commands = weigh({
  nothing: 1,
  connect: 5,
  drop: 3,
  goodbye: 2,
  pass: 7,
  crash: 2,
  checkpoint: 1,
  listen: 11,
  listenAndCrash: 1,
  profile: 2,
  call: 10,
  match: 6,
  invite: 6,
  transfer: 2,
  answer: 14,
  answerAny: 3,
  cancel: 2,
  send: 11,
  message: 4,
  open: 3,
  join: 7,
  speak: 10,
  grant: 2,
  again: 2,
  conflict: 1,
  leave: 5,
});
export type Command = (typeof commands)[number];
