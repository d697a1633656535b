import type { ListenEvent } from '../../src/contract/views';
import type { Caller } from '../../src/operations/handler';
import { agentHandlers } from '../../src/operations/agents';
import { inboxHandlers } from '../../src/operations/inbox';
import { threadHandlers } from '../../src/operations/threads';
import type { ReferenceModel } from './referenceModel';
import { waitingCounts } from './referenceRules';
import { whoseTurn } from './referenceTurns';
import type { ModelNews } from './referenceTypes';
import type { RestartableBroker } from './restartableBroker';

const options = { signal: new AbortController().signal };

/** What each agent sees, at the real broker and at the model; the ids of the one beside the places of the other. */
export class ScheduleView {
  readonly #real: RestartableBroker;
  readonly #model: ReferenceModel;
  readonly #names = new Map<string, string>();
  readonly #callers: readonly (readonly [string, Caller])[];
  readonly #person: Caller;
  #calls: string[] = [];
  #threads: string[] = [];
  #messages: string[][] = [];
  #read = 0;

  constructor(real: RestartableBroker, model: ReferenceModel, ids: Readonly<Record<string, string>>, person: string) {
    this.#real = real;
    this.#model = model;
    for (const [name, id] of Object.entries(ids)) this.#names.set(id, name);
    this.#callers = Object.entries(ids).map(([name, id]) => [name, real.onlooker(id, 'agent')]);
    this.#person = real.onlooker(ids[person] ?? '', 'admin');
  }

  call(index: number): string {
    return this.#calls[index] ?? 'none';
  }

  thread(index: number): string {
    return this.#threads[index] ?? 'none';
  }

  message(thread: number, seq: number): string {
    return this.#messages[thread]?.[seq - 1] ?? 'none';
  }

