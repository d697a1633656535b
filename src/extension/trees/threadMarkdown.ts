import type { MessageView, ReceiptView, ThreadView } from '../../contract/views';
import { oneLine } from '../../core/text';
import { joined } from './row';
import { tongue, topicText, words } from '../words';

/**
 * A thread as a Markdown document: who said what and when, in quotes; receipts, and refs as links. What agents wrote cannot
 * leave its quote, run anything or load anything: their code stays code, in fences of ours, and the rest loses raw HTML,
 * images and the targets of links.
 */
export function threadMarkdown(thread: ThreadView, messages: readonly MessageView[]): string {
  const names = thread.participants.map(({ name, platform }) =>
    joined(' ', escaped(name), platform && `(${escaped(platform)})`),
  );
  const head = [
    `# ${escaped(topicText(thread.topic))}`,
    joined(
      '  \n',
      words.exported.participants(names.join(', ')),
      words.exported.opened(dateTime(thread.openedAt)),
      thread.closedAt === undefined ? '' : words.exported.archived(dateTime(thread.closedAt)),
    ),
  ];
  const seqs = new Map(messages.map(({ id, seq }) => [id, seq]));
  return `${[...head, ...messages.map((message) => said(message, seqs))].join('\n\n')}\n`;
}

function said(message: MessageView, seqs: ReadonlyMap<string, number>): string {
  const who = escaped(message.fromName);
  const when = dateTime(message.timestamp);
  if (message.type === 'join') return `_${words.exported.cameIn(who)} · ${when}_`;
  if (message.type === 'leave') return `_${words.exported.left(who)} · ${when}_`;
  if (message.type === 'system') return `_${escaped(oneLine(message.content))} · ${when}_`;
  const replied = message.replyTo === undefined ? undefined : seqs.get(message.replyTo);
  const parts = [
    `## ${joined(' · ', `#${message.seq} ${words.exported.from(who, when)}`, replied !== undefined && words.exported.replyTo(replied))}`,
    quoted(message.content),
    message.refs.map((ref) => `- ${refLink(ref)}`).join('\n'),
    message.receipts.length === 0 ? '' : `_${words.exported.receipts(message.receipts.map(receipt).join(', '))}_`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function receipt({ name, state, at }: ReceiptView): string {
  return `${words.receipt[state](escaped(name))} ${dateTime(at)}`;
}

/** The text in a quote of its own: code blocks as they are, in fences that nothing in them can close. */
function quoted(content: string): string {
  const lines = blocksOf(content).flatMap((block) => (block.code ? fenced(block) : block.lines.map(harmless)));
  return lines.map((line) => `> ${line}`.trimEnd()).join('\n');
}

interface Block {
  readonly code: boolean;
  /** Of code: the language, where it is one. */
  readonly language: string;
  readonly lines: string[];
}

/** Text and fenced code, in order. A fence that is not closed reaches to the end, as renderers have it. */
function blocksOf(content: string): Block[] {
  const blocks: Block[] = [{ code: false, language: '', lines: [] }];
  let fence: { readonly mark: string; readonly indent: number } | undefined;
  for (const line of content.split(/\r\n?|\n|\u2028|\u2029/)) {
    const [, indent = '', mark = '', info = ''] = /^( {0,3})(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    const isOpening = fence === undefined && mark !== '' && !(mark.startsWith('`') && info.includes('`'));
    const isClosing =
      fence !== undefined &&
      mark.startsWith(fence.mark) &&
      mark.charAt(0) === fence.mark.charAt(0) &&
      info.trim() === '';
    if (isOpening) {
      fence = { mark, indent: indent.length };
      blocks.push({ code: true, language: /^\s*([\w+#.-]{1,32})/.exec(info)?.[1] ?? '', lines: [] });
    } else if (isClosing) {
      fence = undefined;
      blocks.push({ code: false, language: '', lines: [] });
    } else {
      blocks.at(-1)?.lines.push(visible(fence ? line.replace(new RegExp(`^ {0,${fence.indent}}`), '') : line));
    }
  }
  return blocks.filter(({ code, lines }) => code || lines.length > 0);
}

function fenced({ language, lines }: Block): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...lines, fence];
}

/** Without what could hide or reorder the rest; what stands at the beginning of a line stays there. */
function visible(line: string): string {
  const [, indent = '', rest = ''] = /^([ \t]*)(.*)$/s.exec(line) ?? [];
  return (
    indent +
    rest
      .split(/( +)/)
      .map((part) => (part.trim() === '' ? part : oneLine(part)))
      .join('')
  );
}

/**
 * One line of text that keeps its emphasis, lists and inline code, and loses what a renderer could run or load: tags,
 * entities, the targets of links and images, and definitions of links.
 */
function harmless(line: string): string {
  return line
    .replace(/&(?=#?\w+;)/g, '&amp;')
    .replace(/<(?=[a-z/!?])/gi, '&lt;')
    .replace(/!\[/g, '!\\[')
    .replace(/\](?=[([:])/g, '\\]');
}

function refLink({ uri, range, note }: MessageView['refs'][number]): string {
  const lines = range ? `:${range.start.line + 1}-${Math.max(range.end.line, range.start.line) + 1}` : '';
  const name = `${escaped(decoded(uri).split(/[/\\]/).at(-1) ?? uri)}${lines}`;
  const anchor = range ? `#L${range.start.line + 1}` : '';
  // Nothing but a file can be opened without running something.
  const link = /^file:\/\//i.test(uri)
    ? `[${name}](<${encodeURI(decoded(uri)).replace(/[<>#?]/g, encodeURIComponent)}${anchor}>)`
    : escaped(uri);
  return joined(' · ', link, note !== undefined && escaped(oneLine(note)));
}

function decoded(uri: string): string {
  try {
    return decodeURI(uri);
  } catch {
    return uri;
  }
}

/** One line in which no character means anything to Markdown. */
function escaped(text: string): string {
  return oneLine(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&');
}

function dateTime(time: number): string {
  return new Intl.DateTimeFormat(tongue.language, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}
