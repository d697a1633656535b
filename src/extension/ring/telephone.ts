import * as vscode from 'vscode';
import type { Client } from '../../client/client';
import { toParleyError } from '../../contract/errors';
import type { AgentView, RefView } from '../../contract/views';
import { Owned } from '../disposable';
import type { Lookout } from '../lookout';
import { plain } from '../plain';
import type { Prompts } from '../prompts';
import type { Outcome } from './ringBook';
import type { Target } from '../trees/row';
import { ringerLabel } from '../../contract/ringSaid';
import { tongue, words } from '../words';

/** How long a passing word stands in the status bar. Milliseconds. */
const passing = 6_000;

/** What a call is about; `message` and `refs` open its thread. */
export interface CallWords {
  readonly topic: string;
  readonly message?: string;
  readonly refs?: readonly RefView[];
}

/** What the person does on the telephone. */
export class Telephone {
  readonly #line: Pick<Client, 'ask'>;
  readonly #lookout: Lookout;
  readonly #prompts: Prompts;
  readonly #openThread: (thread: string) => void;

  constructor(line: Pick<Client, 'ask'>, lookout: Lookout, prompts: Prompts, openThread: (thread: string) => void) {
    this.#line = line;
    this.#lookout = lookout;
    this.#prompts = prompts;
    this.#openThread = openThread;
  }

  /** Calls an agent and stays with the call until it is answered, ended or taken back. */
  async call({ agent }: Target): Promise<void> {
    const callee = this.#agent(agent) ?? (await this.#prompts.agent(words.ask.whomToCall));
    if (!callee) return;
    const name = plain.toast(callee.name, 40);
    const topic = await this.#prompts.line(words.ask.topic(name), words.ask.topicMissing);
    if (topic === undefined) return;
    const message = await this.#prompts.line(words.ask.firstMessage(name));
    if (message === undefined) return;
    await this.place(callee, { topic, message });
  }

