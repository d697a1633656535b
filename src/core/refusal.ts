/** Why the switchboard refused. Codes are stable: doors, exit codes and texts hang on them. */
export type RefusalCode =
  | 'unknown_agent'
  | 'unknown_call'
  | 'unknown_thread'
  | 'unknown_message'
  | 'name_taken'
  | 'bad_name'
  | 'roster_full'
  | 'cannot_call_yourself'
  | 'call_over'
  | 'not_your_call'
  | 'which_call'
  | 'already_calling'
  | 'empty_text'
  | 'empty_topic'
  | 'topic_too_long'
  | 'message_too_long'
  | 'ref_too_long'
  | 'too_many_refs'
  | 'broadcast_too_large'
  | 'rate_limited'
  | 'repeated_text'
  | 'turn_limit'
  | 'loop_guard'
  | 'thread_full'
  | 'too_many_rooms'
  | 'inbox_full'
  | 'thread_closed'
  | 'thread_open'
  | 'thread_paused'
  | 'not_participant'
  | 'no_current_thread'
  | 'which_thread'
  | 'key_conflict'
  | 'cursor_expired'
  | 'call_declined_by_policy'
  | 'already_left'
  | 'not_open'
  | 'not_your_turn'
  | 'nobody_there'
  | 'not_in_thread'
  | 'turn_limit_too_high'
  | 'bad_ref'
  | 'already_in'
  | 'nobody_matches'
  | 'not_allowed_to_send'
  | 'person_decides'
  | 'unknown_task'
  | 'not_your_task'
  | 'task_over'
  | 'task_returned'
  | 'stale_fence'
  | 'circular_task'
  | 'too_many_tasks'
  | 'assignee_full'
  | 'empty_title'
  | 'no_input_wanted'
  | 'task_result_too_large'
  | 'tool_args_too_large'
  | 'tool_not_allowed'
  | 'too_many_rules'
  | 'bad_hours';

/** Facts that the text of a refusal is made of: names, limits, what is possible instead. */
export type RefusalFacts = Readonly<Record<string, string | number | readonly string[]>>;

/** A command that the rules refuse. Thrown before anything has changed. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly facts: RefusalFacts;

  constructor(code: RefusalCode, facts: RefusalFacts = {}) {
    super(code);
    this.name = 'Refusal';
    this.code = code;
    this.facts = facts;
  }
}
