import * as vscode from 'vscode';
import type { Client } from '../../client/client';
import type { AgentView } from '../../contract/views';
import { namePattern } from '../../core/text';
import type { Lookout } from '../lookout';
import { plain } from '../plain';
import type { Prompts } from '../prompts';
import type { Target } from './row';
import type { Views } from './views';
import { words } from '../words';

/** How long a passing word stands in the status bar. Milliseconds. */
const passing = 6_000;

/** What the person does with the agents of the Roster, besides calling them and ruling over them. */
export class RosterDesk {
  readonly #line: Pick<Client, 'ask'>;
  readonly #lookout: Pick<Lookout, 'picture' | 'rings'>;
  readonly #prompts: Prompts;
  readonly #views: Pick<Views, 'filter'>;
  readonly #openThread: (thread: string) => void;

  constructor(parts: {
    readonly line: Pick<Client, 'ask'>;
    readonly lookout: Pick<Lookout, 'picture' | 'rings'>;
    readonly prompts: Prompts;
    readonly views: Pick<Views, 'filter'>;
    readonly openThread: (thread: string) => void;
  }) {
    this.#line = parts.line;
    this.#lookout = parts.lookout;
    this.#prompts = parts.prompts;
    this.#views = parts.views;
    this.#openThread = parts.openThread;
  }

  /** Shows only agents that fit what is typed, while it is typed. Escape brings back what was shown before. */
  async filter(): Promise<void> {
    const before = this.#views.filter;
    const box = vscode.window.createInputBox();
    box.prompt = words.ask.filter;
    box.value = before;
    const isAccepted = await new Promise<boolean>((resolve) => {
      box.onDidChangeValue((value) => (this.#views.filter = value));
      box.onDidAccept(() => resolve(true));
      box.onDidHide(() => resolve(false));
      box.show();
    });
    if (!isAccepted) this.#views.filter = before;
    box.dispose();
  }

  clearFilter(): Promise<void> {
    this.#views.filter = '';
    return Promise.resolve();
  }

  /** Takes a call that rings at an agent: the person joins as themself. */
  async answerFor(target: Target): Promise<void> {
    const agent = await this.#agent(target, words.ask.whomToAnswerFor, ({ presence }) => presence === 'ringing');
    if (!agent) return;
    const ringing = this.#lookout.rings.at(agent.id);
    const name = plain.toast(agent.name, 40);
    if (ringing.length === 0 && agent.presence !== 'ringing') {
      void vscode.window.showInformationMessage(words.told.nothingRings(name));
      return;
    }
    const call = ringing.length > 1 ? await this.#which(ringing.map((ring) => ring.call)) : ringing[0]?.call.id;
    if (ringing.length > 1 && call === undefined) return;
    if (call !== undefined) this.#lookout.rings.settle(call, agent.id);
    // Of a call that rang before this window watched the broker alone knows.
    const { thread } = await this.#line.ask('answer', {
      answer: 'accept',
      for: agent.id,
      ...(call !== undefined && { call }),
    });
    if (thread !== undefined) this.#openThread(thread);
  }

  async rename(target: Target): Promise<void> {
    const agent = await this.#agent(target, words.ask.whomToRename, () => true);
    if (!agent) return;
    const before = plain.toast(agent.name, 40);
    const name = await vscode.window.showInputBox({
      prompt: words.ask.newName(before),
      value: agent.name,
      ignoreFocusOut: true,
      validateInput: (value) => (namePattern.test(value.trim()) ? undefined : words.ask.nameMissing),
    });
    if (name === undefined || name.trim() === agent.name) return;
    await this.#line.ask('renameAgent', { agent: agent.id, name: name.trim() });
    this.#say(words.told.renamed(before, plain.label(name.trim())));
  }

  /** Takes the agent off the roster, once the person is sure. */
  async disconnect(target: Target): Promise<void> {
    const agent = await this.#agent(target, words.ask.whomToDisconnect, () => true);
    if (!agent) return;
    const name = plain.toast(agent.name, 40);
    const sure = await this.#prompts.sure(words.ask.signOff(name), {
      detail: words.ask.signOffDetail,
      yes: words.ask.disconnect,
    });
    if (!sure) return;
    await this.#line.ask('disconnect', { agent: agent.id });
    this.#say(words.told.signedOff(name));
  }

  async copyId(target: Target): Promise<void> {
    const id = target.thread ?? target.call ?? (await this.#agent(target, words.ask.whoseId, () => true))?.id;
    if (id === undefined) return;
    await vscode.env.clipboard.writeText(id);
    this.#say(words.told.idCopied);
  }

  #which(calls: readonly { readonly id: string; readonly from: string; readonly topic: string }[]) {
    const choices = calls.map(({ id, from, topic }) => ({
      label: plain.label(topic),
      detail: plain.label(this.#prompts.name(from)),
      value: id,
    }));
    return this.#prompts.choose(words.ask.whichCall, choices);
  }

  async #agent({ agent }: Target, title: string, fits: (agent: AgentView) => boolean): Promise<AgentView | undefined> {
    const known = agent === undefined ? undefined : this.#lookout.picture.agents.get(agent);
    return known ?? this.#prompts.agent(title, fits);
  }

  #say(text: string): void {
    vscode.window.setStatusBarMessage(text, passing);
  }
}
