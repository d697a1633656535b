import { utf8Length } from '../core/text';
import { policySaid, presenceSaid, reachSaid } from '../contract/agentSaid';
import { outcomeWords, passedWords, queuedWords } from '../contract/callReasons';
import { unseenReason } from '../contract/ringReasons';
import { inEnglish } from '../contract/wording';
import { quoteBlock, quoteLine, ringLine } from './quote';
import type { LeanAgent, LeanCall, LeanEvent, LeanMessage, LeanNearby, LeanThread } from './results';
import { taskText } from './taskResults';

/** Text of one answer at most, in bytes of UTF-8. One entry is shown whole even when it alone is longer. */
export const textLimit = 24 * 1024;

/** What of it the broker may fill with agents' words; the rest is for what we say around them. */
export const wordsBudget = 20 * 1024;

/** One thing in an answer: for the model and for programs. */
export interface Entry {
  /** The list of `structuredContent` that it stands in. */
  readonly field: string;
  readonly data: object;
  readonly text: string;
}

/** What a tool has to say, before it is fitted into the limit. */
export interface Answer {
  /** What happened, in our words. */
  readonly head: string;
  readonly entries: readonly Entry[];
  /** Which entries stay when not all fit. */
  readonly keep: 'first' | 'last';
  /** The rest of `structuredContent`. */
  readonly data: object;
  /** Entries that the broker kept back and counted. */
  readonly more: number;
  readonly waits: string | undefined;
  /** How to get at what did not fit. */
  readonly goOn: string;
}

export interface Fitted {
  readonly text: string;
  readonly structured: Record<string, unknown>;
  /** Entries shown, and entries that did not fit. */
  readonly shown: number;
  readonly left: number;
}

/** Puts the answer together, with as many entries as fit, the rest counted, and what waits in the last line. */
export function fit(answer: Answer, limit = textLimit): Fitted {
  const { entries, keep, waits } = answer;
  const order = keep === 'first' ? entries : [...entries].reverse();
  let text = utf8Length(answer.head) + 200; // room for the count and what waits
  let data = utf8Length(JSON.stringify(answer.data)) + 200;
  const taken: Entry[] = [];
  for (const entry of order) {
    text += utf8Length(entry.text) + 1;
    data += utf8Length(JSON.stringify(entry.data)) + 1;
    if (taken.length > 0 && (text > limit || data > limit)) break;
    taken.push(entry);
  }
  if (keep === 'last') taken.reverse();
  const left = entries.length - taken.length;
  const more = answer.more + left;

  const lists: Record<string, object[]> = {};
  for (const { field } of entries) lists[field] ??= [];
  for (const entry of taken) lists[entry.field]?.push(entry.data);
  const structured = { ...answer.data, ...lists, ...(more > 0 && { more }), ...(waits !== undefined && { waits }) };

  const lines = [answer.head, ...taken.map((entry) => entry.text)];
  if (more > 0) lines.push(`${more} more. ${answer.goOn}`);
  if (waits !== undefined) lines.push(`Waiting for you: ${waits}.`);
  return { text: lines.filter((line) => line !== '').join('\n'), structured, shown: taken.length, left };
}

function speaker(name: string, platform: string | undefined, kind: LeanMessage['kind']): string {
  if (kind === 'human') return `${name}, the person`;
  const what = platform === undefined ? name : `${name} (${platform})`;
  return kind === 'agent' ? `${what}, not from your user` : `${what} on another machine, not from your user`;
}

/**
 * `place`: which thread it stands in, where that is not said already. `receipts`: in words; those of the message itself are
 * for programs.
 */
export function messageText(message: LeanMessage, place = '', receipts: readonly string[] = []): string {
  const { from, seq, type } = message;
  if (type === 'join' || type === 'leave') {
    const did = `#${seq} ${from} ${type === 'join' ? 'joined' : 'left'}${place && ` ${place}`}.`;
    return message.text.trim() === '' ? did : `${did} Said:\n${quoteBlock(message.text)}`;
  }
  if (type === 'system') return `#${seq} Note by Parley${place && ` ${place}`}:\n${quoteBlock(message.text)}`;
  const lines = [
    `#${seq} Message from ${speaker(from, message.platform, message.kind)}${place && `, ${place}`}:`,
    quoteBlock(message.text),
  ];
  if (message.refs !== undefined) lines.push(`Points to: ${message.refs.map((ref) => quoteLine(ref)).join(', ')}`);
  if (message.cut !== undefined) {
    const rest = `after ${seq - 1}, limit 1, skip ${message.skip ?? 0}`;
    lines.push(`Cut here, ${message.cut} characters follow: read this thread with ${rest}.`);
  }
  if (receipts.length > 0) lines.push(`(${receipts.join('; ')})`);
  return lines.join('\n');
}

