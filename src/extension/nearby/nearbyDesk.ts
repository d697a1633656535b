import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Clock } from '../../client/clock';
import type { ClientName } from '../../connect/clientNames';
import { ParleyError } from '../../contract/errors';
import { ringReason } from '../../contract/ringReasons';
import { clientTitles, keyOf, type NearbySession } from '../../nearby/session';
import type { NearbyAround } from './nearbyAround';
import { plain } from '../plain';
import type { Prompts } from '../prompts';
import type { Target } from '../trees/row';
import { tongue, words } from '../words';

/** How long a passing word stands in the status bar. Milliseconds. */
const passing = 6_000;

export interface NearbyDeskParts {
  readonly around: Pick<NearbyAround, 'find' | 'refresh' | 'sessions'>;
  readonly prompts: Prompts;
  readonly connect: (client: ClientName) => Promise<void>;
  /** Absolute path of the launcher. */
  readonly launcher: () => string;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
}

/** What the person does with sessions that have not signed on. */
export class NearbyDesk {
  readonly #parts: NearbyDeskParts;

  constructor(parts: NearbyDeskParts) {
    this.#parts = parts;
  }

  /**
   * Shows the line that invites the session, and sends it where its client takes one and the person says so.
   * @throws `session_gone`, `invitation_failed`
   */
  async invite(target: Target): Promise<void> {
    const session = await this.#session(target);
    if (!session) return;
    const { invitation, invite } = await import('../../nearby/invite');
    const line = invitation(this.#parts.launcher());
    const title = clientTitles[session.client];
    const { send, copyLine, connectClient } = words.nearby;
    const buttons = session.door ? [send, copyLine, connectClient] : [copyLine, connectClient];
    const detail = session.door ? words.nearby.inviteDetail(line) : words.nearby.pasteDetail(title, line);
    const question = words.nearby.invite(title, plain.toast(session.folder, 80));
    const choice = await vscode.window.showInformationMessage(question, { modal: true, detail }, ...buttons);
    if (choice === connectClient) await this.#parts.connect(session.client);
    if (choice === copyLine) await this.#copy(line, words.nearby.lineCopied);
    if (choice !== send) return;
    // The question may have stood there for long: another process may have the pid, or the session its name by now.
    const { clock, env } = this.#parts;
    const { result, detail: reason = '' } = await invite(await this.#still(session), line, { clock, env });
    const told =
      result === 'held'
        ? words.nearby.held(title, plain.toast(ringReason(reason, tongue), 80))
        : words.nearby.sent(title);
    void vscode.window.showInformationMessage(told);
  }

  /** Sets up the client of that session, so that its next sessions have our tools. */
  async connectClient(target: Target): Promise<void> {
    const session = await this.#session(target);
    if (session) await this.#parts.connect(session.client);
  }

  /** The client's own id of the session, or the pid where it has none. */
  async copyId(target: Target): Promise<void> {
    const session = await this.#session(target);
    if (session) await this.#copy(session.sessionId ?? String(session.pid), words.told.idCopied);
  }

  /** Shows the folder where it can be seen: in the explorer, in the system's file manager, or in a window of its own. */
  async revealFolder(target: Target): Promise<void> {
    const session = await this.#session(target);
    if (!session) return;
    if (!path.isAbsolute(session.folder)) {
      void vscode.window.showInformationMessage(words.nearby.noFolder(clientTitles[session.client]));
      return;
    }
    const folder = vscode.Uri.file(session.folder);
    const isHere = vscode.workspace.getWorkspaceFolder(folder) !== undefined;
    const isLocal = vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop;
    if (isHere) await vscode.commands.executeCommand('revealInExplorer', folder);
    else if (isLocal) await vscode.commands.executeCommand('revealFileInOS', folder);
    else await vscode.commands.executeCommand('vscode.openFolder', folder, { forceNewWindow: true });
  }

  /** The session that is meant; without one the person is asked. @throws `session_gone` */
  async #session({ session: id }: Target): Promise<NearbySession | undefined> {
    const { around, prompts } = this.#parts;
    // No folder tells of a process that was killed: whoever uses a row looks first.
    await around.refresh();
    if (id !== undefined) return this.#found(id);
    const choices = around.sessions.map((one) => ({
      label: plain.label(one.client),
      detail: plain.label([one.folder, one.title ?? ''].filter((text) => text !== '').join(' · ')),
      value: one.id,
    }));
    if (choices.length === 0) {
      void vscode.window.showInformationMessage(words.nearby.none);
      return undefined;
    }
    const chosen = await prompts.choose(words.nearby.which, choices);
    return chosen === undefined ? undefined : this.#found(chosen);
  }

  #found(id: string): NearbySession {
    const session = this.#parts.around.find(id);
    if (!session) throw new ParleyError('session_gone');
    return session;
  }

  async #still(session: NearbySession): Promise<NearbySession> {
    await this.#parts.around.refresh();
    const now = this.#found(keyOf(session));
    if (now.pid !== session.pid || now.start !== session.start) throw new ParleyError('session_gone');
    return now;
  }

  async #copy(text: string, told: string): Promise<void> {
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(told, passing);
  }
}
