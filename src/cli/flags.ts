import { InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { ParleyError } from '../contract/errors';
import { operations, type OperationName } from '../contract/operations';
import { flagWords, type FlagValue, type FlagWords } from './flagWords';
import { refAt } from './refs';
import { secondsOf, timeOf } from './spans';

/** What a field of an operation's input is on the command line. */
type Kind = 'text' | 'number' | 'boolean' | 'list' | 'refs' | 'json' | 'time' | 'seconds';

export interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly choices: readonly string[] | undefined;
  readonly description: string;
  readonly required: boolean;
  /** What the help calls its value. */
  readonly value: string | undefined;
  /** Words that stand for a value of the contract. */
  readonly aliases: Readonly<Record<string, FlagValue>>;
  /** Given without a value it is the first of those words. */
  readonly isSwitch: boolean;
}

/** One type, or that and `null`. */
const typeShape = z.union([
  z.string(),
  z.array(z.string()).transform((types) => types.find((type) => type !== 'null') ?? 'null'),
]);

const propertyShape = z.looseObject({
  type: typeShape.optional(),
  enum: z.array(z.string()).optional(),
  description: z.string().optional(),
  items: z.looseObject({ type: z.string().optional() }).optional(),
});
type Property = z.infer<typeof propertyShape>;

const jsonShape = z.object({
  properties: z.record(z.string(), propertyShape.extend({ anyOf: z.array(propertyShape).optional() })),
  required: z.array(z.string()).default([]),
});

/** The operation's input, field by field, as its schema in the contract declares it and `flagWords` puts it. */
export function fieldsOf(operation: OperationName): Field[] {
  const schema = z.toJSONSchema(operations[operation].input, { io: 'input', unrepresentable: 'any' });
  const { properties, required } = jsonShape.parse(schema);
  return Object.entries(properties).map(([name, { anyOf, ...whole }]) => {
    const words: FlagWords = flagWords[operation]?.[name] ?? {};
    const property = anyOf ? { ...whole, ...oneForm(anyOf) } : whole;
    return {
      name,
      kind: words.kind ?? kindOf(name, property),
      choices: property.enum,
      description: words.description ?? whole.description ?? '',
      required: required.includes(name),
      value: words.value,
      aliases: words.aliases ?? {},
      isSwitch: words.isSwitch ?? false,
    };
  });
}

/** Of several forms the one that the command line gives: names one by one or several are a list, `null` is a word. */
function oneForm(forms: readonly Property[]): Property {
  const real = forms.filter(({ type }) => type !== 'null');
  return real.find(({ type }) => type === 'array') ?? real[0] ?? {};
}

function kindOf(name: string, property: Property): Kind {
  switch (property.type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'text';
    case 'array':
      if (name === 'refs') return 'refs';
      return property.items?.type === 'string' ? 'list' : 'json';
    default:
      return property.enum ? 'text' : 'json';
  }
}

