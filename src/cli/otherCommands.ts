import { Argument, type Command } from 'commander';
import { addCommand } from './addOperation';
import { brokerStatus, startBroker, stopBroker } from './brokerCommands';
import { groups } from './commands/command';
import { complete } from './completion';
import { clientNames, type ClientName } from '../connect/clientNames';
import type { ConnectFlags } from './connect';
import { completionScript, shells, type Shell } from './completionScripts';
import type { DoctorFlags } from './doctor';
import { fieldsOf, optionOf } from './flags';
import type { NearbyFlags } from './nearby';
import { register } from './register';
import { repair } from './repair';
import type { CliOptions, Session } from './session';
import type { ShareFlags } from './share';
import { exportAll, importAll } from './transfer';
import { watch } from './watch';

/** What the commands that are more than one operation are built with. */
export interface Building {
  readonly program: Command;
  readonly options: CliOptions;
  readonly session: () => Session;
  /** Sets the exit code of a command that ran well and found something wrong. */
  readonly exit: (code: number) => void;
}

/** A command that is more than one operation. */
interface OtherCommand {
  readonly name: string;
  readonly group: keyof typeof groups;
  readonly description: string;
  readonly example: string;
  readonly build: (command: Command, building: Building) => void;
}

const runByTheProgram = (): void => undefined;

