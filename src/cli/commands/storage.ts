import { someThread, type OperationCommand } from './command';

export const storage: readonly OperationCommand[] = [
  {
    name: 'search',
    group: 'talk',
    operation: 'search',
    positional: [{ field: 'query', name: 'words', required: true, many: 'words' }],
    example: 'parley search parser "last line" --agent Nova --after 7d',
  },
  {
    name: 'sql',
    group: 'broker',
    operation: 'sql',
    description:
      'Ask with SQL (SQLite): one SELECT over the views agents, conversations, participants, messages, requests and tasks. It changes nothing. Into a pipe, each row is a line of JSON.',
    positional: [{ field: 'query', name: 'query', required: true, many: 'words' }],
    example: 'parley sql "select topic, count(*) from conversations group by topic"',
  },
  {
    name: 'erase',
    group: 'broker',
    operation: 'erase',
    positional: [someThread],
    example: 'parley erase 01JD3N6W7Y2V4XK8T0QZB5CMRA',
  },
];
