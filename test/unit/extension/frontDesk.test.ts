import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type * as vscode from 'vscode';
import { commands, views } from '../../../src/extension/contributions';
import { FrontDesk, openingLimit, type Answering } from '../../../src/extension/frontDesk';
import { opening } from '../../../src/extension/texts/opening';
import { RowTree } from '../../../src/extension/trees/rowTree';
import { settle, TestClock } from './support';

/** What VS Code may ask before the rest of Parley is loaded, and when it never is. */

const editor = await vi.hoisted(async () => new (await import('./standInEditor')).StandInEditor());
vi.mock('vscode', () => editor.module());

const trees = ['parley.roster', 'parley.inbox', 'parley.threads'];
const pages = ['conversation', 'panels'] as const;
const row = { id: 'a', label: 'Atlas', aria: 'Atlas', target: {}, tooltip: () => '' };

/** A front desk whose parts are there when the test says so, or never. */
function desk() {
  let open: (answering: Answering) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const log = {
    error: vi.fn<(error: unknown) => void>(),
    warn: vi.fn<(text: string) => void>(),
    show: vi.fn<() => void>(),
  };
  const clock = new TestClock();
  const answering = new Promise<Answering>((resolve, reject) => ([open, fail] = [resolve, reject]));
  const front = new FrontDesk(answering, log as unknown as vscode.LogOutputChannel, clock);
  return { front, log, open, fail, clock };
}

function parts() {
  return {
    run: vi.fn<Answering['run']>(() => Promise.resolve()),
    conversation: { resolveWebviewView: vi.fn<() => void>() },
    panels: { deserializeWebviewPanel: vi.fn<() => Promise<void>>(() => Promise.resolve()) },
    links: { handleUri: vi.fn<() => void>() },
    tools: {
      provideMcpServerDefinitions: vi.fn<() => never[]>(() => []),
      resolveMcpServerDefinition: vi.fn<(server: never) => never>((server) => server),
    },
  };
}

