import * as z from 'zod';
import {
  agentView,
  callView,
  listenEvent,
  messageView,
  policies,
  presences,
  receiptView,
  refView,
  threadView,
  waitingView,
} from './views';

/** `none`: before one has an identity. `agent`: speaks as itself. `observer`: reads. `admin`: the person. Each includes the ones before it that read. */
export type Permission = 'none' | 'agent' | 'observer' | 'admin';

/** Where an operation can be reached, besides rpc, which has them all. */
export type Door = 'mcp' | 'cli';

export interface Operation<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly description: string;
  readonly input: I;
  readonly output: O;
  readonly permission: Permission;
  readonly doors: readonly Door[];
}

/** Longest wait of one request, in seconds. */
export const maxWait = 600;

const agentName = z.string().min(1).max(64).describe('agent name');
const refs = z.array(refView).optional().describe('pointers into the code');
const key = z.string().min(1).max(128).optional().describe('idempotency key: the same key and content happens once');
const wait = z.number().min(0).max(maxWait).optional().describe('seconds to wait for the reply');
const text = z.string().describe('what to say');

const card = {
  description: z.string().max(1000).optional().describe('who you are, in a sentence'),
  capabilities: z.array(z.string().min(1).max(64)).max(32).optional().describe('what you are good at'),
  platform: z.string().max(64).optional().describe('your client, e.g. Claude Code'),
  version: z.string().max(64).optional(),
  workspace: z.string().max(4096).optional().describe('the folder you work in'),
  files: z.array(z.string().max(4096)).max(100).optional().describe('files you are working on'),
  policy: z.enum(policies).optional().describe('what calls to you do'),
};

/** What `send` and `message` answer. */
const said = z.object({
  message: messageView.pick({ id: true, thread: true, seq: true, timestamp: true }),
  receipts: z.array(receiptView),
  events: z.array(listenEvent),
  waiting: waitingView,
});

function operation<I extends z.ZodType, O extends z.ZodType>(declared: Operation<I, O>): Operation<I, O> {
  return declared;
}

