import { Client } from '../client/client';
import { presenceSaid } from '../contract/agentSaid';
import type { Command, Option } from 'commander';
import { operationCommands } from './commands';
import type { OperationCommand } from './commands/command';
import { fieldsOf, flagName, type Field } from './flags';
import type { Session } from './session';
import { cut, plain, shortId } from './terminal';

/** Longest that a Tab waits for the broker, milliseconds: then it offers what is known without it. */
const patience = 2000;
/** Threads, tasks and calls that are offered, latest first. */
const mostOffered = 50;
/** Columns of what stands beside a candidate. */
const aboutWidth = 60;

/** One word that could stand here, and what it is. */
interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** What a value can be: words, something that the broker knows, or files. */
type Values =
  'agents' | 'threads' | 'rooms' | 'calls' | 'tasks' | 'tools' | ':files' | ':folders' | readonly Candidate[];

/** What the broker is asked for the values of a field, by the field's name. */
const valuesOf: Readonly<Record<string, Values>> = {
  to: 'agents',
  agent: 'agents',
  agents: 'agents',
  for: 'agents',
  invite: 'agents',
  owner: 'agents',
  as: 'agents',
  thread: 'threads',
  call: 'calls',
  task: 'tasks',
  tool: 'tools',
  refs: ':files',
  files: ':files',
  workspace: ':folders',
};

/** Prints what could stand where the cursor is: the last of the words, which may be empty or begun. Never fails. */
export async function complete(program: Command, session: Session, words: readonly string[]): Promise<void> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const found = await candidates(program, session, before, current);
  if (typeof found === 'string') return session.print(found);
  const lines = found
    .filter(({ word }) => word.toLowerCase().startsWith(current.toLowerCase()))
    .map(({ word, about = '' }) => (about === '' ? word : `${word}\t${cut(plain(about), aboutWidth)}`));
  if (lines.length > 0) await session.print(lines.join('\n'));
}

async function candidates(
  program: Command,
  session: Session,
  before: readonly string[],
  current: string,
): Promise<readonly Candidate[] | ':files' | ':folders'> {
  const place = walked(program, before);
  const values = current.startsWith('-') && !place.waitsFor ? flagsOf(program, place) : valuesAt(place);
  if (typeof values !== 'string') return values;
  if (values === ':files' || values === ':folders') return values;
  return asked(session, before, place, values).catch(() => []);
}

/** Where in the command line the cursor is. */
interface Place {
  readonly command: Command;
  readonly declared: OperationCommand | undefined;
  readonly given: readonly string[];
  readonly flags: ReadonlySet<string>;
  /** The flag whose value comes next. */
  readonly waitsFor: Option | undefined;
}

function walked(program: Command, words: readonly string[]): Place {
  let command = program;
  let waitsFor: Option | undefined;
  const given: string[] = [];
  const flags = new Set<string>();
  for (const word of words) {
    if (waitsFor) {
      waitsFor = undefined;
    } else if (word.startsWith('-') && word !== '-') {
      const [name] = word.split('=');
      flags.add(name ?? word);
      const option = [...command.options, ...program.options].find(
        ({ long, short }) => long === name || short === name,
      );
      waitsFor = option && (option.required || option.optional) && !word.includes('=') ? option : undefined;
    } else {
      const next = given.length === 0 ? command.commands.find((one) => one.name() === word) : undefined;
      if (next) command = next;
      else given.push(word);
    }
  }
  const declared = operationCommands.find(({ name }) => command.parent === program && name === command.name());
  return { command, declared, given, flags, waitsFor };
}

function flagsOf(program: Command, { command, flags, declared }: Place): Candidate[] {
  const fields = declared ? fieldsOf(declared.operation) : [];
  const many = new Set(
    fields.filter(({ kind }) => kind === 'refs' || kind === 'list').map(({ name }) => flagName(name)),
  );
  const all = command === program ? program.options : [...command.options, ...program.options];
  return [...all.map(({ long, description }) => ({ word: long ?? '', about: description })), { word: '--help', about: 'show the help' }]
    .filter(({ word }) => word !== '' && (!flags.has(word) || many.has(word))); // prettier-ignore
}

