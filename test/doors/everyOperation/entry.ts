import type { OperationName } from '../../../src/contract/operations';
import type { World } from './world';

/** A tool of MCP and what it is given. */
export type Tool = readonly [name: string, given: Record<string, unknown>];

/** One way to ask, said for each door. */
export interface Asking {
  readonly rpc: object;
  /** The words after `parley`. Absent where the command line has no such operation. */
  readonly cli?: readonly string[];
  readonly mcp?: Tool;
}

/** What is refused. `by`: where nothing is wrong with it but who asks. */
export interface Refused extends Asking {
  readonly code: string;
  readonly by?: 'agent' | 'stranger';
}

/** How an operation is tried through every door that has it: once well, once badly. */
export interface Entry {
  /** Who asks: `a` of the world, or the person. */
  readonly as: 'agent' | 'person';
  /** Makes what the operation needs, and answers how it is asked then. */
  readonly good: (world: World) => Asking | Promise<Asking>;
  /** What must stand in every door's answer. */
  readonly shows?: (world: World) => string;
  /** What has come of it, seen from elsewhere: the same through every door. */
  readonly effect?: readonly [look: (world: World) => Promise<unknown>, expected: unknown];
  /** Undoes what would be in the way of others. */
  readonly undo?: (world: World) => Promise<unknown>;
  /** What is refused, and with which code through every door. */
  readonly bad: (world: World) => Refused | Promise<Refused>;
}

export type Entries = Partial<Readonly<Record<OperationName, Entry>>>;

/** An id that nothing has. */
export const nothing = '7ZZZZZZZZZZZZZZZZZZZZZZZZZ';
