import type { AgentId, SkipReason, ThreadId } from './model';
import type { State, ThreadRecord } from './state';
import type { Step, World } from './step';

/*
 * Round-robin: agents speak one after the other, in order of joining. People are not in the round. `ThreadRecord.turn`
 * holds whose turn it is; without it whoever speaks first begins the next round.
 */

/** Those who take turns: participants that are not people, in order of joining. */
export function speakers(state: State, thread: ThreadRecord): AgentId[] {
  const agents: AgentId[] = [];
  for (const [agent, place] of thread.places) {
    if (place.leftAt === undefined && state.agents.get(agent)?.kind !== 'human') agents.push(agent);
  }
  return agents;
}

/** Whose turn it is. Undefined: whoever wants may speak, since turns are free, all were skipped, or one is alone. */
export function whoseTurn(state: State, thread: ThreadRecord): AgentId | undefined {
  if (thread.order === undefined || thread.turn === undefined) return undefined;
  return speakers(state, thread).length > 1 ? thread.turn.agent : undefined;
}

/** Somebody has joined. The first speaker has the first turn, a newcomer the last. */
export function beginTurns(state: State, thread: ThreadRecord, agent: AgentId, time: number): void {
  if (thread.order === undefined || state.agents.get(agent)?.kind === 'human') return;
  thread.turn ??= { agent, since: time };
  // Who was alone was not silent.
  if (speakers(state, thread).length === 2) thread.turn = { agent: thread.turn.agent, since: time };
}

/** The turn goes on from `after` to the next other speaker. */
export function passTurn(state: State, thread: ThreadRecord, after: AgentId, time: number): void {
  const order = [...thread.places.keys()];
  const start = order.indexOf(after);
  const present = new Set(speakers(state, thread));
  delete thread.turn;
  for (let ahead = 1; ahead < order.length; ahead++) {
    const agent = order[(start + ahead) % order.length];
    if (agent === undefined || !present.has(agent)) continue;
    thread.turn = { agent, since: time };
    return;
  }
}

/** The turn goes on without a word from `agent`. When it has gone round like that, whoever wants may speak. */
export function skipTurn(state: State, thread: ThreadRecord, agent: AgentId, time: number): void {
  thread.skips = (thread.skips ?? 0) + 1;
  const place = thread.places.get(agent);
  if (place) place.skippedAt = time;
  passTurn(state, thread, agent, time);
  if (thread.skips >= speakers(state, thread).length) delete thread.turn;
}

/** Nobody could speak until now: whose turn it is has all its time. */
export function restartTurn(thread: ThreadRecord, time: number): void {
  if (thread.turn) thread.turn = { agent: thread.turn.agent, since: time };
}

/** @throws `not_your_turn` with whose it is */
export function checkTurn(step: Step, thread: ThreadRecord, agent: AgentId): void {
  const turn = whoseTurn(step.state, thread);
  if (turn === undefined || turn === agent) return;
  step.refuse('not_your_turn', { name: step.state.agents.get(turn)?.name ?? turn, thread: thread.id });
}

/** When whoever has the turn will be skipped (ms), and why; undefined when nobody's word is waited for. */
export function skipDue(
  state: State,
  world: World,
  thread: ThreadRecord,
): { readonly agent: AgentId; readonly at: number; readonly reason: SkipReason } | undefined {
  // While nobody may speak, nobody is silent.
  const agent = thread.state === 'open' && thread.limited === undefined ? whoseTurn(state, thread) : undefined;
  if (agent === undefined || thread.turn === undefined) return undefined;
  const { limits, awakeSince = 0, startedAt = 0 } = world;
  const silent = Math.max(thread.turn.since, awakeSince, startedAt) + limits.turnSilence;
  const away = world.offlineSince(agent);
  // Never before its turn came.
  const offline = away === undefined ? Infinity : Math.max(away + limits.turnOffline, thread.turn.since);
  return offline < silent ? { agent, at: offline, reason: 'offline' } : { agent, at: silent, reason: 'silent' };
}

/** Skips those who are away or silent for too long; `note` tells the thread. */
export function skipAbsent(step: Step, thread: ThreadRecord, note: (thread: ThreadId, text: string) => void): void {
  const { state, world, now } = step;
  for (;;) {
    const due = skipDue(state, world, thread);
    if (!due || due.at > now) return;
    const { agent, reason } = due;
    // One absence is told once, however often its turn comes round.
    const isTold =
      reason === 'offline' && (thread.places.get(agent)?.skippedAt ?? 0) >= (world.offlineSince(agent) ?? 0);
    step.emit({ type: 'turn.skipped', payload: { thread: thread.id, agent, reason } });
    const next = whoseTurn(state, thread);
    if (isTold && next !== undefined) continue;
    const name = (id: AgentId): string => state.agents.get(id)?.name ?? id;
    const why = reason === 'offline' ? 'offline' : `silent for ${spoken(world.limits.turnSilence)}`;
    const goesOn = next === undefined ? 'Whoever wants may speak.' : `It is the turn of ${name(next)}.`;
    note(thread.id, `${name(agent)} was skipped: ${why}. ${goesOn}`);
  }
}

function spoken(milliseconds: number): string {
  return milliseconds % 60_000 === 0 ? `${milliseconds / 60_000} min` : `${Math.round(milliseconds / 1000)} s`;
}
