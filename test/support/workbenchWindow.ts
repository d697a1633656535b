import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { equipment } from './provision';
import { until } from './until';

/** How long a window may take until its parts are drawn, in milliseconds (5 s when the machine is idle). */
const openPatience = 90_000;

/** How long the palette may take to have a command, in milliseconds. */
const palettePatience = 60_000;

/** How long anything else in the window may take to appear, in milliseconds. */
const patience = 20_000;

/** One window of a workbench: what a person can see and do there. Text is matched by substring unless said otherwise. */
export class WorkbenchWindow {
  readonly page: Page;
  readonly #address: string;

  constructor(page: Page, address: string) {
    this.page = page;
    this.#address = address;
    page.setDefaultTimeout(patience);
  }

  /** Loads the window and waits until it is drawn and its extension host runs. */
  async open(): Promise<void> {
    await this.page.goto(this.#address, { waitUntil: 'domcontentloaded', timeout: openPatience });
    await this.#drawn();
  }

  /** Reloads the window, by the command: a page that is simply loaded again may leave its extension host behind. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('domcontentloaded', { timeout: openPatience });
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.#drawn();
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  async #drawn(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: openPatience });
    await this.page.locator('.activitybar .action-item').first().waitFor({ timeout: openPatience });
  }

  /** Keeps a picture of the window in test-output/screenshots/<name>.png and returns its path. */
  async screenshot(name: string): Promise<string> {
    const folder = path.join(equipment.output, 'screenshots');
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }

  /** Runs a command by its title in the palette, for instance "Parley: Call Agent…". Fails when there is none. */
  async runCommand(title: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first();
    const choose = async (): Promise<boolean> => {
      await this.page.keyboard.press('F1');
      await this.quickInput().fill(`>${title}`, { timeout: 2_000 });
      await row.click({ timeout: 5_000 });
      return true;
    };
    // The palette is closed again by whatever takes the focus meanwhile: a window that starts, a page that opens.
    await until(`the command “${title}” in the palette`, () => choose().catch(() => false), palettePatience);
  }

  /** Makes the window read that settings file again: VS Code's server does not watch it, but hears its own writes. */
  async rereadSettings(file: string): Promise<void> {
    const before = statSync(file).mtimeMs;
    const where = path.basename(path.dirname(file));
    await this.runCommand(`Preferences: Open ${where === 'User' ? 'User' : 'Remote'} Settings (JSON)`);
    const editor = this.page.locator(`.monaco-editor[data-uri$="/${where}/settings.json"]`);
    // The key goes elsewhere when something takes the focus meanwhile.
    await until('the settings to be saved', async () => {
      await editor.locator('.view-lines').click();
      await this.page.keyboard.press('Control+S');
      return until('the save', () => statSync(file).mtimeMs !== before, 2_000).catch(() => false);
    });
    await this.runCommand('View: Close Editor');
    await editor.waitFor({ state: 'detached' });
  }

  /** The text field of the palette, a quick pick or an input box. */
  quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible .quick-input-box input');
  }

