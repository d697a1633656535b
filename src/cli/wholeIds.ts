import { ParleyError } from '../contract/errors';
import type { OperationName } from '../contract/operations';
import type { Client } from '../client/client';

/** Characters of an id, a ULID. */
const idLength = 26;
/** Characters of an id that name it at least. Ids of the same minute begin alike, so also its end does. */
const shortestPart = 6;
/** Threads that are looked through, latest first: what `threads` gives at most. */
const mostThreads = 200;

type Field = 'thread' | 'call';

/** The field that names a thread or an incoming call, of the operations where a part of its id will do. */
const namedBy: Partial<Readonly<Record<OperationName, Field>>> = {
  answer: 'call',
  send: 'thread',
  read: 'thread',
  leave: 'thread',
};

/**
 * The input with the beginning or the end of an id made the whole id, when it is one in the inbox or among the threads.
 * What fits none stays: the broker says that there is no such thing.
 * @throws `bad_input` that names the ids it may be, when there are several
 */
export async function withWholeIds(client: Client, operation: OperationName, input: object): Promise<object> {
  const field = namedBy[operation];
  if (field === undefined) return input;
  const given = (input as Readonly<Record<string, unknown>>)[field];
  if (typeof given !== 'string' || given.length < shortestPart || given.length >= idLength) return input;
  const part = given.toUpperCase();
  const known = await (field === 'call' ? incomingCalls(client) : threads(client));
  const fitting = [...new Set(known)].filter((id) => id.startsWith(part) || id.endsWith(part));
  if (fitting.length > 1) throw new ParleyError('bad_input', { problem: `${given} may be ${fitting.join(' or ')}` });
  return fitting[0] === undefined ? input : { ...input, [field]: fitting[0] };
}

// `receive`, and nothing confirmed: the person or agent is not shown what is looked through here.

async function incomingCalls(client: Client): Promise<string[]> {
  const { output } = await client.receive('inbox', {});
  return output.calls.map(({ id }) => id);
}

async function threads(client: Client): Promise<string[]> {
  const [inbox, all] = await Promise.all([
    client.receive('inbox', {}),
    client.receive('threads', { state: 'all', limit: mostThreads }),
  ]);
  return [...inbox.output.threads, ...all.output.threads].map(({ id }) => id);
}
