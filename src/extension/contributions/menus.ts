import type { CommandName } from './commands';
import { editorMenus } from './editorMenus';
import { connected, contextKeys, gone } from './ids';
import type { ViewName } from './views';

/** Kinds of tree rows, for `viewItem` in the menus below. */
export const rowKinds = {
  /** An agent that can be called; followed by `.held` and `.muted` where the person did that, `.ringing` where a call rings, `.own` for this window's. */
  agent: 'agent',
  /** The person, or an agent of another kind that cannot be called from here. */
  self: 'self',
  /** A shared MCP server: it has tools, and nobody reads there. */
  server: 'server',
  /** A call that rings at the person. */
  ringing: 'call.ringing',
  /** A call that rings at an agent and that the person may answer for it. */
  ringingAgent: 'call.ringingAgent',
  /** A call that waits in the person's inbox. */
  waiting: 'call.waiting',
  /** An open thread; of a thread at its turn limit the kind goes on with `.limited`, of one with something unread with `.unread`. */
  thread: 'thread',
  pausedThread: 'thread.paused',
  closedThread: 'thread.closed',
  /** A session on this machine that has not signed on. */
  nearby: 'nearby',
  /** Stands for archived threads that are not shown yet. */
  more: 'more',
} as const;

export interface MenuItem {
  readonly command: CommandName;
  readonly when: string;
  readonly group: string;
}

const inView = (view: ViewName): string => `view == parley.${view}`;
const anyCall = `viewItem =~ /^call\\./`;
const anyAgent = `viewItem =~ /^agent/`;
const isNearby = `viewItem == ${rowKinds.nearby}`;
const anyThread = `viewItem =~ /^thread/`;
/** Of a thread with something unread the kind ends with `.unread`. */
const anyUnread = `viewItem =~ /^thread.*unread/`;
const openThread = `viewItem =~ /^thread(?!\\.closed)/`;

