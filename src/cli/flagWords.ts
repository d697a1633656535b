import type { OperationName } from '../contract/operations';

/** How the command line shows a field of an operation's input, where the contract says it for a model or not at all. */
export interface FlagWords {
  readonly description?: string;
  /** What the value is, instead of its type. */
  readonly value?: string;
  /** Words that stand for a value of the contract. */
  readonly aliases?: Readonly<Record<string, string>>;
}

const card: Readonly<Record<string, FlagWords>> = {
  version: { description: 'the version of your client' },
};

const untilReply: FlagWords = { description: 'seconds to wait for the reply (0 to 600)' };

export const flagWords: Readonly<Partial<Record<OperationName, Readonly<Record<string, FlagWords>>>>> = {
  register: { ...card, name: { description: 'default: PARLEY_AGENT, else you are given a short human name' } },
  profile: { ...card, name: { description: 'the name that you want to have from now on' } },
  who: {
    capability: { description: 'only those who are good at this' },
    status: { description: 'only those of this presence' },
    workspace: { description: 'only those who work in this folder', value: 'folder' },
  },
  call: { to: { description: 'the names of those to call' }, wait: untilReply },
  cancel: { call: { description: 'the id of the call, which the command call shows' } },
  answer: { for: { value: 'agent' }, wait: untilReply },
  send: { replyTo: { description: 'the id of the message that this replies to', value: 'message' }, wait: untilReply },
  message: { topic: { description: 'what it is about, in a line' }, wait: untilReply },
  listen: {
    wait: { description: 'seconds to wait until there is something, when there is nothing yet (0 to 600)' },
    limit: { description: 'events at most (1 to 200)' },
  },
  read: { limit: { description: 'messages at most (1 to 200, default 50)' } },
  threads: {
    state: { description: 'only those that are open, or archived (also: closed)', aliases: { archived: 'closed' } },
    limit: { description: 'threads at most (1 to 200, default 50)' },
  },
};
