/** Contributed ids that are not commands. */
export const container = { id: 'parley', title: 'Parley', icon: 'media/parley.svg' } as const;
export const mcpProvider = { id: 'parley', label: 'Parley' } as const;
export const threadPanelType = 'parley.thread';
export const conversationView = 'parley.conversation';

export const contextKeys = {
  /**
   * `connecting`, `connected` or `gone`; {@link unopened} where Parley could not start in this window, {@link late} while
   * that takes too long.
   */
  broker: 'parley.broker',
  /** A call rings that the person may answer. */
  ringing: 'parley.ringing',
  /** The person has paused everything. */
  paused: 'parley.paused',
  /** The person is left alone. */
  quiet: 'parley.quiet',
  /** The Roster shows only some. */
  filtered: 'parley.rosterFiltered',
  /** A thread has something that the person has not been shown. */
  unread: 'parley.unread',
  /** An agent other than this window's own has signed on. */
  othersHere: 'parley.othersHere',
  /** The person has shown a thread in the sidebar, in this workspace. */
  conversation: 'parley.conversation',
  /** A terminal of this window runs an agent. */
  terminals: 'parley.terminals',
} as const;

export const unopened = 'unopened';
export const late = 'late';
export const isUnopened = `${contextKeys.broker} == ${unopened}`;
export const isLate = `${contextKeys.broker} == ${late}`;
export const connected = `${contextKeys.broker} == connected`;
export const gone = `${contextKeys.broker} == gone`;
export const connecting = `${contextKeys.broker} == connecting`;
