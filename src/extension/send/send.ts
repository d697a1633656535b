import * as vscode from 'vscode';
import type { Client } from '../../client/client';
import type { AgentView, ThreadView } from '../../contract/views';
import { defaultLimits } from '../../core/limits';
import { bestFirst } from '../trees/agentRank';
import { Owned } from '../disposable';
import type { Lookout } from '../lookout';
import { checkParcel, messageOf, type Parcel } from './parcel';
import { plain } from '../plain';
import type { Prompts } from '../prompts';
import { reviewParcel } from './review';
import { joined } from '../trees/row';
import { sources } from './sendSources';
import type { CallWords } from '../ring/telephone';
import { topicText, words } from '../words';

/** Threads that a parcel can go into besides a call or a message, at most. */
const mostThreads = 5;

export interface SendParts {
  readonly line: Pick<Client, 'ask'>;
  readonly lookout: Pick<Lookout, 'picture'>;
  readonly prompts: Prompts;
  readonly call: (callee: AgentView, words: CallWords) => Promise<void>;
  readonly openThread: (thread: string) => void;
}

type Way =
  { readonly kind: 'call' } | { readonly kind: 'message' } | { readonly kind: 'thread'; readonly thread: ThreadView };

/** Gives agents what the person points to: code, files, problems, what a terminal says, changes to review. */
export class SendDesk extends Owned implements vscode.CodeActionProvider {
  readonly #parts: SendParts;

  constructor(parts: SendParts) {
    super();
    this.#parts = parts;
    const metadata = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
    // The menu of the problems panel takes nothing from extensions but quick fixes.
    this.own(vscode.languages.registerCodeActionsProvider({ scheme: 'file' }, this, metadata));
  }

  provideCodeActions(
    { uri }: vscode.TextDocument,
    _range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const { broker } = this.#parts.lookout.picture;
    if (broker.state !== 'connected') return [];
    return diagnostics.slice(0, 1).map((diagnostic) => {
      const action = new vscode.CodeAction(words.send.sendProblem, vscode.CodeActionKind.QuickFix);
      action.diagnostics = [diagnostic];
      action.command = { command: 'parley.sendProblem', title: action.title, arguments: [uri, diagnostic] };
      return action;
    });
  }

  async selection(): Promise<void> {
    await this.#send(await sources.fromEditor());
  }

  async files(args: readonly unknown[]): Promise<void> {
    await this.#send(await sources.fromFiles(args));
  }

  async problem(args: readonly unknown[]): Promise<void> {
    await this.#send(await sources.fromProblem(args));
  }

  async terminal(): Promise<void> {
    await this.#send(await sources.fromTerminal());
  }

  /** @param about - whatever the menu of a source control gives: its repository, or nothing */
  async review([about]: readonly unknown[]): Promise<void> {
    const root = typeof about === 'object' && about !== null ? (about as { rootUri?: unknown }).rootUri : undefined;
    await this.#send(await reviewParcel(this.#parts.prompts, root instanceof vscode.Uri ? root : undefined));
  }

  /** Asks whom it goes to, how, and with which words. @throws `too_many_refs`, `message_too_long` before asking */
  async #send(parcel: Parcel | string | undefined): Promise<void> {
    if (typeof parcel === 'string') void vscode.window.showInformationMessage(parcel);
    if (typeof parcel !== 'object') return;
    checkParcel(parcel);
    const agent = await this.#whom(parcel);
    if (!agent) return;
    const name = plain.toast(agent.name, 40);
    const way = await this.#way(agent, name);
    if (!way) return;
    const { prompts, line, call, openThread } = this.#parts;
    const own = await prompts.line(words.send.words(name), words.send.wordsMissing, parcel.draft);
    if (own === undefined) return;
    const text = messageOf(own, parcel.text);
    const refs = [...parcel.refs];
    switch (way.kind) {
      case 'call':
        return call(agent, { topic: cut(own, defaultLimits.topicLength), message: text, refs });
      case 'message': {
        const { message } = await line.ask('message', { to: agent.id, text, refs });
        openThread(message.thread);
        return;
      }
      case 'thread':
        await line.ask('send', { thread: way.thread.id, text, refs });
        openThread(way.thread.id);
        return;
    }
  }

  async #whom({ name, paths, capability }: Parcel): Promise<AgentView | undefined> {
    const { agents, you, ownAgent } = this.#parts.lookout.picture;
    const others = [...agents.values()].filter(({ id, kind }) => id !== you?.id && kind !== 'human');
    if (others.length === 0) {
      void vscode.window.showInformationMessage(words.told.noAgents);
      return undefined;
    }
    const wish = { paths, ownAgent, ...(capability !== undefined && { capability }) };
    const choices = bestFirst(others, wish).map((agent) => ({
      label: plain.label(agent.name),
      description: joined(
        ' · ',
        plain.label(agent.platform, 40),
        agent.id === ownAgent && words.roster.thisWindow,
        agent.presence === 'available' ? words.reach[agent.reach.state] : words.presence[agent.presence],
      ),
      detail: plain.label(agent.capabilities.join(', '), 200),
      value: agent,
    }));
    const title = words.send.whom(name);
    // A view that takes the focus meanwhile (Problems after its menu, a thread that opens) would close the question.
    const options = { title, matchOnDescription: true, matchOnDetail: true, ignoreFocusOut: true };
    return (await vscode.window.showQuickPick(choices, options))?.value;
  }

  #way({ id, presence }: AgentView, name: string): Promise<Way | undefined> {
    const { threads, you } = this.#parts.lookout.picture;
    const isIn = ({ participants }: ThreadView, agent: string | undefined): boolean =>
      participants.some((one) => one.agent === agent && !one.left);
    const shared = threads.filter((one) => one.state !== 'closed' && isIn(one, id) && isIn(one, you?.id));
    const call = { label: words.send.call, detail: words.send.callDetail(name), value: { kind: 'call' } } as const;
    const message = {
      label: words.send.message,
      detail: words.send.messageDetail(name),
      value: { kind: 'message' },
    } as const;
    return this.#parts.prompts.chooseWhileReading<Way>(words.send.how(name), [
      ...shared.slice(0, mostThreads).map((thread) => ({
        label: words.send.into(plain.label(topicText(thread.topic), 80)),
        detail: words.send.intoDetail,
        value: { kind: 'thread', thread } as const,
      })),
      // Who is away hears neither now: the message says so in its name.
      ...(presence === 'offline' ? [message, call] : [call, message]),
    ]);
  }
}

/** At most `limit` characters, without half a surrogate pair at the end. */
function cut(text: string, limit: number): string {
  return text.slice(0, limit).replace(/[\ud800-\udbff]$/, '');
}