export function callText(call: LeanCall): string {
  const urgency = call.urgency === 'now' ? ' (urgent)' : '';
  const who = `${speaker(call.from, call.platform, 'agent')}${urgency}`;
  const lines = [
    `${call.into === undefined ? 'Call' : 'Invitation'} ${call.id} from ${who}, about ${quoteLine(call.topic)}.`,
  ];
  if (call.transfer === true)
    lines.push(`It hands the thread ${call.into ?? ''} over to you: who accepts goes on in it.`);
  else if (call.into !== undefined) lines.push(`Who accepts joins the thread ${call.into}.`);
  if (call.message !== undefined) lines.push('First message:', quoteBlock(call.message));
  if (call.refs !== undefined) lines.push(`Points to: ${call.refs.map((ref) => quoteLine(ref)).join(', ')}`);
  return lines.join('\n');
}

/** What became of a call that one placed. */
export function outcomeText(call: LeanCall, only?: string): string {
  return call.to
    .filter(({ name }) => only === undefined || name === only)
    .map(({ name, state, reason }) => {
      if (state === 'queued') return `${name} ${queuedWords(reason) ?? outcomeWords.queued}.`;
      const passed = state === 'passed' ? passedWords(reason) : undefined;
      if (passed !== undefined) return `${name} ${passed}, and the next one is tried.`;
      // The others may still have the reason why they did not ring at first.
      const why = state !== 'declined' || reason === undefined ? '' : `: ${quoteLine(reason)}`;
      return `${name} ${outcomeWords[state] ?? state}${why}.`;
    })
    .join(' ');
}

export function eventText(event: LeanEvent): string {
  const { call, message, topic = '', thread = '' } = event;
  switch (event.what) {
    case 'call':
      return call ? `${callText(call)}\nAnswer with answer (call ${call.id}): accept, decline or later.` : '';
    case 'outcome': {
      if (!call) return '';
      const opened = call.thread === undefined ? '' : ` Thread ${call.thread}.`;
      // What became of a whole hunt is no state of one of those who were tried.
      if (event.outcome === 'nobody')
        return `Call ${call.id} about ${quoteLine(call.topic)}: nobody answered. ${outcomeText(call)}`;
      return `Call ${call.id} about ${quoteLine(call.topic)}: ${outcomeText(call, event.agent)}${opened}`;
    }
    case 'message':
      return [
        message ? messageText(message, `in ${quoteLine(topic)} (thread ${thread})`) : '',
        ...(event.yourTurn === true ? ['It is your turn to speak in that thread.'] : []),
      ].join('\n');
    case 'unseen':
      return `Not seen yet by ${event.agent ?? '?'}: ${event.subject ?? '?'} (${ringLine(unseenReason(event.reason ?? 'unknown', inEnglish))}).`;
    case 'task':
      return event.task ? taskText(event.task, { change: event.change }) : '';
    case 'gap':
      return 'What happened longer ago is not kept any more. Use listen with inbox for what still waits.';
    case 'removed':
      return `You were taken out of the thread ${quoteLine(topic)} (${thread})${event.by === undefined ? '' : ` by ${event.by}`}.`;
    case 'limited':
      return `Agents wait for you to grant more turns in the thread ${quoteLine(topic)} (${thread}).`;
    case 'paused':
    case 'resumed':
    case 'closed': {
      const by = event.by === undefined ? '' : ` by ${event.by}`;
      return `The thread ${quoteLine(topic)} (${thread}) was ${event.what}${by}.`;
    }
  }
}

export function threadText(thread: LeanThread): string {
  const unread = thread.unread > 0 ? `, ${thread.unread} unread` : '';
  const who = thread.participants.join(', ');
  return `- ${quoteLine(thread.topic)}: thread ${thread.id}, ${thread.mode}, ${thread.state}, ${thread.messages} messages${unread}, with ${who}`;
}

export function nearbyText({ client, version, folder, status }: LeanNearby): string {
  const parts = [`- nearby, not signed on, cannot be called: ${client}${version === undefined ? '' : ` ${version}`}`];
  if (status !== undefined) parts.push(status);
  if (folder !== undefined) parts.push(`in ${quoteLine(folder)}`);
  return parts.join('; ');
}

export function agentText(agent: LeanAgent): string {
  const platform = agent.platform === undefined ? '' : ` (${agent.platform})`;
  const who = agent.kind === 'human' ? `${agent.name}, the person` : `${agent.name}${platform}`;
  // That nothing reaches it says that it is away.
  const isGone = agent.presence === 'offline' && agent.reach === reachSaid('offline');
  const parts = [`- ${who}: ${isGone ? '' : `${presenceSaid(agent.presence)}, `}${agent.reach}`];
  if (agent.inCallWith !== undefined) parts.push(`talks with ${agent.inCallWith.join(', ')}`);
  if (agent.policy !== undefined) parts.push(policySaid(agent.policy));
  if (agent.capabilities !== undefined) parts.push(`good at ${agent.capabilities.map((c) => quoteLine(c)).join(', ')}`);
  if (agent.description !== undefined) parts.push(`says of itself ${quoteLine(agent.description)}`);
  if (agent.workspace !== undefined) parts.push(`in ${quoteLine(agent.workspace)}`);
  if (agent.files !== undefined) parts.push(`works on ${agent.files.map((file) => quoteLine(file)).join(', ')}`);
  return parts.join('; ');
}
