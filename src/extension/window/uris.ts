import * as vscode from 'vscode';
import type { Client } from '../../client/client';
import { toParleyError } from '../../contract/errors';
import { goalOf, threadLink } from './linkPaths';
import type { Lookout } from '../lookout';
import { plain } from '../plain';
import type { Prompts } from '../prompts';
import type { Target } from '../trees/row';
import { words } from '../words';

export interface UrisParts {
  readonly line: Pick<Client, 'ask' | 'receive'>;
  readonly lookout: Pick<Lookout, 'picture'>;
  readonly prompts: Prompts;
  /** This extension's id, which its links begin with. */
  readonly extension: string;
  readonly openThread: (thread: string) => void;
  readonly call: (agent: string) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** Links into Parley from outside of it, and to its threads. */
export class Uris implements vscode.UriHandler {
  readonly #parts: UrisParts;

  constructor(parts: UrisParts) {
    this.#parts = parts;
  }

  async handleUri(uri: vscode.Uri): Promise<void> {
    try {
      await this.#follow(uri);
    } catch (error) {
      this.#parts.onFailure(error);
    }
  }

  async copyThreadLink({ thread: id }: Target): Promise<void> {
    const { prompts, lookout, extension } = this.#parts;
    const thread = id ?? (await prompts.thread());
    if (thread === undefined) return;
    await vscode.env.clipboard.writeText(threadLink(vscode.env.uriScheme, extension, thread));
    const topic = lookout.picture.threads.find((one) => one.id === thread)?.topic ?? '';
    vscode.window.setStatusBarMessage(words.links.copied(plain.label(topic, 80)), 6_000);
  }

  async #follow({ path }: vscode.Uri): Promise<void> {
    const goal = goalOf(path);
    if (!goal) {
      void vscode.window.showWarningMessage(words.links.unknown(plain.toast(path, 200)));
      return;
    }
    if (goal.kind === 'thread') await this.#toThread(goal.thread);
    else await this.#toCall(goal.agent);
  }

  async #toThread(thread: string): Promise<void> {
    const { line, lookout, openThread } = this.#parts;
    if (!lookout.picture.threads.some(({ id }) => id === thread) && !(await isThere(line, thread))) {
      void vscode.window.showWarningMessage(words.links.noThread);
      return;
    }
    openThread(thread);
  }

  /** A page in a browser can open such a link: nothing rings before the person has said so. */
  async #toCall(name: string): Promise<void> {
    const { line, prompts, call } = this.#parts;
    const { agents } = await line.ask('who', {});
    const agent = agents.find((one) => one.name.toLowerCase() === name.toLowerCase() && one.kind !== 'human');
    if (!agent) {
      void vscode.window.showWarningMessage(words.links.noAgent(plain.toast(name, 40)));
      return;
    }
    const question = words.links.call(plain.toast(agent.name, 40));
    if (await prompts.sure(question, { detail: words.links.callDetail, yes: words.links.callYes }))
      await call(agent.id);
  }
}

/** Whether the broker has the thread. What is read for that is not confirmed, so that it counts as seen by nobody. */
async function isThere(line: Pick<Client, 'receive'>, thread: string): Promise<boolean> {
  try {
    await line.receive('read', { thread, limit: 1 });
    return true;
  } catch (error) {
    if (toParleyError(error).code === 'unknown_thread') return false;
    throw error;
  }
}
