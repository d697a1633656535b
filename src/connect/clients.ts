import * as path from 'node:path';
import type { HookMoment } from '../contract/hooks';
import type { ClientName } from './clientNames';
import { ownFile, type ConfigEdit } from './configEdit';
import { copilotExtension } from './copilotExtension';
import { hookCommand, hookTimeout, powerShellHook, runsOurHook } from './hookCommands';
import { jsonEdit, type OwnItem, type OwnMember } from './jsonConfig';
import { openCodePlugin } from './openCodePlugin';
import { skill } from './skill';
import { tomlEdit } from './tomlConfig';

/** What connecting needs to know of this machine. */
export interface Place {
  /** Absolute path of the launcher. */
  readonly launcher: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's own folder. */
  readonly userFolder: string;
  readonly platform: NodeJS.Platform;
  /** Whether a file is there: some clients have two names for one configuration. */
  readonly exists: (file: string) => boolean;
}

/** One file that connecting changes. */
export interface FileChange {
  readonly file: string;
  readonly edit: ConfigEdit;
  /** The whole file is ours. */
  readonly isOwn: boolean;
  /** What of ours is in it. */
  readonly holds: readonly Part[];
}

/** What connecting gives a client. */
export type Part = 'server' | 'hooks' | 'skill' | 'plugin' | 'permission';

/** What a person chooses when a client is connected. */
export interface ConnectChoices {
  /** Parley's tools are used without a prompt, where a file can say so. */
  readonly isAllowed: boolean;
  /** What a call needs to wake an idle session is set too. Default: it is not. */
  readonly isWoken?: boolean;
}

/** A client of agents that we can set up. */
export interface KnownClient {
  /** As people know it. */
  readonly title: string;
  /** What allowing Parley's tools without a prompt means there; undefined where it cannot be set in a file. */
  readonly allow: string | undefined;
  /** What it takes there that a call wakes an idle session, where that is not so by itself; undefined where it is. */
  readonly wake?: string;
  /** What a person should know once it is done. */
  readonly note: string;
  readonly changes: (place: Place, options: ConnectChoices) => readonly FileChange[];
  /** Names of its programs, to see whether it is on this machine. */
  readonly programs: readonly string[];
}

const json = (file: string, holds: readonly Part[], entries: Parameters<typeof jsonEdit>[0]): FileChange => ({
  file,
  edit: jsonEdit(entries),
  isOwn: false,
  holds,
});
const own = (file: string, part: Part, content: string): FileChange => ({
  file,
  edit: ownFile(content),
  isOwn: true,
  holds: [part],
});
const skillIn = (folder: string): FileChange => own(path.join(folder, 'skills', 'parley', 'SKILL.md'), 'skill', skill);

/** The folder that the variable names, else this one in the user's. */
function folderOf({ env, userFolder }: Place, variable: string, ...parts: string[]): string {
  const set = env[variable];
  return set !== undefined && set !== '' ? set : path.join(userFolder, ...parts);
}

/** Hooks in the form that Claude Code has, and others took over: `hooks.<event>[].hooks[]`. */
function nestedHooks(
  { launcher, platform }: Place,
  client: string,
  events: Readonly<Record<string, HookMoment>>,
  timeout: number,
): OwnItem[] {
  return Object.entries(events).map(([event, moment]) => ({
    at: ['hooks', event],
    item: { hooks: [{ type: 'command', command: hookCommand(launcher, moment, client, platform), timeout }] },
    isOurs: runsOurHook,
  }));
}

/** Our server under that member. It is ours when it runs the launcher, whatever else stands beside. */
function entry(list: string, value: object, { launcher }: Place): OwnMember {
  return {
    at: [list, 'parley'],
    value,
    isOurs: (one) => {
      const { command } = (one ?? {}) as { readonly command?: unknown };
      return (Array.isArray(command) ? (command[0] as unknown) : command) === launcher;
    },
  };
}

const mcp = ['mcp'];

/** A setting of the client's that we need and others may need too: without a record of ours it is not taken out. */
const shared = (at: OwnMember['at'], value: unknown): OwnMember => ({ at, value, isOurs: () => false });

/** With both, the end of a background command starts a turn of an idle Gemini CLI; tried with 0.61.0. */
const geminiWakes: readonly OwnMember[] = [
  shared(['tools', 'shell', 'backgroundCompletionBehavior'], 'inject'),
  shared(['experimental', 'modelSteering'], true),
];

/**
 * A rule by which waiting in the background needs no prompt each time. A file of its own among the user's policies:
 * `tools.allowed` in the settings would have Gemini CLI refuse every other shell command.
 */
