import * as z from 'zod';
import { refView } from '../views';

/** `none`: before one has an identity. `agent`: speaks as itself. `observer`: reads. `admin`: the person. Each includes the ones before it that read. */
export type Permission = 'none' | 'agent' | 'observer' | 'admin';

/** Where an operation can be reached, besides rpc, which has them all. */
export type Door = 'mcp' | 'cli';

export interface Operation<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly description: string;
  readonly input: I;
  readonly output: O;
  readonly permission: Permission;
  readonly doors: readonly Door[];
}

export function operation<I extends z.ZodType, O extends z.ZodType>(declared: Operation<I, O>): Operation<I, O> {
  return declared;
}

/** Longest wait of one request, in seconds. */
export const maxWait = 600;

/**
 * Inputs that several operations share. Whatever does something else the second time takes a `key`; what only sets a value
 * (a profile, a rule) needs none.
 */
export const agentName = z.string().min(1).max(64).describe('agent name');
export const refs = z.array(refView).optional().describe('pointers into the code');
export const key = z
  .string()
  .min(1)
  .max(128)
  .optional()
  .describe('idempotency key: the same key and content happens once');
export const wait = z.number().min(0).max(maxWait).optional().describe('seconds to wait for the reply');
export const text = z.string().describe('what to say');