/** Whether it has come to an end by now, and how. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  const pending = settle().then(() => 'waits');
  return Promise.race([
    promise.then(
      () => 'answered',
      () => 'failed',
    ),
    pending,
  ]);
}

const command = (name: string, ...args: unknown[]): Promise<unknown> | undefined =>
  editor.commands.get(`parley.${name}`)?.(...args);
const provider = <T>(name: string): T => editor.providers[name] as T;
const contextKeys = (): unknown[][] => editor.ran.filter(([id]) => id === 'setContext');

let made: FrontDesk[];
beforeEach(() => {
  editor.clear();
  made = [];
});
afterEach(() => made.forEach((front) => front.dispose()));
const fresh = (): ReturnType<typeof desk> => {
  const all = desk();
  made.push(all.front);
  return all;
};

describe('before the window is loaded', () => {
  test('every command and view stands registered, and the parts are asked for nothing', () => {
    fresh();
    expect([...editor.commands.keys()]).toEqual(Object.keys(commands).map((name) => `parley.${name}`));
    expect([...editor.views.keys()]).toEqual(trees);
    expect(Object.keys(editor.providers).sort()).toEqual(['conversation', 'links', 'panels', 'tools']);
  });

  test('commands wait, and each is run with what it was given, in the order of asking', async () => {
    const { open } = fresh();
    const given = [command('callAgent', { agent: 'NOVA' }), command('answer', { call: 'c1' }), command('doctor')];
    expect(await Promise.all(given.map((one) => stateOf(one as Promise<unknown>)))).toEqual([
      'waits',
      'waits',
      'waits',
    ]);
    const { run, ...others } = parts();
    open({ run, ...others });
    await Promise.all(given);
    expect(run.mock.calls).toEqual([
      ['callAgent', [{ agent: 'NOVA' }]],
      ['answer', [{ call: 'c1' }]],
      ['doctor', []],
    ]);
  });

  test('pages, links and tools wait, and are answered with what they gave', async () => {
    const { open } = fresh();
    const there = parts();
    const [view, panel, uri, token] = ['view', 'panel', 'uri', 'token'] as unknown as never[];
    const given = [
      provider<vscode.WebviewViewProvider>('conversation').resolveWebviewView(view!, 'context' as never, token!),
      provider<vscode.WebviewPanelSerializer>('panels').deserializeWebviewPanel(panel!, 'state'),
      provider<vscode.UriHandler>('links').handleUri(uri!),
      provider<Answering['tools']>('tools').provideMcpServerDefinitions(token!),
    ].map((one) => one as Promise<unknown>);
    expect(await Promise.all(given.map(stateOf))).toEqual(['waits', 'waits', 'waits', 'waits']);
    open(there);
    await Promise.all(given);
    expect(there.conversation.resolveWebviewView).toHaveBeenCalledExactlyOnceWith(view, 'context', token);
    expect(there.panels.deserializeWebviewPanel).toHaveBeenCalledExactlyOnceWith(panel, 'state');
    expect(there.links.handleUri).toHaveBeenCalledExactlyOnceWith(uri);
    expect(there.tools.provideMcpServerDefinitions).toHaveBeenCalledExactlyOnceWith(token);
  });
});

describe('a tree', () => {
  test('keeps the editor waiting until it has its first rows, and then shows those', async () => {
    const tree = new RowTree('parley.roster');
    const children = tree.getChildren();
    expect(await stateOf(children)).toBe('waits');
    tree.set([row]);
    expect((await children).map((node) => node.row)).toEqual([row]);
    expect((await tree.getChildren()).map((node) => node.row)).toEqual([row]);
  });

  test('is empty, and waits no more, when its first rows are none', async () => {
    const tree = new RowTree('parley.roster');
    const children = tree.getChildren();
    expect(await stateOf(children)).toBe('waits');
    tree.set([]);
    expect(await children).toEqual([]);
  });

  test('of the front desk waits with its first rows even when the window is loaded: they are set there', async () => {
    const { front, open } = fresh();
    const children = front.trees.inbox.getChildren();
    open(parts());
    expect(await stateOf(children)).toBe('waits');
    front.trees.inbox.set([row]);
    expect((await children).map((node) => node.row.label)).toEqual(['Atlas']);
  });
});

describe('when the window cannot be loaded or opened', () => {
  const failed = async (error: unknown = new Error("Cannot find module './extensionWindow.js'")) => {
    const all = fresh();
    all.fail(error);
    await settle();
    return all;
  };

  test('the person reads once what happened and what to do; the error stands in the log alone', async () => {
    const error = new Error('[x](command:y) is not a function');
    const { log } = await failed(error);
    expect(editor.notices.map(({ text, buttons }) => [text, ...buttons])).toEqual([
      [opening.failed, 'Reload Window', 'Show Log'],
    ]);
    expect(log.error).toHaveBeenCalledExactlyOnceWith(error);
  });

  test('its buttons reload the window and show the log', async () => {
    const { log } = await failed();
    editor.notices[0]?.choose('Show Log');
    await settle();
    expect(log.show).toHaveBeenCalledOnce();
    expect(editor.ran).not.toContainEqual(['workbench.action.reloadWindow']);
    void command('callAgent');
    editor.notices[1]?.choose('Reload Window');
    await settle();
    expect(editor.ran).toContainEqual(['workbench.action.reloadWindow']);
    expect(log.show).toHaveBeenCalledOnce();
  });

  test('closing the notification does nothing', async () => {
    const { log } = await failed();
    const before = [...editor.ran];
    editor.notices[0]?.choose();
    await settle();
    expect(editor.ran).toEqual(before);
    expect(log.show).not.toHaveBeenCalled();
  });

  test('all of it is said in the display language', async () => {
    const german = (file: string): Record<string, string> =>
      JSON.parse(readFileSync(path.join(import.meta.dirname, '../../../l10n', file), 'utf8')) as Record<string, string>;
    Object.assign(editor.bundle, german('bundle.l10n.de.json'));
    const { log } = await failed();
    const [notice] = editor.notices;
    expect([notice?.text, ...(notice?.buttons ?? [])]).toEqual([
      editor.bundle[opening.failed],
      'Fenster neu laden',
      'Protokoll zeigen',
    ]);
    notice?.choose('Protokoll zeigen');
    await settle();
    expect(log.show).toHaveBeenCalledOnce();
    const welcome = Object.entries(german('manifest.de.json')).filter(([english]) =>
      english.startsWith(opening.failed),
    );
    expect(welcome.map(([, said]) => said.split('\n')[0])).toEqual([notice?.text, notice?.text]);
  });

  test('commands that wait end, answered by that one notification', async () => {
    const { fail } = fresh();
    const given = [command('callAgent'), command('showLog')];
    fail(new Error('damaged'));
    await Promise.all(given);
    expect(editor.notices).toHaveLength(1);
  });

  test('commands and links given afterwards are answered with the same sentence', async () => {
    await failed();
    await command('callAgent', { agent: 'NOVA' });
    await provider<vscode.UriHandler>('links').handleUri('uri' as never);
    expect(editor.notices.map(({ text }) => text)).toEqual([opening.failed, opening.failed, opening.failed]);
  });

  test('the command that shows the log shows it', async () => {
    const { log } = await failed();
    await command('showLog');
    expect(log.show).toHaveBeenCalledOnce();
    expect(editor.notices).toHaveLength(1);
  });

  test('the trees stop waiting, are empty, and show the welcome that says the same', async () => {
    const { front, fail } = fresh();
    const children = Object.values(front.trees).map((tree) => tree.getChildren());
    fail(new Error('damaged'));
    expect(await Promise.all(children)).toEqual([[], [], []]);
    expect(contextKeys()).toEqual([['setContext', 'parley.broker', 'unopened']]);
    for (const { welcome } of [views.roster, views.inbox, views.threads]) {
      const shown = welcome.filter(({ when }) => when === 'parley.broker == unopened').map(({ text }) => text);
      expect(shown).toHaveLength(1);
      expect(shown[0]?.split('\n')[0]).toBe(opening.failed);
    }
  });

  test('what the trees had by then is taken away, and what would hide the welcome', async () => {
    const { front, fail } = fresh();
    for (const tree of Object.values(front.trees)) {
      tree.set([row]);
      tree.view.message = 'All is paused';
      tree.view.badge = { value: 1, tooltip: '' };
    }
    fail(new Error('damaged'));
    await settle();
    for (const tree of Object.values(front.trees)) {
      expect(await tree.getChildren()).toEqual([]);
      expect([tree.view.message, tree.view.badge]).toEqual(['', undefined]);
    }
  });

  test('pages say it in place of a thread, without scripts', async () => {
    await failed();
    for (const name of pages) {
      const page = { webview: { html: '' } };
      const given = [page, undefined, undefined] as never[];
      if (name === 'conversation')
        await provider<vscode.WebviewViewProvider>(name).resolveWebviewView(...(given as [never, never, never]));
      else await provider<vscode.WebviewPanelSerializer>(name).deserializeWebviewPanel(...(given as [never, never]));
      expect(page.webview.html).toContain(`<p>${opening.failed}</p>`);
      expect(page.webview.html).toContain("default-src 'none'");
    }
  });

  test('the chat is given no tools', async () => {
    await failed();
    const tools = provider<Answering['tools']>('tools');
    expect(await tools.provideMcpServerDefinitions('token' as never)).toBeUndefined();
    expect(await tools.resolveMcpServerDefinition?.('server' as never, 'token' as never)).toBeUndefined();
  });

  test('after the extension was ended, nobody is told any more', async () => {
    const { front, fail, log } = fresh();
    front.dispose();
    fail(new Error('damaged'));
    await settle();
    expect(editor.notices).toEqual([]);
    expect(log.error).not.toHaveBeenCalled();
    expect(contextKeys()).toEqual([]);
  });
});

describe('when the window takes too long to open', () => {
  const late = async () => {
    const all = fresh();
    await all.clock.pass(openingLimit);
    return all;
  };
  /** Asks for both pages; each ends when it is filled. */
  const askForPages = () =>
    pages.map((name) => {
      const page = { webview: { html: '' } };
      const given = [page, undefined, undefined] as never[];
      const filled =
        name === 'conversation'
          ? provider<vscode.WebviewViewProvider>(name).resolveWebviewView(...(given as [never, never, never]))
          : provider<vscode.WebviewPanelSerializer>(name).deserializeWebviewPanel(...(given as [never, never]));
      return { page, filled: filled as Promise<void> };
    });

  test('nobody is told a moment before the limit, and the trees show progress', async () => {
    const { front, clock } = fresh();
    await clock.pass(openingLimit - 1);
    expect([editor.notices, contextKeys()]).toEqual([[], []]);
    expect(await stateOf(front.trees.roster.getChildren())).toBe('waits');
  });

  test('nobody is told of a window that has opened, or that was closed, by then', async () => {
    const opened = fresh();
    opened.open(parts());
    await opened.clock.pass(openingLimit);
    const closed = fresh();
    closed.front.dispose();
    await closed.clock.pass(openingLimit);
    expect([editor.notices, contextKeys()]).toEqual([[], []]);
  });

  test('the person reads once that it does, with what can be done, and the log has it', async () => {
    const { log, clock } = await late();
    await clock.pass(10 * openingLimit);
    expect(editor.notices.map(({ text, buttons }) => [text, ...buttons])).toEqual([
      [opening.late, 'Reload Window', 'Show Log'],
    ]);
    expect(log.warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('not open after 60 s'));
    editor.notices[0]?.choose('Reload Window');
    await settle();
    expect(editor.ran).toContainEqual(['workbench.action.reloadWindow']);
    expect(log.show).not.toHaveBeenCalled();
  });

  test('it is said in the display language', async () => {
    const file = path.join(import.meta.dirname, '../../../l10n/bundle.l10n.de.json');
    Object.assign(editor.bundle, JSON.parse(readFileSync(file, 'utf8')));
    const { log } = await late();
    expect(editor.notices.map(({ text }) => text)).toEqual([editor.bundle[opening.late]]);
    editor.notices[0]?.choose('Protokoll zeigen');
    await settle();
    expect(log.show).toHaveBeenCalledOnce();
  });

  test('the trees stop waiting, are empty, and show the welcome that says the same', async () => {
    const { front } = await late();
    const children = Object.values(front.trees).map((tree) => tree.getChildren());
    expect(await Promise.all(children)).toEqual([[], [], []]);
    expect(contextKeys()).toEqual([['setContext', 'parley.broker', 'late']]);
    for (const { welcome } of [views.roster, views.inbox, views.threads]) {
      const shown = welcome.filter(({ when }) => when === 'parley.broker == late').map(({ text }) => text);
      expect(shown.map((text) => text.split('\n')[0])).toEqual([opening.late]);
    }
  });

  test('a tree that has rows by then keeps them', async () => {
    const { front, clock } = fresh();
    front.trees.roster.set([row]);
    await clock.pass(openingLimit);
    expect((await front.trees.roster.getChildren()).map((node) => node.row)).toEqual([row]);
    expect(await front.trees.inbox.getChildren()).toEqual([]);
  });

  test('commands and links that waited end, answered by that one notification, and are not done later', async () => {
    const { open, clock } = fresh();
    const given = [command('callAgent'), provider<vscode.UriHandler>('links').handleUri('uri' as never)];
    await clock.pass(openingLimit);
    await Promise.all(given);
    expect(editor.notices).toHaveLength(1);
    const there = parts();
    open(there);
    await settle();
    expect(there.run).not.toHaveBeenCalled();
    expect(there.links.handleUri).not.toHaveBeenCalled();
  });

  test('commands and links given afterwards are answered with the same sentence', async () => {
    await late();
    await command('callAgent');
    await provider<vscode.UriHandler>('links').handleUri('uri' as never);
    expect(editor.notices.map(({ text }) => text)).toEqual([opening.late, opening.late, opening.late]);
  });

  test('pages say it, without scripts, and become what they are when the window opens after all', async () => {
    const { open, clock } = fresh();
    const asked = askForPages();
    await clock.pass(openingLimit);
    asked.push(...askForPages());
    await settle();
    for (const { page } of asked) {
      expect(page.webview.html).toContain(`<p>${opening.late}</p>`);
      expect(page.webview.html).toContain("default-src 'none'");
    }
    const there = parts();
    open(there);
    await Promise.all(asked.map(({ filled }) => filled));
    const [view, panel, view2, panel2] = asked.map(({ page }) => page);
    expect(there.conversation.resolveWebviewView.mock.calls.map((given: unknown[]) => given[0])).toEqual([view, view2]);
    expect(there.panels.deserializeWebviewPanel.mock.calls.map((given: unknown[]) => given[0])).toEqual([
      panel,
      panel2,
    ]);
  });

  test('the chat is given no tools, and is told that there are some when the window opens after all', async () => {
    const { open, clock } = fresh();
    const tools = provider<Answering['tools']>('tools');
    const changed = vi.fn<() => void>();
    tools.onDidChangeMcpServerDefinitions?.(changed);
    const asked = Promise.resolve(tools.provideMcpServerDefinitions('token' as never));
    await clock.pass(openingLimit);
    expect(await asked).toBeUndefined();
    expect(changed).not.toHaveBeenCalled();
    open(parts());
    await settle();
    expect(changed).toHaveBeenCalledOnce();
    expect(await tools.provideMcpServerDefinitions('token' as never)).toEqual([]);
  });

  test('and opens after all, commands are run again and nothing more is told', async () => {
    const { open } = await late();
    const there = parts();
    open(there);
    await settle();
    await command('callAgent', { agent: 'NOVA' });
    expect(there.run.mock.calls).toEqual([['callAgent', [{ agent: 'NOVA' }]]]);
    expect(editor.notices).toHaveLength(1);
  });

  test('and cannot be opened after that, it is told as ever', async () => {
    const { fail, log } = await late();
    const [{ page, filled } = expect.unreachable()] = askForPages();
    const error = new Error('damaged');
    fail(error);
    await filled;
    expect(editor.notices.map(({ text }) => text)).toEqual([opening.late, opening.failed]);
    expect(log.error).toHaveBeenCalledExactlyOnceWith(error);
    expect(contextKeys().at(-1)).toEqual(['setContext', 'parley.broker', 'unopened']);
    expect(page.webview.html).toContain(opening.failed);
  });
});

test('the log is shown at any time, whether the window is open or not', async () => {
  const { log, open } = fresh();
  await command('showLog');
  expect(log.show).toHaveBeenCalledOnce();
  const there = parts();
  open(there);
  await settle();
  await command('showLog');
  expect(there.run.mock.calls).toEqual([['showLog', []]]);
});

test('a command that fails once the window is open says its own error, not that Parley could not start', async () => {
  const { open } = fresh();
  const there = parts();
  there.run.mockRejectedValue(new Error('its own'));
  open(there);
  await expect(command('callAgent')).rejects.toThrow('its own');
  expect(editor.notices).toEqual([]);
});

test('ended, the front desk has let go of all that it registered', () => {
  const { front } = fresh();
  expect(editor.registered().length).toBeGreaterThan(50);
  front.dispose();
  expect(editor.registered()).toEqual([]);
});
