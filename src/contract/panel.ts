import * as z from 'zod';
import { fingerprint } from '../core/text';
import { messageView, refView, threadView } from './views';
import type { Bundle } from './wording';

/**
 * What the thread view's page and its host say to each other, over `postMessage`. The page holds no state of its own
 * besides drafts: it shows a snapshot and the updates after it, and asks for a new snapshot whenever it starts anew.
 *
 * 1. The page starts and posts `ready`, with the thread that it showed before, if any.
 * 2. The host answers `snapshot` (or `broker` while there is nothing to show), then `messages`, `thread` and `broker` as
 *    things change. A page that is hidden misses updates: it posts `ready` again when it is back.
 * 3. To show another thread the host posts another `snapshot`, unasked.
 *
 * Both sides parse what arrives with the schemas here and drop what does not fit.
 */

/** Messages in one snapshot and in one step backwards, at most. */
export const panelPageSize = 200;

/** Refs that the page takes with one message; the broker's own limit may be lower. */
export const panelRefs = 50;

/** Agents or places in one answer to `find`. */
export const panelFinds = 30;

/** Folders of a window that a page is told of. */
export const panelFolders = 50;

/** Lines in one answer to `peek`. */
export const panelPeekLines = 40;

const threadId = z.string().min(1).max(64);

/** Ties an answer to its question: new for each. */
const question = z.string().min(1).max(64);

/** What the person has written and not sent. */
export const panelDraft = z.object({
  text: z.string().max(1_000_000),
  refs: z.array(refView).max(panelRefs),
  /** The message that it replies to. */
  replyTo: z.string().max(64).optional(),
  /** When it was written, ms since the epoch by the page's clock: of two, the later counts. */
  at: z.number(),
});

/** From the page to its host. */
export const panelRequest = z.discriminatedUnion('type', [
  /** The page stands, or has missed something: answer with a snapshot. `thread`: what it showed before a reload. */
  z.object({ type: z.literal('ready'), thread: threadId.optional() }),
  /** Say something as the person. MUST be answered by `sent` with the same key, sent after the message's own update. */
  z.object({
    type: z.literal('send'),
    thread: threadId,
    key: z.string().min(1).max(128).describe('idempotency key: the page repeats it after a broker that was gone'),
    text: z.string().min(1),
    refs: z.array(refView).max(panelRefs).optional(),
    replyTo: z.string().max(64).optional(),
  }),
  /** Keep this draft, an empty one too: it is in the next snapshot of the thread, in whichever view. */
  z.object({ type: z.literal('draft'), thread: threadId, draft: panelDraft }),
  /** Everything up to `seq` was visible in the focused view for a second each. */
  z.object({ type: z.literal('seen'), thread: threadId, seq: z.number().int().min(1) }),
  /** The messages before `before`. Answered by `older`. */
  z.object({ type: z.literal('loadOlder'), thread: threadId, before: z.number().int().min(1) }),
  /** Open the place that a message points to. The host says "changed since" when other content stands there. */
  z.object({ type: z.literal('openRef'), ref: refView }),
  /** What stands at a place now. Answered by `peeked`. */
  z.object({ type: z.literal('peek'), id: question, ref: refView }),
  /** Agents of that name, or files and symbols. Answered by `found`, unless another `find` follows before. */
  z.object({ type: z.literal('find'), id: question, kind: z.enum(['agent', 'place']), query: z.string().max(200) }),
  /** Files were dropped on the page: by their addresses, or, from outside the editor, by name and size alone. `taken`. */
  z.object({
    type: z.literal('take'),
    id: question,
    uris: z.array(z.string().max(4096)).max(panelRefs),
    files: z.array(z.object({ name: z.string().max(255), size: z.number().int().min(0) })).max(panelRefs),
  }),
  /** Put code into the text editor that was used last, where its cursor is. */
  z.object({ type: z.literal('insert'), text: z.string().max(1_000_000) }),
  /** Open a web page that an agent named. The host MUST ask the person first, showing the whole address. */
  z.object({ type: z.literal('openLink'), url: z.url({ protocol: /^https$/ }).max(2048) }),
  z.object({ type: z.literal('copy'), text: z.string().max(1_000_000) }),
  /** The person leaves the thread. */
  z.object({ type: z.literal('leave'), thread: threadId }),
  /** End it for everyone. The host asks first. */
  z.object({ type: z.literal('close'), thread: threadId }),
  /** Only the person may write until it goes on. */
  z.object({ type: z.literal('pause'), thread: threadId }),
  z.object({ type: z.literal('resume'), thread: threadId }),
  /** Agents at the turn limit may go on. */
  z.object({ type: z.literal('grant'), thread: threadId }),
  /** The host asks whom. */
  z.object({ type: z.literal('invite'), thread: threadId }),
  /** Invite somebody and leave, in one step. The host asks whom. */
  z.object({ type: z.literal('transfer'), thread: threadId }),
  /** The person writes just now; told at most once in three seconds. */
  z.object({ type: z.literal('typing'), thread: threadId }),
  z.object({ type: z.literal('startBroker') }),
]);

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

/** The print of a selection, for `selection`: the same however the clipboard ends its lines. */
export function selectionPrint(text: string): string {
  return fingerprint(text.replace(/\r\n?/g, '\n'));
}

export type PanelDraft = z.infer<typeof panelDraft>;
export type PanelPeek = z.infer<typeof panelPeek>;
export type PanelPlace = z.infer<typeof panelPlace>;
export type PanelRequest = z.infer<typeof panelRequest>;
export type PanelUpdate = z.infer<typeof panelUpdate>;
export type PanelSnapshot = z.infer<typeof panelSnapshot>;
export type BrokerState = z.infer<typeof brokerState>;

export interface PanelDocument {
  /** Addresses of `dist/ui.js` and `dist/ui.css` as the webview sees them. */
  readonly script: string;
  readonly style: string;
  /** `webview.cspSource`: where styles may come from. */
  readonly cspSource: string;
  /** New for every document: 16 bytes of randomness or more, letters and digits. */
  readonly nonce: string;
  /** The display language, e.g. `en`. */
  readonly language: string;
  /** What the page says in that language, by what it says in English; without it, English. */
  readonly bundle?: Bundle | undefined;
}

/**
 * The whole document of the page. The words of its language are data in it. No code is inline, nothing is evaluated, nothing is fetched: the one script runs by its
 * nonce, the one stylesheet comes from the extension's folder.
 */
export function panelHtml({ script, style, cspSource, nonce, language, bundle = {} }: PanelDocument): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="${attribute(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${attribute(style)}">
<title>Parley</title>
</head>
<body>
<div id="root" data-words="${attribute(JSON.stringify(bundle))}"></div>
<script nonce="${attribute(nonce)}" src="${attribute(script)}"></script>
</body>
</html>
`;
}

function attribute(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
