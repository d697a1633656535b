import { broadcast, type Broadcasting } from '../../../src/core/broadcasts';
import type { BroadcastOutcome } from '../../../src/core/events';
import type { Limits } from '../../../src/core/limits';
import type { AgentId, ThreadId } from '../../../src/core/model';
import {
  grantTurns,
  joinRoom,
  openRoom,
  pauseThread,
  removeFromThread,
  renameThread,
  resumeThread,
  type RoomOpening,
} from '../../../src/core/rooms';
import { whoseTurn } from '../../../src/core/turns';
import { Office } from './office';

/** An office with rooms. */
export class RoomOffice extends Office {
  constructor(limits: Partial<Limits> = {}) {
    super(limits);
  }

  open(from: AgentId, opening: Partial<RoomOpening> = {}): ThreadId {
    return this.run((step) => openRoom(step, from, { topic: 'Room', ...opening }));
  }

  join(thread: ThreadId, ...agents: AgentId[]): void {
    for (const agent of agents) this.run((step) => joinRoom(step, agent, thread));
  }

  /** A round-robin of these, in this order. */
  round(first: AgentId, ...others: AgentId[]): ThreadId {
    const thread = this.open(first, { turns: 'round-robin' });
    this.join(thread, ...others);
    return thread;
  }

  rename(by: AgentId, thread: ThreadId, topic: string): void {
    this.run((step) => renameThread(step, by, thread, topic));
  }

  pause(by: AgentId, thread: ThreadId): void {
    this.run((step) => pauseThread(step, by, thread));
  }

  resume(by: AgentId, thread: ThreadId): void {
    this.run((step) => resumeThread(step, by, thread));
  }

  grant(by: AgentId, thread: ThreadId, turns?: number): void {
    this.run((step) => grantTurns(step, by, thread, turns));
  }

  remove(by: AgentId, thread: ThreadId | undefined, name: string): void {
    this.run((step) => removeFromThread(step, by, thread, name));
  }

  broadcast(from: AgentId, to: readonly string[], content: string, more: Partial<Broadcasting> = {}): BroadcastOutcome {
    const { draft, ...rest } = more;
    return this.run((step) =>
      broadcast(step, from, { to: () => to, filter: [to], ...rest, draft: { content, ...draft } }),
    );
  }

  /** The name of whose turn it is; undefined when whoever wants may speak. */
  turn(thread: ThreadId): string | undefined {
    const turn = whoseTurn(this.state, this.thread(thread));
    return turn === undefined ? undefined : this.name(turn);
  }

  /** The broker's notes in a thread, in order. */
  notes(thread: ThreadId): string[] {
    return this.events.flatMap((event) =>
      event.type === 'message.sent' &&
      event.payload.message.thread === thread &&
      event.payload.message.type === 'system'
        ? [event.payload.message.content]
        : [],
    );
  }
}
