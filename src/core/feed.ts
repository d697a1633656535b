import { toldOfTask } from './applyTasks';
import type { DurableEvent } from './events';
import { toldOfCall } from './feedCalls';
import type { AgentId } from './model';
import { othersIn, present, type Feed, type FeedEntry, type State } from './state';

type Told = FeedEntry extends infer E ? (E extends FeedEntry ? Omit<E, 'offset' | 'time'> : never) : never;

/** Every thread opens with the joins of two. */
const opening = 2;

/** Adds the event to the feed of everyone whom it concerns, and them to `audience`. One's own acts are never in it. */
export function feed(state: State, event: DurableEvent, audience: AgentId[]): void {
  const tell = (agent: AgentId, told: Told): void => {
    if (!state.agents.has(agent)) return;
    feedOf(state, agent).entries.push({ ...told, offset: event.offset, time: event.time });
    audience.push(agent);
  };
  switch (event.type) {
    case 'agent.registered':
      // Nobody is told what happened before they came.
      state.feeds.set(event.payload.agent.id, { position: event.offset, from: event.offset, entries: [] });
      return;
    case 'call.queued':
    case 'call.rang':
    case 'call.permitted':
    case 'call.awaited':
    case 'call.freed':
    case 'call.accepted':
    case 'call.declined':
    case 'call.missed':
    case 'call.passed':
    case 'call.nobody':
    case 'call.cancelled':
    case 'call.merged':
    case 'call.returned':
    case 'call.expired':
      for (const [agent, told] of toldOfCall(state, event)) tell(agent, told);
      return;
    case 'message.sent': {
      const { message } = event.payload;
      const thread = state.threads.get(message.thread);
      // The two who open a thread learn of it from the outcome of their call, or from the first message.
      if (!thread || (message.type === 'join' && message.seq <= opening && thread.room === undefined)) return;
      const { by } = event.payload;
      const notice = message.type !== 'message' && ({ notice: true } as const);
      const isPerson = message.type === 'message' && state.agents.get(message.from)?.kind === 'human';
      const person = isPerson && ({ person: true } as const);
      for (const agent of othersIn(thread, message.from)) {
        if (agent !== by) {
          // The thread's own id, not the message's copy of it: there are many entries.
          tell(agent, {
            what: 'message',
            thread: thread.id,
            message: message.id,
            seq: message.seq,
            ...notice,
            ...person,
          });
        }
      }
      if (message.type === 'leave' && by !== undefined) tell(message.from, { what: 'removed', thread: thread.id, by });
      return;
    }
    case 'thread.paused':
    case 'thread.resumed': {
      tellThread(event.payload.by, {
        what: event.type === 'thread.paused' ? 'paused' : 'resumed',
        thread: event.payload.thread,
        by: event.payload.by,
      });
      return;
    }
    case 'thread.limited': {
      const { thread } = event.payload;
      // Whether they are in it or not: nobody else can grant more.
      for (const { id, kind } of state.agents.values()) if (kind === 'human') tell(id, { what: 'limited', thread });
      return;
    }
    case 'thread.closed': {
      tellThread(event.payload.by, {
        what: 'closed',
        thread: event.payload.thread,
        reason: event.payload.reason,
        topic: state.threads.get(event.payload.thread)?.topic ?? '',
      });
      return;
    }
    case 'task.placed':
    case 'task.offered':
    case 'task.taken':
    case 'task.reported':
    case 'task.input':
    case 'task.returned':
    case 'task.ended': {
      const id = event.type === 'task.placed' ? event.payload.task.id : event.payload.task;
      for (const [agent, change] of toldOfTask(state, event)) tell(agent, { what: 'task', task: id, change });
      return;
    }
    case 'watchdog.told': {
      const { subject, sender, agent, reason } = event.payload;
      tell(sender, { what: 'unseen', subject, agent, reason });
      return;
    }
    default:
      return;
  }

  function tellThread(actor: AgentId | undefined, told: Told): void {
    const thread = 'thread' in event.payload ? state.threads.get(event.payload.thread) : undefined;
    if (!thread) return;
    for (const agent of present(thread)) if (agent !== actor) tell(agent, told);
  }
}

/** The agent's feed, made when it is not there yet. */
export function feedOf(state: State, agent: AgentId): Feed {
  let own = state.feeds.get(agent);
  if (!own) state.feeds.set(agent, (own = { position: state.offset, from: state.offset, entries: [] }));
  return own;
}

/** Drops entries told before `before` (ms) that the agent has also passed; returns how many went. */
export function trimFeed(own: Feed, before: number, most: number): number {
  let drop = 0;
  while (drop < own.entries.length) {
    const entry = own.entries[drop];
    if (!entry || (entry.time >= before && own.entries.length - drop <= most)) break;
    own.from = entry.offset;
    drop++;
  }
  own.entries.splice(0, drop);
  return drop;
}
