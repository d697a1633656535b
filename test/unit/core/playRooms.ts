import { broadcast } from '../../../src/core/broadcasts';
import type { AgentId } from '../../../src/core/model';
import {
  grantTurns,
  joinRoom,
  openRoom,
  pauseThread,
  removeFromThread,
  renameThread,
  resumeThread,
} from '../../../src/core/rooms';
import type { State } from '../../../src/core/state';
import type { Step } from '../../../src/core/step';
import type { Choices } from './choices';

/** The commands of rooms, by weight. */
export const roomCommands = {
  open: 2,
  join: 4,
  rename: 1,
  remove: 1,
  grant: 1,
  pauseThread: 1,
  broadcast: 1,
} as const;

export type RoomCommand = keyof typeof roomCommands;

/** One command, decoded: who does what by which rule. `thread` is one of late. */
export function playRoom(
  command: RoomCommand,
  { self, thread, state, pick }: { self: AgentId; thread: string; state: State; pick: Choices },
): { readonly what: string; readonly rule: (step: Step) => unknown } {
  const agents = [...state.agents.keys()];
  switch (command) {
    case 'open': {
      const turns = pick.of(['free', 'round-robin', 'round-robin'] as const);
      const mode = pick.of(['live', 'live', 'async'] as const);
      const closedToNewcomers = pick.take(4) === 0;
      const turnLimit = pick.of([undefined, 3, 7]);
      const content = pick.of([undefined, 'hello']);
      const key = pick.of([undefined, undefined, 'key']);
      return {
        what: `opens a ${turns ?? ''} room`,
        rule: (step) =>
          openRoom(step, self, { topic: 'Room', turns, mode, closedToNewcomers, turnLimit, content, key }),
      };
    }
    case 'join': {
      const rooms = [...state.threads.values()].filter(({ open }) => open).map(({ id }) => id);
      const id = pick.of([thread, ...rooms, ...rooms]) ?? thread;
      return { what: `joins ${id}`, rule: (step) => joinRoom(step, self, id) };
    }
    case 'rename': {
      const topic = pick.of(['Room', 'Other', 'Messages']) ?? '';
      return { what: `renames ${thread}`, rule: (step) => renameThread(step, self, thread, topic) };
    }
    case 'remove': {
      const agent = pick.of([...(state.threads.get(thread)?.places.keys() ?? []), self]) ?? self;
      return { what: `takes ${agent} out of ${thread}`, rule: (step) => removeFromThread(step, self, thread, agent) };
    }
    case 'grant': {
      const limited = [...state.threads.values()].filter((one) => one.limited !== undefined).map(({ id }) => id);
      const id = pick.of([thread, ...limited]) ?? thread;
      return { what: `grants turns in ${id}`, rule: (step) => grantTurns(step, self, id, pick.of([undefined, 2])) };
    }
    case 'pauseThread': {
      const rule = state.threads.get(thread)?.state === 'paused' ? resumeThread : pauseThread;
      return { what: `pauses ${thread}, or lets it go on`, rule: (step) => rule(step, self, thread) };
    }
    case 'broadcast': {
      const to = pick.take(2) === 0 ? agents : [pick.of(agents) ?? '', 'Nobody'];
      const key = pick.of([undefined, 'key']);
      const draft = { content: `to all ${state.offset}`, key };
      return { what: `tells ${to.join()}`, rule: (step) => broadcast(step, self, { to: () => to, filter: [], draft }) };
    }
  }
}
