import type { Change, Watched } from '../contract/wire';
import type { DurableEvent } from '../core/events';
import type { AgentId } from '../core/model';

type Changed = (change: Change) => void;

/**
 * Tells those who show an agent's roster, inbox and threads when to look again. It says that something changed and not
 * what: everything is asked for anew, with the agent's own permissions.
 */
export class Follows {
  readonly #followers = new Map<AgentId, Set<Changed>>();

  /** Tells what changes for the agent from now on, until the function returned is called. */
  follow(agent: AgentId, changed: Changed): () => void {
    let own = this.#followers.get(agent);
    if (!own) this.#followers.set(agent, (own = new Set()));
    const followers = own;
    followers.add(changed);
    return () => {
      followers.delete(changed);
      if (followers.size === 0 && this.#followers.get(agent) === followers) this.#followers.delete(agent);
    };
  }

  /** An event became durable. `audience`: whom it concerns, besides who did it. */
  published(event: DurableEvent, audience: readonly AgentId[]): void {
    if (this.#followers.size === 0) return;
    if (event.type.startsWith('agent.')) this.#all({ what: 'roster' });
    const concerned = new Set([...audience, ...ofPayload(event.payload)]);
    for (const agent of concerned) {
      const followers = this.#followers.get(agent);
      if (followers) for (const change of changesOf(event)) for (const changed of followers) changed(change);
    }
  }

  /** Something passing was told to those who watch. */
  told(watched: Watched): void {
    if (watched.type === 'presence' || watched.type === 'reach') this.#all({ what: 'roster' });
  }

  #all(change: Change): void {
    for (const followers of this.#followers.values()) for (const changed of followers) changed(change);
  }
}

/** Who did it, or whom it was done to. */
function ofPayload(payload: object): AgentId[] {
  const { agent, by, from, message } = payload as Record<string, unknown>;
  const sender = typeof message === 'object' && message !== null ? (message as { from?: unknown }).from : undefined;
  return [agent, by, from, sender].filter((id) => typeof id === 'string');
}

function changesOf(event: DurableEvent): readonly Change[] {
  const { type, payload } = event;
  const inbox: Change = { what: 'inbox' };
  const thread = threadOf(payload);
  if (type === 'thread.opened' || type === 'thread.closed') {
    return [{ what: 'threads' }, inbox, ...(thread === undefined ? [] : [{ what: 'thread' as const, thread }])];
  }
  if (thread !== undefined) return [{ what: 'thread', thread }, inbox];
  return type.startsWith('call.') || type.startsWith('receipt.') || type.startsWith('task.') ? [inbox] : [];
}

function threadOf(payload: object): string | undefined {
  const { thread, message } = payload as { thread?: unknown; message?: { thread?: unknown } };
  const id = thread ?? message?.thread;
  return typeof id === 'string' ? id : undefined;
}
