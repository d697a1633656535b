import { ParleyError, toParleyError } from '../contract/errors';
import type { Output } from '../contract/operations';
import type { Change } from '../contract/wire';
import { compose } from './answers';
import type { McpAsk, McpHost } from './host';
import { quoteLine } from './quote';
import { fit } from './text';

/** Longest URI that is looked at. */
const longestUri = 256;
/** Threads that are listed by themselves; every other one can be read by the template. */
const listedThreads = 20;
/** Messages of a thread that one read returns: the latest. */
const readMessages = 50;

const mimeType = 'text/plain';

export type ResourceName =
  { readonly what: 'roster' } | { readonly what: 'inbox' } | { readonly what: 'thread'; readonly thread: string };

export const threadTemplate = 'parley://threads/{id}';

/** @returns undefined for everything that is not exactly one of Parley's resources */
export function parseUri(uri: string): ResourceName | undefined {
  if (uri === 'parley://roster') return { what: 'roster' };
  if (uri === 'parley://inbox') return { what: 'inbox' };
  if (uri.length > longestUri) return undefined;
  // An id is made of letters and digits: nothing in it can name another place.
  const thread = /^parley:\/\/threads\/([0-9A-Za-z]{1,64})$/.exec(uri)?.[1];
  return thread === undefined ? undefined : { what: 'thread', thread };
}

export const threadUri = (thread: string): string => `parley://threads/${thread}`;

/** What a change means for those who show resources. */
export interface Shown {
  /** Whether the readers of this resource are to be told. */
  readonly concerns: (uri: string) => boolean;
  /** The list of the resources is another. */
  readonly list: boolean;
}

export function shownBy(change: Change): Shown {
  switch (change.what) {
    case 'all':
      return { concerns: () => true, list: true };
    case 'threads':
      return { concerns: () => false, list: true };
    case 'roster':
    case 'inbox':
      return { concerns: (uri) => uri === `parley://${change.what}`, list: false };
    case 'thread':
      return { concerns: (uri) => uri === threadUri(change.thread), list: false };
  }
}

export interface ListedResource {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
}

const standing: readonly ListedResource[] = [
  {
    uri: 'parley://roster',
    name: 'roster',
    title: 'Roster',
    description: 'The agents on this machine: who is there, what they are good at, how they can be reached.',
    mimeType,
  },
  {
    uri: 'parley://inbox',
    name: 'inbox',
    title: 'Inbox',
    description: 'What waits for you: calls that ring, calls you missed, unread threads.',
    mimeType,
  },
];

export const resourceTemplates = [
  {
    uriTemplate: threadTemplate,
    name: 'thread',
    title: 'Thread',
    description: 'The latest messages of one of your threads, with receipts.',
    mimeType,
  },
];

/** The roster, the inbox, and the threads that were spoken in last. @throws ParleyError */
export async function listResources(host: McpHost, options: McpAsk): Promise<ListedResource[]> {
  if (host.isKnown?.() === false) return [...standing];
  const { output } = await host.ask('threads', { state: 'open', limit: listedThreads }, options);
  const { threads } = output as Output<'threads'>;
  return [
    ...standing,
    ...threads.map(({ id, topic, messages }) => ({
      uri: threadUri(id),
      name: `thread-${id}`,
      title: `Thread ${quoteLine(topic, 80)}`,
      description: `A thread of yours with ${messages} messages.`,
      mimeType,
    })),
  ];
}

/**
 * What stands there now, quoted as the tools quote it. Reading a resource moves nothing and counts as seen by nobody:
 * clients read them to show them, too.
 * @throws ParleyError; `unknown_resource` for what is no resource, or none that the agent may read
 */
export async function readResource(
  host: McpHost,
  uri: string,
  options: McpAsk,
): Promise<{ uri: string; mimeType: string; text: string }> {
  const named = parseUri(uri);
  if (!named) throw unknownResource(uri);
  return { uri, mimeType, text: await textOf(host, named, uri, options) };
}

async function textOf(host: McpHost, named: ResourceName, uri: string, options: McpAsk): Promise<string> {
  switch (named.what) {
    case 'roster': {
      const { output } = await host.ask('who', {}, options);
      return fit(compose('who', output as Output<'who'>, {})).text;
    }
    case 'inbox': {
      const { output } = await host.ask('inbox', {}, options);
      return fit(compose('inbox', output as Output<'inbox'>, {})).text;
    }
    case 'thread': {
      try {
        const { output } = await host.ask('read', { thread: named.thread, limit: readMessages }, options);
        return fit(compose('read', output as Output<'read'>, {})).text;
      } catch (error) {
        const { code } = toParleyError(error);
        if (code === 'unknown_thread' || code === 'not_participant') throw unknownResource(uri);
        throw error;
      }
    }
  }
}

/** The same error for what is not there and for what is not one's own. */
export function unknownResource(uri: string): ParleyError {
  return new ParleyError('unknown_resource', { uri: uri.slice(0, longestUri) });
}
