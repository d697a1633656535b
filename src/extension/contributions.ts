/**
 * What Parley adds to the editor: one table of commands, views, settings and menus. `package.json` (`contributes`) and
 * `package.nls.json` are written from it by `npm run contributions`, and a test fails when they differ. The handlers in
 * commands.ts are typed by this table, so that neither can drift from the other.
 *
 * This file MUST import nothing: the script that writes the manifest loads it alone.
 */

interface Command {
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
  later: { title: 'Answer Later', icon: '$(watch)', palette: 'parley.ringing' },
  sendMessage: { title: 'Send Message…', icon: '$(comment)' },
  openThread: { title: 'Open Thread', icon: '$(comment-discussion)' },
  searchThreads: { title: 'Search Threads…', icon: '$(search)' },
  inviteToThread: { title: 'Invite…', icon: '$(person-add)' },
  pauseThread: { title: 'Pause Thread', icon: '$(debug-pause)' },
  resumeThread: { title: 'Resume Thread', icon: '$(debug-continue)' },
  grantTurns: { title: 'Grant More Turns', icon: '$(unlock)' },
  renameThread: { title: 'Rename Thread…', icon: '$(edit)' },
  endThread: { title: 'End Thread…', icon: '$(archive)' },
  eraseThread: { title: 'Erase Thread…', icon: '$(trash)' },
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
  connectAgent: { title: 'Connect an Agent…', icon: '$(plug)' },
  copyMcpConfiguration: { title: 'Copy MCP Configuration', icon: '$(copy)' },
  installCommand: { title: "Install 'parley' Command", icon: '$(terminal)' },
} as const satisfies Readonly<Record<string, Command>>;

export type CommandName = keyof typeof commands;

/** Contributed ids that are not commands. */
export const container = { id: 'parley', title: 'Parley', icon: 'media/parley.svg' } as const;
export const mcpProvider = { id: 'parley', label: 'Parley' } as const;
export const threadPanelType = 'parley.thread';

export const contextKeys = {
  /** `connecting`, `connected` or `gone`. */
  broker: 'parley.broker',
  /** A call rings that the person may answer. */
  ringing: 'parley.ringing',
  /** The person has paused everything. */
  paused: 'parley.paused',
} as const;

interface View {
  readonly name: string;
  /** What an empty view says and offers. Command links stand on lines of their own and are shown as buttons. */
  readonly welcome: readonly { readonly text: string; readonly when: string }[];
}

const connected = `${contextKeys.broker} == connected`;
const gone = `${contextKeys.broker} == gone`;
const connecting = `${contextKeys.broker} == connecting`;

/** The id of a view is `parley.` and its key. */
export const views = {
  roster: {
    name: 'Roster',
    welcome: [
      {
        text: 'No agent has signed on yet.\nGive your agents Parley, or sign one on in a terminal: parley register --name Nova\n[Connect an Agent…](command:parley.connectAgent)',
        when: connected,
      },
      {
        text: 'The broker is not running: nobody can be seen or called. What was said is safe on disk.\n[Start Broker](command:parley.startBroker)\n[Show Log](command:parley.showLog)',
        when: gone,
      },
      { text: 'Looking for the broker…', when: connecting },
    ],
  },
  inbox: {
    name: 'Inbox',
    welcome: [
      {
        text: 'Nothing waits for you. Calls that ring, calls you missed and unread threads stand here.',
        when: connected,
      },
      { text: 'The broker is not running. What waits for you shows when it is back.', when: gone },
      { text: 'Looking for the broker…', when: connecting },
    ],
  },
  threads: {
    name: 'Threads',
    welcome: [
      {
        text: 'No conversation yet. Call an agent, or leave it a message.\n[Call Agent…](command:parley.callAgent)\n[Send Message…](command:parley.sendMessage)',
        when: connected,
      },
      { text: 'The broker is not running. The threads show when it is back.', when: gone },
      { text: 'Looking for the broker…', when: connecting },
    ],
  },
} as const satisfies Readonly<Record<string, View>>;

export type ViewName = keyof typeof views;

interface Setting {
  readonly type: 'string' | 'boolean';
  readonly default: string | boolean;
  readonly description: string;
  /** `machine`: never from a workspace. `window`: may differ per workspace. */
  readonly scope: 'machine' | 'window' | 'application';
  readonly choices?: Readonly<Record<string, string>>;
}