  /** Places a call and stays with it until it is answered, ended or taken back. */
  async place(callee: AgentView, { topic, message = '', refs = [] }: CallWords): Promise<void> {
    const name = plain.toast(callee.name, 40);
    // Heard from before the call is placed: the answer may be faster than the reply to our request.
    const outcomes = new Map<string, Outcome>();
    let tell: (outcome: Outcome) => unknown = () => undefined;
    const ends = new Owned();
    ends.own(
      this.#lookout.rings.outcomes.on((outcome) => {
        outcomes.set(outcome.call.id, outcome);
        tell(outcome);
      }),
    );
    try {
      const said = { ...(message !== '' && { message }), ...(refs.length > 0 && { refs: [...refs] }) };
      const placed = await this.#line.ask('call', { to: callee.id, topic, ...said });
      const leg = placed.call.to.find((one) => one.agent === callee.id);
      if (placed.thread !== undefined) {
        this.#openThread(placed.thread);
        return;
      }
      if (leg?.state !== 'ringing' && !outcomes.has(placed.call.id)) {
        void vscode.window.showInformationMessage(words.told.queued(name));
        return;
      }
      const options = {
        location: vscode.ProgressLocation.Notification,
        cancellable: true,
        title: words.told.calling(name, plain.toast(topic)),
      };
      const outcome = await vscode.window.withProgress(options, (_progress, cancelled) => {
        const known = outcomes.get(placed.call.id);
        if (known) return Promise.resolve(known);
        return new Promise<Outcome | undefined>((resolve, reject) => {
          tell = (one) => one.call.id === placed.call.id && resolve(one);
          // A broker that goes takes the waiting with it, not the call: it stands in the callee's inbox.
          ends.own(this.#lookout.pictures.on(({ broker }) => broker.state === 'gone' && resolve(undefined)));
          ends.own(
            cancelled.onCancellationRequested(() => {
              this.#line.ask('cancel', { call: placed.call.id }).then(() => resolve(undefined), reject);
            }),
          );
        });
      });
      if (outcome) this.#end(outcome, name);
    } finally {
      ends.dispose();
    }
  }

  /** Takes a call: the person's own, or one at an agent, for which the person then joins as themself. */
  async answer(target: Target): Promise<void> {
    const call = await this.#which(target);
    if (!call) return;
    this.#lookout.rings.settle(call.call, call.agent);
    const answered = await this.#line.ask('answer', { call: call.call, answer: 'accept', ...this.#for(call.agent) });
    if (answered.thread !== undefined) this.#openThread(answered.thread);
    else if (answered.ringBack !== undefined)
      this.#say(words.told.ringBack(plain.label(answered.call?.fromName ?? '')));
  }

  async decline(target: Target): Promise<void> {
    const call = await this.#which(target);
    if (!call) return;
    this.#lookout.rings.settle(call.call, call.agent);
    await this.#line.ask('answer', { call: call.call, answer: 'decline', ...this.#for(call.agent) });
  }

  /** Declines, and tells the caller why. */
  async declineWithReason(target: Target): Promise<void> {
    const call = await this.#which(target);
    if (!call) return;
    const reason = await this.#prompts.line(words.ask.declineReason(this.#callerOf(call)), words.ask.reasonMissing);
    if (reason === undefined) return;
    this.#lookout.rings.settle(call.call, call.agent);
    await this.#line.ask('answer', { call: call.call, answer: 'decline', reason, ...this.#for(call.agent) });
  }

  /** Stops the ringing for the person. Their own call goes to the inbox, one at an agent rings on there. */
  async later(target: Target): Promise<void> {
    const call = await this.#which(target);
    if (!call) return;
    this.#lookout.rings.settle(call.call, call.agent);
    if (call.agent === this.#lookout.picture.you?.id) {
      await this.#line.ask('answer', { call: call.call, answer: 'later' });
    }
  }

  /** Permits waking the agent for this call; accepts nothing. */
  async letAgentAnswer(target: Target): Promise<void> {
    const call = await this.#which(target);
    if (!call) return;
    if (call.agent === this.#lookout.picture.you?.id) return;
    this.#lookout.rings.settle(call.call, call.agent);
    const { ringers: tried } = await this.#line.ask('wake', { call: call.call, agent: call.agent });
    const name = plain.toast(this.#prompts.name(call.agent), 40);
    const through = tried.map((ringer) => plain.label(ringerLabel(ringer, tongue))).join(', ');
    if (tried.length === 0) void vscode.window.showWarningMessage(words.told.cannotWake(name));
    else this.#say(words.told.woken(name, through));
  }

  async message({ agent }: Target): Promise<void> {
    const recipient = this.#agent(agent) ?? (await this.#prompts.agent(words.ask.whomToWrite));
    if (!recipient) return;
    const name = plain.toast(recipient.name, 40);
    const text = await this.#prompts.line(words.ask.message(name), words.ask.messageMissing);
    if (text === undefined) return;
    await this.#line.ask('message', { to: recipient.id, text });
    this.#say(words.told.left(name));
  }

  async openThread({ thread }: Target): Promise<void> {
    const chosen = thread ?? (await this.#prompts.thread());
    if (chosen !== undefined) this.#openThread(chosen);
  }

  async setPresence(): Promise<void> {
    const presence = await this.#prompts.presence();
    if (presence) await this.#line.ask('profile', { presence });
  }

  #agent(id: string | undefined) {
    const { agents, you } = this.#lookout.picture;
    return id === undefined || id === you?.id ? undefined : agents.get(id);
  }

  /** The call meant: with the agent at which it rings, the person unless said otherwise. */
  async #which(target: Target): Promise<{ call: string; agent: string } | undefined> {
    const { call, agent } = target.call === undefined ? ((await this.#prompts.call()) ?? {}) : target;
    const whose = agent ?? this.#lookout.picture.you?.id;
    return call === undefined || whose === undefined ? undefined : { call, agent: whose };
  }

  /** The name of who placed a call that the person may answer, ready for a prompt. */
  #callerOf({ call, agent }: { readonly call: string; readonly agent: string }): string {
    const ring = this.#lookout.rings.find(call, agent);
    const known = this.#lookout.picture.calls.find((one) => one.id === call)?.fromName;
    return plain.toast(ring ? this.#prompts.name(ring.call.from) : (known ?? words.goneAgent), 40);
  }

  #for(agent: string): { for?: string } {
    return agent === this.#lookout.picture.you?.id ? {} : { for: agent };
  }

  #end(outcome: Outcome, name: string): void {
    switch (outcome.state) {
      case 'accepted':
        if (outcome.thread !== undefined) this.#openThread(outcome.thread);
        return;
      case 'declined':
        void vscode.window.showInformationMessage(declinedText(name, outcome.reason));
        return;
      case 'missed':
      case 'queued':
        void vscode.window.showInformationMessage(words.told.notAnswered(name));
        return;
      default:
        return;
    }
  }

  #say(text: string): void {
    vscode.window.setStatusBarMessage(text, passing);
  }
}

function declinedText(name: string, reason = ''): string {
  return reason === '' ? words.told.declined(name) : words.told.declinedBecause(name, plain.toast(reason));
}

/** A call that somebody else was faster to answer is no failure of the person's. */
export function isTooLate(error: unknown): boolean {
  return toParleyError(error).code === 'call_over';
}
