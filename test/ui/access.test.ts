import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium';
import { conversation, message, nova, person, snapshot, start, threadId } from './harness/scenes';
import { bundle, Stage, type Bundle } from './harness/stage';
import { theme, themes } from './harness/themes';

declare const axe: {
  run(): Promise<{ violations: { id: string; nodes: { target: unknown; failureSummary?: string }[] }[] }>;
};

let browser: Browser;
let files: Bundle;
let axeSource: string;

beforeAll(async () => {
  const script = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  [browser, files, axeSource] = await Promise.all([launchChromium(), bundle(), readFile(script, 'utf8')]);
});
afterAll(() => browser.close());

/** What axe-core finds wrong, one line each. */
async function violations(stage: Stage): Promise<string[]> {
  await stage.page.clock.resume();
  await stage.page.evaluate(axeSource);
  return stage.page.evaluate(async () => {
    const { violations: found } = await axe.run();
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${String(target)} ${failureSummary ?? ''}`),
    );
  });
}

describe.each(themes)('in the $name theme axe-core finds nothing', (one) => {
  test('in any state of the page', async () => {
    const stage = await Stage.open(browser, files, { theme: one, width: 460 });
    const found: string[] = [];
    const check = async (state: string): Promise<void> => {
      found.push(...(await violations(stage)).map((line) => `${state}: ${line}`));
    };
    await check('loading');
    await stage.show({ state: 'none' });
    await check('none');
    await stage.show(snapshot(conversation(), { unread: 1 }));
    await stage.page.locator('.receipts-line').last().press('Enter');
    await stage.settle();
    await check('thread');
    await stage.tell({ type: 'broker', broker: { state: 'gone', reason: 'The broker was stopped.' } });
    await check('gone');
    const text = '# Plan\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[x](https://example.org/) `code`\n\n```\ncode\n```';
    await stage.show(
      snapshot([message(1, nova, start, text), message(2, person, start, 'Hm', { replyTo: 'x' })], { state: 'closed' }),
    );
    await check('closed');
    expect(found).toEqual([]);
    await stage.close();
  });
});

describe('by keyboard alone', () => {
  test('everything that can be clicked can be reached, with its focus visible', async () => {
    const stage = await Stage.open(browser, files, { theme: theme('high-contrast'), width: 460 });
    await stage.show(snapshot(conversation()));
    await stage.page.getByRole('textbox').fill('x');
    // Playwright's Tab goes on from the last place that had the focus: begin before the first.
    await stage.page.getByRole('button', { name: 'Invite' }).focus();
    await stage.page.keyboard.press('Shift+Tab');
    const reached: string[] = [];
    for (let step = 0; step < 40; step++) {
      await stage.page.keyboard.press('Tab');
      const at = await stage.page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return '';
        if (getComputedStyle(element).outlineStyle === 'none') return `no focus ring on ${element.className}`;
        return element.getAttribute('aria-label') ?? element.textContent;
      });
      // A headless browser has nothing besides the page: Tab comes round.
      if (at === '' || at === reached[0]) break;
      reached.push(at);
    }
    expect(reached).toEqual([
      'Invite',
      'Pause',
      'Leave',
      'End',
      'Messages: Review my auth middleware',
      'src/auth/middleware.ts:42–57',
      'test/auth.test.ts:18',
      expect.stringMatching(/^seen by Nova/),
      'if (payload.exp * 1000 < Date.now()) reject();',
      'Copy this code',
      expect.stringMatching(/^answered by Atlas/),
      expect.stringMatching(/^rung/),
      expect.stringMatching(/^stored/),
      'Your message',
      'Send',
    ]);
    await stage.close();
  });

  test('coming to the view leads to where one writes', async () => {
    const stage = await Stage.open(browser, files, { theme: theme('dark'), width: 460 });
    await stage.show(snapshot(conversation()));
    await stage.page.evaluate(() => window.dispatchEvent(new Event('focus')));
    expect(await stage.page.evaluate(() => document.activeElement?.localName)).toBe('textarea');
    await stage.close();
  });
});

test('new messages are read out; scrolling and one’s own words are not', async () => {
  const stage = await Stage.open(browser, files, { theme: theme('dark'), width: 460 });
  await stage.show(snapshot(conversation()));
  const heard = stage.page.locator('[aria-live=polite]');
  expect(await heard.textContent()).toBe('');
  await stage.tell({ type: 'messages', thread: threadId, messages: [message(8, person, start, 'Mine')] });
  expect(await heard.textContent()).toBe('');
  await stage.tell({
    type: 'messages',
    thread: threadId,
    messages: [message(9, nova, start, 'Sixty\nseconds it is.')],
  });
  expect(await heard.textContent()).toBe('Nova: Sixty seconds it is.');
  expect(await stage.page.getByRole('log').getAttribute('aria-live')).toBe('off');
  await stage.close();
});
