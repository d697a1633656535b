import * as vscode from 'vscode';
import type { AgentView, ThreadView } from '../contract/views';
import { sharedPlatform } from '../core/model';
import type { Picture } from './picture';
import { nameOf } from './picture';
import { plain } from './plain';
import { inboxRows } from './trees/inboxRows';
import { rosterRows } from './trees/rosterRows';
import { joined, type Row, type Target } from './trees/row';
import { threadRows } from './trees/threadRows';
import { words } from './words';

interface Pick extends vscode.QuickPickItem {
  readonly target: Target;
}

/** Questions to the person. Each answers undefined when the person thinks better of it. */
export class Prompts {
  readonly #picture: () => Picture;

  constructor(picture: () => Picture) {
    this.#picture = picture;
  }

  /** An agent other than the person, of those that fit; no shared server, where nobody reads. */
  async agent(title: string, fits: (agent: AgentView) => boolean = () => true): Promise<AgentView | undefined> {
    const picture = this.#picture();
    const rows = rosterRows(picture).flatMap((row) => row.children ?? [row]);
    const others = rows.filter(({ target }) => {
      const agent = picture.agents.get(target.agent ?? '');
      if (agent === undefined || agent.id === picture.you?.id || agent.platform === sharedPlatform) return false;
      return fits(agent);
    });
    // Whom one calls is rarely the agent of the window that one sits at.
    others.sort((a, b) => Number(a.target.agent === picture.ownAgent) - Number(b.target.agent === picture.ownAgent));
    const chosen = await this.#pick(title, others, words.told.noAgents);
    return chosen?.agent === undefined ? undefined : picture.agents.get(chosen.agent);
  }

  /** A call that the person may answer; without a question when there is only one. */
  async call(): Promise<Target | undefined> {
    const rows = inboxRows(this.#picture()).filter(({ target }) => target.call !== undefined);
    if (rows.length === 1) return rows[0]?.target;
    return this.#pick(words.ask.whichCall, rows, words.told.noCall);
  }

  /** A thread, of those that fit. */
  async thread(
    fits: (thread: ThreadView) => boolean = () => true,
    title = words.ask.whichThread,
  ): Promise<string | undefined> {
    const picture = this.#picture();
    const fitting = { ...picture, threads: picture.threads.filter(fits) };
    const rows = threadRows(fitting).flatMap((row) => row.children ?? [row]);
    return (await this.#pick(title, rows, words.told.noThreads))?.thread;
  }

  /** A question that stands in the way until it is answered. */
  async sure(question: string, { detail, yes }: { readonly detail: string; readonly yes: string }): Promise<boolean> {
    return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
  }

  /** One line; `missing` is said when it may not stay empty, `before` stands there already. */
  async line(prompt: string, missing?: string, before?: string): Promise<string | undefined> {
    const given = await vscode.window.showInputBox({
      prompt,
      ...(before !== undefined && { value: before }),
      ignoreFocusOut: true,
      validateInput: (value) => (missing !== undefined && value.trim() === '' ? missing : undefined),
    });
    return given?.trim();
  }

  async presence(): Promise<'available' | 'busy' | undefined> {
    const { you, agents } = this.#picture();
    const isBusy = agents.get(you?.id ?? '')?.presence === 'busy';
    const choices = [
      {
        label: `$(circle-filled) ${words.ask.available}`,
        detail: words.ask.availableDetail,
        presence: 'available' as const,
      },
      { label: `$(circle-slash) ${words.ask.busy}`, detail: words.ask.busyDetail, presence: 'busy' as const },
    ];
    if (isBusy) choices.reverse();
    return (await vscode.window.showQuickPick(choices, { title: words.ask.presence }))?.presence;
  }

  async choose<T>(
    title: string,
    choices: readonly { readonly label: string; readonly detail?: string; readonly value: T }[],
  ): Promise<T | undefined> {
    return (await vscode.window.showQuickPick(choices, { title }))?.value;
  }

  /** The same, while the person reads and scrolls in the editor: it stays until it is answered. */
  async chooseWhileReading<T>(
    title: string,
    choices: readonly { readonly label: string; readonly detail?: string; readonly value: T }[],
  ): Promise<T | undefined> {
    return (await vscode.window.showQuickPick(choices, { title, ignoreFocusOut: true }))?.value;
  }

  name(agent: string): string {
    return nameOf(this.#picture(), agent);
  }

  async #pick(title: string, rows: readonly Row[], none: string): Promise<Target | undefined> {
    if (rows.length === 0) {
      void vscode.window.showInformationMessage(none);
      return undefined;
    }
    const picks = rows.map(({ label, description, icon, target }): Pick => ({
      label: joined(' ', icon && `$(${icon.name})`, plain.label(label)),
      ...(description !== undefined && { description }),
      target,
    }));
    return (await vscode.window.showQuickPick(picks, { title, matchOnDescription: true }))?.target;
  }
}
