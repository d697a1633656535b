import type { ErrorCode } from '../../contract/errors';
import type { OperationName } from '../../contract/operations';

/** An argument without a flag. */
export interface Positional {
  /** The field of the operation's input that it fills. */
  readonly field: string;
  readonly name: string;
  readonly required: boolean;
  /** `words`: all that follow, joined by spaces, or `-` for what stands on standard input. `list`: all that follow. */
  readonly many?: 'words' | 'list';
}

/** A switch of the command line that is no field of the operation. */
export interface Switch {
  /** As it arrives, e.g. `open` for `--open`. */
  readonly name: string;
  readonly description: string;
}

export type Given = Readonly<Record<string, unknown>>;

/** Commands that belong together stand together in the help. */
export const groups = {
  people: 'Who is there:',
  calls: 'Calls:',
  talk: 'Talking:',
  rooms: 'Threads and rooms:',
  work: 'Work and tools:',
  rules: 'For the person:',
  broker: 'The broker and its home:',
  programs: 'For programs:',
} as const;

/** A command that runs one operation: its flags are the input's fields that nothing else fills. */
export interface OperationCommand {
  readonly name: string;
  readonly group: keyof typeof groups;
  readonly operation: OperationName;
  /** Default: the operation's own description. */
  readonly description?: string;
  readonly preset?: Given;
  readonly positional?: readonly Positional[];
  readonly switches?: readonly Switch[];
  /** Makes the input of what was given, where that is more than a preset. */
  readonly shape?: (given: Given) => Given;
  /** Fields without a flag here. */
  readonly without?: readonly string[];
  /** The output goes out as JSON lines of this field when `--json` is not given. */
  readonly jsonLines?: 'events';
  /** On one of these errors something else was meant: this operation, with that input. */
  readonly otherwise?: {
    readonly codes: readonly ErrorCode[];
    readonly operation: OperationName;
    readonly shape: (given: Given) => Given;
    /** It knows of no such thing either. */
    readonly unknown: ErrorCode;
  };
  readonly example: string;
}

/** What the commands of several families have in common. */
export const thread: Positional = { field: 'thread', name: 'thread', required: false };
export const someThread: Positional = { ...thread, required: true };
export const text: Positional = { field: 'text', name: 'text', required: true, many: 'words' };