/** `replyTo` is `--reply-to`; the refs are named one by one, so `--ref`. */
export function flagName(field: string): string {
  if (field === 'refs') return '--ref';
  return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What values are relative to: spans to the time, files to the folder. */
export interface Around {
  /** Milliseconds since the epoch. */
  readonly clock: { now(): number };
  readonly cwd: string;
}

/** The flag of a field. Its value arrives under the field's own name. */
export function optionOf(field: Field, around: Around): Option {
  const { kind, required, choices, aliases, description } = field;
  // Not commander's `makeOptionMandatory`: the contract says what is missing, in the same words as everywhere.
  const option = new Option(
    `${flagName(field.name)}${valueOf(field)}`,
    required ? `${description} (required)` : description,
  );
  const parse = parsers(around)[kind];
  const named = Object.keys(aliases).length > 0;
  if (choices || parse || named) {
    option.argParser((text: string, before: unknown) => {
      if (Object.hasOwn(aliases, text)) return aliases[text] ?? takenBack;
      if (choices || field.isSwitch) return oneOf(choices ?? [], aliases, text);
      return parse ? parse(text, before) : text;
    });
  }
  return field.isSwitch ? option.preset(Object.keys(aliases)[0] ?? '') : option;
}

type Parser = (text: string, before: unknown) => unknown;

const parsers = ({ clock, cwd }: Around): Readonly<Partial<Record<Kind, Parser>>> => ({
  number: asNumber,
  list: addToList,
  refs: (text, before) => [...asArray(before), refAt(text, cwd)],
  json: asJson,
  time: (text) => timeOf(text, clock.now()),
  seconds: secondsOf,
});

const valueNames: Readonly<Record<Kind, string>> = {
  text: 'text',
  number: 'number',
  boolean: '',
  list: 'a,b',
  refs: 'file[:line[-line]]',
  json: 'json|-',
  time: 'when',
  seconds: 'seconds',
};

function valueOf({ kind, choices, value, aliases, isSwitch }: Field): string {
  const named = Object.entries(aliases);
  const shown = choices?.map((choice) => named.find(([, meant]) => meant === choice)?.[0] ?? choice);
  const others = named.filter(([, meant]) => choices === undefined || !choices.some((choice) => choice === meant));
  const words = [...(shown ?? (value === undefined ? [valueNames[kind]] : [value])), ...others.map(([word]) => word)];
  const name = words.filter((word) => word !== '').join('|');
  if (isSwitch) return ` [${name}]`;
  return name === '' ? '' : ` <${name}>`;
}

function oneOf(choices: readonly string[], aliases: Readonly<Record<string, FlagValue>>, text: string): string {
  if (choices.includes(text)) return text;
  throw new InvalidArgumentError(`It must be one of ${[...Object.keys(aliases), ...choices].join(', ')}.`);
}

function asNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is not a number.');
  return value;
}

/** Stands for `null`, which commander takes for a flag without a value. */
export const takenBack = Symbol('null');

/** Stands for JSON that is still to be read from standard input. */
export const fromStdin = Symbol('standard input');

/** The value; {@link fromStdin} for `-`. @throws InvalidArgumentError */
export function asJson(text: string): unknown {
  if (text === '-') return fromStdin;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON: ${(error as Error).message}.`);
  }
}

function addToList(text: string, before: unknown): unknown[] {
  const words = text.split(',').map((word) => word.trim());
  return [...asArray(before), ...words.filter((word) => word !== '')];
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/**
 * The input as the contract has it.
 * @param names what fields without a flag are called, by field
 * @throws `bad_input` that names the flag or argument
 */
export function checkInput(
  operation: OperationName,
  input: object,
  names: Readonly<Record<string, string>> = {},
): object {
  const checked = operations[operation].input.safeParse(input);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const [first, ...inside] = issue?.path ?? [];
  const field = String(first ?? '');
  const isMissing = field !== '' && valueAt(input, issue?.path ?? []) === undefined;
  const problem = isMissing || !issue ? 'is missing' : wrong(issue);
  const where = inside.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  throw new ParleyError('bad_input', {
    problem: `${field === '' ? 'the input' : (names[field] ?? flagName(field))}${where} ${problem}`,
  });
}

/** What stands there in the input; undefined where nothing does. */
function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

/** What a value of a kind is called, where the schema's word for it is not one that people use. */
const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  boolean: 'on or off',
  record: 'a JSON object, like {"…": …}',
  object: 'a JSON object, like {"…": …}',
  array: 'a JSON array, like [ … ]',
};

/** What is wrong with a value, after its flag's name. */
function wrong(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
      return `must ${amount(issue.origin)} ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `must ${amount(issue.origin)} at most ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? `a ${issue.expected}`}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    default:
      return 'is not of the right form';
  }
}

function amount(origin: string): string {
  return origin === 'string' || origin === 'array' ? 'have' : 'be';
}

function unit(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' items' : '';
}
