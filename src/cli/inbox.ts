import type { Output } from '../contract/operations';
import type { MessageView, ThreadView } from '../contract/views';
import type { Client } from '../client/client';
import * as pieces from './pieces';
import { plain, type Terminal } from './terminal';

/** Unread threads whose authors are looked up. */
const mostLookedUp = 20;
/** Messages of one thread, the latest, that are looked through for them. */
const mostMessages = 50;

/** The inbox for a person: what rings or was missed, and each unread thread with who wrote and how to read it. */
export async function inboxText(terminal: Terminal, client: Client, output: Output<'inbox'>): Promise<string> {
  const { calls, threads } = output;
  if (calls.length + threads.length === 0) return 'Nothing waits.';
  const authors = await unreadAuthors(client, threads.slice(0, mostLookedUp));
  return pieces.lines(
    ...calls.map((one) => pieces.incomingCall(terminal, one)),
    ...threads.map((one) => {
      const wrote = authors.get(one.id) ?? [];
      const from = wrote.length === 0 ? '' : `from ${wrote.map(plain).join(', ')} · `;
      return pieces.lines(pieces.threadLine(terminal, one), pieces.hint(terminal, `${from}parley read ${one.id}`));
    }),
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