const others: readonly OtherCommand[] = [
  {
    name: 'register',
    group: 'people',
    description:
      'Sign on to the roster. The token is kept in the home; register here again, and you are the same agent.',
    example: 'parley register --name Atlas --capabilities coding,review',
    build: (command, { options, session }) => {
      // Who registers here again is the same agent: a key of one's own would say the same.
      const fields = fieldsOf('register').filter(({ name }) => name !== 'key');
      for (const field of fields) command.addOption(optionOf(field, options));
      command.action((given: object) => register(session(), given));
    },
  },
  {
    name: 'watch',
    group: 'talk',
    description: 'What concerns you (the person: everything) as JSON lines, until you end it.',
    example: 'parley watch | jq .what',
    build: (command, { session }) => command.action(() => watch(session())),
  },
  {
    name: 'await',
    group: 'talk',
    description:
      'Wait until somebody rings, print what for, and end: for the background of a client that wakes its model then (Gemini CLI, Copilot CLI, Claude Code).',
    example: 'parley await',
    build: (command, { session }) => command.action(async () => (await import('./awaitRing')).awaitRing(session())),
  },
  {
    name: 'nearby',
    group: 'people',
    description:
      'Sessions of Claude Code, Codex, Copilot CLI, Gemini CLI and OpenCode that run here and have not signed on. Looks only; --invite sends one of them a line, after you have seen it.',
    example: 'parley nearby',
    build: (command, { session }) => {
      command.option('--invite <session>', 'the session to invite, by its process or id');
      command.action(async (flags: NearbyFlags) => (await import('./nearby')).nearby(session(), flags));
    },
  },
  {
    name: 'broker',
    group: 'broker',
    description: 'Run the broker.',
    example: 'parley broker status',
    build: (command, { session }) => {
      addCommand(command, 'start', 'Start the broker unless it runs.', 'parley broker start')
        .action(() => startBroker(session())); // prettier-ignore
      addCommand(command, 'stop', 'Stop the broker cleanly. Only the person, at a terminal.', 'parley broker stop')
        .action(() => stopBroker(session())); // prettier-ignore
      addCommand(command, 'status', 'What the broker says of itself. Starts none.', 'parley broker status --json')
        .action(() => brokerStatus(session())); // prettier-ignore
    },
  },
  {
    name: 'share',
    group: 'rules',
    description: 'Share MCP servers with the roster: their tools appear under the name that you give them.',
    example: 'parley share list',
    build: (command, { session }) => {
      const many = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
      // Evaluated only here: every other command starts without it.
      const load = () => import('./share');
      addCommand(
        command,
        'add',
        'Share a server, after it has shown that it starts. Before its program, write --.',
        'parley share add files -- npx -y @modelcontextprotocol/server-filesystem /home/you/notes',
      )
        .argument('<name>', 'its name on the roster')
        .argument('[command...]', 'the program and its arguments')
        .option('--env <NAME=VALUE>', 'a variable for it; NAME alone: as it is here; may be repeated', many)
        .option('--folder <folder>', 'where it runs (default: your own folder)')
        .option('--url <url>', 'instead of a program: where it is reached (streamable HTTP)')
        .option('--header <NAME:VALUE>', 'with --url: sent along; may be repeated', many)
        .action(async (name: string, words: readonly string[], flags: ShareFlags) =>
          (await load()).addShare(session(), name, words, flags),
        );
      addCommand(command, 'list', 'The servers that are shared, and how they are.', 'parley share list')
        .action(async () => (await load()).listShares(session())); // prettier-ignore
      addCommand(command, 'remove', 'Share a server no more.', 'parley share remove files')
        .argument('<name>', 'its name')
        .action(async (name: string) => (await load()).removeShare(session(), name));
    },
  },
  {
    name: 'doctor',
    group: 'broker',
    description: 'Check the home, the broker, the agents’ clients and the way to all of them.',
    example: 'parley doctor --fix',
    build: (command, { session, exit }) => {
      command.option('--fix', 'mend what Parley can mend itself, asking before each');
      command.option('--yes', 'with --fix: ask nothing');
      command.option('--report', 'print what may be shown to anyone, for an issue: no contents, names, tokens, paths');
      command.option('--repair', 'make a damaged home writable again, while no broker runs; what is damaged is kept');
      command.action(async ({ repair: isRepair, ...flags }: DoctorFlags & { readonly repair?: boolean }) => {
        if (isRepair === true) return repair(session());
        // Evaluated only here: every other command starts without it.
        exit(await (await import('./doctor')).doctor(session(), flags));
      });
    },
  },
  {
    name: 'export',
    group: 'broker',
    description: 'Everything that was said, as JSON lines.',
    example: 'parley export --out parley.jsonl',
    build: (command, { session }) => {
      command.option('--out <file>', 'the file to write; without it, or for -, standard output');
      command.action(({ out }: { readonly out?: string }) => exportAll(session(), out));
    },
  },
  {
    name: 'import',
    group: 'broker',
    description: 'Take in a file that export made: its threads are added as archived ones, if they are not here yet.',
    example: 'parley import parley.jsonl',
    build: (command, { session }) => {
      command.argument('<file>', 'the file that export made');
      command.action((file: string) => importAll(session(), file));
    },
  },
  // The next two are run by the program itself, before the command line is built; they are here for the help.
  {
    name: 'mcp',
    group: 'programs',
    description: 'Serve the tools of Parley over standard input and output, for the configuration of a client.',
    example: 'parley mcp',
    build: runByTheProgram,
  },
  {
    name: 'hook',
    group: 'programs',
    description: "For a client's hooks: says what came in, in the client's own form. Silent when anything is wrong.",
    example: 'parley hook after-tool claude-code',
    build: runByTheProgram,
  },
  {
    name: 'connect',
    group: 'programs',
    description: 'Set a client up: its MCP entry, hooks and skill. Shows the change and asks before it is made.',
    example: 'parley connect claude-code',
    build: (command, { session }) => {
      command.addArgument(new Argument('<client>', 'the client').choices(clientNames));
      command.option('--remove', 'take it all out again');
      command.option('--yes', 'make the change without asking');
      command.option('--allow', "allow Parley's tools there without a prompt, where a file can say so");
      command.option('--wake', 'set what a call needs there to wake an idle session (Gemini CLI, Copilot CLI)');
      command.option('--launcher <file>', 'what clients are to run instead of the launcher in the home');
      command.action(async (client: ClientName, flags: ConnectFlags) => {
        // Evaluated only here: every other command starts without it.
        await (await import('./connect')).connectClient(session(), client, flags);
      });
    },
  },
  {
    name: 'completion',
    group: 'programs',
    description: 'Print the script that makes a shell complete commands, flags, names and ids.',
    example: 'parley completion bash >> ~/.bashrc',
    build: (command, building) => {
      command.addArgument(new Argument('<shell>', 'the shell that it is for').choices(shells));
      command.argument('[words...]', 'for that script: what was typed, each word after a =');
      command.action(async (shell: Shell, words: readonly string[]) => {
        const session = building.session();
        if (words.length === 0) await session.print(completionScript(shell));
        else await complete(building.program, session, words.map((word) => word.slice(1))); // prettier-ignore
      });
    },
  },
];

/** Their names, in the order of the help. */
export const otherNames: readonly string[] = others.map(({ name }) => name);

export function addOther(building: Building, name: string): void {
  const found = others.find((one) => one.name === name);
  if (!found) throw new Error(`no command ${name}`);
  const command = addCommand(building.program, found.name, found.description, found.example);
  found.build(command.helpGroup(groups[found.group]), building);
}
