import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { ClientName } from '../../connect/clientNames';
import type { ConnectChoices, KnownClient } from '../../connect/clients';
import type { Connector, Plan } from '../../connect/connector';
import { ParleyError } from '../../contract/errors';
import type { Prompts } from '../prompts';
import type { ReadOnlyTexts } from '../thread/readOnlyTexts';
import { tongue, words } from '../words';

export interface ConnectDeskOptions {
  readonly home: string;
  /** Absolute path of the launcher. */
  readonly launcher: () => string;
  readonly prompts: Prompts;
  readonly texts: ReadOnlyTexts;
}

/** What can be done with a client. */
type Wish = ConnectChoices | 'remove';

/** Sets up the clients of other agents: the change is shown and asked for before it is made. */
export class ConnectDesk {
  readonly #options: ConnectDeskOptions;

  constructor(options: ConnectDeskOptions) {
    this.#options = options;
  }

  /**
   * @param named the client; without it the person is asked
   * @throws what the connector throws: `config_malformed`, `config_unwritable`, …; `connection_untested`
   */
  async connect(named?: ClientName): Promise<void> {
    // Evaluated only here: no window needs it to start.
    const { Connector } = await import('../../connect/connector');
    const { clientOf } = await import('../../connect/clients');
    const { home, launcher, prompts } = this.#options;
    const place = {
      launcher: launcher(),
      env: process.env,
      userFolder: homedir(),
      platform: process.platform,
      exists: existsSync,
    };
    const connector = new Connector({ home, place, now: () => Date.now(), newId: randomUUID });

    const client = named ?? (await this.#whichClient());
    if (!client) return;
    const { title, note } = clientOf(client);
    const wish = await prompts.choose<Wish>(title, [
      ...waysToConnect(clientOf(client)),
      ...(named === undefined
        ? [{ label: words.ask.disconnect, detail: words.ask.disconnectDetail, value: 'remove' as const }]
        : []),
    ]);
    if (!wish) return;
    const plan = await planOf(connector, client, wish);
    if (plan.files.length > 0) {
      if (!(await this.#agreed(plan, title))) return;
      await connector.carryOut(plan);
    }
    const told =
      wish === 'remove' ? words.told.disconnected(title) : await this.#tried(client, title, tongue.say(note));
    void vscode.window.showInformationMessage(told);
  }

  async #whichClient(): Promise<ClientName | undefined> {
    const { clientOf } = await import('../../connect/clients');
    const { clientNames } = await import('../../connect/clientNames');
    return this.#options.prompts.choose<ClientName>(
      words.ask.whichClient,
      clientNames.map((name) => ({
        label: clientOf(name).title,
        detail: tongue.say(clientOf(name).note),
        value: name,
      })),
    );
  }

  /** Shows every file of the change side by side, and asks for it while the person can still read there. */
  async #agreed(plan: Plan, title: string): Promise<boolean> {
    const { texts } = this.#options;
    const sides = plan.files.map(({ file, found, after }) => [
      vscode.Uri.file(file),
      texts.keep(file, found.bytes?.toString() ?? ''),
      texts.keep(file, after?.toString() ?? ''),
    ]);
    const shown = words.ask.changes(title);
    await vscode.commands.executeCommand('vscode.changes', shown, sides);
    const yes = plan.kind === 'connect' ? words.ask.connect : words.ask.disconnect;
    const agreed = await this.#options.prompts.chooseWhileReading(words.ask.change(title), [
      { label: yes, detail: plan.files.map(({ file }) => file).join('  ·  '), value: true },
      { label: words.ask.leaveIt, detail: words.ask.leaveItDetail, value: false },
    ]);
    await closeTabs(shown);
    return agreed === true;
  }

  async #tried(client: ClientName, title: string, note: string): Promise<string> {
    const { roundTrip } = await import('../../connect/roundTrip');
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

function planOf(connector: Connector, client: ClientName, wish: Wish): Promise<Plan> {
  return wish === 'remove' ? connector.planRemove(client) : connector.planConnect(client, wish);
}

interface Way {
  readonly label: string;
  readonly detail: string;
  readonly value: ConnectChoices;
}

/** How far connecting may go, the least first. */
function waysToConnect({ allow, wake }: KnownClient): Way[] {
  const { connect, connectDetail, connectAllowed, connectWoken, connectBoth } = words.ask;
  const ways: Way[] = [{ label: connect, detail: connectDetail, value: { isAllowed: false } }];
  if (allow !== undefined) ways.push({ label: connectAllowed, detail: tongue.say(allow), value: { isAllowed: true } });
  if (wake === undefined) return ways;
  ways.push({ label: connectWoken, detail: tongue.say(wake), value: { isAllowed: false, isWoken: true } });
  if (allow !== undefined) {
    const detail = `${tongue.say(allow)} · ${tongue.say(wake)}`;
    ways.push({ label: connectBoth, detail, value: { isAllowed: true, isWoken: true } });
  }
  return ways;
}

/** What was shown to be agreed to says nothing any more afterwards. */
async function closeTabs(label: string): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => tab.label.startsWith(label));
  await vscode.window.tabGroups.close(tabs);
}
