import type { OperationName } from '../contract/operations';
import type { TaskView } from '../contract/taskViews';
import type { ListenEvent } from '../contract/views';
import { oneLine } from '../core/text';
import { answer, count, eventEntry, isKnown, placed, type Composers } from './answerKit';
import { label, plainText, quoteBlock, quoteLine } from './quote';
import { receiptText, toCall, toMessage, toReceipt, toThread } from './results';
import { taskText, toTask, type LeanTask, type TaskTelling } from './taskResults';
import { messageText, outcomeText, threadText, type Answer, type Entry } from './text';
import { toHit, toStep, toTool, type LeanHit, type LeanStep, type LeanTool } from './workResults';

/** Operations for rooms, for finding what was said, and for work that is handed over. */
export type WorkOperation = Extract<
  OperationName,
  | 'match'
  | 'invite'
  | 'transfer'
  | 'open'
  | 'join'
  | 'broadcast'
  | 'search'
  | 'delegate'
  | 'cancelTask'
  | 'report'
  | 'tasks'
  | 'task'
  | 'tools'
  | 'useTool'
>;

export const workComposers: Composers<WorkOperation> = {
  match: ({ call: view, thread, tried, events, waiting }) => {
    const call = toCall(view);
    const order = tried.map(({ name, outcome }) => ({ name: label(name), outcome }));
    return {
      ...answer(placed(call, thread), waiting),
      entries: events.filter((event) => !isKnown(event, call)).map(eventEntry),
      data: { call, tried: order, ...(thread !== undefined && { thread }) },
    };
  },

  invite: ({ call: view, events, waiting }) => {
    const call = toCall(view);
    const told = events.filter((event) => !isKnown(event, call)).map(eventEntry);
    return { ...answer(`Invited. ${placed(call, undefined)}`, waiting), entries: told, data: { call } };
  },

  transfer: ({ call: view, thread, waiting }) => {
    const call = toCall(view);
    const to = call.to.map(({ name }) => name).join(', ');
    return {
      ...answer(`You left the thread ${thread.id} to ${to}, who is being called into it (call ${call.id}).`, waiting),
      data: { thread: thread.id, closed: thread.state === 'closed', call },
    };
  },

  open: ({ thread: view, calls: views, refused = [], waiting }) => {
    const thread = toThread(view);
    const calls = views.map(toCall);
    const not = refused.map(({ name, code }) => ({ to: label(name), code }));
    const cannot = refused.map(({ name, text }) => ` Not invited: ${label(name)}. ${oneLine(text)}`).join('');
    return {
      ...answer(`The room is open: thread ${thread.id}. ${invited(calls.length)}${cannot}`, waiting),
      entries: calls.map((call): Entry => ({
        field: 'calls',
        data: call,
        text: `Call ${call.id}: ${outcomeText(call)}`,
      })),
      data: { thread, ...(not.length > 0 && { refused: not }) },
    };
  },

  join: ({ thread: view, messages, more, waiting }) => {
    const thread = toThread(view);
    return {
      ...answer(`You joined. ${threadText(thread).slice(2)}:`, waiting),
      entries: messages.map((message): Entry => {
        const lean = toMessage(message);
        return { field: 'messages', data: lean, text: messageText(lean, '', message.receipts.map(receiptText)) };
      }),
      keep: 'last',
      data: { thread, messages: [] },
      more,
      goOn: 'read earlier ones with before.',
    };
  },

  broadcast: ({ broadcast, sent, refused, waiting }) => ({
    ...answer(`Left for ${count(sent.length, 'agent')}.`, waiting),
    entries: [
      ...sent.map(({ name, thread, receipt }): Entry => {
        const data = { to: label(name), thread, ...(receipt && { receipt: toReceipt(receipt) }) };
        return {
          field: 'sent',
          data,
          text: `- ${data.to}: thread ${thread}, ${receipt ? receiptText(receipt) : 'stored'}`,
        };
      }),
      ...refused.map(({ name, code, text }): Entry => {
        const data = { to: label(name), code };
        return { field: 'refused', data, text: `- not for ${data.to}: ${oneLine(text)}` };
      }),
    ],
    data: { broadcast, sent: [] },
    goOn: 'Each has a thread of its own with you.',
  }),

  search: ({ hits, words, cursor, unreadable, waiting }) => ({
    ...answer(searched(hits.length, words, unreadable.length), waiting),
    entries: hits.map((hit): Entry => {
      const data = toHit(hit);
      return { field: 'hits', data, text: hitText(data) };
    }),
    data: {
      hits: [],
      words,
      ...(cursor !== undefined && { cursor }),
      ...(unreadable.length > 0 && { unreadable: unreadable.length }),
    },
    goOn: 'Narrow the search, or give a smaller limit.',
  }),

  delegate: ({ task, events, waiting }) => tasked(task, events, answer('', waiting), 'You are told of each change.'),
  report: ({ task, events, waiting }) => tasked(task, events, answer('', waiting), 'Reported.'),
  cancelTask: ({ task, waiting }) => tasked(task, [], answer('', waiting), 'Taken back.'),

  tasks: ({ tasks, more, waiting }) => ({
    ...answer(tasks.length === 0 ? 'You have no tasks.' : 'Your tasks, latest change first:', waiting),
    entries: tasks.map((view) => taskEntry(view, 'anyone')),
    data: { tasks: [] },
    more,
    goOn: 'Give a higher limit.',
  }),

  task: ({ task: view, history, waiting }) => {
    const task = toTask(view);
    return {
      ...answer(taskText(task, { inFull: true, asks: 'anyone' }), waiting),
      entries: history.map((step): Entry => {
        const data = toStep(step);
        return { field: 'history', data, text: stepText(data) };
      }),
      keep: 'last',
      data: { task, history: [] },
      goOn: 'Those are the latest.',
    };
  },

  tools: ({ tools, more = 0, waiting }) => ({
    ...answer(tools.length === 0 ? 'Nobody offers a tool.' : 'Tools that others offer:', waiting),
    entries: tools.map((view): Entry => {
      const tool = toTool(view);
      return { field: 'tools', data: tool, text: toolText(tool) };
    }),
    data: { tools: [] },
    more,
    goOn: 'Name an agent.',
  }),

  useTool: ({ use, result, isError, task: view, waiting }) => {
    const task: LeanTask | undefined = view && toTask(view);
    const content = plainText(result.content);
    const head = task
      ? `No program runs that tool: it became a task. You are told of each change.\n${taskText(task, { asks: 'nobody' })}`
      : `The tool ${isError ? 'says that it failed' : 'answered'} (its owner's words, not your user's):\n${quoteBlock(content)}`;
    return {
      ...answer(head, waiting),
      data: {
        use,
        ...(task ? { task } : { content }),
        ...(result.structured !== undefined && { structured: result.structured }),
        ...(isError && { failed: true }),
      },
    };
  },
};

