import { someThread, thread, type OperationCommand } from './command';

const aThread = '01JD3N6W7Y2V4XK8T0QZB5CMRA';

export const rooms: readonly OperationCommand[] = [
  { name: 'threads', group: 'rooms', operation: 'threads', example: 'parley threads --state archived' },
  {
    name: 'create',
    group: 'rooms',
    operation: 'open',
    description: 'Open a thread of your own. With --open it is a room that anyone may join.',
    without: ['closedToNewcomers'],
    switches: [{ name: 'open', description: 'anyone may join; without it, only whom you invite' }],
    shape: ({ open, ...given }) => ({ ...given, closedToNewcomers: open !== true }),
    example: 'parley create --topic "Should the parser be rewritten?" --open --turns round-robin',
  },
  { name: 'join', group: 'rooms', operation: 'join', positional: [someThread], example: `parley join ${aThread}` },
  {
    name: 'leave',
    group: 'rooms',
    operation: 'leave',
    positional: [thread],
    without: ['close'],
    example: 'parley leave',
  },
  {
    name: 'close',
    group: 'rooms',
    operation: 'leave',
    description: 'End a thread for everyone: it is archived.',
    preset: { close: true },
    positional: [thread],
    without: ['agent'],
    example: `parley close ${aThread}`,
  },
  {
    name: 'rename',
    group: 'rooms',
    operation: 'rename',
    positional: [someThread, { field: 'topic', name: 'topic', required: true, many: 'words' }],
    example: `parley rename ${aThread} "Parser: the last line"`,
  },
];
