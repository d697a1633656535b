import * as vscode from 'vscode';
import type { Client } from '../client/client';
import type { Output } from '../contract/operations';
import type { AgentView, ThreadView } from '../contract/views';
import type { CallPolicy } from '../core/model';
import { failureText } from './errorWords';
import type { Lookout } from './lookout';
import { plain } from './plain';
import type { Prompts } from './prompts';
import type { Target } from './trees/row';
import { clockTime, topicText, words } from './words';

/** How long a passing word stands in the status bar. Milliseconds. */
const passing = 6_000;
/** Least letters of a search, and how long the person's typing rests before it is asked. Milliseconds. */
const leastLetters = 2;
const typingRest = 200;
/** Hits that the list of a search shows. */
const mostHits = 50;

type Hit = Output<'search'>['hits'][number];

/** What the person decides over threads, agents and everything at once. */
export class Controls {
  readonly #line: Pick<Client, 'ask'>;
  readonly #lookout: Pick<Lookout, 'picture' | 'moreArchived'>;
  readonly #prompts: Prompts;
  readonly #openThread: (thread: string) => void;

  constructor(parts: {
    readonly line: Pick<Client, 'ask'>;
    readonly lookout: Pick<Lookout, 'picture' | 'moreArchived'>;
    readonly prompts: Prompts;
    readonly openThread: (thread: string) => void;
  }) {
    this.#line = parts.line;
    this.#lookout = parts.lookout;
    this.#prompts = parts.prompts;
    this.#openThread = parts.openThread;
  }

  async pauseAll(): Promise<void> {
    await this.#line.ask('pauseAll', {});
    this.#say(words.told.allPaused);
  }

  async resumeAll(): Promise<void> {
    await this.#line.ask('resumeAll', {});
    this.#say(words.told.allResumed);
  }

  async pauseThread(target: Target): Promise<void> {
    const thread = await this.#thread(target, (one) => one.state === 'open');
    if (thread) await this.#line.ask('pause', { thread: thread.id });
  }

  async resumeThread(target: Target): Promise<void> {
    const thread = await this.#thread(target, (one) => one.state === 'paused');
    if (thread) await this.#line.ask('resume', { thread: thread.id });
  }

  /** Agents who only answer each other stop at the turn limit until a person lets them go on. */
  async grantTurns(target: Target): Promise<void> {
    const thread = await this.#thread(target, isOpen);
    if (!thread) return;
    await this.#line.ask('grant', { thread: thread.id });
    this.#say(words.told.granted(plain.label(topicText(thread.topic))));
  }

  async renameThread(target: Target): Promise<void> {
    const thread = await this.#thread(target, isOpen);
    if (!thread) return;
    const before = topicText(thread.topic);
    const topic = await this.#prompts.line(words.ask.newTopic, words.ask.topicMissing, before);
    if (topic !== undefined && topic !== before) await this.#line.ask('rename', { thread: thread.id, topic });
  }

  async invite(target: Target): Promise<void> {
    const thread = await this.#thread(target, isOpen);
    if (!thread) return;
    const inside = new Set(thread.participants.filter(({ left }) => !left).map(({ agent }) => agent));
    const agent = await this.#prompts.agent(words.ask.whomToInvite, (one) => !inside.has(one.id));
    if (!agent) return;
    const { call } = await this.#line.ask('invite', { thread: thread.id, to: agent.id });
    const name = plain.toast(agent.name, 40);
    const rings = call.to.some((leg) => leg.agent === agent.id && leg.state === 'ringing');
    this.#say(rings ? words.told.inviting(name) : words.told.queued(name));
  }

  /** Invites an agent into the thread and takes the person out of it, in one step. */
  async transfer(target: Target): Promise<void> {
    const thread = await this.#thread(target, isOpen);
    if (!thread) return;
    const inside = new Set(thread.participants.filter(({ left }) => !left).map(({ agent }) => agent));
    const agent = await this.#prompts.agent(words.ask.whomToTransfer, (one) => !inside.has(one.id));
    if (!agent) return;
    await this.#line.ask('transfer', { thread: thread.id, to: agent.id });
    this.#say(words.told.transferred(plain.toast(agent.name, 40)));
  }

