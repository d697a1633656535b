import type * as z from 'zod';
import { admin } from './operations/admin';
import { agents } from './operations/agents';
import { calls } from './operations/calls';
import { govern } from './operations/govern';
import { inbox } from './operations/inbox';
import { rooms } from './operations/rooms';
import { roster } from './operations/roster';
import { shares } from './operations/shares';
import { storage } from './operations/storage';
import { tasks } from './operations/tasks';
import { threads } from './operations/threads';
import { tools } from './operations/tools';

export { maxWait, type Door, type Operation, type Permission } from './operations/operation';

/** Everything that can be asked of the broker. Doors, the client and the command line derive themselves from this table. */
export const operations = {
  ...agents,
  ...calls,
  ...threads,
  ...rooms,
  ...inbox,
  ...tasks,
  ...tools,
  ...govern,
  ...roster,
  ...shares,
  ...storage,
  ...admin,
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
export type Input<N extends OperationName> = z.infer<Operations[N]['input']>;
export type Output<N extends OperationName> = z.infer<Operations[N]['output']>;

export const operationNames = Object.keys(operations) as OperationName[];
