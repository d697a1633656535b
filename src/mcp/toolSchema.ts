import * as z from 'zod';

export interface JsonSchema {
  readonly [key: string]: unknown;
  readonly type: 'object';
  readonly properties?: Record<string, object>;
  readonly required?: string[];
}

/** Bounds that the broker checks and tells in its errors: leaving them out of the schemas saves a model's attention. */
const omitted = new Set(['$schema', 'minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum']);

/** What clients are told of a tool's input: types, choices and descriptions. */
export function inputSchema(schema: z.ZodObject): JsonSchema {
  return prune(z.toJSONSchema(schema, { io: 'input' }), omitted) as JsonSchema;
}

export function outputSchema(schema: z.ZodObject): JsonSchema {
  return prune(z.toJSONSchema(schema, { io: 'output', reused: 'inline' }), omitted) as JsonSchema;
}

function prune(node: unknown, without: ReadonlySet<string>): unknown {
  if (Array.isArray(node)) return node.map((item) => prune(item, without));
  if (typeof node !== 'object' || node === null) return node;
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    if (without.has(key)) continue;
    // Below `properties` the keys are names of ours, not of JSON Schema.
    kept[key] =
      key === 'properties'
        ? Object.fromEntries(Object.entries(value as object).map(([name, inner]) => [name, prune(inner, without)]))
        : prune(value, without);
  }
  return kept;
}

/** Models fill what they have no use for with null or an empty string: that is the same as leaving it out. */
export function withoutBlanks(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null && value !== ''));
}
