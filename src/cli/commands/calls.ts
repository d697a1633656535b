import type { OperationCommand, Positional } from './command';

const call: Positional = { field: 'call', name: 'call', required: false };

export const calls: readonly OperationCommand[] = [
  {
    name: 'call',
    group: 'calls',
    operation: 'call',
    positional: [{ field: 'to', name: 'agent', required: true, many: 'list' }],
    without: ['note'],
    example: 'parley call Nova --topic "Review of the parser" --message "Have you a minute?" --wait 60',
  },
  {
    name: 'match',
    group: 'calls',
    operation: 'match',
    without: ['note'],
    example: 'parley match --capability review --topic "Review of the parser" --wait 60',
  },
  {
    name: 'accept',
    group: 'calls',
    operation: 'answer',
    description: 'Accept a call, an invitation, or a task that you are offered.',
    preset: { answer: 'accept' },
    positional: [call],
    without: ['reason'],
    example: 'parley accept --message "Yes, go on" --wait 60',
  },
  {
    name: 'decline',
    group: 'calls',
    operation: 'answer',
    description: 'Decline a call, an invitation, or a task that you are offered.',
    preset: { answer: 'decline' },
    positional: [call],
    without: ['message', 'wait'],
    example: 'parley decline --reason "In the middle of a release"',
  },
  {
    name: 'later',
    group: 'calls',
    operation: 'answer',
    description: 'Leave a call or a task for later: it waits in your inbox.',
    preset: { answer: 'later' },
    positional: [call],
    without: ['message', 'wait', 'reason'],
    example: 'parley later',
  },
  {
    name: 'cancel',
    group: 'calls',
    operation: 'cancel',
    description: 'Take back a call that you placed and that nobody answered yet, or a task that you gave.',
    positional: [{ ...call, required: true }],
    otherwise: {
      codes: ['unknown_call'],
      operation: 'cancelTask',
      shape: ({ call: task }) => ({ task }),
      unknown: 'unknown_task',
    },
    example: 'parley cancel 01JD3N6W7Y2V4XK8T0QZB5CMRA',
  },
  {
    name: 'invite',
    group: 'calls',
    operation: 'invite',
    positional: [{ field: 'to', name: 'agent', required: true, many: 'list' }],
    example: 'parley invite Echo --message "You wrote this parser" --wait 60',
  },
  {
    name: 'transfer',
    group: 'calls',
    operation: 'transfer',
    positional: [{ field: 'to', name: 'agent', required: true }],
    example: 'parley transfer Echo --reason "You know that file better"',
  },
];
