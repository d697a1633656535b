import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium';
import {
  changedPeek,
  conversation,
  foundAgents,
  many,
  message,
  nova,
  person,
  snapshot,
  start,
  threadId,
} from './harness/scenes';
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
    await stage.show(snapshot(conversation()));
    await stage.page.locator('.peek-button').first().press('Enter');
    await stage.answer('peek', (id) => ({ type: 'peeked', id, peek: changedPeek }));
    await check('peek');
    await stage.page.getByRole('button', { name: '@ agent' }).press('Enter');
    await stage.answer('find', (id) => ({ type: 'found', id, agents: foundAgents, places: [] }));
    await check('picker');
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
      'End',
      'More actions',
      'Messages: Review my auth middleware',
      'You, 9:42:10',
      expect.stringMatching(/^stored/),
      'Reply to your message',
      'Copy this message',
      'Your message',
      '@ agent',
      '# file or symbol',
      'Send',
    ]);
    await stage.close();
  });

  test('the arrows go from message to message, and Tab through the one that they are at', async () => {
    const stage = await Stage.open(browser, files, { theme: theme('dark'), width: 460 });
    await stage.show(snapshot(conversation()));
    const at = (): Promise<string> =>
      stage.page.evaluate(() => {
        const element = document.activeElement;
        return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
      });
    const press = async (...keys: string[]): Promise<string> => {
      for (const key of keys) await stage.page.keyboard.press(key);
      await stage.settle();
      return at();
    };
    await stage.page.getByRole('log').focus();
    expect(await press('ArrowUp')).toBe('You, 9:42:10');
    expect(await press('ArrowUp', 'ArrowUp')).toBe('Nova, 9:41:31');
    expect(await press('Tab')).toBe('Code, ts');
    expect(await press('Tab', 'Tab')).toBe('Copy this code');
    expect(await press('Shift+Tab', 'Shift+Tab', 'Shift+Tab')).toBe('Nova, 9:41:31');
    expect(await press('Home')).toBe('Atlas, 9:41:06');
    expect(await press('ArrowUp')).toBe('Atlas, 9:41:06');
    expect(await press('End')).toBe('You, 9:42:10');
    expect(await press('ArrowUp', 'r')).toBe('Your message');
    expect(await stage.page.locator('.replying').textContent()).toContain('Reply to Atlas: That was it.');
    await press('Escape');
    expect(await stage.page.locator('.replying').count()).toBe(0);
    await stage.page.getByRole('log').focus();
    expect(await press('ArrowUp', 'Escape')).toBe('Your message');
    await stage.close();
  });

  test('in a long thread the arrows bring messages into view that were not there', async () => {
    const stage = await Stage.open(browser, files, { theme: theme('dark'), width: 460 });
    await stage.show(snapshot(many(9_801, 10_000), {}, 9_800));
    await stage.page.getByRole('log').focus();
    await stage.page.keyboard.press('ArrowUp');
    await stage.page.keyboard.press('Home');
    await stage.settle();
    const first = stage.page.locator('[aria-posinset="9801"]');
    expect(await first.evaluate((element) => element === document.activeElement)).toBe(true);
    for (let step = 0; step < 30; step++) {
      await stage.page.keyboard.press('ArrowDown');
      await stage.page.clock.runFor(20);
    }
    await stage.settle();
    const thirtieth = stage.page.locator('[aria-posinset="9831"]');
    expect(await thirtieth.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await thirtieth.isVisible()).toBe(true);
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
