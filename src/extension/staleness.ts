import type { Watched } from '../contract/wire';
import type { Picture } from './picture';

/** More agents or threads than this are fetched as a whole. */
const mostSingles = 12;

/** What of the picture has to be fetched anew. */
export class Staleness {
  agents: Set<string> | 'all' = new Set();
  threads: Set<string> | 'all' = new Set();
  inbox = false;
  status = false;

  get isEmpty(): boolean {
    const none = (part: Set<string> | 'all'): boolean => part !== 'all' && part.size === 0;
    return none(this.agents) && none(this.threads) && !this.inbox && !this.status;
  }

  everything(): void {
    this.agents = 'all';
    this.threads = 'all';
    this.inbox = true;
    this.status = true;
  }

  /** Notes what this event changed. `picture` tells which threads and agents are shown. */
  heard(event: Watched, picture: Picture): void {
    switch (event.type) {
      case 'presence':
      case 'reach':
        this.#agent(event.agent, picture);
        return;
      case 'typing':
      case 'seat':
      case 'ring':
        return;
      case 'agent.registered':
      case 'agent.retired':
        this.agents = 'all';
        return;
      case 'agent.profiled':
        // A new name stands in calls and threads too.
        if (event.payload.name !== undefined) this.everything();
        else this.#agent(event.payload.agent, picture);
        return;
      case 'agent.governed':
        if (event.payload.agent === undefined) this.agents = 'all';
        else this.#agent(event.payload.agent, picture);
        return;
      case 'person.quieted':
        this.#agent(event.payload.agent, picture);
        this.status = true;
        return;
      case 'thread.erased':
        this.threads = 'all';
        this.inbox = true;
        return;
      case 'call.placed':
        this.inbox ||= picture.you !== undefined && event.payload.to.includes(picture.you.id);
        return;
      case 'call.accepted':
        this.#agent(event.payload.agent, picture);
        this.#agent(event.payload.by, picture);
        this.#thread(event.payload.thread, picture);
        this.inbox ||= this.#isYou(event.payload.agent, picture);
        return;
      case 'call.rang':
      case 'call.queued':
      case 'call.awaited':
      case 'call.freed':
      case 'call.hunted':
      case 'call.passed':
      case 'call.nobody':
      case 'call.permitted':
      case 'call.declined':
      case 'call.missed':
      case 'call.cancelled':
      case 'call.merged':
      case 'call.returned':
      case 'call.expired':
        this.#agent(event.payload.agent, picture);
        this.inbox ||= this.#isYou(event.payload.agent, picture);
        return;
      case 'thread.opened':
        this.threads = 'all';
        return;
      case 'message.sent': {
        const { message } = event.payload;
        // Who comes or goes changes what the others are doing, too.
        if (message.type !== 'message') this.#participants(message.thread, picture);
        // A note is the broker's own.
        if (message.type === 'join' || message.type === 'leave') this.#agent(message.from, picture);
        this.#thread(message.thread, picture);
        this.inbox = true;
        return;
      }
      case 'thread.closed': {
        this.#participants(event.payload.thread, picture);
        this.#thread(event.payload.thread, picture);
        this.inbox = true;
        return;
      }
      case 'thread.paused':
      case 'thread.resumed':
      case 'thread.renamed':
      case 'turn.skipped':
        this.#thread(event.payload.thread, picture);
        return;
      case 'thread.granted':
      case 'thread.limited':
        this.#thread(event.payload.thread, picture);
        this.inbox = true;
        return;
      case 'receipt.seen':
        if (this.#isYou(event.payload.agent, picture)) {
          this.inbox = true;
          const { messages } = event.payload;
          if (messages.length > 0) for (const thread of picture.unread) this.#thread(thread.id, picture);
        }
        return;
      case 'task.placed':
      case 'task.offered':
      case 'task.taken':
      case 'task.reported':
      case 'task.input':
      case 'task.returned':
      case 'task.ended':
        // The person may have given it or be asked for it; what an agent works at stands on its row.
        this.inbox = true;
        this.agents = 'all';
        return;
      case 'all.paused':
      case 'all.resumed':
      case 'broadcast.sent':
      case 'gap.journaled':
      case 'tasks.erased':
      case 'key.used':
      case 'task.leased':
      case 'tool.allowed':
      case 'tool.used':
      case 'tool.ended':
      case 'receipt.rung':
      case 'receipt.refused':
      case 'watchdog.told':
        return;
    }
  }

  #isYou(agent: string, picture: Picture): boolean {
    return agent === picture.you?.id;
  }

  #agent(agent: string, picture: Picture): void {
    if (this.agents === 'all') return;
    this.agents.add(agent);
    if (!picture.agents.has(agent) || this.agents.size > mostSingles) this.agents = 'all';
  }

  #participants(id: string, picture: Picture): void {
    const thread = picture.threads.find((one) => one.id === id);
    for (const { agent, left } of thread?.participants ?? []) if (!left) this.#agent(agent, picture);
  }

  #thread(thread: string, picture: Picture): void {
    if (this.threads === 'all') return;
    this.threads.add(thread);
    if (!picture.threads.some((one) => one.id === thread) || this.threads.size > mostSingles) this.threads = 'all';
  }
}
