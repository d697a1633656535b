import type { Operations } from './operations';

/** The operations whose input has a key. */
export type KeyedOperation = {
  [N in keyof Operations]: 'key' extends keyof Operations[N]['input']['shape'] ? N : never;
}[keyof Operations];

const keyed: Readonly<Record<KeyedOperation, true>> = {
  answer: true,
  broadcast: true,
  call: true,
  cancel: true,
  cancelTask: true,
  delegate: true,
  erase: true,
  grant: true,
  invite: true,
  join: true,
  leave: true,
  match: true,
  message: true,
  open: true,
  pause: true,
  pauseAll: true,
  register: true,
  rename: true,
  report: true,
  resume: true,
  resumeAll: true,
  send: true,
  share: true,
  transfer: true,
  unshare: true,
  useTool: true,
};

/**
 * Whether an operation takes a key. The compiler holds this table against the schemas; it stands apart from them so that a
 * client that checks no input does not build them at its start.
 */
export const takesKey = (operation: string): boolean => Object.hasOwn(keyed, operation);
