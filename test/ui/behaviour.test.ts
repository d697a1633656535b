import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium';
import {
  atlas,
  conversation,
  many,
  message,
  nova,
  nowInScenes,
  person,
  receipt,
  snapshot,
  start,
  threadId,
} from './harness/scenes';
import { bundle, Stage, type Bundle, type StageOptions } from './harness/stage';
import { theme } from './harness/themes';

let browser: Browser;
let files: Bundle;
let stage: Stage;

beforeAll(async () => {
  [browser, files] = await Promise.all([launchChromium(), bundle()]);
});
afterAll(() => browser.close());

const open = (more: Partial<StageOptions> = {}): Promise<Stage> =>
  Stage.open(browser, files, { theme: theme('dark'), width: 460, ...more });

beforeEach(async () => {
  stage = await open();
});
afterEach(async () => {
  expect(await stage.faults()).toEqual([]);
  await stage.close();
});

const box = (): Locator => stage.page.getByRole('textbox');
const list = (): Locator => stage.page.getByRole('log');
const scrollTop = (): Promise<number> => list().evaluate((element) => element.scrollTop);
const topOf = (seq: number): Promise<number> =>
  stage.page.locator(`[aria-posinset="${seq}"]`).evaluate((element) => element.getBoundingClientRect().top);
const distanceFromEnd = (): Promise<number> =>
  list().evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);

/** Turns the wheel over the list and waits until the page has followed. */
async function wheel(pixels: number): Promise<void> {
  const before = await scrollTop();
  await list().hover({ position: { x: 5, y: 5 } });
  await stage.page.mouse.wheel(0, pixels);
  await stage.page.waitForFunction((top) => document.querySelector('.list')?.scrollTop !== top, before, {
    polling: 20,
    timeout: 5000,
  });
  await stage.settle();
}

async function scrollTo(top: number): Promise<void> {
  await list().evaluate((element, to) => {
    element.scrollTop = to;
    return new Promise((resolve) => element.addEventListener('scroll', () => resolve(undefined), { once: true }));
  }, top);
  await stage.settle();
}

