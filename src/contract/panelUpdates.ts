import * as z from 'zod';
import {
  panelDraft,
  panelFinds,
  panelFolders,
  panelPageSize,
  panelPeekLines,
  panelRefs,
  question,
  threadId,
} from './panel';
import { messageView, refView, threadView } from './views';

/** What the host says to the thread view's page: see panel.ts. The extension MUST import types alone from here. */

/** Whether the host reaches the broker. `gone`: `reason` says so to the person, and why; empty: the page says it. */
export const brokerState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('connected') }),
  z.object({ state: z.literal('gone'), reason: z.string().max(500) }),
]);

/** What stands where a ref points to, now. */
export const panelPeek = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('shown'),
    /** The number of the first line, from 0. */
    first: z.number().int().min(0),
    lines: z.array(z.string().max(2000)).max(panelPeekLines),
    /** Further lines that the ref spans. */
    more: z.number().int().min(0),
    /** VS Code's name of the language, or the end of the file's name. */
    language: z.string().max(64),
    /** `unknown`: the ref does not say what stood there. */
    changed: z.enum(['yes', 'no', 'unknown']),
  }),
  /** There is no such file. */
  z.object({ state: z.literal('missing') }),
  /** The file ends before that place. */
  z.object({ state: z.literal('short'), lines: z.number().int().min(0) }),
  /** It lies in no folder of this window or of who is in the thread: nothing was read. */
  z.object({ state: z.literal('outside') }),
  /** Not text, too large, or not to be read. */
  z.object({ state: z.literal('unreadable') }),
]);

/** A file or symbol that can be pointed to. */
export const panelPlace = z.object({
  label: z.string().max(200),
  detail: z.string().max(400),
  kind: z.enum(['file', 'symbol']),
  ref: refView,
});

/** What the page shows. */
export const panelSnapshot = z.discriminatedUnion('state', [
  /** No thread was chosen yet. */
  z.object({ state: z.literal('none') }),
  /** The thread is unknown, erased, or not to be seen. */
  z.object({ state: z.literal('missing'), thread: threadId }),
  z.object({
    state: z.literal('thread'),
    /** The person: messages from this agent are "You". */
    you: z.object({ id: z.string(), name: z.string() }),
    thread: threadView,
    /** The latest, in order of `seq` without a gap. */
    messages: z.array(messageView).max(panelPageSize),
    /** Messages before these. */
    older: z.number().int().min(0),
    /** What the person has written here and not sent, in whichever view. */
    draft: panelDraft.optional(),
    /** Paths of the window's folders: places in them are named from there. */
    folders: z.array(z.string().max(4096)).max(panelFolders).optional(),
  }),
]);

/** From the host to the page. */
export const panelUpdate = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    snapshot: panelSnapshot,
    broker: brokerState,
    /** The time where the broker runs, ms since the epoch: running clocks count from it, not from the page's. */
    now: z.number(),
  }),
  /** New messages, or messages whose receipts changed, each whole. After a gap in `seq` the page asks for a snapshot. */
  z.object({ type: z.literal('messages'), thread: threadId, messages: z.array(messageView) }),
  /** Answer to `loadOlder`: in order of `seq`, ending right before `before`; `older` more remain. */
  z.object({
    type: z.literal('older'),
    thread: threadId,
    before: z.number().int().min(1),
    messages: z.array(messageView).max(panelPageSize),
    older: z.number().int().min(0),
  }),
  /** The thread's head changed: participants, state, call, unread. */
  z.object({ type: z.literal('thread'), thread: threadView }),
  z.object({ type: z.literal('broker'), broker: brokerState }),
  /** Someone is typing now. Holds for six seconds or until their next message. */
  z.object({ type: z.literal('typing'), thread: threadId, agent: z.string().max(64), name: z.string().max(64) }),
  /** What became of a `send`: its `seq`, or why it was refused, in words for the person. */
  z.object({
    type: z.literal('sent'),
    thread: threadId,
    key: z.string().max(128),
    seq: z.number().int().min(1).optional(),
    error: z.string().max(1000).optional(),
  }),
  z.object({ type: z.literal('peeked'), id: question, peek: panelPeek }),
  z.object({
    type: z.literal('found'),
    id: question,
    agents: z.array(z.object({ name: z.string().max(64), detail: z.string().max(200) })).max(panelFinds),
    places: z.array(panelPlace).max(panelFinds),
  }),
  /** `refused`: what was dropped and cannot be pointed to, by its name. */
  z.object({
    type: z.literal('taken'),
    id: question,
    refs: z.array(refView).max(panelRefs),
    refused: z.array(z.string().max(255)).max(2 * panelRefs),
  }),
  /** What is selected in the editor, or was last: a text of this print that is pasted becomes a ref. */
  z.object({ type: z.literal('selection'), print: z.string().max(64), ref: refView }),
]);

export type PanelPeek = z.infer<typeof panelPeek>;
export type PanelPlace = z.infer<typeof panelPlace>;
export type PanelUpdate = z.infer<typeof panelUpdate>;
export type PanelSnapshot = z.infer<typeof panelSnapshot>;
export type BrokerState = z.infer<typeof brokerState>;
