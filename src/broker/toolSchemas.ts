import vm from 'node:vm';
import type { ErrorObject } from 'ajv';
import { ParleyError } from '../contract/errors';
import { isJson } from '../contract/json';
import type { ToolCard } from '../core/model';
import { oneLine, utf8Length } from '../core/text';

/** What a tool may be called: as in MCP. */
const namePattern = /^[A-Za-z0-9_.-]{1,128}$/;
/** Characters of a description. */
const longestDescription = 1024;
/** How long a schema from others may hold the broker up, to be compiled or to check arguments. Milliseconds. */
const longestWork = 500;
/** Compiled schemas that are kept. */
const mostCompiled = 200;

type Check = ((args: unknown) => boolean) & { readonly errors?: null | ErrorObject[] };

/** What of a tool's limits is a setting. */
export interface ToolLimits {
  readonly toolsOffered: number;
  readonly toolSchemaBytes: number;
}

/** Checks tools that are offered, and the arguments of their uses. Schemas come from strangers: their work is bounded. */
export class ToolSchemas {
  readonly #compiled = new Map<string, Check>();
  readonly #bounded = new Bounded();
  #compile: Promise<(schema: object) => Check> | undefined;

  /**
   * The cards as they are kept. A schema of plain keywords is believed; every other one is compiled, to see that it can be.
   * @throws `bad_tool` with what is wrong
   */
  async offered(cards: readonly ToolCard[], limits: ToolLimits): Promise<ToolCard[]> {
    const { toolsOffered } = limits;
    if (cards.length > toolsOffered)
      throw badTool(cards[toolsOffered]?.name ?? '', `an agent offers at most ${toolsOffered} tools`);
    const names = new Set(cards.map(({ name }) => name));
    if (names.size < cards.length) throw badTool('', 'two of them have the same name');
    const kept: ToolCard[] = [];
    for (const card of cards) {
      checkCard(card, limits);
      if (!isPlain(card.input)) await this.#check(card);
      kept.push({ name: card.name, description: oneLine(card.description), input: card.input });
    }
    return kept;
  }

  /** @throws `bad_tool_args` with what is wrong, `bad_tool` when the schema itself cannot be used */
  async checkArgs(card: ToolCard, args: object): Promise<void> {
    const check = await this.#check(card);
    const isRight = this.#within(card, () => check(args));
    if (isRight) return;
    const problem = (check.errors ?? [])
      .slice(0, 3)
      .map(
        ({ instancePath, message }) => `${instancePath === '' ? 'the whole' : instancePath} ${message ?? 'is wrong'}`,
      )
      .join('; ');
    throw new ParleyError('bad_tool_args', { tool: card.name, problem: oneLine(problem).slice(0, 500) });
  }

  /** The compiled schema; made when it is needed first. */
  async #check(card: ToolCard): Promise<Check> {
    const text = JSON.stringify(card.input);
    const known = this.#compiled.get(text);
    if (known) return known;
    this.#compile ??= loadCompiler();
    const compile = await this.#compile;
    const check = this.#within(card, () => compile(card.input));
    this.#compiled.set(text, check);
    const [oldest] = this.#compiled.keys();
    if (this.#compiled.size > mostCompiled && oldest !== undefined) this.#compiled.delete(oldest);
    return check;
  }

  #within<T>(card: ToolCard, work: () => T): T {
    try {
      return this.#bounded.run(work);
    } catch (error) {
      // What was cut off in the middle may have left the compiler in pieces.
      if (isTimeout(error)) this.#compile = undefined;
      const why = isTimeout(error) ? 'its schema takes too long' : error instanceof Error ? error.message : '';
      throw badTool(card.name, `schema: ${oneLine(why).slice(0, 300)}`);
    }
  }
}

/** Runs work for {@link longestWork} at most: longer, and it is cut off wherever it is, a regular expression included. */
class Bounded {
  readonly #context = vm.createContext({ work: undefined });
  readonly #script = new vm.Script('work()');

  run<T>(work: () => T): T {
    this.#context['work'] = work;
    try {
      return this.#script.runInContext(this.#context, { timeout: longestWork }) as T;
    } finally {
      this.#context['work'] = undefined;
    }
  }
}