function valuesAt({ command, declared, given, waitsFor }: Place): Values {
  if (command.commands.length > 0) {
    if (waitsFor) return valuesOfField(waitsFor);
    // A word that is no command has none below it.
    return given.length > 0 ? [] : command.commands.map((one) => ({ word: one.name(), about: one.description() }));
  }
  if (waitsFor) {
    const name = waitsFor.attributeName();
    const isFile = name.endsWith('File') || name === 'out';
    const field = declared && fieldsOf(declared.operation).find((one) => flagName(one.name) === waitsFor.long);
    return isFile ? ':files' : valuesOfField(field ?? waitsFor);
  }
  const [last] = command.registeredArguments.slice(-1);
  const argument = command.registeredArguments[given.length] ?? (last?.variadic === true ? last : undefined);
  if (!argument) return [];
  if (argument.argChoices) return argument.argChoices.map((word) => ({ word }));
  const positional = declared?.positional?.[Math.min(given.length, declared.positional.length - 1)];
  if (positional?.many === 'words') return [];
  const field = declared && fieldsOf(declared.operation).find(({ name }) => name === positional?.field);
  if (!field) return argument.name() === 'file' ? ':files' : [];
  return declared.operation === 'join' ? 'rooms' : valuesOfField(field);
}

function valuesOfField(field: Field | Option): Values {
  if (!('kind' in field)) return valuesOf[field.attributeName()] ?? [];
  const words = [...(field.choices ?? []), ...Object.keys(field.aliases)];
  return words.length > 0 ? words.map((word) => ({ word })) : (valuesOf[field.name] ?? []);
}

/** What the broker knows, asked by whoever types; nothing when it does not answer in time. Starts none. */
async function asked(session: Session, before: readonly string[], place: Place, values: string): Promise<Candidate[]> {
  const as = before[before.indexOf('--as') + 1];
  const { home, version, clock } = session.options;
  const client = new Client({
    home,
    client: 'parley-cli',
    version,
    clock,
    token: session.speaker({
      // What is printed goes to the shell's script, so the terminal shows in what is read alone.
      isTerminal: session.options.stdin.isTTY === true,
      ...(before.includes('--as') ? { as } : {}),
    }).token,
  });
  const stop = clock.after(patience, () => client.close());
  try {
    // Else what is asked would wait for a broker that is away.
    await client.ready();
    return await listed(client, place, values);
  } finally {
    stop();
    client.close();
  }
}

async function listed(client: Client, { given, declared }: Place, values: string): Promise<Candidate[]> {
  // `receive`, and nothing confirmed: nobody is shown a message here.
  switch (values) {
    case 'agents': {
      const { agents } = (await client.receive('who', {})).output;
      return agents.map((one) => ({
        word: one.name,
        about: [presenceSaid(one.presence), ...one.capabilities].join(', '),
      }));
    }
    case 'calls': {
      const { calls } = (await client.receive('inbox', {})).output;
      const calling = calls.map((one) => ({ word: shortId(one.id), about: `${one.fromName}: ${one.topic}` }));
      return [...calling, ...(await offeredTasks(client))];
    }
    case 'tasks': {
      const { tasks } = (await client.receive('tasks', { limit: mostOffered })).output;
      return tasks.map((one) => ({ word: shortId(one.id), about: `${one.state}: ${one.title}` }));
    }
    case 'tools': {
      const agent = declared?.operation === 'useTool' ? given[0] : undefined;
      const { tools } = (await client.receive('tools', agent === undefined ? {} : { agent })).output;
      return tools.map((one) => ({ word: one.name, about: one.description }));
    }
    default: {
      const rooms = values === 'rooms' ? { rooms: true } : {};
      const { threads } = (await client.receive('threads', { ...rooms, limit: mostOffered })).output;
      return threads.map((one) => ({ word: shortId(one.id), about: one.topic }));
    }
  }
}

async function offeredTasks(client: Client): Promise<Candidate[]> {
  const { tasks } = (await client.receive('tasks', { state: 'submitted', mine: 'taken' })).output;
  return tasks.filter(({ offered }) => offered).map((one) => ({ word: shortId(one.id), about: one.title }));
}
