import { connected, connecting, contextKeys, gone, isLate, isUnopened } from './ids';

export interface View {
  readonly name: string;
  /** A page of ours instead of a tree. */
  readonly type?: 'webview';
  /** Default: always. */
  readonly when?: string;
  /** Its share of the height before the person has moved anything; who names none has 20. */
  readonly initialSize?: number;
  /** What an empty view says and offers. Command links stand on lines of their own and are shown as buttons. */
  readonly welcome: readonly { readonly text: string; readonly when: string }[];
}

/** The id of a view is `parley.` and its key. */
export const views = {
  roster: {
    name: 'Roster',
    initialSize: 30,
    welcome: [
      {
        text: 'No agent has signed on yet.\nGive your agents Parley, or sign one on in a terminal: parley register --name Nova\n[Connect an Agent…](command:parley.connectAgent)',
        when: `${connected} && !${contextKeys.filtered}`,
      },
      {
        text: 'No agent fits the filter.\n[Clear Filter](command:parley.clearRosterFilter)',
        when: `${connected} && ${contextKeys.filtered}`,
      },
      {
        text: 'The broker is not running: nobody can be seen or called. What was said is safe on disk.\n[Start Broker](command:parley.startBroker)\n[Show Log](command:parley.showLog)',
        when: gone,
      },
      { text: 'Looking for the broker…', when: connecting },
      {
        text: 'Parley takes unusually long to start in this window and can do nothing until it has. Wait, or reload the window.\n[Reload Window](command:workbench.action.reloadWindow)\n[Show Log](command:parley.showLog)',
        when: isLate,
      },
      {
        text: 'Parley could not start in this window. Reload the window; if that does not help, install Parley again.\n[Reload Window](command:workbench.action.reloadWindow)\n[Show Log](command:parley.showLog)',
        when: isUnopened,
      },
    ],
  },
  inbox: {
    name: 'Inbox',
    initialSize: 10,
    welcome: [
      {
        text: 'Nothing waits for you. Calls that ring, calls you missed and unread threads stand here.',
        when: connected,
      },
      { text: 'The broker is not running. What waits for you shows when it is back.', when: gone },
      { text: 'Looking for the broker…', when: connecting },
      {
        text: 'Parley takes unusually long to start in this window and can do nothing until it has. Wait, or reload the window.',
        when: isLate,
      },
      {
        text: 'Parley could not start in this window. Reload the window; if that does not help, install Parley again.',
        when: isUnopened,
      },
    ],
  },
  threads: {
    name: 'Threads',
    initialSize: 25,
    welcome: [
      {
        text: 'No conversation yet. Call an agent, or leave it a message.\n[Call Agent…](command:parley.callAgent)\n[Send Message…](command:parley.sendMessage)',
        when: connected,
      },
      { text: 'The broker is not running. The threads show when it is back.', when: gone },
      { text: 'Looking for the broker…', when: connecting },
      {
        text: 'Parley takes unusually long to start in this window and can do nothing until it has. Wait, or reload the window.',
        when: isLate,
      },
      {
        text: 'Parley could not start in this window. Reload the window; if that does not help, install Parley again.',
        when: isUnopened,
      },
    ],
  },
  /**
   * It comes with the first thread that is shown in it: a view that is folded at first opens at the least height that VS Code
   * gives to any, whatever its share.
   */
  conversation: {
    name: 'Conversation',
    type: 'webview',
    when: `config.parley.openThreads == sidebar || ${contextKeys.conversation}`,
    initialSize: 60,
    welcome: [],
  },
} as const satisfies Readonly<Record<string, View>>;

export type ViewName = keyof typeof views;
