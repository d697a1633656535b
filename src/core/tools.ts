import { knownAgent } from './agents';
import { takeToken } from './drafts';
import { keyUse, usedKey } from './keys';
import type { KeyUse } from './events';
import type { AgentId } from './model';
import type { State } from './state';
import type { Step } from './step';
import type { TaskId, ToolRule, UseId, UseOutcome } from './taskModel';
import { delegate } from './tasks';
import { fingerprint, utf8Length } from './text';

/** Arguments longer than this (bytes) are journaled as their hash. */
export const argsJournaled = 4096;

export interface Use {
  readonly owner: AgentId;
  readonly tool: string;
  readonly args: unknown;
  /** SHA-256 of the arguments' JSON, hex. */
  readonly hash: string;
  readonly key?: string | undefined;
}

/**
 * Begins a use of a tool, permitted and journaled before the tool hears of it. The arguments were checked.
 * @returns the use, and whether its key was used for it before: then nothing happened now
 * @throws `tool_not_allowed`, `key_conflict`, `rate_limited`
 */
export function beginUse(
  step: Step,
  by: AgentId,
  { owner, tool, args, hash, key }: Use,
): { use: UseId; again: boolean } {
  const user = knownAgent(step, by);
  const uses = useKey(by, owner, tool, args, key);
  const earlier = usedKey(step, by, uses);
  if (earlier?.kind === 'use') return { use: earlier.use, again: true };
  checkUse(step, by, owner, tool);
  if (user.kind !== 'human') takeToken(step, by);
  const use = step.newId();
  const bytes = utf8Length(JSON.stringify(args));
  step.emit({
    type: 'tool.used',
    payload: {
      use,
      by,
      owner,
      tool,
      ...(bytes > argsJournaled ? { hash } : { args }),
      bytes,
      ...(uses && { key: uses }),
    },
  });
  return { use, again: false };
}

/**
 * Uses a tool that no program runs: it becomes a task for its owner.
 * @returns the task, which is the use as well
 * @throws `tool_not_allowed` and what {@link delegate} throws
 */
export function useAsTask(
  step: Step,
  by: AgentId,
  { owner, tool, args, within, key }: Omit<Use, 'hash'> & { readonly within?: number | undefined },
): TaskId {
  checkUse(step, by, owner, tool);
  const title = `Use the tool ${tool}`;
  const task = delegate(step, by, { to: owner, title, tool, args, within, key });
  if (step.events.length === 0) return task;
  const bytes = utf8Length(JSON.stringify(args));
  // The task has the arguments.
  step.emit({ type: 'tool.used', payload: { use: task, by, owner, tool, bytes, task } });
  endUse(step, task, 'task', 0);
  return task;
}

/** How a use is known by its key, see {@link beginUse}. */
function useKey(by: AgentId, owner: AgentId, tool: string, args: unknown, key: string | undefined): KeyUse | undefined {
  return keyUse(key, ['use', by, owner, tool, fingerprint(JSON.stringify(args))]);
}

/** Ends a use. One that has ended before stays as it ended. */
export function endUse(step: Step, use: UseId, outcome: UseOutcome, bytes: number): void {
  const open = step.state.uses.get(use);
  if (!open) return;
  step.emit({ type: 'tool.ended', payload: { use, outcome, milliseconds: step.now - open.at, bytes } });
}

/** The broker stopped under these: whether they happened is not known. */
export function loseUses(step: Step): void {
  for (const use of [...step.state.uses.keys()]) endUse(step, use, 'lost', 0);
}

/** @throws `tool_not_allowed` with what the person can do */
export function checkUse(step: Step, by: AgentId, owner: AgentId, tool: string): void {
  const { state } = step;
  if (mayUse(state, by, owner, tool)) return;
  const name = (id: AgentId): string => state.agents.get(id)?.name ?? '(gone)';
  step.refuse('tool_not_allowed', { agent: name(by), owner: name(owner), tool });
}

/**
 * Whether the agent may use the tool. Of the person's rules the one that names most counts; of equals the one that
 * forbids. Without a rule, agents of this machine may use each other's tools, and nobody else may. The person may all.
 */
export function mayUse(state: State, by: AgentId, owner: AgentId, tool: string): boolean {
  const user = state.agents.get(by);
  if (user?.kind === 'human' || by === owner) return true;
  const covers = (rule: ToolRule): boolean =>
    (rule.agent === undefined || rule.agent === by) &&
    (rule.owner === undefined || rule.owner === owner) &&
    (rule.tool === undefined || rule.tool === tool);
  const rules = state.toolRules.filter(covers);
  const most = Math.max(0, ...rules.map(named));
  const deciding = rules.filter((rule) => named(rule) === most);
  if (deciding.length > 0) return deciding.every(({ allow }) => allow);
  return user?.kind === 'agent' && state.agents.get(owner)?.kind === 'agent';
}

function named({ agent, owner, tool }: ToolRule): number {
  return [agent, owner, tool].filter((one) => one !== undefined).length;
}

/** Sets a rule, or takes it back (`allow` null). At most `toolRules` of them. @throws `too_many_rules` */
export function allowTool(step: Step, by: AgentId, which: Omit<ToolRule, 'allow'>, allow: boolean | null): void {
  const { state, world } = step;
  const { toolRules: limit } = world.limits;
  if (allow !== null && state.toolRules.length >= limit) step.refuse('too_many_rules', { limit });
  step.emit({ type: 'tool.allowed', payload: { by, ...which, allow } });
}
