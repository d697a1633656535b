import type { Task, TaskRecord } from '../../core/taskModel';
import { sha256 } from '../manifest';

/** Version of the lines. A file of a newer one is refused. */
export const exportVersion = 1;

/** What the lines of an export count, by kind. */
export const exportKinds = ['agent', 'task', 'call', 'thread', 'message'] as const;
export type ExportKind = (typeof exportKinds)[number];
export type ExportCounts = Record<ExportKind, number>;

export const noCounts: Readonly<ExportCounts> = { agent: 0, task: 0, call: 0, thread: 0, message: 0 };

/**
 * The lines of an export, each a JSON object with one key that says what it is:
 *
 *     {"parley":{"version":1,"home":…,"at":…}}     first
 *     {"task":{…}}                                 with where it stands, its result and its history
 *     {"agent":{…}}  {"call":{…}}  {"thread":{…}}  each thread followed by its messages, in order of seq
 *     {"message":{…,"receipts":[…]}}
 *     {"end":{"agent":2,…,"checksum":…}}           last: how many of each, and the checksum of the lines before
 *
 * The checksum is that of a chain, so that a page can go on where the one before ended: each link is the SHA-256, in hex, of
 * the one before (at first nothing) and the line without its line feed.
 */
export function chain(before: string, line: string): string {
  return sha256(before + line);
}

export type ExportedTask = Task &
  Pick<TaskRecord, 'state' | 'result' | 'said' | 'reason' | 'changedAt' | 'overAt' | 'steps'>;

export interface ExportedAgent {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly card: object;
  readonly lastAt: number;
}

export interface ExportedCall {
  readonly id: string;
  readonly from: string;
  readonly topic: string;
  readonly placedAt: number;
  readonly to: readonly { readonly agent: string; readonly state: string }[];
  /** The threads that it led to. */
  readonly threads: readonly string[];
}

export interface ExportedThread {
  readonly id: string;
  readonly topic: string;
  readonly mode: string;
  readonly state: string;
  readonly home: string;
  readonly call: string | null;
  readonly openedAt: number;
  readonly lastAt: number;
  readonly closedAt: number | null;
  readonly reason: string | null;
  /** The seq of the last message. */
  readonly messages: number;
  readonly participants: readonly {
    readonly agent: string;
    readonly joinedAt: number;
    readonly leftAt: number | null;
  }[];
}
