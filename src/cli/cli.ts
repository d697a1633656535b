import { Command, CommanderError } from 'commander';
import { ParleyError, errorTexts } from '../contract/errors';
import { addName, addOperation } from './addOperation';
import { operationCommands } from './commands';
import type { OperationCommand } from './commands/command';
import { addOther, otherNames } from './otherCommands';
import { Session, type CliOptions, type GlobalFlags } from './session';

/** Exit code for output that nobody took, and (elsewhere) for a failed check of `doctor` or a tool that failed. */
const failed = 1;
/** As shells have it for a command that Ctrl-C ended. */
const interrupted = 130;

/**
 * Runs one command of the command line. Returns its exit code: 0, the error's own from `errorTexts`, or 1 when `doctor`
 * found something or the tool that was used failed.
 */
export async function runCli(options: CliOptions): Promise<number> {
  // A broken pipe shows in the write that failed; without a listener it would end the process with a stack.
  options.stdout.on('error', () => undefined);
  const program = buildProgram(options);
  try {
    checkHelpWanted(options.argv);
    await program.parseAsync(options.argv.length === 0 ? ['help'] : [...options.argv], { from: 'user' });
    return exitCode(program);
  } catch (error) {
    if (options.signal.aborted) return interrupted;
    if (isBrokenPipe(error)) return failed;
    const session = new Session(options, program.opts<GlobalFlags>());
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      // The help was shown instead of what is missing; it says more than an error.
      if (error.code === 'commander.help') return errorTexts.bad_input.exit;
      const told = error.message.replace(/^error: /, '');
      const problem = error.code === 'commander.unknownCommand' ? `${told}. "parley help" lists the commands` : told;
      return errorTexts[(await session.printError(new ParleyError('bad_input', { problem }))).code].exit;
    }
    return errorTexts[(await session.printError(error)).code].exit;
  }
}

/** @throws `bad_input` when help is wanted for a command that there is not: commander shows that of all, and says nothing */
function checkHelpWanted(argv: readonly string[]): void {
  const [first, name] = argv.filter((word) => !word.startsWith('-'));
  if (first !== 'help' || name === undefined || name === 'help' || commandNames().includes(name)) return;
  throw new ParleyError('bad_input', { problem: `unknown command '${name}'. "parley help" lists the commands` });
}

const exitCodes = new WeakMap<Command, number>();

function exitCode(program: Command): number {
  return exitCodes.get(program) ?? 0;
}

function isBrokenPipe(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}

function buildProgram(options: CliOptions): Command {
  const program = new Command('parley');
  program
    .description('The telephone of coding agents: see who is there, call each other by name, talk, leave messages.')
    .version(options.version)
    .option('--as <name>', 'speak as this agent, whose token is kept in the home')
    .option('--json', "the operation's output as JSON")
    .option('--no-color', 'no colour (also NO_COLOR)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false, subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: (text) => void options.stdout.write(text),
      writeErr: (text) => void options.stderr.write(text),
      // Shown by us, as one line, with the error's exit code.
      outputError: () => undefined,
    })
    .helpCommand('help [command]', 'Show this, or the help of a command.')
    .exitOverride();
  const session = (): Session => new Session(options, program.opts<GlobalFlags>());

  const building = { program, options, session, exit: (code: number) => void exitCodes.set(program, code) };
  for (const name of commandNames()) {
    const command = operationCommands.find((one) => one.name === name);
    if (!command) addOther(building, name);
    else if (isWanted(command, options.argv)) addOperation(program, command, session, options, building.exit);
    else addName(program, command);
  }
  return program;
}

/** Whether the words may be those of this command; completing asks about any. */
function isWanted({ name }: OperationCommand, argv: readonly string[]): boolean {
  return argv.includes(name) || argv.includes('completion');
}

/** Every command that the help shows, in its order. */
export function commandNames(): string[] {
  return [
    'register',
    ...operationCommands.map(({ name }) => name),
    ...otherNames.filter((name) => name !== 'register'),
  ];
}
