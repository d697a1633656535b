import { ClaudeInboxRinger } from './claudeInbox';
import { CopilotExtensionDoor } from './copilotExtension';
import { CopilotPortDoor } from './copilotPort';
import { codexFolder, CodexSocketDoor } from './codexSocket';
import { CodexQueueDoor } from './codexQueue';
import { DoorRinger } from './doorRinger';
import { OpenCodePluginDoor } from './openCodePlugin';
import { OpenCodePortDoor } from './openCodePort';
import type { LateReport, Ringer, RingerClock } from './ringer';
import { RingerList } from './ringerList';
import { TriedVersions } from './versions';

/** What is known of the client whose agent is to be rung. */
export interface RungClient {
  /** `clientInfo` of MCP. */
  readonly name: string;
  readonly version: string;
  /** The environment that it gave us, without what other clients left there. */
  readonly env: NodeJS.ProcessEnv;
  /** Absolute path of Parley's home. */
  readonly home: string;
  /** The folder that it works in. */
  readonly workspace: string;
  /** The client's own name of its session, e.g. Codex's thread id; undefined until it has said it. */
  readonly session: () => string | undefined;
  /** Told a session that it very probably is, before the client has said it. */
  readonly foundSession: (session: string) => void;
  /** When our program was started (ms since the epoch). */
  readonly startedAt: number;
  /** The command lines of the processes above us, nearest first, word by word; empty where the system does not tell. */
  readonly commands: () => readonly (readonly string[])[];
}

export interface RingerSurroundings {
  readonly clock: RingerClock;
  /** Told what a client says of a ring afterwards. */
  readonly report: (report: LateReport) => void;
}

/** Makes the ringers of one kind of client, best first; a way in that cannot be there at all is left out. */
type Choice = (client: RungClient, around: RingerSurroundings) => readonly (Ringer | undefined)[];

const claudeCode: Choice = ({ env, version }, { report }) => [
  ClaudeInboxRinger.of(env, report, new TriedVersions('Claude Code', { least: '2.1.200', below: '3' }, () => version)),
];

/** Its extension speaks our own language; the language of its port is not documented. */
const copilot: Choice = ({ env, home, version, commands }, { clock, report }) => {
  const session = (): string | undefined => env['COPILOT_AGENT_SESSION_ID'];
  const tried = new TriedVersions('Copilot CLI', { least: '1.0.100', below: '1.1' }, () => version);
  return [
    new DoorRinger({ door: new CopilotExtensionDoor({ home, session, report }), clock }),
    new DoorRinger({ door: new CopilotPortDoor({ session, commands }), clock, tried }),
  ];
};

/** The language of its server is not documented for others; its command `queue` is. */
const codex: Choice = ({ env, version, workspace, session, foundSession, startedAt, commands }, { clock }) => {
  const folder = codexFolder(env);
  const tried = new TriedVersions('Codex', { least: '0.169.0', below: '1' }, () => version);
  // Its server is the process that started us, and may stand nowhere on our PATH.
  const program = commands()[0]?.[0] ?? '';
  return [
    folder === undefined
      ? undefined
      : new DoorRinger({
          door: new CodexSocketDoor({ folder, workspace, thread: session, found: foundSession, startedAt, clock }),
          clock,
          tried,
        }),
    new DoorRinger({
      door: new CodexQueueDoor({
        program: /[/\\]codex(\.exe)?$/.test(program) ? program : 'codex',
        env,
        thread: session,
      }),
      clock,
    }),
  ];
};

/** Its plugin speaks our own language; its port is documented. */
const openCode: Choice = ({ env, home, workspace, commands }, { clock }) => [
  new DoorRinger({ door: new OpenCodePluginDoor({ home, process: env['OPENCODE_PID'], workspace }), clock }),
  new DoorRinger({ door: new OpenCodePortDoor({ commands, env, workspace }), clock }),
];

/** A client that we do not know, perhaps started from a Claude Code's terminal or built on it. */
const unknown: Choice = ({ env }, { report }) => [ClaudeInboxRinger.of(env, report)];

/** By `clientInfo.name`: one line for each client that can be rung. */
const choices: Readonly<Record<string, Choice>> = {
  'claude-code': claudeCode,
  'copilot-cli': copilot,
  'codex-mcp-client': codex,
  opencode: openCode,
};

export function chooseRingers(client: RungClient, around: RingerSurroundings): RingerList {
  const choice = (Object.hasOwn(choices, client.name) ? choices[client.name] : undefined) ?? unknown;
  return new RingerList(choice(client, around).filter((ringer) => ringer !== undefined));
}