/** Everything that can be asked of the broker. Doors, the client and the command line derive themselves from this table. */
export const operations = {
  register: operation({
    description: 'Sign on to the roster. Answers a token: whoever brings it back is the same agent.',
    input: z.object({
      name: z.string().max(64).optional().describe('without one you are given a short human name'),
      ...card,
    }),
    output: z.object({ agent: agentView, token: z.string() }),
    permission: 'none',
    doors: ['cli'],
  }),
  profile: operation({
    description: 'Change your name, card, presence or call policy; without arguments, see yourself.',
    input: z.object({
      name: z.string().max(64).optional(),
      presence: z.enum(['available', 'busy']).optional().describe('busy sends calls to your inbox'),
      ...card,
    }),
    output: z.object({ agent: agentView, waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  who: operation({
    description: 'Who is there, what they are good at, and how they can be reached.',
    input: z.object({
      agent: agentName.optional(),
      capability: z.string().max(64).optional(),
      status: z.enum(presences).optional(),
      workspace: z.string().max(4096).optional(),
    }),
    output: z.object({ you: z.string().optional(), agents: z.array(agentView), waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  call: operation({
    description: 'Call one agent or several by name. They are rung; who is away finds the call in the inbox.',
    input: z.object({
      to: z.union([agentName, z.array(agentName).min(1).max(49)]),
      topic: z.string().describe('what it is about, in a line'),
      message: z.string().optional().describe('your first message: opens the thread when they answer'),
      refs,
      urgency: z.enum(['now', 'next', 'later']).optional().describe('now rings even in a call; later never rings'),
      wait,
      key,
      note: z.string().max(200).optional().describe('which chat or turn this comes from'),
    }),
    output: z.object({
      call: callView,
      thread: z.string().optional(),
      events: z.array(listenEvent).describe('what came while waiting'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  cancel: operation({
    description: 'Take back a call that you placed and that nobody answered yet.',
    input: z.object({ call: z.string().max(64) }),
    output: z.object({ call: callView, waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  answer: operation({
    description: 'Accept a call, decline it, or leave it for later.',
    input: z.object({
      call: z.string().max(64).optional().describe('default: the call that rings'),
      answer: z.enum(['accept', 'decline', 'later']),
      reason: z.string().optional().describe('why you decline'),
      message: z.string().optional().describe('your first words, when you accept'),
      for: agentName.optional().describe('the person answers for this agent'),
      wait,
      key,
    }),
    output: z.object({
      call: callView,
      thread: z.string().optional(),
      messages: z.array(messageView).describe('what has been said so far'),
      ringBack: z.string().optional().describe('answered late: this call rings the caller back'),
      events: z.array(listenEvent),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  send: operation({
    description: 'Say something in a thread.',
    input: z.object({
      thread: z.string().max(64).optional().describe('default: the live thread you are in'),
      text,
      refs,
      replyTo: z.string().max(64).optional(),
      key,
      wait,
    }),
    output: said,
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  message: operation({
    description: 'Leave a message for one agent, present or away.',
    input: z.object({ to: agentName, topic: z.string().optional(), text, refs, key, wait }),
    output: said,
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  listen: operation({
    description: 'What concerns you since you listened last: calls, answers, messages. Can wait for the next.',
    input: z.object({
      wait,
      cursor: z.number().int().min(0).optional().describe('re-read from here; moves nothing'),
      limit: z.number().int().min(1).max(200).optional(),
    }),
    output: z.object({
      events: z.array(listenEvent),
      cursor: z.number().int().describe('where the next listen goes on'),
      more: z.number().int().describe('events left for the next listen'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  inbox: operation({
    description: 'What waits for you: calls that ring, calls you missed, unread threads.',
    input: z.object({}),
    output: z.object({ calls: z.array(callView), threads: z.array(threadView), waiting: waitingView }),
    permission: 'agent',
    doors: ['cli'],
  }),
  read: operation({
    description: 'The messages of a thread, with receipts.',
    input: z.object({
      thread: z.string().max(64).optional().describe('default: the live thread you are in'),
      after: z.number().int().min(0).optional().describe('messages after this seq'),
      before: z.number().int().min(1).optional().describe('messages before this seq, the latest of them'),
      limit: z.number().int().min(1).max(200).optional(),
      skip: z
        .number()
        .int()
        .min(0)
        .optional()
        .describe('characters of the first message to leave out: reads on in a long one'),
    }),
    output: z.object({
      thread: threadView,
      messages: z.array(messageView),
      more: z.number().int().describe('further messages in the direction asked'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  threads: operation({
    description: 'Threads that you are or were in, latest first. The person sees all.',
    input: z.object({
      state: z.enum(['open', 'closed', 'all']).optional(),
      limit: z.number().int().min(1).max(200).optional(),
      before: z.number().optional().describe('threads whose last message is before this time (ms)'),
    }),
    output: z.object({ threads: z.array(threadView), waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  leave: operation({
    description: 'Leave a thread; a live one that too few remain in is archived.',
    input: z.object({
      thread: z.string().max(64).optional().describe('default: the live thread you are in'),
      close: z.boolean().optional().describe('end it for everyone'),
    }),
    output: z.object({ thread: z.string(), closed: z.boolean(), waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),

  confirm: operation({
    description: 'These deliveries were handed over whole: what they held counts as seen.',
    input: z.object({ deliveries: z.array(z.string().max(64)).max(1000), via: z.string().max(64).optional() }),
    output: z.object({}),
    permission: 'agent',
    doors: [],
  }),
  seen: operation({
    description: 'The person was shown this thread up to this message, in a focused view.',
    input: z.object({ thread: z.string().max(64), seq: z.number().int().min(1) }),
    output: z.object({}),
    permission: 'agent',
    doors: [],
  }),
  ringReport: operation({
    description: 'What became of a ring, told by the client that rang.',
    input: z.object({
      subject: z.string().max(64),
      agent: z.string().max(64),
      ringer: z.string().max(64),
      result: z.enum(['written', 'held', 'refused', 'failed']),
      detail: z.string().max(500).optional(),
    }),
    output: z.object({}),
    permission: 'agent',
    doors: [],
  }),
  wake: operation({
    description: 'Let the agent answer: permits the wake and runs the ringers for a call that waits.',
    input: z.object({ call: z.string().max(64), agent: z.string().max(64) }),
    output: z.object({ ringers: z.array(z.string()) }),
    permission: 'admin',
    doors: [],
  }),
  status: operation({
    description: 'The broker: version, uptime, sizes, what it knows of itself.',
    input: z.object({}),
    output: z.object({
      version: z.string(),
      pid: z.number().int(),
      home: z.string(),
      socket: z.string(),
      startedAt: z.number(),
      offset: z.number().int(),
      agents: z.number().int(),
      connections: z.number().int(),
      openThreads: z.number().int(),
      durability: z.enum(['fsync', 'os']),
      memory: z.number().int().describe('resident bytes'),
      readOnly: z.string().optional().describe('why nothing can be written'),
      repaired: z.string().optional().describe('what the start found damaged and cut'),
    }),
    permission: 'observer',
    doors: ['cli'],
  }),
  stop: operation({
    description: 'Stop the broker cleanly.',
    input: z.object({
      reason: z.string().max(200).optional(),
      successor: z
        .object({ version: z.string().max(64), build: z.number() })
        .optional()
        .describe('hand-over: older programs than this start no broker any more'),
    }),
    output: z.object({}),
    permission: 'admin',
    doors: ['cli'],
  }),
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
export type Input<N extends OperationName> = z.infer<Operations[N]['input']>;
export type Output<N extends OperationName> = z.infer<Operations[N]['output']>;

export const operationNames = Object.keys(operations) as OperationName[];