describe('writing', () => {
  beforeEach(() => stage.show(snapshot(conversation())));

  test('Enter sends, and what was said stands there at once', async () => {
    await box().fill('Thanks, both.');
    await stage.page.keyboard.press('Enter');
    await stage.settle();
    const [sent] = await stage.posted('send');
    expect(sent).toMatchObject({ thread: threadId, text: 'Thanks, both.' });
    expect(await stage.page.locator('.outgoing').textContent()).toContain('Thanks, both.');
    expect(await box().inputValue()).toBe('');
    expect(await box().evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test('Shift+Enter begins a new line, and the box grows', async () => {
    const height = async (): Promise<number> => (await box().boundingBox())?.height ?? 0;
    const before = await height();
    await box().focus();
    for (const line of ['one', 'two', 'three', 'four']) {
      await stage.page.keyboard.type(line);
      await stage.page.keyboard.press('Shift+Enter');
    }
    expect(await box().inputValue()).toBe('one\ntwo\nthree\nfour\n');
    expect(await height()).toBeGreaterThan(before + 20);
    expect(await stage.posted('send')).toEqual([]);
  });

  test('a draft is there again after a reload', async () => {
    await box().fill('half a thought');
    const saved: unknown = await stage.page.evaluate(() => window.savedState);
    await stage.close();
    stage = await open({ saved });
    expect(await stage.posted('ready')).toEqual([{ type: 'ready', thread: threadId }]);
    await stage.show(snapshot(conversation()));
    expect(await box().inputValue()).toBe('half a thought');
  });

  test('a refusal stands with its reason and can be tried again', async () => {
    await box().fill('Hi');
    await stage.page.keyboard.press('Enter');
    const [sent] = await stage.posted('send');
    const error = 'Too many messages: at most 120 a minute. Try again in 400 ms.';
    await stage.tell({ type: 'sent', thread: threadId, key: sent?.key ?? '', error });
    expect(await stage.page.getByRole('alert').textContent()).toContain(error);
    await stage.page.getByRole('button', { name: 'Try Again' }).click();
    expect(await stage.posted('send')).toEqual([sent, sent]);
  });

  test('a paused thread lets the person write, and says so', async () => {
    await stage.show(snapshot(conversation(), { state: 'paused' }));
    expect(await box().isEnabled()).toBe(true);
    expect(await stage.page.locator('.reason').textContent()).toBe('Paused: only you can write here.');
  });

  test('an archived thread says why nothing can be written', async () => {
    await stage.show(snapshot(conversation(), { state: 'closed' }));
    expect(await box().count()).toBe(0);
    expect(await stage.page.locator('footer').textContent()).toBe(
      'This thread is archived: it can be read, not written.',
    );
    expect(await stage.page.getByRole('button', { name: 'End', exact: true }).count()).toBe(0);
  });
});

describe('the broker gone', () => {
  test('is said, stops writing, keeps the draft, and ends by itself', async () => {
    await stage.show(snapshot(conversation()));
    await box().fill('half a thought');
    await stage.tell({ type: 'broker', broker: { state: 'gone', reason: 'The broker was stopped.' } });
    expect(await stage.page.locator('.banner').textContent()).toContain('The broker was stopped.');
    expect(await box().isDisabled()).toBe(true);
    await stage.page.getByRole('button', { name: 'Start Broker' }).click();
    expect(await stage.posted('startBroker')).toHaveLength(1);
    await stage.tell({ type: 'broker', broker: { state: 'connected' } });
    expect(await stage.page.locator('.banner').count()).toBe(0);
    expect(await box().isEnabled()).toBe(true);
    expect(await box().inputValue()).toBe('half a thought');
  });

  test('before anything was shown is said too', async () => {
    await stage.tell({ type: 'broker', broker: { state: 'gone', reason: '' } });
    expect(await stage.page.locator('.banner').textContent()).toContain('The broker cannot be reached.');
    await stage.show(snapshot(conversation()));
    expect(await stage.page.locator('.banner').count()).toBe(0);
    expect(await stage.page.getByRole('article').count()).toBeGreaterThan(2);
  });
});

describe('receipts', () => {
  test('run by the broker’s clock and change as they come', async () => {
    const sent = (state: 'rung' | 'seen') =>
      message(1, atlas, start, 'Hi', { receipts: [receipt(nova, state, nowInScenes - 12_000)] });
    await stage.show(snapshot([sent('rung')]));
    const line = stage.page.locator('.receipts-line');
    expect(await line.textContent()).toBe('rung, not yet seen · 12 s');
    await stage.page.clock.runFor(3000);
    expect(await line.textContent()).toMatch(/^rung, not yet seen · 1[56] s$/);
    await stage.tell({ type: 'messages', thread: threadId, messages: [sent('seen')] });
    expect(await line.textContent()).toBe('seen by Nova 9:42:02');
  });

  test('open with Enter to every recipient with state, ringer, result and time', async () => {
    await stage.show(snapshot(conversation()));
    const line = stage.page.locator('.receipts-line').last();
    await line.press('Enter');
    await stage.settle();
    expect(await line.getAttribute('aria-expanded')).toBe('true');
    const cells = await stage.page.getByRole('table', { name: 'Receipts' }).getByRole('row').allInnerTexts();
    expect(cells.map((row) => row.split('\t').map((cell) => cell.trim()))).toEqual([
      ['Recipient', 'State', 'Through', 'Time'],
      ['Atlas', 'stored', '–', '9:42:10'],
      ['Nova', 'rung', 'Claude Code · held back · it waits for a permission', '9:42:02'],
    ]);
    await line.press('Enter');
    await stage.settle();
    expect(await stage.page.getByRole('table', { name: 'Receipts' }).count()).toBe(0);
  });
});

describe('refs, code and the thread’s actions', () => {
  beforeEach(() => stage.show(snapshot(conversation())));

  test('a ref asks the host to open its place', async () => {
    await stage.page.getByRole('button', { name: 'src/auth/middleware.ts:42–57', exact: true }).click();
    const [opened] = await stage.posted('openRef');
    expect(opened?.ref).toMatchObject({
      uri: 'src/auth/middleware.ts',
      range: { start: { line: 41 }, end: { line: 57 } },
    });
  });

  test('code is copied through the host', async () => {
    await stage.page.getByRole('button', { name: 'Copy this code' }).click();
    expect(await stage.posted('copy')).toEqual([
      { type: 'copy', text: 'if (payload.exp * 1000 < Date.now()) reject();' },
    ]);
  });

  test('Leave and End ask the host; who is not in the thread cannot leave it', async () => {
    const more = stage.page.getByRole('button', { name: 'More actions' });
    await more.press('Enter');
    await stage.settle();
    expect(await stage.page.evaluate(() => document.activeElement?.textContent)).toBe('Transfer');
    await stage.page.keyboard.press('ArrowDown');
    await stage.page.keyboard.press('Enter');
    await stage.settle();
    expect(await more.getAttribute('aria-expanded')).toBe('false');
    await more.press('Enter');
    await stage.page.getByRole('menuitem', { name: 'Transfer' }).click();
    expect(await stage.posted('transfer')).toHaveLength(1);
    await stage.page.getByRole('button', { name: 'End', exact: true }).click();
    expect(await stage.posted('leave')).toHaveLength(1);
    expect(await stage.posted('close')).toHaveLength(1);
    const { thread } = snapshot(conversation());
    const others = thread.participants.filter(({ agent }) => agent !== person.agent);
    await stage.tell({ type: 'thread', thread: { ...thread, participants: others } });
    expect(await more.count()).toBe(0);
  });
});

describe('the controls of a thread', () => {
  beforeEach(() => stage.show(snapshot(conversation())));

  test('pause, go on and invite ask the host; more turns are granted where agents are at their limit', async () => {
    const { thread } = snapshot(conversation());
    const button = (name: string) => stage.page.getByRole('button', { name, exact: true });
    await button('Invite').click();
    await button('Pause').click();
    await stage.tell({ type: 'thread', thread: { ...thread, state: 'paused' } });
    await button('Resume').click();
    expect(await button('Grant More Turns').count()).toBe(0);
    await stage.tell({ type: 'thread', thread: { ...thread, turnsLeft: 0 } });
    await button('Grant More Turns').click();
    for (const type of ['invite', 'pause', 'resume', 'grant'] as const) {
      expect(await stage.posted(type)).toEqual([{ type, thread: thread.id }]);
    }
  });

  test('whose turn it is stands beside the topic', async () => {
    const { thread } = snapshot(conversation());
    await stage.tell({ type: 'thread', thread: { ...thread, turns: 'round-robin', turn: 'Nova' } });
    await stage.page.getByText('turn of Nova').waitFor();
    await stage.tell({ type: 'thread', thread: { ...thread, turns: 'round-robin', turn: person.name } });
    await stage.page.getByText('your turn').waitFor();
  });
});

describe('seen', () => {
  const unread = [
    message(1, atlas, start, 'Old'),
    message(2, nova, start, 'New', { receipts: [receipt(person, 'stored', start)] }),
  ];

  test('is told a second after a message became visible in the focused view', async () => {
    await stage.page.clock.pauseAt(nowInScenes + 60_000);
    await stage.tell({
      type: 'snapshot',
      snapshot: snapshot(unread, { unread: 1 }),
      broker: { state: 'connected' },
      now: nowInScenes,
    });
    expect(await stage.posted('seen')).toEqual([]);
    await stage.page.clock.runFor(1000);
    expect(await stage.posted('seen')).toEqual([{ type: 'seen', thread: threadId, seq: 2 }]);
  });

  test('is not told without the focus, until it comes', async () => {
    await stage.page.evaluate(() => (window.focusIs = false));
    await stage.show(snapshot(unread, { unread: 1 }));
    await stage.page.clock.runFor(10_000);
    expect(await stage.posted('seen')).toEqual([]);
    await stage.page.evaluate(() => {
      window.focusIs = true;
      window.dispatchEvent(new Event('focus'));
    });
    await stage.page.clock.runFor(1000);
    expect(await stage.posted('seen')).toHaveLength(1);
  });

  test('is not told of what is below the view', async () => {
    const messages = many(1, 100).map((one) =>
      one.seq > 50 ? { ...one, receipts: [receipt(person, 'stored', start)] } : one,
    );
    await stage.show(snapshot(messages, { unread: 50 }));
    await stage.page.clock.runFor(5000);
    const last = (await stage.posted('seen')).at(-1)?.seq ?? 0;
    expect(last).toBeGreaterThan(50);
    expect(last).toBeLessThan(70);
  });
});

describe('a long thread', () => {
  test('keeps few rows in the document, opens at its end and follows it', async () => {
    await stage.show(snapshot(many(9_801, 10_000), {}, 9_800));
    expect(await stage.page.getByRole('article').count()).toBeLessThan(60);
    expect(await distanceFromEnd()).toBeLessThan(2);
    await stage.tell({ type: 'messages', thread: threadId, messages: many(10_001, 10_003) });
    expect(await distanceFromEnd()).toBeLessThan(2);
    expect(await stage.page.locator('[aria-posinset="10003"]').isVisible()).toBe(true);
  });

  test('opens at the first unread message', async () => {
    const messages = many(1, 200).map((one) =>
      one.seq > 150 ? { ...one, receipts: [receipt(person, 'stored', start)] } : one,
    );
    await stage.show(snapshot(messages, { unread: 50 }));
    expect(await stage.page.locator('.new').isVisible()).toBe(true);
    const header = (await stage.page.locator('header').boundingBox())?.height ?? 0;
    expect(await topOf(151)).toBeGreaterThan(header);
    expect(await topOf(151)).toBeLessThan(400);
  });

  test('leaves the reader in place when messages come, and leads to them', async () => {
    await stage.show(snapshot(many(9_801, 10_000), {}, 9_800));
    await wheel(-2000);
    const before = await scrollTop();
    await stage.tell({ type: 'messages', thread: threadId, messages: many(10_001, 10_003) });
    expect(Math.abs((await scrollTop()) - before)).toBeLessThan(2);
    const jump = stage.page.locator('.jump');
    expect(await jump.textContent()).toBe('3 new messages');
    await jump.click();
    await stage.settle();
    expect(await distanceFromEnd()).toBeLessThan(2);
    expect(await jump.count()).toBe(0);
    await wheel(-2000);
    expect(await jump.textContent()).toBe('Jump to latest');
  });

  test('loads older messages at the top, and the reader stays where they were', async () => {
    await stage.show(snapshot(many(9_801, 10_000), {}, 9_800));
    await scrollTo(300);
    expect(await stage.posted('loadOlder')).toEqual([{ type: 'loadOlder', thread: threadId, before: 9_801 }]);
    const seq = 9_805;
    const before = await topOf(seq);
    await stage.tell({ type: 'older', thread: threadId, before: 9_801, messages: many(9_601, 9_800), older: 9_600 });
    expect(Math.abs((await topOf(seq)) - before)).toBeLessThan(2);
    expect(await stage.posted('loadOlder')).toHaveLength(1);
  });

  test('keeps the reader’s place over a reload', async () => {
    await stage.show(snapshot(many(1, 200)));
    await wheel(-3000);
    await stage.page.clock.runFor(1000);
    const saved = (await stage.page.evaluate(() => window.savedState)) as { place: { key: string; delta: number } };
    const seq = Number(saved.place.key.slice(-5));
    const before = await topOf(seq);
    await stage.close();
    stage = await open({ saved });
    await stage.show(snapshot(many(1, 200)));
    expect(Math.abs((await topOf(seq)) - before)).toBeLessThan(2);
  });

  test('hands the focus of a row that scrolls away to the list', async () => {
    const messages = many(1, 200).map((one) => ({ ...one, receipts: [receipt(nova, 'seen', start)] }));
    await stage.show(snapshot(messages));
    await stage.page.locator('.receipts-line').last().focus();
    await scrollTo(0);
    expect(await list().evaluate((element) => element === document.activeElement)).toBe(true);
  });
});
