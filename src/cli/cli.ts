import { Argument, Command, CommanderError } from 'commander';
import { ParleyError, errorTexts } from '../contract/errors';
import { operations } from '../contract/operations';
import { brokerStatus, startBroker, stopBroker } from './brokerCommands';
import { operationCommands, type OperationCommand } from './commands';
import { doctor } from './doctor';
import { fieldsOf, optionOf } from './flags';
import { register } from './register';
import { readAll, runOperation } from './runOperation';
import { Session, type CliOptions, type GlobalFlags } from './session';
import { watch } from './watch';

/** Exit code for a failed check of `doctor`, and for output that nobody took. */
const failed = 1;
/** As shells have it for a command that Ctrl-C ended. */
const interrupted = 130;

/**
 * Runs one command of the command line. Returns its exit code: 0, the error's own from `errorTexts`, or 1 when `doctor`
 * found something.
 */
export async function runCli(options: CliOptions): Promise<number> {
  // A broken pipe shows in the write that failed; without a listener it would end the process with a stack.
  options.stdout.on('error', () => undefined);
  const program = buildProgram(options);
  try {
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
      const problem = error.message.replace(/^error: /, '');
      return errorTexts[(await session.printError(new ParleyError('bad_input', { problem }))).code].exit;
    }
    return errorTexts[(await session.printError(error)).code].exit;
  }
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
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void options.stdout.write(text),
      writeErr: (text) => void options.stderr.write(text),
      // Shown by us, as one line, with the error's exit code.
      outputError: () => undefined,
    })
    .helpCommand('help [command]', 'Show this, or the help of a command.')
    .exitOverride();
  const session = (): Session => new Session(options, program.opts<GlobalFlags>());

  const registering = add(
    program,
    'register',
    'Sign on to the roster. The token is kept in the home; register here again, and you are the same agent.',
    'parley register --name Atlas --capabilities coding,review',
  );
  for (const field of fieldsOf('register')) registering.addOption(optionOf(field));
  registering.action((given: object) => register(session(), given));
  for (const command of operationCommands) addOperation(program, command, session, options);
  add(program, 'watch', 'What concerns you (the person: everything) as JSON lines, until you end it.', 'parley watch | jq .what')
    .action(() => watch(session())); // prettier-ignore
  const broker = add(program, 'broker', 'Run the broker.', 'parley broker status');
  add(broker, 'start', 'Start the broker unless it runs.', 'parley broker start').action(() => startBroker(session()));
  add(broker, 'stop', 'Stop the broker cleanly. Only the person, at a terminal.', 'parley broker stop').action(() =>
    stopBroker(session()),
  );
  add(broker, 'status', 'What the broker says of itself. Starts none.', 'parley broker status --json').action(() =>
    brokerStatus(session()),
  );
  add(program, 'doctor', 'Check the home, the broker and the way to it.', 'parley doctor')
    .action(async () => void exitCodes.set(program, await doctor(session()))); // prettier-ignore
  // Run by the program itself, before the command line is built; here for the help.
  add(
    program,
    'mcp',
    'Serve the tools of Parley over standard input and output, for the configuration of a client.',
    'parley mcp',
  );
  add(
    program,
    'hook',
    "For a client's hooks. It has nothing to say yet: it prints nothing and succeeds.",
    'parley hook',
  );
  return program;
}

function add(parent: Command, name: string, description: string, example: string): Command {
  return parent.command(name).description(description).addHelpText('after', `\nExample:\n  ${example}`);
}

function addOperation(program: Command, command: OperationCommand, session: () => Session, options: CliOptions): void {
  const declared = operations[command.operation];
  const sub = add(program, command.name, command.description ?? declared.description, command.example);
  const positional = command.positional ?? [];
  const fields = fieldsOf(command.operation);
  for (const { name, required, many, field } of positional) {
    const words = many === undefined ? name : `${name}...`;
    const description = fields.find((one) => one.name === field)?.description ?? '';
    const toStdin = many === 'words' ? ', or - to read it from standard input' : '';
    sub.addArgument(new Argument(required ? `<${words}>` : `[${words}]`, description + toStdin));
  }
  const filled = new Set([
    ...positional.map(({ field }) => field),
    ...Object.keys(command.preset ?? {}),
    ...(command.without ?? []),
  ]);
  for (const field of fields) if (!filled.has(field.name)) sub.addOption(optionOf(field));
  sub.action(async (...given: unknown[]) => {
    // Commander gives the arguments, then the flags, then itself.
    const input: Record<string, unknown> = renamed(given[positional.length] as Record<string, unknown>);
    for (const [index, { field, many }] of positional.entries()) {
      const value = given[index];
      if (value === undefined) continue;
      input[field] = many === 'words' ? await wordsOf(value as string[], options) : value;
    }
    await runOperation(session(), command, input);
  });
}

async function wordsOf(words: readonly string[], options: CliOptions): Promise<string> {
  return words.length === 1 && words[0] === '-' ? readAll(options.stdin) : words.join(' ');
}

/** The flag is `--ref`, one each; the field is `refs`. */
function renamed({ ref, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return ref === undefined ? rest : { ...rest, refs: ref };
}

/** For tests of the table: every command that the help shows. */
export function commandNames(): string[] {
  return ['register', ...operationCommands.map(({ name }) => name), 'watch', 'broker', 'doctor', 'mcp', 'hook'];
}
