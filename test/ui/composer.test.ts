import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { selectionPrint } from '../../src/contract/panel';
import { launchChromium } from '../support/chromium';
import {
  atlas,
  changedPeek,
  conversation,
  foundAgents,
  foundPlaces,
  many,
  message,
  nova,
  snapshot,
  start,
  threadId,
} from './harness/scenes';
import { bundle, Stage, type Bundle } from './harness/stage';
import { theme } from './harness/themes';

let browser: Browser;
let files: Bundle;
let stage: Stage;

beforeAll(async () => {
  [browser, files] = await Promise.all([launchChromium(), bundle()]);
});
afterAll(() => browser.close());
beforeEach(async () => {
  stage = await Stage.open(browser, files, { theme: theme('dark'), width: 460 });
});
afterEach(async () => {
  expect(await stage.faults()).toEqual([]);
  await stage.close();
});

const box = (): Locator => stage.page.getByRole('textbox');
const attached = (): Promise<string[]> => stage.page.locator('.attached bdi').allTextContents();
async function press(...keys: string[]): Promise<void> {
  for (const key of keys) await stage.page.keyboard.press(key);
  await stage.settle();
}
/** What a person pastes, as the browser hands it over. */
const paste = (text: string): Promise<boolean> =>
  box().evaluate((element, data) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', data);
    return element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);

describe('naming', () => {
  beforeEach(() => stage.show(snapshot(conversation())));

  test('an agent: the keyboard chooses from the list, and the message has the name', async () => {
    await box().pressSequentially('Ask @');
    await stage.answer('find', (id) => ({ type: 'found', id, agents: foundAgents, places: [] }));
    const active = (): Promise<string | null> => box().getAttribute('aria-activedescendant');
    const chosen = async (): Promise<string> =>
      (await stage.page.locator(`[id="${await active()}"]`).innerText()).trim();
    expect(await chosen()).toMatch(/^Nova/);
    await press('ArrowDown', 'ArrowDown');
    expect(await chosen()).toMatch(/^Vega/);
    await press('Enter');
    expect(await box().inputValue()).toBe('Ask @Vega ');
    expect(await stage.page.getByRole('listbox').count()).toBe(0);
    await press('Enter');
    expect(await stage.posted('send')).toMatchObject([{ text: 'Ask @Vega ' }]);
  });

  test('a file: the message points to it; Escape closes the list and nothing more', async () => {
    await stage.page.getByRole('button', { name: '# file or symbol' }).click();
    await stage.page.keyboard.type('mid');
    await stage.answer('find', (id) => ({ type: 'found', id, agents: [], places: foundPlaces }));
    expect((await stage.posted('find')).at(-1)).toMatchObject({ kind: 'place', query: 'mid' });
    await stage.page.getByRole('option').first().click();
    await stage.settle();
    expect(await box().inputValue()).toBe('src/auth/middleware.ts ');
    expect(await attached()).toHaveLength(1);
    await stage.page.keyboard.type('#x');
    await stage.answer('find', (id) => ({ type: 'found', id, agents: [], places: [] }));
    expect(await stage.page.locator('.picker').innerText()).toBe('Nothing found');
    await press('Escape');
    expect(await stage.page.locator('.picker').count()).toBe(0);
    await press('Enter');
    const [sent] = await stage.posted('send');
    expect(sent?.refs).toEqual([foundPlaces[0]?.ref]);
    expect(await attached()).toEqual([]);
  });
});

describe('pointing', () => {
  const ref = { uri: 'src/guard.ts', range: { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } } };
  beforeEach(async () => {
    await stage.show(snapshot(conversation()));
    await stage.tell({ type: 'selection', print: selectionPrint('one\ntwo'), ref });
  });

  test('what was selected in the editor is pasted as a place, and as text when it is pasted again', async () => {
    expect(await paste('one\r\ntwo')).toBe(false);
    await stage.settle();
    expect(await attached()).toEqual(['src/guard.ts:2']);
    expect(await stage.page.locator('.reason').textContent()).toBe('The selection is attached as src/guard.ts:2.');
    expect(await paste('one\r\ntwo')).toBe(true);
    expect(await paste('something else')).toBe(true);
    await stage.page.getByRole('button', { name: 'Remove src/guard.ts:2' }).click();
    await stage.settle();
    expect(await attached()).toEqual([]);
  });

  test('files that are dropped are asked about at the host, and what cannot be pointed to is named', async () => {
    await stage.page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData('text/uri-list', 'file:///w/src/a.ts\r\nfile:///elsewhere/b.ts');
      const init = { dataTransfer, bubbles: true, cancelable: true };
      document.body.dispatchEvent(new DragEvent('dragover', init));
      document.body.dispatchEvent(new DragEvent('drop', init));
    });
    await stage.answer('take', (id) => ({ type: 'taken', id, refs: [{ uri: 'src/a.ts' }], refused: ['b.ts'] }));
    expect((await stage.posted('take'))[0]).toMatchObject({ uris: ['file:///w/src/a.ts', 'file:///elsewhere/b.ts'] });
    expect(await attached()).toEqual(['src/a.ts']);
    expect(await stage.page.locator('.reason').textContent()).toContain('not b.ts');
  });
});

