import type { Output } from '../contract/operations';
import type { MessageView, ThreadView } from '../contract/views';
import type { Client } from '../client/client';
import { incomingCall } from './callPieces';
import { hint, lines } from './pieces';
import { offeredTask } from './taskPieces';
import { plain, shortId, styled, type Terminal } from './terminal';
import { threadLine } from './threadPieces';

/** Unread threads whose authors are looked up. */
const mostLookedUp = 20;
/** Messages of one thread, the latest, that are looked through for them. */
const mostMessages = 50;

/** The inbox for a person: what rings or was missed, and each unread thread with who wrote and how to read it. */
export async function inboxText(terminal: Terminal, client: Client, output: Output<'inbox'>): Promise<string> {
  const { calls, threads, grants = [], tasks = [], more = 0 } = output;
  if (calls.length + threads.length + grants.length + tasks.length === 0) return 'Nothing waits.';
  const authors = await unreadAuthors(client, threads.slice(0, mostLookedUp));
  return lines(
    ...calls.map((one) => incomingCall(terminal, one)),
    ...tasks.map((one) => offeredTask(terminal, one)),
    ...threads.map((one) => {
      const wrote = authors.get(one.id) ?? [];
      const from = wrote.length === 0 ? '' : `from ${wrote.map(plain).join(', ')} · `;
      return lines(threadLine(terminal, one), hint(terminal, `${from}parley read ${shortId(one.id)}`));
    }),
    ...grants.map((one) =>
      lines(
        styled(terminal, 'yellow', `agents wait for more turns in "${plain(one.topic)}"`),
        hint(terminal, `parley grant ${shortId(one.id)}`),
      ),
    ),
    more === 0 ? '' : hint(terminal, `${more} more: parley inbox --skip ${calls.length + threads.length}`),
  );
}

/** By thread, the names of those whose messages were not shown yet. Nothing is confirmed, so nothing counts as seen by it. */
async function unreadAuthors(
  client: Client,
  threads: readonly ThreadView[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (threads.length === 0) return new Map();
  const { output } = await client.receive('profile', {});
  const you = output.agent.id;
  return new Map(
    await Promise.all(
      threads.map(async ({ id }) => {
        const page = await client.receive('read', { thread: id, limit: mostMessages });
        const unread = page.output.messages.filter((message) => isUnread(message, you));
        return [id, [...new Set(unread.map(({ fromName }) => fromName))]] as const;
      }),
    ),
  );
}

function isUnread({ receipts }: MessageView, you: string): boolean {
  return receipts.some(({ agent, state }) => agent === you && (state === 'stored' || state === 'rung'));
}
