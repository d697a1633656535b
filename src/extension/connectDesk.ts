import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { ClientName } from '../connect/clientNames';
import type { Plan } from '../connect/connector';
import { ParleyError } from '../contract/errors';
import type { Prompts } from './prompts';
import { words } from './words';

export interface ConnectDeskOptions {
  readonly home: string;
  /** Absolute path of the launcher. */
  readonly launcher: () => string;
  readonly prompts: Prompts;
}

/** Sets up the clients of other agents: the change is shown and asked for before it is made. */
export class ConnectDesk {
  readonly #options: ConnectDeskOptions;

  constructor(options: ConnectDeskOptions) {
    this.#options = options;
  }

  /** @throws what the connector throws: `config_malformed`, `config_unwritable`, … */
  async connect(): Promise<void> {
    // Evaluated only here: no window needs it to start.
    const { Connector } = await import('../connect/connector');
    const { clientOf } = await import('../connect/clients');
    const { clientNames } = await import('../connect/clientNames');
    const { home, launcher, prompts } = this.#options;
    const place = {
      launcher: launcher(),
      env: process.env,
      userFolder: homedir(),
      platform: process.platform,
      exists: existsSync,
    };
    const connector = new Connector({ home, place, now: () => Date.now(), newId: randomUUID });

    const client = await prompts.choose<ClientName>(
      words.ask.whichClient,
      clientNames.map((name) => ({ label: clientOf(name).title, detail: clientOf(name).note, value: name })),
    );
    if (!client) return;
    const { title, allow, note } = clientOf(client);
    const what = await prompts.choose<'connect' | 'allow' | 'remove'>(title, [
      { label: words.ask.connect, detail: words.ask.connectDetail, value: 'connect' },
      ...(allow === undefined ? [] : [{ label: words.ask.connectAllowed, detail: allow, value: 'allow' as const }]),
      { label: words.ask.disconnect, detail: words.ask.disconnectDetail, value: 'remove' },
    ]);
    if (!what) return;
    const plan =
      what === 'remove'
        ? await connector.planRemove(client)
        : await connector.planConnect(client, { isAllowed: what === 'allow' });
    if (plan.files.length > 0) {
      if (!(await this.#agreed(plan, title))) return;
      await connector.carryOut(plan);
    }
    const told = what === 'remove' ? words.told.disconnected(title) : await this.#tried(client, title, note);
    void vscode.window.showInformationMessage(told);
  }

  /** Shows the change as a diff and asks for it. */
  async #agreed(plan: Plan, title: string): Promise<boolean> {
    const { shownChange } = await import('../connect/connector');
    const content = `${plan.files.map(shownChange).join('\n\n')}\n`;
    const document = await vscode.workspace.openTextDocument({ language: 'diff', content });
    await vscode.window.showTextDocument(document, { preview: true });
    const yes = plan.kind === 'connect' ? words.ask.connect : words.ask.disconnect;
    const detail = plan.files.map(({ file }) => file).join('\n');
    return (await vscode.window.showWarningMessage(words.ask.change(title), { modal: true, detail }, yes)) === yes;
  }

  async #tried(client: ClientName, title: string, note: string): Promise<string> {
    const { roundTrip } = await import('../connect/roundTrip');
    const launcher = this.#options.launcher();
    try {
      const { tools } = await roundTrip(launcher, process.env);
      return words.told.connected(title, tools.length, note);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new ParleyError('connection_untested', { client: title, name: client, launcher, problem });
    }
  }
}