/** The key of a setting is `parley.` and its key here. */
export const settings = {
  home: {
    type: 'string',
    default: '',
    scope: 'machine',
    description:
      'Folder where Parley keeps everything. Empty: the environment variable `PARLEY_HOME`, else `~/.parley`. The environment variable wins over this setting. Takes effect after the window is reloaded.',
  },
  autoStart: {
    type: 'boolean',
    default: true,
    scope: 'machine',
    description: 'Start the broker when none is running.',
  },
  disturb: {
    type: 'string',
    default: 'whenNeeded',
    scope: 'application',
    description: 'Which calls ring for you with a notification.',
    choices: {
      whenNeeded: 'Calls to you, calls whose agent asks you, and calls that no ringer got through within 8 seconds.',
      all: 'Every call that rings.',
      none: 'No notification. The badge, the status bar and the Inbox still show what rings.',
    },
  },
  agentName: {
    type: 'string',
    default: '',
    scope: 'window',
    description: "Name of this window's own agent. Empty: a short human name is given.",
  },
  'chat.mayWake': {
    type: 'boolean',
    default: false,
    scope: 'machine',
    description:
      "Calls and messages for this window's agent may start a turn in its chat without asking you. This spends what your model costs.",
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof settings;
export type Disturb = keyof (typeof settings)['disturb']['choices'];

/** Kinds of tree rows, for `viewItem` in the menus below. */
export const rowKinds = {
  /** An agent that can be called; followed by `.held` and `.muted` where the person did that. */
  agent: 'agent',
  /** The person, or an agent of another kind that cannot be called from here. */
  self: 'self',
  /** A call that rings at the person. */
  ringing: 'call.ringing',
  /** A call that rings at an agent and that the person may answer for it. */
  ringingAgent: 'call.ringingAgent',
  /** A call that waits in the person's inbox. */
  waiting: 'call.waiting',
  /** An open thread; of a thread at its turn limit the kind goes on with `.limited`. */
  thread: 'thread',
  pausedThread: 'thread.paused',
  closedThread: 'thread.closed',
} as const;

interface MenuItem {
  readonly command: CommandName;
  readonly when: string;
  readonly group: string;
}

const inView = (view: ViewName): string => `view == parley.${view}`;
const anyCall = `viewItem =~ /^call\\./`;
const anyAgent = `viewItem =~ /^agent/`;
const anyThread = `viewItem =~ /^thread/`;
const openThread = `viewItem =~ /^thread(?!\\.closed)/`;

export const menus: Readonly<Record<string, readonly MenuItem[]>> = {
  'view/title': [
    { command: 'callAgent', when: `${inView('roster')} && ${connected}`, group: 'navigation@1' },
    { command: 'setPresence', when: `${inView('roster')} && ${connected}`, group: '2_me@1' },
    { command: 'connectAgent', when: inView('roster'), group: '3_setup@0' },
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
    { command: 'searchThreads', when: `${inView('threads')} && ${connected}`, group: 'navigation@2' },
  ],
  'view/item/context': [
    { command: 'callAgent', when: `${inView('roster')} && ${anyAgent}`, group: 'inline@1' },
    { command: 'sendMessage', when: `${inView('roster')} && ${anyAgent}`, group: 'inline@2' },
    { command: 'callAgent', when: `${inView('roster')} && ${anyAgent}`, group: '1_call@1' },
    { command: 'sendMessage', when: `${inView('roster')} && ${anyAgent}`, group: '1_call@2' },
    { command: 'setPresence', when: `${inView('roster')} && viewItem == ${rowKinds.self}`, group: 'inline@1' },
    { command: 'answer', when: `${inView('inbox')} && ${anyCall}`, group: 'inline@1' },
    {
      command: 'letAgentAnswer',
      when: `${inView('inbox')} && viewItem == ${rowKinds.ringingAgent}`,
      group: 'inline@2',
    },
    { command: 'decline', when: `${inView('inbox')} && ${anyCall}`, group: 'inline@3' },
    { command: 'later', when: `${inView('inbox')} && viewItem == ${rowKinds.ringing}`, group: '1_call@1' },
    { command: 'holdAgent', when: `${inView('roster')} && viewItem =~ /^agent(?!.*held)/`, group: '2_rule@1' },
    { command: 'releaseAgent', when: `${inView('roster')} && viewItem =~ /^agent.*held/`, group: '2_rule@1' },
    { command: 'muteAgent', when: `${inView('roster')} && viewItem =~ /^agent(?!.*muted)/`, group: '2_rule@2' },
    { command: 'unmuteAgent', when: `${inView('roster')} && viewItem =~ /^agent.*muted/`, group: '2_rule@2' },
    { command: 'setPolicy', when: `${inView('roster')} && ${anyAgent}`, group: '2_rule@3' },
    { command: 'grantTurns', when: 'viewItem =~ /^thread.*limited/', group: 'inline@1' },
    { command: 'openThread', when: anyThread, group: '1_thread@1' },
    { command: 'inviteToThread', when: openThread, group: '1_thread@2' },
    { command: 'grantTurns', when: openThread, group: '2_turns@1' },
    { command: 'pauseThread', when: `viewItem =~ /^thread(?!\\.(closed|paused))/`, group: '2_turns@2' },
    { command: 'resumeThread', when: `viewItem =~ /^thread\\.paused/`, group: '2_turns@2' },
    { command: 'renameThread', when: openThread, group: '3_keep@1' },
    { command: 'endThread', when: openThread, group: '3_keep@2' },
    { command: 'eraseThread', when: anyThread, group: '4_erase@1' },
  ],
};

/** What an untrusted or virtual workspace leaves of Parley. */
export const capabilities = {
  untrustedWorkspaces: {
    supported: 'limited',
    description:
      "In Restricted Mode you see the roster, your inbox and the threads and can take part. This window's own agent does not sign on, is given no tools and is never woken.",
    restrictedConfigurations: ['parley.agentName'],
  },
  virtualWorkspaces: {
    supported: 'limited',
    description: 'Pointers into the code that are not files on this machine cannot be opened from a thread.',
  },
} as const;

export interface Manifest {
  readonly contributes: object;
  readonly capabilities: object;
  /** `package.nls.json`: every string of the manifest that a person reads, by key. */
  readonly strings: Readonly<Record<string, string>>;
}

/** The manifest's part that follows from this table. */
export function manifest(): Manifest {
  const strings: Record<string, string> = {};
  const say = (key: string, text: string): string => {
    strings[key] = text;
    return `%${key}%`;
  };
  const contributes = {
    commands: Object.entries<Command>(commands).map(([name, { title, icon }]) => ({
      command: `parley.${name}`,
      title: say(`command.${name}`, title),
      category: 'Parley',
      ...(icon === undefined ? {} : { icon }),
    })),
    viewsContainers: { activitybar: [{ ...container }] },
    views: {
      [container.id]: Object.entries<View>(views).map(([name, { name: title }]) => ({
        id: `parley.${name}`,
        name: say(`view.${name}`, title),
        contextualTitle: container.title,
        icon: container.icon,
      })),
    },
    viewsWelcome: Object.entries<View>(views).flatMap(([name, { welcome }]) =>
      welcome.map(({ text, when }, index) => ({
        view: `parley.${name}`,
        contents: say(`welcome.${name}.${index}`, text),
        when,
      })),
    ),
    menus: {
      commandPalette: Object.entries<Command>(commands).flatMap(([name, { palette }]) =>
        palette === undefined ? [] : [{ command: `parley.${name}`, when: palette }],
      ),
      ...Object.fromEntries(
        Object.entries(menus).map(([place, items]) => [
          place,
          items.map((item) => ({ ...item, command: `parley.${item.command}` })),
        ]),
      ),
    },
    configuration: {
      title: 'Parley',
      properties: Object.fromEntries(
        Object.entries<Setting>(settings).map(([name, setting]) => [
          `parley.${name}`,
          {
            type: setting.type,
            default: setting.default,
            scope: setting.scope,
            markdownDescription: say(`setting.${name}`, setting.description),
            ...(setting.choices === undefined
              ? {}
              : {
                  enum: Object.keys(setting.choices),
                  enumDescriptions: Object.entries(setting.choices).map(([choice, text]) =>
                    say(`setting.${name}.${choice}`, text),
                  ),
                }),
          },
        ]),
      ),
    },
    mcpServerDefinitionProviders: [{ ...mcpProvider }],
  };
  return {
    contributes,
    capabilities: {
      untrustedWorkspaces: {
        ...capabilities.untrustedWorkspaces,
        description: say('capability.untrusted', capabilities.untrustedWorkspaces.description),
      },
      virtualWorkspaces: {
        ...capabilities.virtualWorkspaces,
        description: say('capability.virtual', capabilities.virtualWorkspaces.description),
      },
    },
    strings,
  };
}
