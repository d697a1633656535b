import type { TaskView } from '../contract/taskViews';
import { taskText, toTask } from './taskResults';
import type { OperationName, Output } from '../contract/operations';
import type { WaitingView } from '../contract/views';
import { answer, count, eventEntries, eventEntry, isKnown, placed, type Composers } from './answerKit';
import { label, quoteLine } from './quote';
import { toAgent, toCall, toMessage, toNearby, receiptText, toReceipt, toThread } from './results';
import { agentText, callText, messageText, nearbyText, threadText, type Answer, type Entry } from './text';
import { taskEntry, workComposers, type WorkOperation } from './workAnswers';

/** The operations that tools stand for. */
export type ToolOperation = keyof typeof talkComposers | WorkOperation;

type TalkOperation = Extract<
  OperationName,
  | 'who'
  | 'call'
  | 'cancel'
  | 'answer'
  | 'send'
  | 'message'
  | 'listen'
  | 'inbox'
  | 'read'
  | 'threads'
  | 'leave'
  | 'profile'
>;

const talkComposers: Composers<TalkOperation> = {
  who: ({ you, agents, nearby = [], moreNearby = 0, waiting }) => ({
    ...answer(`${you === undefined ? '' : `You are ${label(you)}. `}${count(agents.length, 'agent')} found.`, waiting),
    entries: [
      ...agents.map((view) => {
        const agent = toAgent(view);
        return { field: 'agents', data: agent, text: agentText(agent) };
      }),
      ...nearby.map((view) => {
        const session = toNearby(view);
        return { field: 'nearby', data: session, text: nearbyText(session) };
      }),
    ],
    more: moreNearby,
    data: { ...(you !== undefined && { you: label(you) }), agents: [] },
    goOn: 'Narrow it by capability, status or workspace.',
  }),

  call: ({ call: view, thread, events, waiting }) => {
    const call = toCall(view);
    return {
      ...answer(placed(call, thread), waiting),
      entries: events.filter((event) => !isKnown(event, call)).map(eventEntry),
      data: { call, ...(thread !== undefined && { thread }) },
    };
  },

  cancel: ({ call: view, waiting }) => {
    const call = toCall(view);
    return { ...answer(`Call ${call.id} about ${quoteLine(call.topic)} was taken back.`, waiting), data: { call } };
  },

  answer: ({ call: view, task, thread, messages, ringBack, events, waiting }, input) => {
    if (!view) return taskAnswer(task, waiting, input['answer']);
    const call = toCall(view);
    const said = messages.filter(({ type }) => type !== 'join');
    const entries = [
      ...said.map((message): Entry => {
        const lean = toMessage({ ...message, receipts: [] });
        return { field: 'messages', data: lean, text: messageText(lean) };
      }),
      ...events.filter((event) => !isKnown(event, call, messages)).map(eventEntry),
    ];
    return {
      ...answer(answered(call, thread, ringBack, input['answer']), waiting),
      entries,
      data: { call, ...(thread !== undefined && { thread }), ...(ringBack !== undefined && { ringBack }) },
    };
  },

  send: sent,
  message: sent,

  listen: ({ events, cursor, more, waiting }) => ({
    ...answer(events.length === 0 ? 'Nothing new.' : '', waiting),
    entries: eventEntries(events),
    data: { events: [], cursor },
    more,
  }),

  inbox: ({ calls, threads, tasks = [], more = 0, waiting }) => ({
    ...answer(calls.length + threads.length + tasks.length === 0 ? 'Your inbox is empty.' : 'Your inbox:', waiting),
    entries: [
      ...calls.map((view): Entry => {
        const call = toCall(view);
        return { field: 'calls', data: call, text: `${callText(call)}\nAnswer it with answer.` };
      }),
      ...threads.map((view): Entry => {
        const thread = toThread(view);
        return { field: 'threads', data: thread, text: `${threadText(thread)}. Use read.` };
      }),
      ...tasks.map((view) => taskEntry(view)),
    ],
    data: { calls: [], threads: [] },
    more,
  }),

  read: ({ thread: view, messages, more, waiting }, input) => {
    const thread = toThread(view);
    const forward = input['after'] !== undefined;
    return {
      ...answer(`${threadText(thread).slice(2)}:`, waiting),
      entries: messages.map((message, index) => {
        const lean = toMessage(message, index === 0 && typeof input['skip'] === 'number' ? input['skip'] : 0);
        return { field: 'messages', data: lean, text: messageText(lean, '', message.receipts.map(receiptText)) };
      }),
      keep: forward ? 'first' : 'last',
      data: { thread, messages: [] },
      more,
      goOn: forward ? 'read on with a higher after.' : 'read earlier ones with before.',
    };
  },

  threads: ({ threads, waiting }, { rooms, limit }) => ({
    ...answer(threadsHead(threads.length, rooms === true, threads.length === limit), waiting),
    entries: threads.map((view) => {
      const thread = toThread(view);
      return { field: 'threads', data: thread, text: threadText(thread) };
    }),
    data: { threads: [] },
    goOn: 'Name one to read it.',
  }),

  leave: ({ thread, closed, waiting }) => ({
    ...answer(`You left the thread ${thread}${closed ? '; it is closed and archived' : ''}.`, waiting),
    data: { thread, closed },
  }),

  profile: ({ agent: view, waiting }) => {
    const agent = toAgent(view);
    return { ...answer(`You:\n${agentText(agent)}`, waiting), data: { agent } };
  },
};