const viewMenus: Readonly<Record<string, readonly MenuItem[]>> = {
  'view/title': [
    { command: 'callAgent', when: `${inView('roster')} && ${connected}`, group: 'navigation@1' },
    { command: 'filterRoster', when: `${inView('roster')} && ${connected}`, group: 'navigation@3' },
    { command: 'clearRosterFilter', when: `${inView('roster')} && ${contextKeys.filtered}`, group: 'navigation@4' },
    { command: 'setPresence', when: `${inView('roster')} && ${connected}`, group: '2_me@1' },
    { command: 'doNotDisturb', when: `${inView('roster')} && ${connected}`, group: '2_me@2' },
    { command: 'doNotDisturb', when: `${inView('inbox')} && ${connected}`, group: 'navigation@1' },
    { command: 'markAllRead', when: `${inView('inbox')} && ${contextKeys.unread}`, group: 'navigation@2' },
    { command: 'moreArchived', when: `${inView('threads')} && ${connected}`, group: '2_archived@1' },
    { command: 'connectAgent', when: inView('roster'), group: '3_setup@0' },
    { command: 'shareServer', when: `${inView('roster')} && ${connected}`, group: '3_setup@8' },
    { command: 'stopSharing', when: `${inView('roster')} && ${connected}`, group: '3_setup@9' },
    { command: 'copyMcpConfiguration', when: inView('roster'), group: '3_setup@1' },
    { command: 'installCommand', when: inView('roster'), group: '3_setup@2' },
    { command: 'startBroker', when: `${inView('roster')} && ${gone}`, group: 'navigation@1' },
    { command: 'stopBroker', when: `${inView('roster')} && ${connected}`, group: '4_broker@1' },
    { command: 'showLog', when: inView('roster'), group: '4_broker@2' },
    {
      command: 'pauseAll',
      when: `${inView('roster')} && ${connected} && !${contextKeys.paused}`,
      group: 'navigation@2',
    },
    {
      command: 'resumeAll',
      when: `${inView('roster')} && ${connected} && ${contextKeys.paused}`,
      group: 'navigation@2',
    },
    { command: 'sendMessage', when: `${inView('threads')} && ${connected}`, group: 'navigation@1' },
    { command: 'openInEditor', when: inView('conversation'), group: 'navigation@1' },
    { command: 'searchThreads', when: `${inView('threads')} && ${connected}`, group: 'navigation@2' },
  ],
  'view/item/context': [
    { command: 'callAgent', when: `${inView('roster')} && ${anyAgent}`, group: 'inline@1' },
    { command: 'sendMessage', when: `${inView('roster')} && ${anyAgent}`, group: 'inline@2' },
    { command: 'stopSharing', when: `${inView('roster')} && viewItem == ${rowKinds.server}`, group: '4_off@1' },
    { command: 'callAgent', when: `${inView('roster')} && ${anyAgent}`, group: '1_call@1' },
    { command: 'sendMessage', when: `${inView('roster')} && ${anyAgent}`, group: '1_call@2' },
    { command: 'answerFor', when: `${inView('roster')} && viewItem =~ /^agent.*ringing/`, group: '1_call@0' },
    { command: 'renameAgent', when: `${inView('roster')} && ${anyAgent}`, group: '3_agent@1' },
    {
      command: 'copyId',
      when: `${inView('roster')} && (${anyAgent} || viewItem =~ /^(${rowKinds.self}|${rowKinds.server})$/ || ${isNearby})`,
      group: '3_agent@2',
    },
    { command: 'inviteNearby', when: `${inView('roster')} && ${isNearby}`, group: 'inline@1' },
    { command: 'inviteNearby', when: `${inView('roster')} && ${isNearby}`, group: '1_call@1' },
    { command: 'connectNearby', when: `${inView('roster')} && ${isNearby}`, group: '1_call@2' },
    { command: 'revealFolder', when: `${inView('roster')} && ${isNearby}`, group: '3_agent@3' },
    // The window's own agent would be back at once.
    { command: 'disconnectAgent', when: `${inView('roster')} && viewItem =~ /^agent(?!.*own)/`, group: '4_off@1' },
    { command: 'setPresence', when: `${inView('roster')} && viewItem == ${rowKinds.self}`, group: 'inline@1' },
    { command: 'doNotDisturb', when: `${inView('roster')} && viewItem == ${rowKinds.self}`, group: 'inline@2' },
    { command: 'answer', when: `${inView('inbox')} && ${anyCall}`, group: 'inline@1' },
    {
      command: 'letAgentAnswer',
      when: `${inView('inbox')} && viewItem == ${rowKinds.ringingAgent}`,
      group: 'inline@2',
    },
    { command: 'decline', when: `${inView('inbox')} && ${anyCall}`, group: 'inline@3' },
    { command: 'declineWithReason', when: `${inView('inbox')} && ${anyCall}`, group: 'inline@4' },
    { command: 'later', when: `${inView('inbox')} && viewItem == ${rowKinds.ringing}`, group: 'inline@2' },
    { command: 'answer', when: `${inView('inbox')} && ${anyCall}`, group: '1_call@1' },
    {
      command: 'letAgentAnswer',
      when: `${inView('inbox')} && viewItem == ${rowKinds.ringingAgent}`,
      group: '1_call@2',
    },
    { command: 'later', when: `${inView('inbox')} && viewItem == ${rowKinds.ringing}`, group: '1_call@3' },
    { command: 'decline', when: `${inView('inbox')} && ${anyCall}`, group: '2_decline@1' },
    { command: 'declineWithReason', when: `${inView('inbox')} && ${anyCall}`, group: '2_decline@2' },
    { command: 'markRead', when: `${inView('inbox')} && ${anyThread}`, group: 'inline@2' },
    { command: 'markRead', when: anyUnread, group: '1_thread@0' },
    { command: 'holdAgent', when: `${inView('roster')} && viewItem =~ /^agent(?!.*held)/`, group: '2_rule@1' },
    { command: 'releaseAgent', when: `${inView('roster')} && viewItem =~ /^agent.*held/`, group: '2_rule@1' },
    { command: 'muteAgent', when: `${inView('roster')} && viewItem =~ /^agent(?!.*muted)/`, group: '2_rule@2' },
    { command: 'unmuteAgent', when: `${inView('roster')} && viewItem =~ /^agent.*muted/`, group: '2_rule@2' },
    { command: 'setPolicy', when: `${inView('roster')} && ${anyAgent}`, group: '2_rule@3' },
    { command: 'grantTurns', when: 'viewItem =~ /^thread.*limited/', group: 'inline@1' },
    { command: 'openThread', when: anyThread, group: '1_thread@1' },
    { command: 'inviteToThread', when: openThread, group: '1_thread@2' },
    { command: 'transferThread', when: openThread, group: '1_thread@3' },
    { command: 'showInSidebar', when: anyThread, group: '1_thread@4' },
    { command: 'grantTurns', when: openThread, group: '2_turns@1' },
    { command: 'pauseThread', when: `viewItem =~ /^thread(?!\\.(closed|paused))/`, group: '2_turns@2' },
    { command: 'resumeThread', when: `viewItem =~ /^thread\\.paused/`, group: '2_turns@2' },
    { command: 'renameThread', when: openThread, group: '3_keep@1' },
    { command: 'exportThread', when: anyThread, group: '3_keep@2' },
    { command: 'copyId', when: anyThread, group: '3_keep@3' },
    { command: 'endThread', when: openThread, group: '4_erase@0' },
    { command: 'eraseThread', when: anyThread, group: '4_erase@1' },
  ],
};

/** Every menu that Parley adds to. */
export const menus: Readonly<Record<string, readonly MenuItem[]>> = Object.fromEntries(
  [...new Set([...Object.keys(viewMenus), ...Object.keys(editorMenus)])].map((place) => [
    place,
    [...(viewMenus[place] ?? []), ...(editorMenus[place] ?? [])],
  ]),
);
