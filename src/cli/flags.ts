import { InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { ParleyError } from '../contract/errors';
import { operations, type OperationName } from '../contract/operations';
import { flagWords } from './flagWords';
import { refAt } from './refs';

/** What a field of an operation's input is on the command line. */
type Kind = 'text' | 'number' | 'boolean' | 'list' | 'refs';

interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly choices: readonly string[] | undefined;
  readonly description: string;
  readonly required: boolean;
  /** What the help calls its value. */
  readonly value: string | undefined;
  /** Words that stand for one of the choices. */
  readonly aliases: Readonly<Record<string, string>>;
}

const jsonShape = z.object({
  properties: z.record(
    z.string(),
    z.looseObject({
      type: z.string().optional(),
      enum: z.array(z.string()).optional(),
      description: z.string().optional(),
      items: z.looseObject({ type: z.string().optional() }).optional(),
    }),
  ),
  required: z.array(z.string()).default([]),
});

/** The operation's input, field by field, as its schema in the contract declares it and `flagWords` puts it. */
export function fieldsOf(operation: OperationName): Field[] {
  const { properties, required } = jsonShape.parse(z.toJSONSchema(operations[operation].input, { io: 'input' }));
  return Object.entries(properties).map(([name, property]) => {
    const { description, value, aliases = {} } = flagWords[operation]?.[name] ?? {};
    return {
      name,
      kind: kindOf(property),
      choices: property.enum,
      description: description ?? property.description ?? '',
      required: required.includes(name),
      value,
      aliases,
    };
  });
}

function kindOf(property: { type?: string | undefined; items?: { type?: string | undefined } | undefined }): Kind {
  switch (property.type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return property.items?.type === 'object' ? 'refs' : 'list';
    default:
      return 'text';
  }
}

/** `replyTo` is `--reply-to`; the refs are named one by one, so `--ref`. */
export function flagName(field: string): string {
  if (field === 'refs') return '--ref';
  return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The flag of a field. Its value arrives under the field's own name. */
export function optionOf(field: Field): Option {
  const { kind, required, choices, aliases } = field;
  const option = new Option(`${flagName(field.name)}${valueOf(field)}`, field.description);
  if (choices) option.argParser(oneOf(choices, aliases));
  if (kind === 'number') option.argParser(asNumber);
  if (kind === 'list') option.argParser(addToList);
  if (kind === 'refs') option.argParser((text: string, before: unknown) => [...asArray(before), refAt(text)]);
  // Not commander's `makeOptionMandatory`: the contract says what is missing, in the same words as everywhere.
  if (required) option.description = `${field.description} (required)`;
  return option;
}

const valueNames: Readonly<Record<Kind, string>> = {
  text: 'text',
  number: 'number',
  boolean: '',
  list: 'a,b',
  refs: 'file[:line[-line]]',
};

function valueOf({ kind, choices, value, aliases }: Field): string {
  const named = Object.entries(aliases);
  const shown = choices?.map((choice) => named.find(([, meant]) => meant === choice)?.[0] ?? choice).join('|');
  const name = shown ?? value ?? valueNames[kind];
  return name === '' ? '' : ` <${name}>`;
}

function oneOf(choices: readonly string[], aliases: Readonly<Record<string, string>>): (text: string) => string {
  return (text) => {
    const meant = Object.hasOwn(aliases, text) ? aliases[text] : text;
    if (meant !== undefined && choices.includes(meant)) return meant;
    throw new InvalidArgumentError(`It must be one of ${[...Object.keys(aliases), ...choices].join(', ')}.`);
  };
}

function asNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is not a number.');
  return value;
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
  const field = String(issue?.path[0] ?? '');
  const isMissing = field !== '' && (input as Record<string, unknown>)[field] === undefined;
  const problem = isMissing || !issue ? 'is missing' : wrong(issue);
  throw new ParleyError('bad_input', {
    problem: `${field === '' ? 'the input' : (names[field] ?? flagName(field))} ${problem}`,
  });
}

/** What is wrong with a value, after its flag's name. */
function wrong(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
      return `must ${amount(issue.origin)} at least ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `must ${amount(issue.origin)} at most ${issue.maximum}${unit(issue.origin)}`;
    case 'invalid_type':
      return issue.expected === 'int' ? 'must be a whole number' : `must be a ${issue.expected}`;
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