const composers: Composers<ToolOperation> = { ...talkComposers, ...workComposers };

/** What a tool says of its operation's output, for the model and for programs. */
export function compose<N extends ToolOperation>(
  operation: N,
  output: Output<N>,
  input: Readonly<Record<string, unknown>>,
): Answer {
  // The table says which output belongs to which composer.
  const composer = composers[operation] as (output: Output<N>, input: Readonly<Record<string, unknown>>) => Answer;
  return composer(output, input);
}

export function isToolOperation(operation: string): operation is ToolOperation {
  return Object.hasOwn(composers, operation);
}

function taskAnswer(view: TaskView | undefined, waiting: WaitingView, said: unknown): Answer {
  if (!view) return answer('', waiting);
  const task = toTask(view);
  const goOn =
    said === 'accept'
      ? `You took this task. Tell how it goes with report, fence ${task.fence}.`
      : said === 'decline'
        ? 'You declined this task.'
        : 'This task stays in your inbox.';
  const text = taskText(task, { inFull: true, asks: said === 'later' ? 'you' : 'nobody' });
  return { ...answer(`${goOn}\n${text}`, waiting), data: { task } };
}

function answered(
  call: ReturnType<typeof toCall>,
  thread: string | undefined,
  ringBack: string | undefined,
  said: unknown,
): string {
  const about = `${call.from}'s call about ${quoteLine(call.topic)}`;
  if (said === 'decline') return `You declined ${about}.`;
  if (said === 'later') return `${about} stays in your inbox.`;
  if (ringBack !== undefined) return `You answered ${about} late: ${call.from} is being rung back (call ${ringBack}).`;
  return `You accepted ${about}. You are in thread ${thread ?? '?'}: use send.`;
}

/** @param isFull there are as many as were asked for, and perhaps others */
function threadsHead(found: number, rooms: boolean, isFull: boolean): string {
  const others = isFull ? ' (a higher limit may show more)' : '';
  if (rooms)
    return found === 0 ? 'There is no open room.' : `Rooms that you may join (open with join) or are in${others}:`;
  return found === 0 ? 'You have no threads.' : `Your threads, latest first${others}:`;
}

function sent(
  { message, receipts, nobodyElse, events, waiting }: Output<'send'>,
  { wait }: Readonly<Record<string, unknown>>,
): Answer {
  const states = receipts.map(toReceipt);
  // What everybody has answered has no receipts any more.
  const told = nobodyElse === true ? 'nobody else is in it' : receipts.map(receiptText).join('; ');
  const said = `Said as #${message.seq} in thread ${message.thread}${told && ` (${told})`}.`;
  const hasWaited = typeof wait === 'number' && wait > 0 && nobodyElse !== true;
  return {
    ...answer(hasWaited && events.length === 0 ? `${said} No reply yet: it comes by listen.` : said, waiting),
    entries: events.map(eventEntry),
    data: { thread: message.thread, seq: message.seq, id: message.id, receipts: states },
  };
}
