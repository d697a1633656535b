import { editorCommands } from './editorCommands';

/** The commands; their handlers in ../commands.ts are typed by this table, so that neither can drift from the other. */

export interface Command {
  readonly title: string;
  readonly icon?: string;
  /** When the palette offers it. Default: always. */
  readonly palette?: string;
}

/** The id of a command is `parley.` and its key. */
export const commands = {
  callAgent: { title: 'Call Agent…', icon: '$(call-outgoing)' },
  answer: { title: 'Answer', icon: '$(check)', palette: 'parley.ringing' },
  letAgentAnswer: { title: 'Let the Agent Answer', icon: '$(hubot)', palette: 'parley.ringing' },
  decline: { title: 'Decline', icon: '$(close)', palette: 'parley.ringing' },
  declineWithReason: { title: 'Decline with a Reason…', icon: '$(comment-unresolved)', palette: 'parley.ringing' },
  later: { title: 'Answer Later', icon: '$(watch)', palette: 'parley.ringing' },
  sendMessage: { title: 'Send Message…', icon: '$(comment)' },
  openThread: { title: 'Open Thread', icon: '$(comment-discussion)' },
  markRead: { title: 'Mark Read', icon: '$(mail-read)', palette: 'parley.unread' },
  markAllRead: { title: 'Mark All Read', icon: '$(check-all)', palette: 'parley.unread' },
  doNotDisturb: { title: 'Do Not Disturb for…', icon: '$(bell-slash)' },
  searchThreads: { title: 'Search Threads…', icon: '$(search)' },
  inviteToThread: { title: 'Invite…', icon: '$(person-add)' },
  transferThread: { title: 'Transfer…', icon: '$(arrow-swap)' },
  showInSidebar: { title: 'Show in Sidebar', icon: '$(layout-sidebar-left)' },
  openInEditor: { title: 'Open in Editor', icon: '$(go-to-file)' },
  pauseThread: { title: 'Pause Thread', icon: '$(debug-pause)' },
  resumeThread: { title: 'Resume Thread', icon: '$(debug-continue)' },
  grantTurns: { title: 'Grant More Turns', icon: '$(unlock)' },
  renameThread: { title: 'Rename Thread…', icon: '$(edit)' },
  exportThread: { title: 'Export as Markdown…', icon: '$(markdown)' },
  moreArchived: { title: 'Show More Archived Threads', icon: '$(ellipsis)' },
  endThread: { title: 'End Thread…', icon: '$(archive)' },
  eraseThread: { title: 'Erase Thread…', icon: '$(trash)' },
  filterRoster: { title: 'Filter Agents…', icon: '$(filter)' },
  clearRosterFilter: { title: 'Clear Filter', icon: '$(clear-all)', palette: 'parley.rosterFiltered' },
  answerFor: { title: 'Answer For…', icon: '$(call-incoming)' },
  renameAgent: { title: 'Rename Agent…', icon: '$(edit)' },
  disconnectAgent: { title: 'Disconnect Agent…', icon: '$(debug-disconnect)' },
  copyId: { title: 'Copy Id', icon: '$(copy)' },
  inviteNearby: { title: 'Invite to Parley…', icon: '$(person-add)' },
  connectNearby: { title: 'Connect This Client…', icon: '$(plug)', palette: 'false' },
  revealFolder: { title: 'Reveal Folder', icon: '$(folder-opened)', palette: 'false' },
  holdAgent: { title: 'Hold Calls', icon: '$(bell-slash)' },
  releaseAgent: { title: 'Let Calls Ring Again', icon: '$(bell)' },
  muteAgent: { title: 'Mute', icon: '$(mute)' },
  unmuteAgent: { title: 'Unmute', icon: '$(unmute)' },
  setPolicy: { title: 'Call Policy…', icon: '$(law)' },
  pauseAll: { title: 'Pause All', icon: '$(debug-pause)', palette: '!parley.paused' },
  resumeAll: { title: 'Resume All', icon: '$(debug-continue)', palette: 'parley.paused' },
  setPresence: { title: 'Set My Presence…', icon: '$(account)' },
  startBroker: { title: 'Start Broker', icon: '$(debug-start)' },
  stopBroker: { title: 'Stop Broker', icon: '$(debug-stop)' },
  showLog: { title: 'Show Log', icon: '$(output)' },
  doctor: { title: 'Doctor', icon: '$(pulse)' },
  reportIssue: { title: 'Report Issue…', icon: '$(bug)' },
  connectAgent: { title: 'Connect an Agent…', icon: '$(plug)' },
  shareServer: { title: 'Share an MCP Server…', icon: '$(tools)' },
  stopSharing: { title: 'Stop Sharing an MCP Server…', icon: '$(circle-slash)' },
  copyMcpConfiguration: { title: 'Copy MCP Configuration', icon: '$(copy)' },
  installCommand: { title: "Install 'parley' Command", icon: '$(terminal)' },
  ...editorCommands,
} as const satisfies Readonly<Record<string, Command>>;

export type CommandName = keyof typeof commands;
