import type { OperationName } from '../contract/operations';

/** A value of the contract that a word stands for. */
export type FlagValue = string | boolean | null;

/** How the command line shows a field of an operation's input, where the contract says it for a model or not at all. */
export interface FlagWords {
  readonly description?: string;
  /** What the value is, instead of its type. */
  readonly value?: string;
  /** Words that stand for a value of the contract. */
  readonly aliases?: Readonly<Record<string, FlagValue>>;
  /** Given without a value it is the first of the words. */
  readonly isSwitch?: boolean;
  /** Where the type alone does not tell: a number that is a time, or a span of it. */
  readonly kind?: 'time' | 'seconds';
}

const card: Readonly<Record<string, FlagWords>> = {
  version: { description: 'the version of your client' },
};

const untilReply: FlagWords = { description: 'seconds to wait for the reply (0 to 600)', kind: 'seconds' };
const message: FlagWords = {
  description: 'the message that this replies to: its number in the thread, or its id',
  value: 'message',
};
const inLine: FlagWords = { description: 'what it is about, in a line' };
/** A decision of the person that can be taken back. */
const onOff = (description: string): FlagWords => ({
  description,
  aliases: { on: true, off: false, default: null },
  isSwitch: true,
});
const before: FlagWords = { kind: 'time', description: 'only before then (2h ago, 3d, today, 2026-11-21 14:30)' };

export const flagWords: Readonly<Partial<Record<OperationName, Readonly<Record<string, FlagWords>>>>> = {
  register: { ...card, name: { description: 'default: PARLEY_AGENT, else you are given a short human name' } },
  profile: { ...card, name: { description: 'the name that you want to have from now on' } },
  who: {
    capability: { description: 'only those who are good at this' },
    status: { description: 'only those of this presence; offline: who is away' },
    workspace: { description: 'only those who work in this folder', value: 'folder' },
  },
  call: { to: { description: 'the names of those to call' }, wait: untilReply },
  match: {
    capability: { description: 'what they must be good at' },
    agents: { description: 'only among these, by name' },
    workspace: { description: 'only who works in this folder', value: 'folder' },
    wait: untilReply,
  },
  invite: { to: { description: 'the names of those to invite' }, wait: untilReply },
  transfer: { to: { description: 'the name of who takes over' } },
  cancel: { call: { description: 'the id of the call, which the command call shows' } },
  answer: { for: { value: 'agent' }, wait: untilReply },
  send: { replyTo: message, wait: untilReply },
  message: { topic: inLine, wait: untilReply },
  listen: {
    wait: { description: 'seconds to wait until there is something, when there is nothing yet (0 to 600)', kind: 'seconds' },
    limit: { description: 'events at most (1 to 200)' },
  },
  inbox: { skip: { description: 'leave out so many: reads on' } },
  leave: { agent: { description: 'the person removes this agent', value: 'agent' } },
  open: {
    topic: inLine,
    mode: { description: 'live (the default) closes when idle, async stays until it is closed' },
    invite: { description: 'names of agents to call into it' },
  },
  join: { thread: { description: 'the id of the room; parley threads --rooms shows those that there are' } },
  broadcast: {
    to: { description: 'only these, by name, present or away' },
    workspace: { value: 'folder' },
  },
  read: { limit: { description: 'messages at most (1 to 200, default 50)' } },
  threads: {
    state: { description: 'only those that are open, or archived (also: closed)', aliases: { archived: 'closed' } },
    limit: { description: 'threads at most (1 to 200, default 50)' },
    before,
  },
  delegate: {
    to: { description: 'the name of who is to do it' },
    deadline: { description: 'fails after this long (90, 10m, 2h, 7d)', kind: 'seconds' },
    args: { description: 'arguments for that tool, as a JSON object' },
    wait: { description: 'seconds to wait for the result (0 to 600)', kind: 'seconds' },
  },
  report: {
    task: { description: 'the id of the task' },
    progress: { description: 'how much is done, from 0 to 1' },
    result: { description: 'any JSON, when completed' },
    wait: untilReply,
  },
  cancelTask: { task: { description: 'the id of the task' } },
  task: { task: { description: 'the id of the task' } },
  tasks: {
    state: { description: 'only those in this state' },
    mine: { description: 'only those that you gave, or took' },
    limit: { description: 'tasks at most (1 to 200)' },
  },
  tools: { agent: { description: 'only those of this agent' } },
  useTool: {
    tool: { description: 'the name of the tool; parley tools shows those that there are' },
    args: { description: 'its arguments, as a JSON object' },
    timeout: { kind: 'seconds' },
    wait: { kind: 'seconds' },
  },
  govern: {
    agent: { description: 'for whom; without one: for everyone who has no rule of their own' },
    policy: { description: 'what calls to them do at most', aliases: { default: null } },
    hold: onOff('they get no rings: calls wait'),
    mute: onOff('you are not notified about them'),
    maySend: onOff('whether they may send'),
    mayWake: onOff('whether what they send may wake others'),
    wakesPerHour: { description: 'how often they may be woken in an hour', aliases: { default: null } },
  },
  doNotDisturb: {
    on: { description: 'on or off; without it: how it stands' },
    for: { description: 'ends by itself after this long (30m, 2h)', kind: 'seconds' },
    hours: { description: 'when it begins by itself, e.g. "22:00-07:00 mon-fri"; default: no more', aliases: { default: null } },
  },
  renameAgent: { name: { description: 'the name that it has from now on' } },
  pastCalls: { limit: { description: 'calls at most (1 to 50, default 10)' } },
  search: {
    query: { description: 'the words that must be there, each may be the beginning of one; "words in quotes" stand together' },
    agent: { description: 'only what this agent said' },
    thread: { description: 'only in this thread' },
    after: { kind: 'time', description: 'only what was said from then on (2h ago, 3d, today, 2026-11-21 14:30)' },
    before: { kind: 'time', description: 'only what was said before then' },
    workspace: { description: 'only what agents of this folder said', value: 'folder' },
    limit: { description: 'hits at most (1 to 50, default 20)' },
  },
  sql: {
    query: { description: 'one SELECT, WITH, VALUES or EXPLAIN' },
    after: { kind: 'time', description: 'only archived threads with messages from then on' },
    before: { kind: 'time', description: 'only archived threads with messages before then' },
  },
  erase: { thread: { description: 'the id of an archived thread' } },
  allowTool: {
    agent: { description: 'who; without it: everyone' },
    owner: { description: "whose tools; without it: everyone's", value: 'agent' },
    tool: { description: 'which tool; without it: all of them' },
  },
}; // prettier-ignore
