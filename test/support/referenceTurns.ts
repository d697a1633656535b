import type { ReferenceModel } from './referenceModel';
import type { ModelRoom, ModelThread } from './referenceTypes';

/* Whose turn it is in a room, and how many turns are left, in the words of the rules. */

const minute = 60_000;

/** Those who take turns, in order of joining: the person is not one of them. */
function speakers(model: ReferenceModel, { present }: ModelThread): string[] {
  return present.filter((name) => !model.agent(name).isPerson);
}

/** Whose turn it is; undefined when whoever wants may speak. */
export function whoseTurn(model: ReferenceModel, thread: ModelThread): string | undefined {
  if (!thread.room?.isRoundRobin || speakers(model, thread).length < 2) return undefined;
  return thread.room.turn?.name;
}

/** Somebody came: the first has the first turn, whose time begins when there is a second. */
export function beginTurns(model: ReferenceModel, thread: ModelThread, name: string): void {
  const { room } = thread;
  if (!room?.isRoundRobin || model.agent(name).isPerson) return;
  const first = room.turn?.name ?? name;
  if (!room.turn || speakers(model, thread).length === 2) room.turn = { name: first, since: model.state.now };
}

/** Somebody went, who takes no turn with them. */
export function leaveTurn(model: ReferenceModel, thread: ModelThread, name: string): void {
  if (thread.room?.turn?.name === name) passOn(model, thread, thread.room, name);
}

/** The turn goes on to the next behind `name` who is there. */
function passOn(model: ReferenceModel, thread: ModelThread, room: ModelRoom, name: string): void {
  const at = thread.members.indexOf(name);
  const behind = [...thread.members.slice(at + 1), ...thread.members.slice(0, at)];
  const next = behind.find((one) => speakers(model, thread).includes(one));
  room.turn = next === undefined ? undefined : { name: next, since: model.state.now };
}

/** Somebody spoke. At the limit the agents stop until the person speaks or grants more. */
export function spendTurn(model: ReferenceModel, thread: ModelThread, name: string): void {
  const { room } = thread;
  if (!room) return;
  if (model.agent(name).isPerson) {
    // What was granted beyond the limit stays.
    room.spent = Math.min(room.spent, 0);
    endLimit(model, room);
    return;
  }
  room.spent++;
  if (room.isRoundRobin) {
    room.skips = 0;
    passOn(model, thread, room, name);
  }
  if (room.spent !== room.turnLimit) return;
  room.isLimited = true;
  for (const agent of model.state.agents)
    if (agent.isPerson) model.tell(agent.name, { what: 'limited', thread: thread.index });
  const told = `The turn limit (${room.turnLimit}) is reached.`;
  model.note(thread, `${told} Agents go on when a person speaks or grants more turns.`);
}

/** Nobody could speak until now: whose turn it is has all its time. */
function endLimit(model: ReferenceModel, room: ModelRoom): void {
  if (!room.isLimited) return;
  room.isLimited = false;
  if (room.turn) room.turn = { name: room.turn.name, since: model.state.now };
}

export function grantTurns(model: ReferenceModel, by: string, thread: ModelThread, wanted: number | undefined): void {
  const { room } = thread;
  const turns = wanted ?? room?.turnLimit ?? 0;
  if (room) {
    room.spent -= turns;
    if (room.spent < room.turnLimit) endLimit(model, room);
  }
  model.note(thread, `${by} granted more turns: ${turns}.`, by);
  passAbsent(model, thread);
}

/** When whose turn it is will be skipped; Infinity when nobody is waited for. */
export function skipAt(model: ReferenceModel, thread: ModelThread): number {
  return Math.min(...skipTimes(model, thread));
}

/** When for silence, and when for absence. */
function skipTimes(model: ReferenceModel, thread: ModelThread): readonly [number, number] {
  const { turnSilence, turnOffline } = model.limits;
  const name = whoseTurn(model, thread);
  const turn = thread.room?.turn;
  // While nobody may speak, nobody is silent.
  if (!thread.isOpen || thread.room?.isLimited !== false || name === undefined || !turn) return [Infinity, Infinity];
  const agent = model.agent(name);
  const away = model.isThere(agent) ? Infinity : Math.max(agent.goneAt + turnOffline, turn.since);
  return [Math.max(turn.since, model.state.startedAt) + turnSilence, away];
}

/** Goes past those who are away or silent, and says so. When it has gone round like that, whoever wants may speak. */
export function passAbsent(model: ReferenceModel, thread: ModelThread): void {
  const { room } = thread;
  if (!room) return;
  while (skipAt(model, thread) <= model.state.now) {
    const [silentAt, awayAt] = skipTimes(model, thread);
    const agent = model.agent(whoseTurn(model, thread) ?? '');
    const isAway = awayAt < silentAt;
    // One absence is told once, however often the turn comes round.
    const isTold = isAway && (room.skippedAt[agent.name] ?? 0) >= agent.goneAt;
    room.skips++;
    room.skippedAt[agent.name] = model.state.now;
    passOn(model, thread, room, agent.name);
    if (room.skips >= speakers(model, thread).length) room.turn = undefined;
    const next = whoseTurn(model, thread);
    if (isTold && next !== undefined) continue;
    const { turnSilence } = model.limits;
    const long = turnSilence % minute === 0 ? `${turnSilence / minute} min` : `${Math.round(turnSilence / 1000)} s`;
    const why = isAway ? 'offline' : `silent for ${long}`;
    const goesOn = next === undefined ? 'Whoever wants may speak.' : `It is the turn of ${next}.`;
    model.note(thread, `${agent.name} was skipped: ${why}. ${goesOn}`);
  }
}
