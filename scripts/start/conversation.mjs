// Tells what happens among the agents, line by line, from the events that the broker sends to the person.
import { bold, cyan, dim, green, red, tell } from './tell.mjs';

/** The fewest messages that each of the two must have said for the conversation to count. */
const fewestMessages = 3;

/** Follows the events, prints them, and knows when the conversation is over. */
export class Conversation {
  /** Resolves with who said how much when the thread is archived; rejects when that will never be. */
  over;
  /** Names by agent id. */
  #names = new Map();
  #people = new Set();
  /** Messages and calls by id: what to call them, and when they began. */
  #subjects = new Map();
  /** Who placed each call. */
  #callers = new Map();
  /** The thread that our two agents' call opened. */
  #thread;
  /** How many messages each agent has written into it, by name. */
  #said = new Map();
  #resolve;
  #reject;

  /** `agents`: those that were on the roster before the first event. */
  constructor(agents) {
    for (const { id, name, kind } of agents) this.#know(id, name, kind);
    this.over = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever waits is told; before anyone does, a failure is no crash.
    this.over.catch(() => undefined);
  }

  /** Takes one event: a fact with its time, or a passing one, which is not told. */
  take({ type, payload, time }) {
    this.#at = time;
    switch (type) {
      case 'agent.registered':
        this.#know(payload.agent.id, payload.agent.name, payload.agent.kind);
        if (payload.agent.kind === 'agent') this.#line(`${this.#name(payload.agent.id)} signed on`);
        break;
      case 'agent.profiled':
        this.#profiled(payload);
        break;
      case 'call.placed':
        this.#placed(payload);
        break;
      case 'call.queued':
        this.#line(`the call waits for ${this.#name(payload.agent)}, who is ${payload.reason}`);
        break;
      case 'call.rang':
        this.#line(`${this.#name(payload.agent)} is rung`);
        break;
      case 'call.accepted':
        this.#thread ??= payload.thread;
        this.#line(`${this.#name(payload.by)} ${green('answers')}${this.#instead(payload)}`);
        break;
      case 'call.declined':
      case 'call.missed':
      case 'call.cancelled':
      case 'call.expired':
        this.#failed(payload, type.slice('call.'.length));
        break;
      case 'message.sent':
        this.#message(payload);
        break;
      case 'receipt.rung':
        this.#receipt(payload.subject, `rung at ${this.#name(payload.agent)} by ${payload.report.ringer}: ${payload.report.result}`); // prettier-ignore
        break;
      case 'receipt.seen':
        for (const id of [...payload.calls, ...payload.messages])
          this.#receipt(id, `seen by ${this.#name(payload.agent)}`);
        break;
      case 'receipt.refused':
        this.#receipt(payload.subject, `refused by ${this.#name(payload.agent)}: ${payload.code}`);
        break;
      case 'watchdog.told':
        this.#receipt(payload.subject, `not seen in time by ${this.#name(payload.agent)}: ${plain(payload.reason)}`);
        break;
      case 'thread.closed':
        this.#closed(payload);
        break;
      default:
        break;
    }
  }

  /** The broker's time of the event that is being told. */
  #at = 0;

  #know(id, name, kind) {
    this.#names.set(id, name);
    if (kind === 'human') this.#people.add(id);
  }

  #profiled({ agent, name }) {
    if (name === undefined || name === this.#names.get(agent)) return;
    this.#line(`${this.#name(agent)} is now ${bold(plain(name))}`);
    this.#names.set(agent, name);
  }

  #placed({ call, to }) {
    this.#callers.set(call.id, call.from);
    this.#subjects.set(call.id, { what: 'call', at: call.placedAt });
    this.#line(`${this.#name(call.from)} calls ${this.#list(to)}: ${plain(call.topic)}`);
    this.#receipt(call.id, 'stored');
  }

  #failed({ call, agent, reason }, what) {
    const why = reason ? `: ${plain(reason)}` : '';
    this.#line(red(`the call to ${this.#name(agent)} was ${what}${why}`));
    // A call that the person places or refuses is theirs; the two agents' own is what the run is about.
    if (this.#thread !== undefined || this.#people.has(this.#callers.get(call))) return;
    this.#reject(new Error(`the call was ${what}${why}`));
  }

  #message({ message, answers }) {
    for (const id of answers) this.#receipt(id, `answered by ${this.#name(message.from)}`);
    this.#subjects.set(message.id, { what: `#${message.seq}`, at: message.timestamp });
    const from = this.#names.get(message.from) ?? message.from;
    switch (message.type) {
      case 'message':
        if (message.thread === this.#thread) this.#said.set(from, (this.#said.get(from) ?? 0) + 1);
        this.#line(`${cyan(`#${message.seq}`)} ${this.#name(message.from)}: ${plain(message.content)}`);
        this.#receipt(message.id, 'stored');
        break;
      case 'join':
        this.#line(`${cyan(`#${message.seq}`)} ${this.#name(message.from)} joins`);
        break;
      case 'leave':
        this.#line(`${cyan(`#${message.seq}`)} ${this.#name(message.from)} leaves`);
        break;
      default:
        this.#line(`${cyan(`#${message.seq}`)} ${plain(message.content)}`);
    }
  }

  #closed({ thread }) {
    this.#line('the thread is archived');
    if (thread !== this.#thread) return;
    const counts = [...this.#said].map(([name, count]) => `${name} said ${count}`).join(', ');
    const isWhole = this.#said.size >= 2 && [...this.#said.values()].every((count) => count >= fewestMessages);
    if (isWhole) this.#resolve(counts);
    else this.#reject(new Error(`the thread was archived too early: ${counts || 'nobody said anything'}`));
  }

  /** How far a message or a call got. */
  #receipt(id, state) {
    const subject = this.#subjects.get(id);
    if (subject === undefined) return;
    const later = state === 'stored' ? '' : ` after ${((this.#at - subject.at) / 1000).toFixed(2)} s`;
    tell(dim(`                ${subject.what} ${state}${later}`));
  }

  #instead({ agent, by }) {
    return agent === by ? '' : ` for ${this.#name(agent)}`;
  }

  #line(text) {
    tell(`${dim(clockTime(this.#at))}  ${text}`);
  }

  #name(id) {
    return bold(plain(this.#names.get(id) ?? id));
  }

  #list(ids) {
    return ids.map((id) => this.#name(id)).join(', ');
  }
}

/** `09:41:07.312`, in local time. */
function clockTime(milliseconds) {
  const date = new Date(milliseconds);
  const part = (value, length = 2) => String(value).padStart(length, '0');
  return `${part(date.getHours())}:${part(date.getMinutes())}:${part(date.getSeconds())}.${part(date.getMilliseconds(), 3)}`;
}

/** What others wrote, on one line and without what a terminal would obey. */
function plain(text) {
  return text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Bidi_Control}]/gu, '');
}
