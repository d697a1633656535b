import * as z from 'zod';
import { fingerprint } from '../core/text';
import { refView } from './refViews';
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
 * Both sides parse what arrives with the schemas here and in panelUpdates.ts, and drop what does not fit. What the host says
 * stands in that file of its own: the page alone parses it, and the extension is held for as long as a schema takes to be made.
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

export const threadId = z.string().min(1).max(64);

/** Ties an answer to its question: new for each. */
export const question = z.string().min(1).max(64);

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

/** The print of a selection, for `selection`: the same however the clipboard ends its lines. */
export function selectionPrint(text: string): string {
  return fingerprint(text.replace(/\r\n?/g, '\n'));
}

export type PanelDraft = z.infer<typeof panelDraft>;
export type PanelRequest = z.infer<typeof panelRequest>;

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