function geminiMayWait(folder: string, { launcher }: Place): FileChange {
  const rule = `# Written by Parley (parley connect gemini --remove takes it out).
[[rule]]
toolName = "run_shell_command"
commandPrefix = ${JSON.stringify(`${launcher} await`)}
decision = "allow"
priority = 100
`;
  return own(path.join(folder, 'policies', 'parley.toml'), 'permission', rule);
}

/** By the name that `parley connect` takes. The files' formats were measured on the real clients where the tests say so. */
const knownClients = {
  'claude-code': {
    title: 'Claude Code',
    programs: ['claude'],
    allow: 'permissions.allow gets "mcp__parley"',
    note: 'Sessions that run already must be started again. /mcp shows the server.',
    changes: (place, { isAllowed }) => {
      const folder = folderOf(place, 'CLAUDE_CONFIG_DIR', '.claude');
      // Its own record of the user stands beside the folder, unless the folder was chosen.
      const main = path.join((place.env['CLAUDE_CONFIG_DIR'] ?? '') === '' ? place.userFolder : folder, '.claude.json');
      const hooks = { SessionStart: 'session-start', PostToolUse: 'after-tool', Stop: 'stop' } as const;
      const allowed = {
        at: ['permissions', 'allow'],
        item: 'mcp__parley',
        isOurs: (one: unknown) => one === 'mcp__parley',
      };
      return [
        json(main, ['server'], {
          members: [entry('mcpServers', { type: 'stdio', command: place.launcher, args: mcp }, place)],
        }),
        json(path.join(folder, 'settings.json'), ['hooks', 'permission'], {
          items: [...nestedHooks(place, 'claude-code', hooks, hookTimeout), ...(isAllowed ? [allowed] : [])],
        }),
        skillIn(folder),
      ];
    },
  },
  codex: {
    title: 'Codex',
    programs: ['codex'],
    allow: 'default_tools_approval_mode = "approve" for this server',
    note: 'At its next start Codex asks you to review the hooks; until you trust them it runs without them.',
    changes: (place, { isAllowed }) => {
      const folder = folderOf(place, 'CODEX_HOME', '.codex');
      const hooks = { SessionStart: 'session-start', PostToolUse: 'after-tool', Stop: 'stop' } as const;
      const edit = tomlEdit({
        table: ['mcp_servers', 'parley'],
        value: {
          command: place.launcher,
          args: mcp,
          // Codex gives its servers little more than PATH.
          env_vars: ['CODEX_HOME', 'PARLEY_AGENT', 'PARLEY_HOME'],
          ...(isAllowed && { default_tools_approval_mode: 'approve' }),
        },
        lists: {
          name: 'hooks',
          items: Object.entries(hooks).map(([list, moment]) => ({
            list,
            value: {
              hooks: [
                {
                  type: 'command',
                  command: hookCommand(place.launcher, moment, 'codex', place.platform),
                  timeout: hookTimeout,
                },
              ],
            },
          })),
          isOurs: runsOurHook,
        },
      });
      return [
        { file: path.join(folder, 'config.toml'), edit, isOwn: false, holds: ['server', 'hooks'] },
        skillIn(folder),
      ];
    },
  },
  opencode: {
    title: 'OpenCode',
    programs: ['opencode'],
    allow: undefined,
    note: 'At its next start OpenCode installs its own package for plugins, once: up to a minute. It asks for no permission for MCP tools unless you told it to.',
    changes: (place) => {
      const folder = path.join(folderOf(place, 'XDG_CONFIG_HOME', '.config'), 'opencode');
      const [plain, commented] = ['opencode.json', 'opencode.jsonc'].map((name) => path.join(folder, name));
      const file = plain !== undefined && !place.exists(plain) && place.exists(commented ?? '') ? commented : plain;
      return [
        json(file ?? '', ['server'], {
          members: [entry('mcp', { type: 'local', command: [place.launcher, ...mcp], enabled: true }, place)],
        }),
        own(path.join(folder, 'plugin', 'parley.js'), 'plugin', openCodePlugin(place.launcher)),
        skillIn(folder),
      ];
    },
  },
  gemini: {
    title: 'Gemini CLI',
    programs: ['gemini'],
    allow: '"trust": true for this server',
    note: 'Without trust, Gemini CLI offers the tools only in interactive sessions, and asks.',
    wake: 'tools.shell.backgroundCompletionBehavior = "inject" and experimental.modelSteering = true: what a background command says when it ends goes to the model, and starts a turn. The agent then waits with parley await',
    changes: (place, { isAllowed, isWoken = false }) => {
      const folder = path.join(folderOf(place, 'GEMINI_CLI_HOME'), '.gemini');
      const hooks = { SessionStart: 'session-start', AfterTool: 'after-tool', AfterAgent: 'stop' } as const;
      const server = { command: place.launcher, args: mcp, ...(isAllowed && { trust: true }) };
      return [
        json(path.join(folder, 'settings.json'), ['server', 'hooks'], {
          members: [entry('mcpServers', server, place), ...(isWoken ? geminiWakes : [])],
          // Its hooks' times are milliseconds.
          items: nestedHooks(place, 'gemini', hooks, hookTimeout * 1000),
        }),
        skillIn(folder),
        ...(isWoken && isAllowed ? [geminiMayWait(folder, place)] : []),
      ];
    },
  },
  copilot: {
    title: 'Copilot CLI',
    programs: ['copilot'],
    allow: undefined,
    note: 'To allow the tools without a prompt, start it with --allow-tool=parley.',
    wake: 'enabledFeatureFlags.EXTENSIONS = true, an experimental feature: Copilot CLI loads extensions, ours among them, from its folder and from folders that you trust. Without it the agent can wait with parley await',
    changes: (place, { isWoken = false }) => {
      const folder = folderOf(place, 'COPILOT_HOME', '.copilot');
      const hooks = { sessionStart: 'session-start', postToolUse: 'after-tool', agentStop: 'stop' } as const;
      const server = { type: 'local', command: place.launcher, args: mcp, env: {}, tools: ['*'] };
      const hookFile = {
        version: 1,
        hooks: Object.fromEntries(
          Object.entries(hooks).map(([event, moment]) => [
            event,
            [
              {
                type: 'command',
                bash: hookCommand(place.launcher, moment, 'copilot', 'linux'),
                powershell: powerShellHook(place.launcher, moment, 'copilot'),
                timeoutSec: hookTimeout,
              },
            ],
          ]),
        ),
      };
      return [
        json(path.join(folder, 'mcp-config.json'), ['server'], { members: [entry('mcpServers', server, place)] }),
        own(path.join(folder, 'hooks', 'parley.json'), 'hooks', `${JSON.stringify(hookFile, undefined, 2)}\n`),
        skillIn(folder),
        ...(isWoken
          ? [
              json(path.join(folder, 'settings.json'), ['plugin'], {
                members: [shared(['enabledFeatureFlags', 'EXTENSIONS'], true)],
              }),
              own(path.join(folder, 'extensions', 'parley', 'extension.mjs'), 'plugin', copilotExtension()),
            ]
          : []),
      ];
    },
  },
  cursor: {
    title: 'Cursor',
    programs: ['cursor', 'cursor-agent'],
    allow: undefined,
    note: 'Allow the tools in Cursor Settings → MCP. A file that does it would hide the list that you keep there.',
    changes: (place) => {
      const folder = path.join(place.userFolder, '.cursor');
      const hooks = { sessionStart: 'session-start', postToolUse: 'after-tool', stop: 'stop' } as const;
      return [
        json(path.join(folder, 'mcp.json'), ['server'], {
          members: [entry('mcpServers', { command: place.launcher, args: mcp }, place)],
        }),
        json(path.join(folder, 'hooks.json'), ['hooks'], {
          needed: [{ at: ['version'], value: 1 }],
          items: Object.entries(hooks).map(([event, moment]) => ({
            at: ['hooks', event],
            item: { command: hookCommand(place.launcher, moment, 'cursor', place.platform) },
            isOurs: runsOurHook,
          })),
        }),
        skillIn(folder),
      ];
    },
  },
  vscode: {
    title: 'VS Code',
    programs: ['code', 'code-insiders'],
    allow: undefined,
    note: 'Where the extension Parley is installed the chat has the tools already; this is for a VS Code without it.',
    changes: (place) => [
      json(path.join(codeFolder(place), 'mcp.json'), ['server'], {
        members: [entry('servers', { type: 'stdio', command: place.launcher, args: mcp }, place)],
      }),
    ],
  },
} as const satisfies Readonly<Record<ClientName, KnownClient>>;

export function clientOf(name: ClientName): KnownClient {
  return knownClients[name];
}

/** Where VS Code keeps the user's settings. */
function codeFolder(place: Place): string {
  const { platform, userFolder } = place;
  if (platform === 'win32') return path.join(folderOf(place, 'APPDATA', 'AppData', 'Roaming'), 'Code', 'User');
  if (platform === 'darwin') return path.join(userFolder, 'Library', 'Application Support', 'Code', 'User');
  return path.join(folderOf(place, 'XDG_CONFIG_HOME', '.config'), 'Code', 'User');
}
