import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { hookWords } from '../../src/bridge/hookWords';
import { incomingCall } from '../../src/cli/callPieces';
import { plainJson } from '../../src/cli/terminal';
import { message as cliMessage, threadLine } from '../../src/cli/threadPieces';
import { inboxRows } from '../../src/extension/trees/inboxRows';
import { plain } from '../../src/extension/plain';
import { rosterRows } from '../../src/extension/trees/rosterRows';
import type { Row } from '../../src/extension/trees/row';
import { threadRows } from '../../src/extension/trees/threadRows';
import { compose } from '../../src/mcp/answers';
import { fit } from '../../src/mcp/text';
import { injections, unseen } from '../support/injections';
import { agent, callToYou, picture, thread, you } from './extension/support';
import { callOf, heard, messageOf, nothingWaits, threadOf } from './mcp/views';

/**
 * The same texts through every place outside of the page where an agent's words come out. (The page: test/ui/hostile; the
 * exported thread: extension/threadMarkdown.)
 */
const cases = injections.map((text) => [text.slice(0, 50).replace(/[^ -~]/g, '?'), text] as const);

/** The most careless reader of Markdown there is. */
const careless = new MarkdownIt({ html: true, linkify: true });

/** One line for a person, without anything that is not seen. */
function isPlainLine(text: string): void {
  expect(text).not.toMatch(unseen);
  expect(text).not.toMatch(/[\n\r\t]/);
  expect(text.length).toBeLessThan(2000);
}

function isLabel(text: string): void {
  isPlainLine(text);
  expect(text).not.toMatch(/\$\([a-z]/i);
}

/** Markdown of ours with words of an agent's in it: emphasis and breaks are ours, everything else would be theirs. */
function isTooltip(text: string): void {
  expect(text).not.toMatch(unseen);
  const html = careless.render(text);
  const tags = [...html.matchAll(/<\/?([a-z][a-z0-9-]*)/gi)].map(([, tag]) => tag);
  expect(tags.filter((tag) => !/^(p|strong|em|br|hr|blockquote)$/.test(tag ?? ''))).toEqual([]);
}

describe.each(cases)('%j', (_name, text) => {
  test('is words in notifications, labels, tooltips and questions to the chat', () => {
    isPlainLine(plain.toast(text));
    expect(plain.toast(text)).not.toMatch(/[[\]]/);
    isLabel(plain.label(text));
    isTooltip(plain.tooltip(text));
    const asked = plain.chat(text);
    expect(asked).not.toMatch(unseen);
    expect(asked).not.toMatch(/(^|\s)[#@](?=\S)/);
    expect(asked).not.toMatch(/^\s*\/(?=\S)/);
  });

  test('is words in the trees', () => {
    const theirs = {
      platform: text,
      version: text,
      description: text,
      capabilities: [text],
      workspace: text,
      files: [text],
      inCallWith: [text],
      task: { id: 't', title: text },
      reach: { state: 'wakes', ringer: text } as const,
    };
    const infested = agent('Nova', { ...theirs, name: text });
    const talk = thread('t1', {
      topic: text,
      unread: 1,
      participants: [{ agent: 'NOVA', name: text, platform: text, kind: 'agent', left: false }],
    });
    const theirCall = { fromName: text, fromPlatform: text, topic: text, message: text };
    const calls = [callToYou('c1', 'ringing', theirCall), callToYou('c2', 'missed', theirCall)];
    const shown = picture({ agents: [you, infested], threads: [talk], unread: [talk], calls });
    const stranger = {
      id: 's1',
      client: 'Codex',
      version: text,
      pid: 7,
      folder: text,
      title: text,
      startedAt: 1,
      status: text,
    };
    const rows: Row[] = [...rosterRows(shown, { nearby: [stranger] }), ...inboxRows(shown), ...threadRows(shown)];
    expect(rows.some(({ id }) => id === 'nearby')).toBe(true);
    const all = rows.flatMap((row) => [row, ...(row.children ?? [])]);
    expect(all.length).toBeGreaterThan(3);
    for (const row of all) {
      isLabel(row.label);
      isLabel(row.description ?? '');
      isPlainLine(row.aria);
      isTooltip(row.tooltip());
    }
  });

  test('stays in its quotation in what a model is told', () => {
    const theirs = { fromName: text.slice(0, 64), fromPlatform: text };
    const event = heard({ ...theirs, content: text });
    const { text: answer } = fit(
      compose('listen', { events: [event], cursor: 7, more: 0, waiting: nothingWaits } as never, {}),
    );
    // One line is ours; whatever stands in others is quoted.
    expect(answer.split('\n').filter((line) => !line.startsWith('>'))).toHaveLength(1);
    expect(answer).not.toMatch(unseen);
    const hook = hookWords('Atlas', [event], [callOf({ ...theirs, topic: text, message: text })], 0, nothingWaits);
    const ours = (hook ?? '').split('\n').filter((line) => !line.startsWith('>'));
    expect(ours.length).toBeLessThanOrEqual(4);
    expect(hook ?? '').not.toMatch(unseen);
  });

  test('commands no terminal, and does not pass for a line of ours', () => {
    const terminal = { colour: false, now: 0, width: 80 };
    const one = messageOf({
      content: text,
      fromName: text,
      fromPlatform: text,
      refs: [{ uri: text.slice(0, 4096) || 'x' }],
      replyToExcerpt: { from: text, text },
    });
    const said = cliMessage(terminal, one);
    const shown = [
      said,
      threadLine(terminal, threadOf({ topic: text })),
      incomingCall(terminal, callOf({ fromName: text, topic: text, message: text })),
    ];
    for (const output of shown) expect(output).not.toMatch(unseen);
    for (const line of said.split('\n').slice(1)) expect(line).toMatch(/^( {2}|$)/);
    const json = plainJson({ text });
    expect(json).not.toMatch(unseen);
    expect(JSON.parse(json)).toEqual({ text });
  });
});