describe('replying', () => {
  test('goes to the message, and its quote leads back to it, over messages that are not loaded yet', async () => {
    const far = message(1, nova, start - 900_000, 'The first of all');
    const reply = message(400, atlas, start, 'Yes', {
      replyTo: far.id,
      replyToExcerpt: { from: 'Nova', text: 'The first of all' },
    });
    await stage.show(snapshot([...many(201, 399), reply], {}, 200));
    await stage.page.getByRole('button', { name: 'to Nova: The first of all' }).click();
    await stage.settle();
    expect(await stage.posted('loadOlder')).toMatchObject([{ before: 201 }]);
    await stage.tell({ type: 'older', thread: threadId, before: 201, messages: [far, ...many(2, 200)], older: 0 });
    const found = stage.page.locator('.message.found');
    expect(await found.innerText()).toContain('The first of all');
    expect(await found.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test('is undone by Escape, and goes out with the message', async () => {
    await stage.show(snapshot(conversation()));
    await stage.page.getByRole('button', { name: 'Reply to Nova' }).press('Enter');
    await stage.settle();
    expect(await stage.page.locator('.replying').innerText()).toContain('Reply to Nova: You compare');
    await press('Escape');
    expect(await stage.page.locator('.replying').count()).toBe(0);
    await stage.page.getByRole('button', { name: 'Reply to Nova' }).press('Enter');
    await stage.page.keyboard.type('Right');
    await press('Enter');
    expect(await stage.posted('send')).toMatchObject([{ text: 'Right', replyTo: conversation()[3]?.id }]);
  });
});

test('a draft that is too long says so before it is sent, and a refused one can be changed', async () => {
  await stage.show(snapshot(conversation()));
  await box().fill('ü'.repeat(33_000));
  await stage.settle();
  expect(await stage.page.locator('.reason').textContent()).toBe(
    'This is 66,000 bytes long; a message has at most 65,536. Shorten it, or point to a file.',
  );
  expect(await stage.page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
  await box().press('Enter');
  expect(await stage.posted('send')).toEqual([]);
  await box().fill('Hi');
  await press('Enter');
  const [sent] = await stage.posted('send');
  await stage.tell({ type: 'sent', thread: threadId, key: sent?.key ?? '', error: 'Too many messages.' });
  await stage.page.getByRole('button', { name: 'Edit', exact: true }).click();
  await stage.settle();
  expect(await box().inputValue()).toBe('Hi');
  expect(await stage.page.locator('.outgoing').count()).toBe(0);
});

describe('a place in a message', () => {
  beforeEach(() => stage.show(snapshot(conversation())));
  const open = (): Promise<void> => stage.page.locator('.peek-button').first().press('Enter');

  test('unfolds to what stands there, with what stood there when that has changed', async () => {
    await open();
    await stage.answer('peek', (id) => ({ type: 'peeked', id, peek: changedPeek }));
    const peek = stage.page.locator('.peek');
    expect(await peek.locator('.changed').textContent()).toBe('changed since');
    expect(await peek.locator('.number').allTextContents()).toEqual(['41', '42', '43', '44', '45', '46']);
    expect(await peek.innerText()).toContain('12 more lines');
    await open();
    expect(await peek.count()).toBe(0);
  });

  test.each([
    [{ state: 'missing' } as const, 'This file is not there.'],
    [{ state: 'short', lines: 7 } as const, 'The file has 7 lines only.'],
    [{ state: 'outside' } as const, 'Outside of every open folder: it is not read here.'],
    [{ state: 'unreadable' } as const, 'It cannot be shown here: no text, or too large.'],
  ])('says why nothing can be shown: %j', async (peek, words) => {
    await open();
    await stage.answer('peek', (id) => ({ type: 'peeked', id, peek }));
    expect(await stage.page.locator('.peek').innerText()).toBe(words);
  });
});

test('code gets its colours from the highlighter, which is loaded then; an unknown language stays plain', async () => {
  await stage.show(snapshot([message(1, nova, start, '```nosuch\nif (x) return;\n```')]));
  expect(await stage.page.locator('[class^=token-]').count()).toBe(0);
  await stage.show(snapshot(conversation()));
  await stage.page.locator('.token-keyword', { hasText: 'if' }).waitFor();
  await stage.page.getByRole('button', { name: 'Insert this code at the cursor of the editor' }).click();
  expect(await stage.posted('insert')).toEqual([
    { type: 'insert', text: 'if (payload.exp * 1000 < Date.now()) reject();' },
  ]);
});
