import * as z from 'zod';
import type { RingAnswer } from '../contract/wire';

/**
 * What goes over the inbox socket of a Claude Code session: one JSON object a line. Undocumented; read from and tried on
 * 2.1.329. There is no acknowledgement on the wire, only word of what was not let through, on a connection of its own.
 */

/** Longest line that the inbox takes, in characters. */
export const longestLine = 1_048_576;

export interface InboxMessage {
  readonly id: string;
  /** Where word of what was held, dropped or refused goes: an absolute path that ends in `.sock`. */
  readonly from: string;
  readonly text: string;
}

/** `next`: after the tool that runs now, or at once when idle. The other values interrupt, or wait for the turn's end. */
const priority = 'next';

export function frames(token: string, { id, from, text }: InboxMessage): string {
  const auth = { type: 'auth', token };
  const message = { role: 'user', content: text };
  const user = { msgV: 1, msg_id: id, type: 'user', priority, from: `uds:${from}`, message };
  return `${JSON.stringify(auth)}\n${JSON.stringify(user)}\n`;
}

const statusLine = z.object({
  type: z.literal('control'),
  action: z.literal('peer_message_status'),
  status: z.string().max(64),
  status_detail: z.string().max(64).optional(),
  orig_msg_id: z.string().max(128).optional(),
  drop_reason: z.string().max(64).optional(),
  dropped_msg_ids: z.array(z.string().max(128)).max(1000).optional(),
});

export interface InboxStatus {
  /** The messages that it is about. */
  readonly ids: readonly string[];
  readonly answer: RingAnswer;
}

/** What a line that came back says; undefined for everything that is not a status. */
export function readStatus(line: string): InboxStatus | undefined {
  let given: unknown;
  try {
    given = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = statusLine.safeParse(given);
  if (!parsed.success) return undefined;
  const { status, status_detail: detail, orig_msg_id: id, drop_reason: reason, dropped_msg_ids: dropped } = parsed.data;
  const ids = [...new Set([...(id === undefined ? [] : [id]), ...(dropped ?? [])])];
  const answer = answerOf(detail === 'refused' ? 'refused' : status, reason);
  return answer && { ids, answer };
}

function answerOf(status: string, reason: string | undefined): RingAnswer | undefined {
  switch (status) {
    case 'held':
      return { result: 'held', detail: 'its user must let the message in' };
    case 'delivered':
      return { result: 'written', detail: 'its user let the message in' };
    case 'denied':
      return { result: 'refused', detail: 'its user declined the message' };
    case 'refused':
      return { result: 'refused', detail: 'it takes no messages from other sessions' };
    case 'expired':
      return { result: 'failed', detail: 'held until it expired' };
    case 'dropped':
      return { result: 'failed', detail: `dropped: ${reason ?? 'no reason given'}` };
    default:
      return undefined;
  }
}
