import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium';
import {
  changedPeek,
  conversation,
  foundAgents,
  foundPlaces,
  many,
  nova,
  atlas,
  message,
  nowInScenes,
  passage,
  person,
  receipt,
  snapshot,
  start,
  participant,
} from './harness/scenes';
import { bundle, Stage, type Bundle } from './harness/stage';
import { themes } from './harness/themes';

let browser: Browser;
let files: Bundle;

beforeAll(async () => {
  [browser, files] = await Promise.all([launchChromium(), bundle()]);
});
afterAll(() => browser.close());

const withUnread = () => snapshot(conversation(), { unread: 1 });

/** An async thread of three with everything that text can hold. */
function rich() {
  const messages = [
    message(1, atlas, start - 86_400_000, 'First of yesterday.', {
      receipts: [receipt(nova, 'expired', start - 3_600_000), receipt(person, 'seen', start - 86_000_000)],
    }),
    message(
      2,
      nova,
      start,
      '# Plan\n\n1. Read `guard.ts`\n2. Write a test that **fails**\n3. Fix it\n\n> Never compare seconds with milliseconds.\n\n| case | before | after |\n|---|---|---|\n| expired | passes | rejected |\n| fresh | passes | passes |\n\nSee https://jwt.io/introduction and [the RFC](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4).',
      { receipts: [receipt(atlas, 'refused', start, { detail: 'message_too_long' }), receipt(person, 'seen', start)] },
    ),
    message(3, nova, start + 5_000, 'And ~~one~~ *two* more things:\n- a list\n- with `code`', {
      receipts: [receipt(atlas, 'seen', start + 6_000), receipt(person, 'seen', start + 6_000)],
    }),
    message(4, person, start + 30_000, 'Go.\nOn both.', {
      replyTo: message(3, nova, 0, '').id,
      receipts: [receipt(atlas, 'seen', start + 31_000), receipt(nova, 'answered', start + 50_000)],
    }),
  ];
  const { call: _, ...view } = snapshot(messages, { mode: 'async' }).thread;
  return {
    ...snapshot(messages),
    thread: { ...view, topic: 'A topic that is too long for one line of a narrow side bar and is cut' },
  };
}

/** A place and code, as agents show them to each other. */
function coded() {
  const range = { start: { line: 41, character: 0 }, end: { line: 44, character: 0 } };
  const excerpt =
    '  const payload = verify(token, secret);\n  if (payload.exp < Date.now()) throw new Expired("token");\n';
  const place = { uri: 'src/auth/middleware.ts', range, excerpt, note: 'the guard' };
  return [
    message(1, atlas, start, 'Start at the guard.', { refs: [place] }),
    message(
      2,
      nova,
      start + 30_000,
      'This is it:\n\n```ts\n/** Rejects a token that is over. */\nexport function guard(token: string): Payload {\n  const payload = verify(token, secret);\n  if (payload.exp * 1000 < Date.now()) throw new Expired("token", 401);\n  return payload;\n}\n```\n\n```diff\n-  if (payload.exp < Date.now())\n+  if (payload.exp * 1000 < Date.now())\n```',
      { receipts: [receipt(atlas, 'seen', start + 31_000)] },
    ),
  ];
}

function closed() {
  const messages = [...conversation(), passage(8, nova, start + 74_000, 'leave')];
  return snapshot(messages, {
    state: 'closed',
    closedAt: start + 74_000,
    participants: [participant(atlas), participant(nova, true), participant(person)],
  });
}

describe.each(themes)('in the $name theme', (theme) => {
  test.each([460, 260])('the page looks as it should, %i px wide', async (width) => {
    const stage = await Stage.open(browser, files, { theme, width });
    const shot = (name: string): Promise<void> => stage.screenshot(`${name}-${theme.name}-${width}`);
    await shot('loading');
    await stage.show(withUnread());
    await stage.tell({ type: 'typing', thread: withUnread().thread.id, agent: nova.agent, name: nova.name });
    await shot('thread');
    await stage.page.getByRole('button', { name: /rung/ }).last().click();
    await stage.page.getByRole('textbox').focus();
    await stage.settle();
    await shot('receipts');
    await stage.tell({
      type: 'broker',
      broker: { state: 'gone', reason: 'The broker cannot be reached. Start it with Parley: Start Broker.' },
    });
    await shot('gone');
    await stage.show(rich());
    await shot('rich');
    await stage.show(snapshot(coded()));
    await stage.page.locator('.token-keyword').first().waitFor();
    await stage.page.locator('.peek-button').first().click();
    await stage.answer('peek', (id) => ({ type: 'peeked', id, peek: changedPeek }));
    await stage.page.locator('.peek .token-keyword').first().waitFor();
    await stage.page.mouse.move(200, 200);
    await stage.settle();
    await shot('code');
    await stage.page.getByRole('button', { name: 'Reply to Nova' }).first().press('Enter');
    await stage.page.getByRole('textbox').fill('Look at #midd');
    await stage.answer('find', (id) => ({ type: 'found', id, agents: [], places: foundPlaces }));
    await stage.page.keyboard.press('ArrowDown');
    await stage.page.keyboard.press('Enter');
    await stage.page.keyboard.type('again, @');
    await stage.answer('find', (id) => ({ type: 'found', id, agents: foundAgents, places: [] }));
    await shot('composing');
    await stage.show(snapshot(conversation(), { turns: 'round-robin', turn: 'Nova', turnsLeft: 4 }));
    await shot('turns');
    await stage.show(snapshot(conversation(), { turnsLeft: 0 }));
    await shot('limited');
    await stage.show(closed());
    await shot('closed');
    await stage.show(snapshot([], {}));
    await shot('empty');
    await stage.show({ state: 'none' });
    await shot('none');
    await stage.show(snapshot(many(9_801, 10_000), {}, 9_800));
    await stage.page.mouse.move(200, 400);
    await stage.page.mouse.wheel(0, -3000);
    await stage.settle();
    await shot('long');
    expect(await stage.faults()).toEqual([]);
    await stage.close();
  });
});

test('the clock of the scenes is the page’s', () => {
  expect(nowInScenes - start).toBe(74_000);
});
