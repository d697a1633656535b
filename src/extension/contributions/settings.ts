export interface Setting {
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
  openThreads: {
    type: 'string',
    default: 'editor',
    scope: 'application',
    description: 'Where a thread opens.',
    choices: {
      editor: 'In the editor area, each thread in a view of its own.',
      sidebar: 'In the Conversation view, which shows one thread at a time.',
    },
  },
  'doNotDisturb.hours': {
    type: 'string',
    default: '',
    scope: 'application',
    description:
      'When you want to be left alone every week, e.g. `22:00-07:00` or `22:00-07:00 mon-fri; 00:00-24:00 sat,sun`, by the clock of the machine where Parley runs. Calls go to your inbox without ringing, whether a window is open or not.',
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
  'wake.typedLine': {
    type: 'string',
    default: '',
    scope: 'machine',
    description:
      'Agents that may be rung by a line that Parley types into their terminal in this window, when nothing better gets through: names, e.g. `Nova, Atlas`, or `*` for all. Empty: none. Nothing is typed while the terminal is in your hands, and for half a minute after. What you have typed there and not sent would be sent with the line. This spends what their model costs.',
  },
  'wake.headless': {
    type: 'string',
    default: '',
    scope: 'machine',
    description:
      'Agents whose session may be brought back without a window when they are called or written to while they are away: names, e.g. `Nova, Atlas`, or `*` for all. Empty: none. Their own program runs in their folder, which must be open in a trusted window, for ten minutes at most, and is allowed the tools of Parley. This spends what their model costs.',
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof settings;
export type Disturb = keyof (typeof settings)['disturb']['choices'];
