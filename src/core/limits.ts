/** Every limit of the switchboard, with its default. All are settings; times are in milliseconds, sizes in bytes of UTF-8. */
export interface Limits {
  /** Text of one message. Refused beyond: `message_too_long`. */
  readonly messageBytes: number;
  /** Characters of a topic. Refused beyond: `topic_too_long`. */
  readonly topicLength: number;
  /** Excerpt of one ref. Refused beyond: `ref_too_long`. */
  readonly refExcerptBytes: number;
  /** Refs on one message or call. Refused beyond: `too_many_refs`. */
  readonly refsPerMessage: number;
  /** Text and refs of one broadcast, as JSON, for all of its recipients together. Refused beyond: `broadcast_too_large`. */
  readonly broadcastBytes: number;
  /** Sustained messages and calls a minute for one agent. Refused beyond: `rate_limited`. */
  readonly messagesPerMinute: number;
  /** Messages that may come at once before the rate holds. */
  readonly messageBurst: number;
  /** Participants of one thread. Refused beyond: `thread_full`. */
  readonly participants: number;
  /** Rooms that one agent has opened and that are open. Refused beyond: `too_many_rooms`. */
  readonly rooms: number;
  /** Living agents on the roster. Refused beyond: `roster_full`. */
  readonly agents: number;
  /** Unseen messages and open calls of one agent. Refused beyond: `inbox_full`. */
  readonly inboxItems: number;
  /** Messages from agents in a thread until a person speaks. Refused beyond: `turn_limit`. */
  readonly turns: number;
  /** Messages between one pair of agents in an hour without a person. Refused beyond: `loop_guard`. */
  readonly pairMessagesPerHour: number;
  /** How long an agent is rung. */
  readonly ringAgent: number;
  /** How long the person is rung. */
  readonly ringPerson: number;
  /** How long a hunt rings each before it goes on to the next. */
  readonly huntRing: number;
  /** How many a hunt tries at most. */
  readonly huntAgents: number;
  /** What a ringing call has left at least after a restart. */
  readonly ringAfterRestart: number;
  /** How long a missed or queued call can be answered. */
  readonly callExpiry: number;
  /** A live thread without a message for this long closes. */
  readonly threadIdle: number;
  /** In a round-robin, who says nothing for this long when its turn has come is skipped. */
  readonly turnSilence: number;
  /** In a round-robin, who is offline for this long is skipped: a lost connection has come back by then. */
  readonly turnOffline: number;
  /** A participant of a live thread offline for this long leaves it. */
  readonly offlineLeave: number;
  /** An agent with a generated name and nothing waiting is retired after this long offline. */
  readonly retireAfter: number;
  /** How long events can be re-read with a cursor. Older: `cursor_expired`. */
  readonly eventsKept: number;
  /** How long an idempotency key is remembered. */
  readonly keysKept: number;
  /** How long an archived thread is kept after it closed, and a task after it ended; then it is erased. Not set: for ever. */
  readonly archiveKept: number;
  /** Unseen in a live thread for this long: the sender is told. */
  readonly watchdogLive: number;
  /** Unseen in an async thread, or a call unseen, for this long: the sender is told. */
  readonly watchdogAsync: number;
  /** Wakes of one agent in an hour. */
  readonly wakesPerHour: number;
  /** Who works on a task and reports nothing for this long loses it: it goes back under a new number. */
  readonly taskLease: number;
  /** What a lease has left at least after a restart or a sleep of the machine. */
  readonly taskLeaseAfterRestart: number;
  /** A task that nobody works on and nobody touches for this long fails. */
  readonly taskExpiry: number;
  /** Before a task is offered again for the first time; doubled each time. */
  readonly taskRetryFirst: number;
  /** The longest such pause. */
  readonly taskRetryLongest: number;
  /** Open tasks that one agent has given. Refused beyond: `too_many_tasks`. */
  readonly tasksGiven: number;
  /** Open tasks that one agent has been given. Refused beyond: `assignee_full`. */
  readonly tasksTaken: number;
  /** Words of one report on a task. Refused beyond: `message_too_long`. */
  readonly taskReportBytes: number;
  /** Result of one task, as JSON. Refused beyond: `task_result_too_large`. */
  readonly taskResultBytes: number;
  /** Arguments of one use of a tool, as JSON. Refused beyond: `tool_args_too_large`. */
  readonly toolArgsBytes: number;
  /** Result of one use of a tool, as JSON. Refused beyond: `tool_result_too_large`. */
  readonly toolResultBytes: number;
  /** How long a tool may take when its user does not say. Then: `tool_timeout`. */
  readonly toolTimeout: number;
  /** Uses of one agent's tools that run at once. Refused beyond: `too_many_uses`. */
  readonly toolUses: number;
  /** Tools that one agent offers. Refused beyond: `bad_tool`. */
  readonly toolsOffered: number;
  /** Schema of one tool, as JSON. Refused beyond: `bad_tool`. */
  readonly toolSchemaBytes: number;
  /** The person's rules about tools. Refused beyond: `too_many_rules`. */
  readonly toolRules: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export const defaultLimits: Limits = {
  messageBytes: 64 * 1024,
  topicLength: 200,
  refExcerptBytes: 4 * 1024,
  refsPerMessage: 50,
  // With what stands around a thousand copies, it fits into one segment of the journal (8 MiB).
  broadcastBytes: 4 * 1024 * 1024,
  messagesPerMinute: 120,
  messageBurst: 30,
  participants: 50,
  rooms: 20,
  agents: 1000,
  inboxItems: 10_000,
  turns: 200,
  pairMessagesPerHour: 500,
  ringAgent: 120 * second,
  ringPerson: 45 * second,
  huntRing: 20 * second,
  huntAgents: 50,
  ringAfterRestart: 10 * second,
  callExpiry: 7 * day,
  threadIdle: 30 * minute,
  turnSilence: 2 * minute,
  turnOffline: 10 * second,
  offlineLeave: 30 * minute,
  retireAfter: day,
  eventsKept: 7 * day,
  keysKept: 24 * hour,
  archiveKept: Number.POSITIVE_INFINITY,
  watchdogLive: 2 * minute,
  watchdogAsync: 30 * minute,
  wakesPerHour: 30,
  taskLease: 10 * minute,
  taskLeaseAfterRestart: minute,
  taskExpiry: 7 * day,
  taskRetryFirst: 10 * second,
  taskRetryLongest: 10 * minute,
  tasksGiven: 100,
  tasksTaken: 100,
  taskReportBytes: 8 * 1024,
  taskResultBytes: 64 * 1024,
  toolArgsBytes: 64 * 1024,
  toolResultBytes: 256 * 1024,
  toolTimeout: minute,
  toolUses: 32,
  toolsOffered: 64,
  toolSchemaBytes: 16 * 1024,
  toolRules: 1000,
};