  async endThread(target: Target): Promise<void> {
    const thread = await this.#thread(target, isOpen);
    if (!thread) return;
    const sure = await this.#prompts.sure(words.ask.endThread(plain.toast(topicText(thread.topic))), {
      detail: words.ask.endThreadDetail,
      yes: words.ask.end,
    });
    if (sure) await this.#line.ask('leave', { thread: thread.id, close: true });
  }

  async eraseThread(target: Target): Promise<void> {
    const thread = await this.#thread(target, () => true);
    if (!thread) return;
    const topic = plain.toast(topicText(thread.topic));
    const sure = await this.#prompts.sure(words.ask.eraseThread(topic), {
      detail: words.ask.eraseThreadDetail,
      yes: words.ask.erase,
    });
    if (!sure) return;
    if (thread.state !== 'closed') await this.#line.ask('leave', { thread: thread.id, close: true });
    const options = { location: vscode.ProgressLocation.Notification, title: words.told.erasing(topic) };
    await vscode.window.withProgress(options, () => this.#line.ask('erase', { thread: thread.id }));
    this.#say(words.told.erased(topic));
  }

  async hold(target: Target, hold: boolean): Promise<void> {
    const agent = await this.#agent(target, words.ask.whomToHold, (one) => (one.hold ?? false) !== hold);
    if (!agent) return;
    await this.#line.ask('govern', { agent: agent.id, hold });
    const name = plain.label(agent.name);
    this.#say(hold ? words.told.held(name) : words.told.released(name));
  }

  async mute(target: Target, mute: boolean): Promise<void> {
    const agent = await this.#agent(target, words.ask.whomToMute, (one) => (one.muted ?? false) !== mute);
    if (agent) await this.#line.ask('govern', { agent: agent.id, mute });
  }

  /** What the person allows the agent's calls to do; the stricter of this and the agent's own policy holds. */
  async setPolicy(target: Target): Promise<void> {
    const agent = await this.#agent(target, words.ask.whosePolicy, () => true);
    if (!agent) return;
    const now = agent.allowedPolicy ?? 'ring';
    const choices = (Object.keys(words.policy) as CallPolicy[]).map((policy) => ({
      label: words.policyName[policy],
      detail: policy === now ? words.ask.policyNow(words.policy[policy]) : words.policy[policy],
      value: policy,
    }));
    const policy = await this.#prompts.choose(words.ask.policy(plain.label(agent.name)), choices);
    if (policy !== undefined) await this.#line.ask('govern', { agent: agent.id, policy });
  }

  /** Shows more archived threads in the view. */
  moreArchived(): Promise<void> {
    this.#lookout.moreArchived();
    return Promise.resolve();
  }

  /** Asks while the person types, and opens the thread of what is chosen. */
  async search(): Promise<void> {
    const box = vscode.window.createQuickPick<vscode.QuickPickItem & { readonly thread?: string }>();
    box.title = words.ask.search;
    box.placeholder = words.ask.searchFor;
    box.matchOnDescription = true;
    box.matchOnDetail = true;
    let rest: NodeJS.Timeout | undefined;
    let asked = 0;
    const ask = async (query: string): Promise<void> => {
      const turn = ++asked;
      box.busy = true;
      try {
        const { hits } = await this.#line.ask('search', { query, limit: mostHits });
        // A later question has been asked meanwhile: its answer is the one to show.
        if (turn !== asked) return;
        box.items = hits.length === 0 ? [{ label: words.told.nothingFound, alwaysShow: true }] : hits.map(hitItem);
      } catch (error) {
        if (turn === asked)
          box.items = [{ label: `$(error) ${plain.label(failureText(error), 600)}`, alwaysShow: true }];
      } finally {
        if (turn === asked) box.busy = false;
      }
    };
    box.onDidChangeValue((value) => {
      clearTimeout(rest);
      const query = value.trim();
      if (query.length >= leastLetters) rest = setTimeout(() => void ask(query), typingRest);
      else {
        // An answer that is still on its way was asked for other words.
        asked++;
        box.busy = false;
        box.items = [];
      }
    });
    const chosen = await new Promise<string | undefined>((resolve) => {
      box.onDidAccept(() => resolve(box.selectedItems[0]?.thread));
      box.onDidHide(() => resolve(undefined));
      box.show();
    });
    clearTimeout(rest);
    box.dispose();
    if (chosen !== undefined) this.#openThread(chosen);
  }

  async #thread({ thread }: Target, fits: (thread: ThreadView) => boolean): Promise<ThreadView | undefined> {
    const id = thread ?? (await this.#prompts.thread(fits));
    return this.#lookout.picture.threads.find((one) => one.id === id);
  }

  async #agent({ agent }: Target, title: string, fits: (agent: AgentView) => boolean): Promise<AgentView | undefined> {
    const known = agent === undefined ? undefined : this.#lookout.picture.agents.get(agent);
    return known ?? this.#prompts.agent(title, fits);
  }

  #say(text: string): void {
    vscode.window.setStatusBarMessage(text, passing);
  }
}

function isOpen({ state }: ThreadView): boolean {
  return state !== 'closed';
}

/** What was found, as the list shows it whatever the list itself would match. */
function hitItem(hit: Hit): vscode.QuickPickItem & { readonly thread: string } {
  const from = hit.message === undefined ? '' : `${plain.label(hit.message.fromName)} · `;
  return {
    label: plain.label(hit.snippet),
    description: plain.label(topicText(hit.topic)),
    detail: `${from}${clockTime(hit.at, Date.now())}`,
    alwaysShow: true,
    thread: hit.thread,
  };
}
