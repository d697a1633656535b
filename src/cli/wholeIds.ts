import { ParleyError } from '../contract/errors';
import type { Input, OperationName } from '../contract/operations';
import type { Client } from '../client/client';
import { idLength } from './terminal';

/** Characters of an id that name it at least. Ids of the same minute begin alike, so also its end does. */
const shortestPart = 6;
/** Threads of one look into the list, latest first: what `threads` gives at most. */
const threadsAtOnce = 200;
/** How often that list is asked for more before an id counts as unknown. */
const mostLooks = 10;
/** Tasks and calls that are looked through: what the lists give at most. */
const mostListed = 200;

type Subject = 'thread' | 'call' | 'task';

/** The field that names a thread, an incoming call or a task, of the operations where a part of its id will do. */
const namedBy: Partial<Readonly<Record<OperationName, Partial<Record<Subject, string>>>>> = {
  answer: { call: 'call', task: 'call' },
  cancel: { task: 'call' },
  send: { thread: 'thread' },
  read: { thread: 'thread' },
  leave: { thread: 'thread' },
  invite: { thread: 'thread' },
  transfer: { thread: 'thread' },
  join: { thread: 'thread' },
  rename: { thread: 'thread' },
  pause: { thread: 'thread' },
  resume: { thread: 'thread' },
  grant: { thread: 'thread' },
  search: { thread: 'thread' },
  erase: { thread: 'thread' },
  delegate: { thread: 'thread' },
  report: { task: 'task' },
  task: { task: 'task' },
};

/** Fields that hold names of agents; people write them with an `@` too. */
const nameFields: ReadonlySet<string> = new Set(['to', 'agent', 'agents', 'for', 'invite', 'owner']);

/** The input with names as the contract has them: without the `@` before them. */
export function withPlainNames(input: object): object {
  const bare = (value: unknown): unknown => (typeof value === 'string' ? value.replace(/^@/, '') : value);
  return Object.fromEntries(
    Object.entries(input).map(([field, value]: [string, unknown]) => {
      if (!nameFields.has(field)) return [field, value];
      return [field, Array.isArray(value) ? value.map(bare) : bare(value)];
    }),
  );
}

/**
 * The input with the beginning or the end of an id made the whole id, when it is one in the inbox, among the threads or
 * among the tasks; and with a message that is replied to by its number in the thread made its id. What fits none stays: the
 * broker says that there is no such thing.
 * @throws `bad_input` that names the ids it may be, when there are several
 */
export async function withWholeIds(client: Client, operation: OperationName, input: object): Promise<object> {
  const whole: Record<string, unknown> = { ...input };
  for (const [subject, field] of Object.entries(namedBy[operation] ?? {}) as [Subject, string][]) {
    const given = whole[field];
    if (typeof given !== 'string' || given.length < shortestPart || given.length >= idLength) continue;
    const fitting = await lookedUp(client, subject, operation, given.toUpperCase());
    if (fitting.length > 1) throw new ParleyError('bad_input', { problem: `${given} may be ${fitting.join(' or ')}` });
    if (fitting[0] !== undefined) whole[field] = fitting[0];
  }
  const { replyTo } = whole;
  if (operation === 'send' && typeof replyTo === 'string' && /^#?\d{1,9}$/.test(replyTo)) {
    whole['replyTo'] = await messageAt(client, whole['thread'], Number(replyTo.replace('#', '')));
  }
  return whole;
}

// `receive`, and nothing confirmed: the person or agent is not shown what is looked through here.

async function lookedUp(client: Client, subject: Subject, operation: OperationName, part: string): Promise<string[]> {
  const fits = (ids: readonly string[]): string[] =>
    [...new Set(ids)].filter((id) => id.startsWith(part) || id.endsWith(part));
  switch (subject) {
    case 'call':
      return fits((await client.receive('inbox', { limit: mostListed })).output.calls.map(({ id }) => id));
    case 'task': {
      const tasks = async (state: 'open' | 'over'): Promise<string[]> =>
        (await client.receive('tasks', { state, limit: mostListed })).output.tasks.map(({ id }) => id);
      const open = fits(await tasks('open'));
      return open.length > 0 ? open : fits(await tasks('over'));
    }
    case 'thread': {
      const list: Input<'threads'> = operation === 'join' ? { rooms: true } : { state: 'all' };
      return fittingThread(client, list, fits);
    }
  }
}

/** Looks into the list page by page, until one has it. */
async function fittingThread(
  client: Client,
  list: Input<'threads'>,
  fits: (ids: readonly string[]) => string[],
): Promise<string[]> {
  let before: number | undefined;
  for (let looks = 0; looks < mostLooks; looks++) {
    const asked = { ...list, limit: threadsAtOnce, ...(before === undefined ? {} : { before }) };
    const { threads } = (await client.receive('threads', asked)).output;
    const fitting = fits(threads.map(({ id }) => id));
    if (fitting.length > 0 || threads.length < threadsAtOnce) return fitting;
    before = threads.at(-1)?.lastAt;
  }
  return [];
}

/** @throws `bad_input` when the thread has no such message */
async function messageAt(client: Client, thread: unknown, seq: number): Promise<string> {
  const where = typeof thread === 'string' ? { thread } : {};
  const { output } = await client.receive('read', { ...where, after: Math.max(seq - 1, 0), limit: 1 });
  const found = output.messages.find((message) => message.seq === seq);
  if (!found) throw new ParleyError('bad_input', { problem: `the thread has no message #${seq}` });
  return found.id;
}
