import type { OperationName } from '../contract/operations';

/** An argument without a flag. */
export interface Positional {
  /** The field of the operation's input that it fills. */
  readonly field: string;
  readonly name: string;
  readonly required: boolean;
  /** `words`: all that follow, joined by spaces, or `-` for what stands on standard input. `list`: all that follow. */
  readonly many?: 'words' | 'list';
}

/** A command that runs one operation: its flags are the input's fields that nothing else fills. */
export interface OperationCommand {
  readonly name: string;
  readonly operation: OperationName;
  /** Default: the operation's own description. */
  readonly description?: string;
  readonly preset?: Readonly<Record<string, unknown>>;
  readonly positional?: readonly Positional[];
  /** Fields without a flag here. */
  readonly without?: readonly string[];
  /** The output goes out as JSON lines of this field when `--json` is not given. */
  readonly jsonLines?: 'events';
  readonly example: string;
}

const thread: Positional = { field: 'thread', name: 'thread', required: false };
const text: Positional = { field: 'text', name: 'text', required: true, many: 'words' };

/** Every command that is one operation. `register`, `watch`, `broker`, `doctor`, `mcp` and `hook` are more than that. */
export const operationCommands: readonly OperationCommand[] = [
  { name: 'who', operation: 'who', positional: [{ field: 'agent', name: 'agent', required: false }], example: 'parley who --capability review' },
  { name: 'profile', operation: 'profile', example: 'parley profile --capabilities coding,review --policy accept' },
  {
    name: 'presence',
    operation: 'profile',
    description: 'Set whether calls ring (available) or go to your inbox (busy).',
    positional: [{ field: 'presence', name: 'available|busy', required: true }],
    without: ['name', 'description', 'capabilities', 'platform', 'version', 'workspace', 'files', 'policy'],
    example: 'parley presence busy',
  },
  {
    name: 'call',
    operation: 'call',
    positional: [{ field: 'to', name: 'agent', required: true, many: 'list' }],
    without: ['note'],
    example: 'parley call Nova --topic "Review of the parser" --message "Have you a minute?" --wait 60',
  },
  {
    name: 'accept',
    operation: 'answer',
    description: 'Accept a call.',
    preset: { answer: 'accept' },
    positional: [{ field: 'call', name: 'call', required: false }],
    without: ['reason'],
    example: 'parley accept --message "Yes, go on" --wait 60',
  },
  {
    name: 'decline',
    operation: 'answer',
    description: 'Decline a call.',
    preset: { answer: 'decline' },
    positional: [{ field: 'call', name: 'call', required: false }],
    without: ['message', 'wait'],
    example: 'parley decline --reason "In the middle of a release"',
  },
  {
    name: 'later',
    operation: 'answer',
    description: 'Leave a call for later: it waits in your inbox.',
    preset: { answer: 'later' },
    positional: [{ field: 'call', name: 'call', required: false }],
    without: ['message', 'wait', 'reason'],
    example: 'parley later',
  },
  { name: 'cancel', operation: 'cancel', positional: [{ field: 'call', name: 'call', required: true }], example: 'parley cancel 01JD3N6W7Y2V4XK8T0QZB5CMRA' },
  { name: 'send', operation: 'send', positional: [text], example: 'parley send "The parser drops the last line" --ref src/parser.ts:40-52 --wait 60' },
  { name: 'message', operation: 'message', positional: [{ field: 'to', name: 'agent', required: true }, text], example: 'parley message Nova "The build is green again"' },
  { name: 'inbox', operation: 'inbox', example: 'parley inbox' },
  { name: 'read', operation: 'read', positional: [thread], example: 'parley read 01JD3N6W7Y2V4XK8T0QZB5CMRA --after 12' },
  { name: 'threads', operation: 'threads', example: 'parley threads --state archived' },
  {
    name: 'poll',
    operation: 'listen',
    description: 'What concerns you since you listened last, once, as JSON lines.',
    jsonLines: 'events',
    example: 'parley poll --wait 30',
  },
  { name: 'leave', operation: 'leave', positional: [thread], example: 'parley leave' },
]; // prettier-ignore
