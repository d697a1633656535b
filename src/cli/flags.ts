import { InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { ParleyError } from '../contract/errors';
import { operations, type OperationName } from '../contract/operations';
import { refAt } from './refs';

/** What a field of an operation's input is on the command line. */
type Kind = 'text' | 'number' | 'boolean' | 'list' | 'refs';

interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly choices: readonly string[] | undefined;
  readonly description: string;
  readonly required: boolean;
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

/** The operation's input, field by field, as its schema in the contract declares it. */
export function fieldsOf(operation: OperationName): Field[] {
  const { properties, required } = jsonShape.parse(z.toJSONSchema(operations[operation].input, { io: 'input' }));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    kind: kindOf(property),
    choices: property.enum,
    description: property.description ?? '',
    required: required.includes(name),
  }));
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
  const { kind, required, choices } = field;
  const value = { text: ' <text>', number: ' <number>', boolean: '', list: ' <a,b>', refs: ' <file[:line[-line]]>' }[
    kind
  ];
  const option = new Option(flagName(field.name) + (choices ? ` <${choices.join('|')}>` : value), field.description);
  if (choices) option.choices([...choices]);
  if (kind === 'number') option.argParser(asNumber);
  if (kind === 'list') option.argParser(addToList);
  if (kind === 'refs') option.argParser((text: string, before: unknown) => [...asArray(before), refAt(text)]);
  // Not commander's `makeOptionMandatory`: the contract says what is missing, in the same words as everywhere.
  if (required) option.description = `${field.description} (required)`;
  return option;
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
 * @throws `bad_input` that names the flag or argument
 */
export function checkInput(operation: OperationName, input: object): object {
  const checked = operations[operation].input.safeParse(input);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const field = String(issue?.path[0] ?? '');
  const isMissing = field !== '' && (input as Record<string, unknown>)[field] === undefined;
  const problem = isMissing ? 'is missing' : (issue?.message ?? 'is wrong');
  throw new ParleyError('bad_input', { problem: `${field === '' ? 'input' : flagName(field)} ${problem}` });
}
