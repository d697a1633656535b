import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium';
import { injections } from '../support/injections';
import { atlas, call, message, nova, receipt, snapshot, start } from './harness/scenes';
import { bundle, Stage } from './harness/stage';
import { theme } from './harness/themes';

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** A message with the text in every place that an agent can write to. */
function infested(text: string, seq: number) {
  return message(seq, { ...atlas, platform: text }, start + seq * 100_000, text, {
    refs: [{ uri: text.slice(0, 4096) || 'x', note: text.slice(0, 500) }],
    receipts: [receipt(nova, 'refused', start, { detail: text, ringer: text, result: text })],
  });
}

function infestedThread(text: string) {
  const messages = [infested(text, 1), message(2, nova, start, text, { type: 'system' })];
  const leg = { agent: nova.agent, name: text, state: 'declined' as const, reason: text };
  return snapshot(messages, { topic: text, call: { ...call, fromName: text, topic: text, to: [leg] } });
}

/** What of the page no text of an agent's may change: elements, attributes and roles, besides those the page makes itself. */
function inspect(): string[] {
  const found: string[] = [];
  for (const element of document.querySelectorAll('#root *')) {
    const name = element.localName;
    if (/^(script|style|link|img|svg|math|iframe|object|embed|form|input|base|meta|a|x|b|details|template)$/.test(name))
      found.push(`element ${name}`);
    for (const { name: attribute } of element.attributes)
      if (/^on|^(href|src|srcdoc|action|id|name)$/.test(attribute) && !/^P\d/.test(element.id))
        found.push(`${name} ${attribute}`);
  }
  for (const content of document.querySelectorAll('.content')) {
    if (content.querySelector('.receipts, .receipts-line, .system, .new, .author, button:not(.copy), [role=log]'))
      found.push('a part of the page inside a message');
  }
  return found;
}

describe.each([
  ['as it is', false],
  ['with its Markdown parser letting everything through', true],
] as const)('the page %s', (_, breached) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open(browser, await bundle(breached), { theme: theme('dark'), width: 460, height: 8000 });
  });
  afterAll(() => stage.close());

  test.each(injections.map((text) => [text.slice(0, 60).replace(/[^ -~]/g, '?'), text] as const))(
    'shows %j as text, in every place that an agent can write to',
    async (_name, text) => {
      await stage.show(infestedThread(text));
      for (const line of await stage.page.locator('.receipts-line').all()) await line.press('Enter');
      await stage.settle();
      expect(await stage.page.evaluate(inspect)).toEqual([]);
      expect(await stage.page.locator('.receipts-line').count()).toBe(1);
      expect(await stage.page.locator('.author').allTextContents()).toEqual(['Atlas']);
      // Nothing may spill out of the message sideways, or cover what is not its own.
      const spill = await stage.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(spill).toBeLessThanOrEqual(0);
      expect(stage.fetched).toEqual([]);
      // Without its first wall the sanitiser has work to do, and the policy reports what it meets in the parsed copy.
      expect(breached ? await stage.ran() : await stage.faults()).toEqual([]);
    },
  );

  test('asks the host for https addresses only, and never follows a link itself', async () => {
    const links = injections.filter((text) => /\]\(|<a|<https/.test(text));
    await stage.show(snapshot(links.map((text, index) => message(index + 1, atlas, start, text)).slice(0, 100)));
    for (const link of await stage.page.locator('[role=link]').all()) await link.press('Enter');
    const opened = await stage.posted('openLink');
    expect(opened.length).toBeGreaterThan(0);
    for (const { url } of opened) expect(url).toMatch(/^https:\/\//);
    expect(await stage.ran()).toEqual([]);
    expect(stage.page.url()).toBe('https://parley.test/');
    expect(stage.fetched).toEqual([]);
  });
});

test('a link says where it leads when its text says something else', async () => {
  const stage = await Stage.open(browser, await bundle(), { theme: theme('dark'), width: 460 });
  await stage.show(snapshot([message(1, atlas, start, '[https://github.com](https://evil.test/) https://a.test/')]));
  expect(await stage.page.locator('[role=link]').allTextContents()).toEqual([
    'https://github.com (evil.test)',
    'https://a.test/',
  ]);
  await stage.close();
});

test('the error of a refused message is text too', async () => {
  const stage = await Stage.open(browser, await bundle(), { theme: theme('dark'), width: 460 });
  await stage.show(snapshot([message(1, atlas, start, 'Hi')]));
  await stage.page.getByRole('textbox').fill('<img src=x onerror=alert(1)>');
  await stage.page.keyboard.press('Enter');
  const [sent] = await stage.posted('send');
  const error = '<img src=x onerror=alert(2)>';
  await stage.tell({ type: 'sent', thread: sent?.thread ?? '', key: sent?.key ?? '', error });
  expect(await stage.page.getByRole('alert').textContent()).toContain(error);
  expect(await stage.faults()).toEqual([]);
  await stage.close();
});

test('what is read from files and what agents are called is text in peeks, quotes and pickers too', async () => {
  const stage = await Stage.open(browser, await bundle(), { theme: theme('dark'), width: 460, height: 4000 });
  for (let first = 0; first < injections.length; first += 30) {
    const texts = injections.slice(first, first + 30);
    const quoting = message(2, atlas, start, 'Hm', {
      replyTo: 'x',
      replyToExcerpt: { from: texts[0] ?? '', text: texts.join(' ') },
      refs: [{ uri: 'src/a.ts', note: texts.join(' ').slice(0, 500), excerpt: texts.join('\n').slice(0, 4000) }],
    });
    await stage.show(snapshot([quoting]));
    await stage.page.locator('.peek-button').first().press('Enter');
    const lines = texts.map((text) => text.slice(0, 2000));
    await stage.answer('peek', (id) => ({
      type: 'peeked',
      id,
      peek: { state: 'shown', first: 0, lines, more: 0, language: 'html', changed: 'yes' },
    }));
    await stage.page.getByRole('textbox').fill('');
    await stage.page.getByRole('textbox').pressSequentially('@');
    const agents = texts.map((text) => ({ name: text.slice(0, 64) || 'x', detail: text.slice(0, 200) }));
    await stage.answer('find', (id) => ({ type: 'found', id, agents, places: [] }));
    expect(await stage.page.getByRole('option').count()).toBe(texts.length);
    // What the page itself draws has ids, which tie a list to its box.
    const found = (await stage.page.evaluate(inspect)).filter((fault) => !/ id$/.test(fault));
    expect(found).toEqual([]);
    await stage.page.keyboard.press('Escape');
  }
  expect(stage.fetched).toEqual([]);
  expect(await stage.faults()).toEqual([]);
  await stage.close();
});
