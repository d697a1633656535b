import type { CommandName } from './commands';
import { connected, contextKeys } from './ids';

interface Key {
  /** A command of ours, or one that the editor makes for a view of ours (`roster.focus`). */
  readonly command: CommandName | 'roster.focus' | 'inbox.focus' | 'threads.focus';
  /** The second of two strokes; the first is `leader`. */
  readonly key: string;
  readonly when: string;
}

/** The first stroke of all of ours: the editor itself uses it for nothing, on any system. */
export const leader = 'ctrl+alt+p';

/** What one does most, without a mouse. */
export const keys: readonly Key[] = [
  { command: 'callAgent', key: 'c', when: connected },
  { command: 'sendMessage', key: 'm', when: connected },
  { command: 'sendSelection', key: 's', when: `${connected} && editorTextFocus` },
  { command: 'sendTerminalSelection', key: 's', when: `${connected} && terminalFocus` },
  { command: 'askForReview', key: 'g', when: connected },
  { command: 'openThread', key: 't', when: connected },
  { command: 'searchThreads', key: 'f', when: connected },
  { command: 'answer', key: 'a', when: contextKeys.ringing },
  { command: 'decline', key: 'd', when: contextKeys.ringing },
  { command: 'letAgentAnswer', key: 'l', when: contextKeys.ringing },
  { command: 'newAgentTerminal', key: 'n', when: '' },
  { command: 'pauseAll', key: 'p', when: `${connected} && !${contextKeys.paused}` },
  { command: 'resumeAll', key: 'p', when: `${connected} && ${contextKeys.paused}` },
  { command: 'roster.focus', key: 'r', when: '' },
  { command: 'inbox.focus', key: 'i', when: '' },
  { command: 'threads.focus', key: 'h', when: '' },
];
