import type { AgentId, Ref, ThreadId } from './model';
import type { Receipt } from './state';

export type TaskId = string;
/** One use of a tool. */
export type UseId = string;

/** A2A's states; the last four are final. */
export type TaskState = 'submitted' | 'working' | 'input-required' | 'completed' | 'failed' | 'canceled' | 'rejected';

/** What an event tells of a task. `offered`: it waits for the assignee's answer; `returned`: it went back to who gave it. */
export type TaskChange =
  | 'offered'
  | 'working'
  | 'progress'
  | 'input-required'
  | 'input'
  | 'returned'
  | 'completed'
  | 'failed'
  | 'canceled'
  | 'rejected';

/** Work handed over with a result expected, as it was given. */
export interface Task {
  readonly id: TaskId;
  readonly from: AgentId;
  readonly to: AgentId;
  readonly title: string;
  readonly text?: string | undefined;
  readonly refs: readonly Ref[];
  readonly placedAt: number;
  /** When it fails if it is not over. */
  readonly deadline?: number | undefined;
  /** How often a try that failed or lapsed is offered again. */
  readonly retries: number;
  /** The thread that is told of it. */
  readonly thread?: ThreadId | undefined;
  /** The assignee's tool that this is a use of, with its checked arguments. */
  readonly tool?: string | undefined;
  readonly args?: unknown;
}

/** One step in a task's history. */
export interface TaskStep {
  readonly at: number;
  readonly change: TaskChange;
  /** Absent: time did it. */
  readonly by?: AgentId | undefined;
  readonly said?: string | undefined;
  readonly progress?: number | undefined;
  readonly fence: number;
}

/** A task and where it stands. Kept while it can change, and for a day after. */
export interface TaskRecord {
  readonly task: Task;
  state: TaskState;
  /** Raised each time it goes back: whoever holds an older number holds nothing any more. */
  fence: number;
  /** The number that the assignee was given when it took the task last. */
  given?: number;
  /** It waits for the assignee's answer. */
  isOffered: boolean;
  /** While working: without a report until then it goes back. */
  leaseUntil?: number;
  /** It went back, and is offered to the same assignee again then. */
  offerAt?: number;
  retriesLeft: number;
  progress?: number;
  /** What was reported last; while input is required, the question. */
  said?: string;
  result?: unknown;
  /** Why it failed or went back, where a rule said so. */
  reason?: string;
  /** Who ended it. */
  by?: AgentId;
  changedAt: number;
  overAt?: number;
  /** Its history, oldest first: the first step and the latest ones. */
  readonly steps: TaskStep[];
  /** How the first offer got through, once that can change no more. */
  receipt?: Receipt;
}

/** Who may use which tools of whom. What is absent stands for all. */
export interface ToolRule {
  readonly agent?: AgentId | undefined;
  readonly owner?: AgentId | undefined;
  readonly tool?: string | undefined;
  readonly allow: boolean;
}

/** A use of a tool that has not ended. */
export interface OpenUse {
  readonly by: AgentId;
  readonly owner: AgentId;
  readonly tool: string;
  readonly at: number;
}

/** How a use ended: `lost`: the broker stopped under it; `gone`: the program that ran it went. */
export type UseOutcome = 'ok' | 'error' | 'timeout' | 'cancelled' | 'gone' | 'too_large' | 'invalid' | 'task' | 'lost';
