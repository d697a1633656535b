import type { OperationCommand, Positional } from './command';

const task: Positional = { field: 'task', name: 'task', required: true };
const aTask = '01JD3N6W7Y2V4XK8T0QZB5CMRA';

export const work: readonly OperationCommand[] = [
  {
    name: 'delegate',
    group: 'work',
    operation: 'delegate',
    positional: [
      { field: 'to', name: 'agent', required: true },
      { field: 'title', name: 'title', required: true, many: 'words' },
    ],
    example: 'parley delegate Nova "Find why the parser drops the last line" --deadline 2h --wait 60',
  },
  {
    name: 'report',
    group: 'work',
    operation: 'report',
    positional: [task],
    example: `parley report ${aTask} --state completed --text "Fixed" --result '{"files":["src/parser.ts"]}'`,
  },
  { name: 'tasks', group: 'work', operation: 'tasks', example: 'parley tasks --mine given --state open' },
  { name: 'task', group: 'work', operation: 'task', positional: [task], example: `parley task ${aTask}` },
  {
    name: 'tools',
    group: 'work',
    operation: 'tools',
    positional: [{ field: 'agent', name: 'agent', required: false }],
    example: 'parley tools Nova',
  },
  {
    name: 'use',
    group: 'work',
    operation: 'useTool',
    positional: [
      { field: 'agent', name: 'agent', required: true },
      { field: 'tool', name: 'tool', required: true },
    ],
    example: `parley use Nova lint --args '{"file":"src/parser.ts"}'`,
  },
];