/** `asks` as in {@link TaskTelling}. */
export function taskEntry(view: TaskView, asks: TaskTelling['asks'] = 'you'): Entry {
  const task = toTask(view);
  return { field: 'tasks', data: task, text: taskText(task, { asks }) };
}

function tasked(view: TaskView, events: readonly ListenEvent[], to: Answer, said: string): Answer {
  const task = toTask(view);
  const told = events.filter((event) => event.what !== 'task' || event.task.id !== view.id);
  return {
    ...to,
    head: `${said}\n${taskText(task, { inFull: false, asks: 'nobody' })}`,
    entries: told.map(eventEntry),
    data: { task },
  };
}

const invited = (calls: number): string =>
  calls === 0 ? 'Others find it with read (list: rooms).' : `${count(calls, 'agent')} invited.`;

function searched(found: number, words: readonly string[], unreadable: number): string {
  const missing = unreadable === 0 ? '' : ` ${count(unreadable, 'archive file')} could not be searched.`;
  if (words.length === 0) return `The query has no word that could be looked for.${missing}`;
  return `${count(found, 'hit')} for ${words.map((word) => quoteLine(word, 60)).join(', ')}.${missing}`;
}

function hitText({ thread, topic, seq, from, snippet }: LeanHit): string {
  const where = seq === undefined ? 'the topic' : `#${seq} by ${from ?? '?'}`;
  return `- thread ${thread} ${quoteLine(topic, 80)}, ${where}: ${quoteLine(snippet)}`;
}

function stepText({ change, by, said, fence }: LeanStep): string {
  const head = `- ${change}${by === undefined ? '' : ` by ${by}`} (fence ${fence})`;
  return said === undefined ? head : `${head}:\n${quoteBlock(said)}`;
}

function toolText({ agent, name, description, input, live, allowed }: LeanTool): string {
  const how = `${live ? 'runs at once' : 'its use becomes a task'}${allowed ? '' : '; you may not use it'}`;
  return `- ${quoteLine(name, 128)} of ${agent} (${how}): ${quoteLine(description)} Arguments: ${oneLine(JSON.stringify(input))}`;
}
