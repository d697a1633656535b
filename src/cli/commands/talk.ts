import { text, thread, type OperationCommand } from './command';

export const talk: readonly OperationCommand[] = [
  {
    name: 'send',
    group: 'talk',
    operation: 'send',
    positional: [text],
    example: 'parley send "The parser drops the last line" --ref src/parser.ts:40-52 --wait 60',
  },
  {
    name: 'message',
    group: 'talk',
    operation: 'message',
    positional: [{ field: 'to', name: 'agent', required: true }, text],
    example: 'parley message Nova "The build is green again"',
  },
  {
    name: 'broadcast',
    group: 'talk',
    operation: 'broadcast',
    positional: [text],
    example: 'parley broadcast "The main branch is frozen until noon" --capability coding',
  },
  { name: 'inbox', group: 'talk', operation: 'inbox', example: 'parley inbox' },
  {
    name: 'read',
    group: 'talk',
    operation: 'read',
    positional: [thread],
    example: 'parley read 01JD3N6W7Y2V4XK8T0QZB5CMRA --after 12',
  },
  {
    name: 'poll',
    group: 'talk',
    operation: 'listen',
    description: 'What concerns you since you listened last, once, as JSON lines.',
    jsonLines: 'events',
    example: 'parley poll --wait 30',
  },
];