function isTimeout(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

/** Loaded when the first schema asks for it: most brokers never need it. Nothing is ever fetched. */
async function loadCompiler(): Promise<(schema: object) => Check> {
  const [{ Ajv2020 }, { Ajv }] = await Promise.all([import('ajv/dist/2020.js'), import('ajv')]);
  const options = {
    strict: false,
    // Formats are advice: their patterns would be more work of strangers.
    validateFormats: false,
    addUsedSchema: false,
    logger: false,
  } as const;
  const latest = new Ajv2020(options);
  const old = new Ajv(options);
  // The compilers' own work is not the stranger's.
  void latest.validateSchema({});
  return (schema) => {
    const ajv = isDraft7(schema) ? old : latest;
    try {
      // Nothing is async in what is compiled here.
      return ajv.compile(schema) as Check;
    } finally {
      ajv.removeSchema(schema);
    }
  };
}

const draft7 = /^https?:\/\/json-schema\.org\/draft-0[67]\/schema#?$/;
const draft2020 = /^https:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/;

function isDraft7(schema: object): boolean {
  const { $schema } = schema as { readonly $schema?: unknown };
  return typeof $schema === 'string' && draft7.test($schema);
}

/** What can be seen without a compiler. @throws `bad_tool` */
function checkCard({ name, description, input }: ToolCard, { toolSchemaBytes }: ToolLimits): void {
  if (!namePattern.test(name)) {
    throw badTool(oneLine(name).slice(0, 64), 'a name has 1 to 128 letters, digits, "_", "-" and "."');
  }
  if (description.length > longestDescription)
    throw badTool(name, `its description has more than ${longestDescription} characters`);
  if (!isJson(input)) throw badTool(name, 'its schema is nested too deep');
  const bytes = utf8Length(JSON.stringify(input));
  if (bytes > toolSchemaBytes)
    throw badTool(name, `its schema has ${bytes} bytes, at most ${toolSchemaBytes} are allowed`);
  const { type, $schema } = input as { readonly type?: unknown; readonly $schema?: unknown };
  if (type !== 'object') throw badTool(name, 'its schema must be of type object');
  const isKnown =
    $schema === undefined || (typeof $schema === 'string' && (draft7.test($schema) || draft2020.test($schema)));
  if (!isKnown) throw badTool(name, 'its schema is of a draft that is not known here');
  for (const ref of refsIn(input)) {
    if (!ref.startsWith('#')) throw badTool(name, 'a $ref of its schema leads outside of it: nothing is fetched');
  }
}

/** Every `$ref` and the like in a schema. */
function* refsIn(schema: unknown): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (/^\$(ref|dynamicRef|recursiveRef)$/.test(key) && typeof value === 'string') yield value;
    else yield* refsIn(value);
  }
}

const types: ReadonlySet<unknown> = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isUnique = (list: readonly unknown[]): boolean => new Set(list).size === list.length;
const isText = (value: unknown): boolean => typeof value === 'string';

/** Keywords whose use can be seen to be right, and what each may hold. */
const plainKeywords: Readonly<Record<string, (value: unknown) => boolean>> = {
  $schema: isText,
  type: (value) => types.has(value),
  title: isText,
  description: isText,
  properties: (value) => isRecord(value) && Object.values(value).every(isPlain),
  items: isPlain,
  required: (value) => Array.isArray(value) && isUnique(value) && value.every(isText),
  additionalProperties: (value) => typeof value === 'boolean' || isPlain(value),
  enum: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    isUnique(value) &&
    value.every((item) => isText(item) || typeof item === 'number'),
  minimum: (value) => typeof value === 'number',
  maximum: (value) => typeof value === 'number',
  minLength: isCount,
  maxLength: isCount,
  minItems: isCount,
  maxItems: isCount,
  default: () => true,
};

/** Whether a schema holds nothing but plain keywords, rightly used. */
function isPlain(schema: unknown): boolean {
  if (!isRecord(schema)) return false;
  return Object.entries(schema).every(
    ([key, value]) => Object.hasOwn(plainKeywords, key) && plainKeywords[key]?.(value),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badTool(tool: string, problem: string): ParleyError {
  return new ParleyError('bad_tool', { tool, problem: problem.replace(/\.$/, '') });
}
