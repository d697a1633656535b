import * as fs from 'node:fs';
import * as path from 'node:path';
import { Argument, type Command } from 'commander';
import { ParleyError } from '../contract/errors';
import { operations } from '../contract/operations';
import { groups, type Given, type OperationCommand } from './commands/command';
import { asJson, fieldsOf, flagName, fromStdin, optionOf, takenBack, type Field } from './flags';
import { readAll, runOperation } from './runOperation';
import type { CliOptions, Session } from './session';

/** A command with its description and an example, under `parent`. */
export function addCommand(parent: Command, name: string, description: string, example: string): Command {
  // In the list of all commands the first sentence is enough.
  const [summary = description] = description.split(/(?<=\.) /);
  return parent
    .command(name)
    .summary(summary)
    .description(description)
    .addHelpText('after', `\nExample:\n  ${example}`);
}

/** The command in the list of the help alone: making its flags out of the schema takes longer than all else. */
export function addName(program: Command, command: OperationCommand): Command {
  const description = command.description ?? operations[command.operation].description;
  return addCommand(program, command.name, description, command.example).helpGroup(groups[command.group]);
}

/** The command that runs this operation, with a flag for each field of its input that nothing else fills. */
export function addOperation(
  program: Command,
  command: OperationCommand,
  session: () => Session,
  options: CliOptions,
  exit: (code: number) => void,
): void {
  const { operation, positional = [], switches = [] } = command;
  const sub = addName(program, command);
  const fields = fieldsOf(operation);
  for (const { name, required, many, field } of positional) {
    const words = many === undefined ? name : `${name}...`;
    const about = fields.find((one) => one.name === field)?.description ?? '';
    const toStdin = many === 'words' ? ', or - to read it from standard input' : '';
    sub.addArgument(new Argument(required ? `<${words}>` : `[${words}]`, about + toStdin));
  }
  for (const { name, description: about } of switches) sub.option(flagName(name), about);
  const filled = new Set([
    ...positional.map(({ field }) => field),
    ...Object.keys(command.preset ?? {}),
    ...(command.without ?? []),
  ]);
  const flags = fields.filter(({ name }) => !filled.has(name));
  for (const field of flags) addFlags(sub, field, options);
  sub.action(async (...given: unknown[]) => {
    // Commander gives the arguments, then the flags, then itself.
    const input = { ...(given[positional.length] as Given) };
    for (const [index, { field, many }] of positional.entries()) {
      const value = given[index];
      if (value !== undefined) input[field] = many === 'words' ? await wordsOf(value as string[], options) : value;
    }
    exit(await runOperation(session(), command, await whole(input, flags, options)));
  });
}

function addFlags(sub: Command, field: Field, options: CliOptions): void {
  sub.addOption(optionOf(field, options));
  if (field.kind === 'json') sub.option(`${fileFlag(field.name)} <file>`, 'the same, from a file');
}

const fileFlag = (field: string): string => `${flagName(field)}-file`;

async function wordsOf(words: readonly string[], options: CliOptions): Promise<string> {
  return words.length === 1 && words[0] === '-' ? readAll(options.stdin) : words.join(' ');
}

/** The input as the flags meant it: `--ref`, one each, are the field `refs`; JSON may stand in a file or on standard input. */
async function whole(given: Given, flags: readonly Field[], options: CliOptions): Promise<Given> {
  const { ref, ...rest } = given;
  const input: Record<string, unknown> = ref === undefined ? rest : { ...rest, refs: ref };
  for (const { name, kind } of flags) {
    if (input[name] === takenBack) input[name] = null;
    if (kind !== 'json') continue;
    const file = input[`${name}File`];
    // Not a field of the operation.
    Reflect.deleteProperty(input, `${name}File`);
    if (typeof file === 'string') input[name] = parsed(fileFlag(name), fileText(path.resolve(options.cwd, file)));
    else if (input[name] === fromStdin) input[name] = parsed(flagName(name), await readAll(options.stdin));
  }
  return input;
}

function fileText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new ParleyError('bad_input', { problem: `${file} cannot be read: ${(error as Error).message}` });
  }
}

function parsed(flag: string, text: string): unknown {
  try {
    return asJson(text);
  } catch (error) {
    throw new ParleyError('bad_input', { problem: `${flag}: ${(error as Error).message}` });
  }
}
