import { calls } from './commands/calls';
import type { OperationCommand } from './commands/command';
import { people } from './commands/people';
import { rooms } from './commands/rooms';
import { rules } from './commands/rules';
import { storage } from './commands/storage';
import { talk } from './commands/talk';
import { work } from './commands/work';

/** Every command that is one operation, in the order of the help. Some commands are more than that: see `otherCommands`. */
export const operationCommands: readonly OperationCommand[] = [
  ...people,
  ...calls,
  ...talk,
  ...rooms,
  ...work,
  ...storage,
  ...rules,
];