  /** Picks an entry of the open quick pick. */
  async pick(label: string): Promise<void> {
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: label }).first().click();
  }

  /** Types into the open input box (or quick pick) and confirms. */
  async enter(text: string): Promise<void> {
    await this.quickInput().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Shows a view container by the name in its activity bar entry. */
  async openContainer(name: string): Promise<void> {
    const tab = this.container(name);
    if ((await tab.getAttribute('aria-expanded')) !== 'true') await tab.click();
  }

  /** The activity bar entry of a view container. */
  container(name: string): Locator {
    return this.page
      .locator('.activitybar [role=tab]', { has: this.page.locator(`a[aria-label^="${name}"]`) })
      .or(this.page.locator(`.activitybar [role=tab][aria-label^="${name}"]`));
  }

  /** The number on a container's badge; '' without a badge. */
  async badge(name: string): Promise<string> {
    const content = this.container(name).locator('.badge-content');
    return (await content.count()) === 0 ? '' : (await content.innerText()).trim();
  }

  /** Tree rows whose accessible name holds the given words. */
  row(label: string | RegExp): Locator {
    return this.page.getByRole('treeitem', { name: label });
  }

  /**
   * An inline action of a tree row, by its title. Moves the pointer there first, since actions show on hover; and again when
   * the row was drawn anew under it, which takes them away. A row that went while it was clicked went because of that.
   */
  async rowAction(label: string | RegExp, action: string): Promise<void> {
    const row = this.row(label).first();
    // Whole words: Answer is not Answer Later. A key that runs it may stand behind.
    const button = row.getByRole('button', { name: new RegExp(`^${escaped(action)}(?: \\(|$)`) });
    await row.waitFor();
    await until(`the action ${action} of a row`, async () => {
      if ((await row.count()) === 0) return true;
      const tried = row.hover({ timeout: 2_000 }).then(() => button.click({ timeout: 2_000 }));
      return tried.then(
        () => true,
        () => false,
      );
    });
  }

  /** Runs an entry of a tree row's context menu, by its title. */
  async rowMenu(label: string | RegExp, action: string): Promise<void> {
    await this.takeMenuEntry(await this.menuOf(this.row(label).first(), action));
  }

  /**
   * Opens the context menu there and returns the entry of that name. Opened again until it has one: what VS Code knows of a
   * new row or selection comes a little later.
   */
  async menuOf(place: Locator, name: string, position?: { readonly x: number; readonly y: number }): Promise<Locator> {
    // A key that runs it may stand behind.
    const named = { name: new RegExp(`^${escaped(name)}(?:,? ?(?:Ctrl|Shift|Alt|F\\d).*)?$`) };
    const entry = this.page.locator('.monaco-menu').getByRole('menuitem', named);
    await until(`the entry “${name}” in the menu`, async () => {
      await place.click({ button: 'right', ...(position && { position }) });
      const isThere = await entry.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      );
      if (!isThere) {
        await this.page.keyboard.press('Escape');
        // A row that was drawn anew under the pointer takes no notice of it until it comes again.
        await this.page.mouse.move(0, 0);
      }
      return isThere;
    });
    return entry;
  }

  /** Clicks until the menu is gone: a click in the first tenth of a second after a menu opened is ignored. */
  async takeMenuEntry(entry: Locator): Promise<void> {
    await until('the menu to be gone', async () => {
      if (await entry.isVisible()) await entry.click({ timeout: 1000 }).catch(() => undefined);
      return !(await entry.isVisible());
    });
  }

  /** Whether what VS Code keeps over a reload has this text by now: in a browser it writes seconds after. */
  keeps(text: string): Promise<boolean> {
    return this.page.evaluate(`(async () => {
    const answer = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const { name } of await indexedDB.databases()) {
      const database = await answer(indexedDB.open(name));
      try {
        for (const store of database.objectStoreNames) {
          const values = await answer(database.transaction(store).objectStore(store).getAll());
          if (values.some((value) => String(JSON.stringify(value)).includes(${JSON.stringify(text)}))) return true;
        }
      } finally {
        database.close();
      }
    }
    return false;
  })()`);
  }

  /** The status bar entry with these words. */
  statusItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item').filter({ hasText: text });
  }

  /** The notification toast with these words. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text });
  }

  /** The words of all toasts that show now. */
  async notifications(): Promise<string[]> {
    return this.page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  }

  /** Clicks a button, or a link in the message, of a toast. */
  async answerNotification(text: string | RegExp, choice: string): Promise<void> {
    const toast = this.notification(text).first();
    await toast.waitFor();
    const button = toast.getByRole('button', { name: choice, exact: true });
    const link = toast.locator('.notification-list-item-message a').filter({ hasText: choice });
    await button.or(link).first().click();
  }

  /** The button of a modal dialog. */
  dialogButton(label: string): Locator {
    return this.page.locator('.monaco-dialog-box').getByRole('button', { name: label, exact: true });
  }

  /** The inside of the webview that shows now. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** Opens a terminal and types a line into it. */
  async typeInTerminal(line: string): Promise<void> {
    await this.runCommand('Terminal: Create New Terminal');
    const terminal = this.page.locator('.terminal-wrapper.active .xterm');
    await terminal.waitFor();
    // A shell that has not drawn its prompt yet would lose the focus event, not the keys.
    await terminal.locator('textarea').first().focus();
    await this.page.keyboard.type(line);
    await this.page.keyboard.press('Enter');
  }
}

/** The text as it stands, in a pattern. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