  /** @throws an error that names what differs, with both */
  async compare(): Promise<void> {
    this.learn();
    await this.#roster();
    this.#allCalls();
    for (const [name, caller] of this.#callers) {
      await this.#inbox(name, caller);
      await this.#list(name, caller);
      await this.#listen(name, caller);
      this.#real.forget(caller);
    }
    for (const index of this.#model.changed) await this.#thread(index);
    this.#model.changed.clear();
  }

  /** As {@link compare}, and reads every thread. */
  async compareAll(): Promise<void> {
    for (const { index } of this.#model.state.threads) this.#model.changed.add(index);
    await this.compare();
  }

  /** What is new, in the order in which it came: the model counts in the same order. */
  learn(): void {
    const { journal } = this.#real;
    // A crash can have taken the end of it; what was learnt is what was on disk.
    for (; this.#read < journal.length; this.#read++) {
      const event = journal[this.#read];
      if (event?.type === 'call.placed') this.#calls.push(event.payload.call.id);
      if (event?.type === 'thread.opened') {
        this.#threads.push(event.payload.thread);
        this.#messages.push([]);
      }
      if (event?.type === 'message.sent') {
        const { thread, id } = event.payload.message;
        this.#messages[this.#threads.indexOf(thread)]?.push(id);
      }
    }
    same('calls', this.#calls.length, this.#model.state.calls.length);
    same('threads', this.#threads.length, this.#model.state.threads.length);
  }

  async #roster(): Promise<void> {
    const { output } = await agentHandlers().who(this.#real.broker, this.#person, {}, options);
    const seen = output.agents.map(({ name, presence }) => `${name} ${presence}`).sort();
    const told = this.#model.state.agents.map(({ name }) => `${name} ${this.#model.presence(name)}`).sort();
    same('roster', seen, told);
  }

  #allCalls(): void {
    for (const [index, id] of this.#calls.entries()) {
      const record = this.#real.state.calls.get(id);
      const model = this.#model.call(index);
      if (!record) throw new Error(`call ${index} is gone`);
      const view = this.#real.broker.views.call(record);
      const seen = view.to.map(({ name, state, deadline, by, receipt }) =>
        [name, state, deadline, by ?? name, receipt?.state].join(' '),
      );
      const told = model.legs.map(({ agent, state, deadline, by, receipt }) =>
        [agent, state, deadline, state === 'merged' ? agent : (by ?? agent), receipt.state].join(' '),
      );
      same(`call ${index}`, seen, told);
      same(`thread of call ${index}`, this.#threads.indexOf(view.thread ?? ''), model.thread ?? -1);
    }
  }

  async #inbox(name: string, caller: Caller): Promise<void> {
    const { output } = await inboxHandlers.inbox(this.#real.broker, caller, {}, options);
    const seen = {
      calls: output.calls.map(({ id }) => this.#calls.indexOf(id)).sort(byNumber),
      threads: output.threads.map(({ id, unread }) => `${this.#threads.indexOf(id)}: ${unread}`).sort(),
      waiting: output.waiting,
    };
    const told = {
      calls: this.#model
        .waitingAt(name)
        .map(({ index }) => index)
        .sort(byNumber),
      threads: this.#model.state.threads
        .map((one) => ({ index: one.index, unread: this.#model.unread(name, one) }))
        .filter(({ unread }) => unread > 0)
        .map(({ index, unread }) => `${index}: ${unread}`)
        .sort(),
      waiting: waitingCounts(this.#model, name),
    };
    same(`inbox of ${name}`, seen, told);
  }

  async #list(name: string, caller: Caller): Promise<void> {
    const { output } = await threadHandlers.threads(this.#real.broker, caller, { limit: 1000 }, options);
    const seen = output.threads.map((thread) => {
      const who = thread.participants.map((one) => `${one.left ? '-' : '+'}${one.name}`).sort();
      const { mode, state, messages, unread, turn } = thread;
      return [this.#threads.indexOf(thread.id), mode, state, messages, unread, turn, ...who].join(' ');
    });
    const told = this.#model.state.threads
      .filter((one) => one.members.includes(name))
      .map((one) => {
        const who = one.members.map((member) => `${one.left.includes(member) ? '-' : '+'}${member}`).sort();
        const state = one.isOpen ? 'open' : 'closed';
        const turn = one.isOpen ? whoseTurn(this.#model, one) : undefined;
        return [one.index, one.mode, state, one.messages.length, this.#model.unread(name, one), turn, ...who].join(' ');
      });
    same(`threads of ${name}`, seen.sort(), told.sort());
  }

  async #listen(name: string, caller: Caller): Promise<void> {
    const { output } = await inboxHandlers.listen(this.#real.broker, caller, { limit: 1000 }, options);
    same(
      `what ${name} is told next`,
      output.events.map((event) => this.#said(event)),
      this.#model.listen(name).map(saidByModel),
    );
  }

  #said(event: ListenEvent): string {
    switch (event.what) {
      case 'call':
        return `call ${this.#calls.indexOf(event.call.id)}`;
      case 'outcome':
        return `outcome ${this.#calls.indexOf(event.call.id)} ${event.agent} ${event.outcome}`;
      case 'message':
        return `message ${this.#threads.indexOf(event.message.thread)}#${event.message.seq}`;
      case 'closed':
      case 'limited':
        return `${event.what} ${this.#threads.indexOf(event.thread)}`;
      case 'unseen':
        return `unseen ${event.agent} ${event.reason}`;
      default:
        return event.what;
    }
  }

  async #thread(index: number): Promise<void> {
    const id = this.#threads[index] ?? '';
    const { output } = await threadHandlers.read(
      this.#real.broker, this.#person, { thread: id, after: 0, limit: 10_000 }, options,
    ); // prettier-ignore
    this.#real.forget(this.#person);
    const seen = output.messages.map((message) => {
      const receipts = message.receipts.map(({ name, state }) => `${name} ${state}`).sort();
      const replyTo = message.replyTo === undefined ? undefined : this.#messages[index]?.indexOf(message.replyTo);
      return [message.seq, message.type, message.fromName, message.content, replyTo, ...receipts].join(' ');
    });
    const told = this.#model.thread(index).messages.map((message) => {
      const receipts = message.receipts.map(({ agent, state }) => `${agent} ${state}`).sort();
      const replyTo = message.replyTo === undefined ? undefined : message.replyTo - 1;
      return [message.seq, message.type, message.from, message.content, replyTo, ...receipts].join(' ');
    });
    same(`thread ${index}`, seen, told);
  }
}

function saidByModel(news: ModelNews): string {
  switch (news.what) {
    case 'call':
      return `call ${news.call}`;
    case 'outcome':
      return `outcome ${news.call} ${news.agent} ${news.outcome}`;
    case 'message':
      return `message ${news.thread}#${news.seq}`;
    case 'closed':
    case 'limited':
      return `${news.what} ${news.thread}`;
    case 'unseen':
      return `unseen ${news.agent} ${news.reason}`;
  }
}

const byNumber = (a: number, b: number): number => a - b;

/** @throws an error with both when they differ */
function same(what: string, seen: unknown, told: unknown): void {
  const [real, model] = [JSON.stringify(seen), JSON.stringify(told)];
  if (real !== model) throw new Error(`${what} differs\n  broker: ${real}\n  model:  ${model}`);
}
