import type { ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { ParleyError, type ErrorCode } from '../contract/errors';
import type { Input, OperationName } from '../contract/operations';
import { parseRef } from './refs';

/** Which operation a tool call asks for. */
export interface Plan<N extends OperationName = OperationName> {
  readonly operation: N;
  readonly input: Readonly<Record<string, unknown>>;
  /** The operation waits, the default time if the call names none. */
  readonly waits: boolean;
  /** On one of these refusals, this is what was meant. */
  readonly otherwise?: { readonly codes: readonly ErrorCode[]; readonly plan: Plan };
}

/** What the door or bridge knows of the one who calls. */
export interface CallerContext {
  /** Relative paths are taken from here. */
  readonly workspace?: string | undefined;
  /** Which chat or turn the call comes from. */
  readonly note?: string | undefined;
}

export interface Tool<S extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: S;
  readonly output: z.ZodObject;
  readonly annotations: ToolAnnotations;
  plan(args: z.infer<S>, context: CallerContext): Plan;
}

export function tool<S extends z.ZodObject>(declared: Tool<S>): Tool {
  return declared;
}

/** Most tools of Parley add to a conversation and takes nothing away; none reaches beyond this machine's roster. */
export const reads: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
export const adds: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
};
export const settles: ToolAnnotations = { ...adds, idempotentHint: true };

export const wait = z.number().min(0).optional().describe('seconds to wait for a reply; default 25, 0: do not wait');
export const refs = z.array(z.string().min(1).max(4096)).optional().describe('places in the code, as path:10-20');
export const key = z.string().max(128).optional().describe('set the same when you retry');
export const thread = z.string().optional().describe('thread id; default: your live thread');

export function plan<N extends OperationName>(
  operation: N,
  input: Input<N>,
  rest: { readonly waits?: boolean; readonly otherwise?: Plan['otherwise'] } = {},
): Plan<N> {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return {
    operation,
    input: Object.fromEntries(given),
    waits: rest.waits ?? false,
    ...(rest.otherwise && { otherwise: rest.otherwise }),
  };
}

/** What a tool cannot do without, in words that name its arguments. */
export function missing(what: string): ParleyError {
  return new ParleyError('bad_input', { problem: `give ${what}` });
}

export const asRefs = (texts: readonly string[] | undefined, { workspace }: CallerContext): Input<'send'>['refs'] =>
  texts?.map((text) => parseRef(text, workspace));
