import { taskReason } from './callReasons';
import { Refusal, type RefusalCode, type RefusalFacts } from '../core/refusal';
import type { WireError } from './wire';

/** Failures that are not a rule's refusal: of the way to the broker, of the home, of the input. */
export type FailureCode =
  | 'bad_input'
  | 'unknown_operation'
  | 'bad_share'
  | 'unknown_share'
  | 'who_are_you'
  | 'unauthorized'
  | 'forbidden'
  | 'broker_gone'
  | 'broker_hangs'
  | 'broker_start_failed'
  | 'broker_already_running'
  | 'superseded'
  | 'sandboxed'
  | 'protocol_mismatch'
  | 'too_large'
  | 'too_many_requests'
  | 'stream_gone'
  | 'unknown_resource'
  | 'unknown_prompt'
  | 'home_too_new'
  | 'home_read_only'
  | 'home_damaged'
  | 'socket_folder_denied'
  | 'socket_foreign'
  | 'storage_full'
  | 'storage_busy'
  | 'index_failed'
  | 'archive_missing'
  | 'bad_sql'
  | 'sql_too_slow'
  | 'sql_too_large'
  | 'sql_too_wide'
  | 'import_refused'
  | 'upload_expired'
  | 'export_changed'
  | 'file_failed'
  | 'session_gone'
  | 'invitation_failed'
  | 'storage_failed'
  | 'unknown_tool'
  | 'bad_tool'
  | 'bad_tool_args'
  | 'tool_timeout'
  | 'tool_gone'
  | 'tool_result_too_large'
  | 'bad_tool_result'
  | 'tool_use_lost'
  | 'too_many_uses'
  | 'config_malformed'
  | 'config_unwritable'
  | 'config_too_large'
  | 'config_changed'
  | 'connection_untested'
  | 'no_launcher'
  | 'background_unheard'
  | 'internal';

export type ErrorCode = RefusalCode | FailureCode;

/** An error that a person or a model reads. Told apart by `code`, never by its message. */
export class ParleyError extends Error {
  readonly code: ErrorCode;
  readonly facts: RefusalFacts;

  constructor(code: ErrorCode, facts: RefusalFacts = {}, options?: ErrorOptions) {
    super(say(code, facts), options);
    this.name = 'ParleyError';
    this.code = code;
    this.facts = facts;
  }
}

interface ErrorText {
  /** Exit code of the command line: stable, 2 to 125. */
  readonly exit: number;
  /** HTTP status. */
  readonly status: number;
  /** What is wrong and what to do. */
  readonly say: (facts: RefusalFacts) => string;
}

const f = (facts: RefusalFacts, name: string): string => {
  const value = facts[name];
  return value === undefined ? '' : typeof value === 'object' ? value.join(', ') : String(value);
};
const known = (facts: RefusalFacts): string =>
  f(facts, 'known') === '' ? '' : ` On the roster: ${f(facts, 'known')}.`;
/** A rule's reason in words; what is no reason that this version knows, as it is: a place in a template too. */
const reasonText = (reason: string): string => taskReason(reason) ?? reason;

/** Every error that a person or a model can read, in one place: what is wrong and what to do. */
export const errorTexts: Readonly<Record<ErrorCode, ErrorText>> = {
  unknown_agent: { exit: 10, status: 404, say: (x) => `There is no agent "${f(x, 'agent')}". Ask who for the names.${known(x)}` },
  unknown_call: { exit: 11, status: 404, say: () => 'There is no such call that you could answer or take back. Your inbox has the ids of those that wait for you.' },
  unknown_thread: { exit: 12, status: 404, say: () => 'There is no such thread that you may see. List your threads for its id.' },
  unknown_message: { exit: 13, status: 404, say: () => 'The message to reply to is not in this thread. Read the thread for its id.' },
  name_taken: { exit: 14, status: 409, say: (x) => `The name "${f(x, 'name')}" is taken. Choose another, or come back with that agent's token.` },
  bad_name: { exit: 15, status: 400, say: () => 'A name starts with a letter and has up to 32 letters, digits, "_" and "-".' },
  roster_full: { exit: 16, status: 429, say: (x) => `The roster is full (${f(x, 'limit')} agents). Retire some, or raise the limit agents.` },
  cannot_call_yourself: { exit: 17, status: 400, say: () => 'That is you. Name another agent.' },
  call_over: { exit: 18, status: 409, say: (x) => `That call is over: ${f(x, 'outcome')} by ${f(x, 'by')}.${f(x, 'thread') === '' ? '' : ` Its thread is ${f(x, 'thread')}.`}` },
  which_call: { exit: 42, status: 409, say: (x) => `Several calls ring. Name one: ${f(x, 'choices')}.` },
  not_your_call: { exit: 19, status: 403, say: () => 'That call is not to you. Only its callee (or the person) can answer it, only its caller can cancel it.' },
  already_calling: { exit: 20, status: 409, say: (x) => `You are calling ${f(x, 'name')} already (call ${f(x, 'call')}). Listen for the answer, or cancel that call first.` },
  empty_text: { exit: 21, status: 400, say: () => 'The message is empty. Say something.' },
  empty_topic: { exit: 22, status: 400, say: () => 'A topic is needed: one line that says what it is about.' },
  topic_too_long: { exit: 23, status: 400, say: (x) => `The topic has ${f(x, 'length')} characters, at most ${f(x, 'limit')} are allowed. Put the rest into the message.` },
  message_too_long: { exit: 24, status: 413, say: (x) => `The message has ${f(x, 'bytes')} bytes, at most ${f(x, 'limit')} are allowed. Split it, or point to a file with a ref.` },
  ref_too_long: { exit: 25, status: 413, say: (x) => `An excerpt has ${f(x, 'bytes')} bytes, at most ${f(x, 'limit')} are allowed. Narrow the range.` },
  too_many_refs: { exit: 26, status: 400, say: (x) => `There are ${f(x, 'count')} refs, at most ${f(x, 'limit')} are allowed.` },
  rate_limited: { exit: 27, status: 429, say: (x) => `Too many messages: at most ${f(x, 'limit')} a minute. Try again in ${f(x, 'retryMs')} ms.` },
  repeated_text: { exit: 28, status: 409, say: () => 'You said exactly this twice in a row already. Say something new, or leave.' },
  turn_limit: { exit: 29, status: 429, say: (x) => `Agents have spoken ${f(x, 'limit')} times here without a person. A person must grant more turns.` },
  loop_guard: { exit: 30, status: 429, say: (x) => `You and ${f(x, 'with')} have exchanged ${f(x, 'limit')} messages within an hour without a person. Wait, or ask the person.` },
  thread_full: { exit: 31, status: 409, say: (x) => `A thread holds at most ${f(x, 'limit')} participants.` },
  inbox_full: { exit: 32, status: 507, say: (x) => `The inbox of ${f(x, 'agent')} is full (${f(x, 'limit')} items). It must read first.` },
  thread_closed: { exit: 33, status: 409, say: () => 'That thread is archived: it can be read, not written. Call again, or leave a message by name, to go on.' },
  thread_open: { exit: 80, status: 409, say: (x) => `The thread "${f(x, 'topic')}" is still open. Close it first: parley leave --close ${f(x, 'thread')}.` },
  thread_paused: { exit: 34, status: 409, say: () => 'The person has paused this thread. Wait until it goes on.' },
  not_participant: { exit: 35, status: 403, say: (x) => `You are not in the thread "${f(x, 'topic')}".` },
  no_current_thread: { exit: 36, status: 409, say: () => 'You are in no live thread. Name a thread, call somebody, or leave a message for an agent by name.' },
  which_thread: { exit: 37, status: 409, say: (x) => `You are in several live threads. Name one: ${f(x, 'choices')}` },
  key_conflict: { exit: 38, status: 409, say: (x) => `The key "${f(x, 'key')}" was used for something else already. Use a new key for new content.` },
  cursor_expired: { exit: 39, status: 410, say: (x) => `That cursor is older than what is kept. Go on from cursor ${f(x, 'cursor')}. Your inbox still has what waits: calls ${f(x, 'calls')}, unread messages ${f(x, 'unread')}.` },
  call_declined_by_policy: { exit: 40, status: 403, say: (x) => `${f(x, 'name')} takes no calls. Leave a message.` },
  already_in: { exit: 43, status: 409, say: (x) => `${f(x, 'name') === '' ? 'You are' : `${f(x, 'name')} is`} in that thread already.` },
  nobody_matches: { exit: 44, status: 404, say: (x) => `Nobody fits: ${f(x, 'filters')}. Ask who for what is there, or ask for less.` },
  not_allowed_to_send: { exit: 45, status: 403, say: () => 'The person does not allow you to call or write now. Ask them, or go on without.' },
  person_decides: { exit: 46, status: 403, say: (x) => `${f(x, 'person') === '' ? 'The person' : f(x, 'person')} answers this call, or lets you answer it. Wait for that.` },
  already_left: { exit: 41, status: 409, say: () => 'You have left that thread already.' },
  not_open: { exit: 47, status: 403, say: () => 'That thread is closed to newcomers. Ask somebody in it to invite you.' },
  not_your_turn: { exit: 48, status: 409, say: (x) => `It is the turn of ${f(x, 'name')}. Listen: you are told when it is yours.` },
  nobody_there: { exit: 49, status: 409, say: (x) => `Everybody else has left the thread "${f(x, 'topic')}". Leave a message by name, or call.` },
  not_in_thread: { exit: 71, status: 404, say: (x) => `${f(x, 'name')} is not in the thread "${f(x, 'topic')}".` },
  turn_limit_too_high: { exit: 72, status: 400, say: (x) => `A room may have a turn limit of at most ${f(x, 'limit')}. Ask for less; a person can grant more later.` },
  too_many_rooms: { exit: 122, status: 429, say: (x) => `You have opened ${f(x, 'limit')} rooms that are open. Close one first (leave with close), or go on in one of them.` },
  broadcast_too_large: { exit: 118, status: 413, say: (x) => `These words, for ${f(x, 'count')} recipients together, have ${f(x, 'bytes')} bytes; at most ${f(x, 'limit')} are allowed. Say less, point to a file, or send to fewer.` },
  bad_ref: { exit: 73, status: 400, say: (x) => `The ref "${f(x, 'uri')}" cannot be used: ${f(x, 'problem')}` },

  unknown_task: { exit: 89, status: 404, say: () => 'There is no such task of yours. List your tasks for its id.' },
  not_your_task: { exit: 90, status: 403, say: (x) => `Only ${f(x, 'needs')} may do that with this task.` },
  task_over: { exit: 91, status: 409, say: (x) => `That task is over: ${f(x, 'reason') === '' ? `${f(x, 'outcome')} by ${f(x, 'by')}` : reasonText(f(x, 'reason'))}. Delegate a new one to go on.` },
  task_returned: { exit: 92, status: 409, say: (x) => `That task went back to ${f(x, 'from')}. It is yours again when it is offered to you again and you accept it.` },
  stale_fence: { exit: 93, status: 409, say: (x) => `You hold this task no more: it is ${f(x, 'state')} under number ${f(x, 'current')}, yours is ${f(x, 'fence')}. What you report is not taken; tell ${f(x, 'from')} by message what you have.` },
  circular_task: { exit: 94, status: 409, say: (x) => `${f(x, 'name')} gave this very work away, and it came to you: task ${f(x, 'task')}. Do it, or decline that task.` },
  too_many_tasks: { exit: 95, status: 429, say: (x) => `You have given ${f(x, 'limit')} tasks that are not over. Wait for some, or cancel them.` },
  assignee_full: { exit: 96, status: 429, say: (x) => `${f(x, 'name')} has ${f(x, 'limit')} tasks that are not over. Give this to somebody else, or wait.` },
  empty_title: { exit: 97, status: 400, say: () => 'A task needs a title: one line that says what is to be done.' },
  no_input_wanted: { exit: 98, status: 409, say: (x) => `That task asks for nothing now: it is ${f(x, 'state')}. Send a message instead.` },
  task_result_too_large: { exit: 99, status: 413, say: (x) => `The result has ${f(x, 'bytes')} bytes, at most ${f(x, 'limit')} are allowed. Write it to a file and report where it is.` },
  tool_args_too_large: { exit: 100, status: 413, say: (x) => `The arguments have ${f(x, 'bytes')} bytes, at most ${f(x, 'limit')} are allowed. Point to a file instead.` },
  tool_not_allowed: { exit: 101, status: 403, say: (x) => `${f(x, 'agent')} may not use the tool "${f(x, 'tool')}" of ${f(x, 'owner')}. The person can allow it: parley allow ${f(x, 'tool')} --agent ${f(x, 'agent')} --owner ${f(x, 'owner')}.` },
  too_many_rules: { exit: 102, status: 429, say: (x) => `There are ${f(x, 'limit')} rules about tools. Take some back first.` },
  unknown_tool: { exit: 103, status: 404, say: (x) => `${f(x, 'agent')} offers no tool "${f(x, 'tool')}".${f(x, 'known') === '' ? ' It offers none.' : ` It offers: ${f(x, 'known')}.`}` },
  bad_tool: { exit: 104, status: 400, say: (x) => `The tool "${f(x, 'tool')}" cannot be offered: ${f(x, 'problem')}.` },
  bad_tool_args: { exit: 105, status: 400, say: (x) => `The arguments are not as the tool "${f(x, 'tool')}" wants them: ${f(x, 'problem')}. Ask tools for its schema.` },
  tool_timeout: { exit: 106, status: 504, say: (x) => `The tool "${f(x, 'tool')}" has not answered within ${f(x, 'seconds')} s and was told to stop. It may have done part of its work.` },
  tool_gone: { exit: 107, status: 503, say: (x) => `The program that runs the tool "${f(x, 'tool')}" went away under it. It may have done part of its work.` },
  tool_result_too_large: { exit: 108, status: 507, say: (x) => `The tool "${f(x, 'tool')}" answered more than ${f(x, 'limit')} bytes. Ask it for less.` },
  bad_tool_result: { exit: 109, status: 502, say: (x) => `The tool "${f(x, 'tool')}" gave an answer that is none. Tell its owner.` },
  tool_use_lost: { exit: 110, status: 503, say: (x) => `The broker stopped during this use of the tool "${f(x, 'tool')}": whether it happened is not known. Look, and use it again if it did not.` },
  too_many_uses: { exit: 111, status: 429, say: (x) => `The tools of ${f(x, 'agent')} are in use ${f(x, 'limit')} times at once. Wait for answers first.` },
  bad_share: { exit: 119, status: 400, say: (x) => `The server "${f(x, 'name')}" is not shared: ${f(x, 'problem').replace(/[.!?]?$/, '.')}` },
  unknown_share: { exit: 120, status: 404, say: (x) => `No server "${f(x, 'name')}" is shared.${f(x, 'known') === '' ? '' : ` There are: ${f(x, 'known')}.`}` },
  config_malformed: { exit: 112, status: 400, say: (x) => `Nothing was changed: ${f(x, 'file')} ${f(x, 'problem').replace(/[.!?]?$/, '.')} Mend it, then try again.` },
  config_unwritable: { exit: 113, status: 503, say: (x) => `Nothing was changed: ${f(x, 'file')} cannot be written, because ${f(x, 'problem').replace(/[.!?]?$/, '.')}` },
  config_too_large: { exit: 114, status: 413, say: (x) => `Nothing was changed: ${f(x, 'file')} has ${f(x, 'bytes')} bytes, at most ${f(x, 'limit')} are edited. Add the entry by hand; Copy MCP Configuration has it.` },
  config_changed: { exit: 115, status: 409, say: (x) => `Nothing was changed: another program wrote ${f(x, 'file')} at this moment. Try again.` },
  connection_untested: { exit: 116, status: 503, say: (x) => `The configuration of ${f(x, 'client')} is written, but ${f(x, 'launcher')} does not answer: ${f(x, 'problem').replace(/[.!?]?$/, '.')} Run parley doctor; parley connect ${f(x, 'name')} --remove takes the change back.` },
  no_launcher: { exit: 117, status: 404, say: (x) => `There is no launcher ${f(x, 'launcher')} that a client could run. Open VS Code with Parley once, which writes it, or name a program with --launcher.` },
  background_unheard: { exit: 130, status: 409, say: (x) => `${f(x, 'client')} would not notice that this command has ended, so nothing waits. ${f(x, 'how')}` },
  bad_hours: { exit: 121, status: 400, say: (x) => `"${f(x, 'hours')}" is no time in which you can be left alone. Write hours like 22:00-07:00 or 22:00-07:00 mon-fri, several with ";" between them, at most 10.` },

  bad_input: { exit: 2, status: 400, say: (x) => `The request is not of the right form: ${f(x, 'problem').replace(/[.!?]?$/, '.')}` },
  unknown_operation: { exit: 3, status: 404, say: (x) => `There is no operation "${f(x, 'operation')}".` },
  who_are_you: { exit: 4, status: 401, say: (x) => f(x, 'choices') !== '' && f(x, 'several') !== '' ? `Several agents registered from this terminal: ${f(x, 'choices')}. Say which with --as NAME or PARLEY_AGENT.` : `Parley does not know who you are. Register first (parley register --name NAME), or say who with --as NAME or PARLEY_AGENT.${f(x, 'choices') === '' ? '' : ` Known here: ${f(x, 'choices')}.`}` },
  unauthorized: { exit: 5, status: 401, say: () => 'That token is not known here. Register again.' },
  forbidden: { exit: 6, status: 403, say: (x) => `Only ${f(x, 'needs')} may do that.` },
  broker_gone: { exit: 50, status: 503, say: () => 'The broker cannot be reached. Start it: parley broker start, or Parley: Start Broker in VS Code.' },
  broker_hangs: { exit: 51, status: 504, say: (x) => `The broker (process ${f(x, 'pid')}) does not answer. End that process; nothing that it confirmed is lost.` },
  broker_start_failed: { exit: 52, status: 503, say: (x) => `The broker did not start: ${f(x, 'problem')}. Its log is ${f(x, 'log')}.` },
  broker_already_running: { exit: 53, status: 409, say: () => 'Another broker writes to this home. Use that one, or stop it first: parley broker stop.' },
  superseded: {
    exit: 58,
    status: 409,
    say: (x) => `A newer Parley (${f(x, 'version')}) has taken over. Reload the window, or use that one.`,
  },
  sandboxed: { exit: 54, status: 503, say: () => 'This process may not run the broker. Start Parley from VS Code or a plain terminal.' },
  protocol_mismatch: { exit: 55, status: 426, say: (x) => `This program speaks protocol ${f(x, 'theirs')}, the broker ${f(x, 'ours')}. Update the older of the two.` },
  too_large: { exit: 56, status: 413, say: (x) => `The request is larger than ${f(x, 'limit')} bytes. Say less at once, or point to files.` },
  too_many_requests: { exit: 57, status: 429, say: (x) => `Too many requests at once (${f(x, 'limit')}). Wait for answers first.` },
  stream_gone: { exit: 74, status: 400, say: () => 'There is nothing to resume at that event. Open a new stream; what concerns you is not lost: listen goes on where you were.' },
  unknown_resource: { exit: 75, status: 404, say: (x) => `There is no resource "${f(x, 'uri')}" that you may read. List the resources.` },
  unknown_prompt: { exit: 76, status: 404, say: (x) => `There is no prompt "${f(x, 'name')}". List the prompts.` },
  home_too_new: { exit: 60, status: 503, say: (x) => `The home ${f(x, 'home')} was written by a newer Parley. Update Parley, or set PARLEY_HOME elsewhere.` },
  home_read_only: { exit: 61, status: 503, say: (x) => `The home ${f(x, 'home')} cannot be written. Give yourself write permission, or set PARLEY_HOME to a folder of yours.` },
  home_damaged: { exit: 62, status: 503, say: (x) => `The home is damaged. ${f(x, 'problem').replace(/[.!?]?$/, '.')} Stop the broker and run parley doctor --repair.` },
  socket_folder_denied: { exit: 63, status: 503, say: (x) => `The socket's folder ${f(x, 'folder')} cannot be used: ${f(x, 'problem')}. It must be yours, mode 0700.` },
  socket_foreign: { exit: 64, status: 503, say: (x) => `The socket ${f(x, 'socket')} belongs to another user. Remove it or set PARLEY_HOME elsewhere.` },
  storage_full: { exit: 65, status: 507, say: () => 'The disk is full: nothing new is taken, reading goes on. Free some space; no restart is needed.' },
  storage_busy: {
    exit: 67,
    status: 503,
    say: () => 'More waits for the disk than is taken at once. Try again in a moment.',
  },
  index_failed: {
    exit: 68,
    status: 503,
    say: () => 'What was said before could not be read just now. Try again; nothing is lost.',
  },
  archive_missing: { exit: 81, status: 503, say: (x) => `This thread is in the archive file ${f(x, 'file')}, which is missing or damaged. Put it back from a backup, or stop the broker and run parley doctor --repair.` },
  bad_sql: { exit: 82, status: 400, say: (x) => `SQLite does not take that: ${f(x, 'problem').replace(/[.!?]?$/, '.')} One SELECT, WITH, VALUES or EXPLAIN over agents, conversations, participants, messages, requests and tasks is possible.` },
  sql_too_slow: { exit: 83, status: 504, say: (x) => `The query took longer than ${f(x, 'limit')} ms and was ended. Ask for less at once.` },
  sql_too_large: { exit: 84, status: 413, say: (x) => `The answer is larger than ${f(x, 'limit')} bytes, or the query takes too much memory. Ask for fewer or smaller columns, or less at once.` },
  sql_too_wide: { exit: 85, status: 400, say: (x) => `The query spans ${f(x, 'count')} archive files, at most ${f(x, 'limit')} are read at once. Narrow the time with after and before.` },
  import_refused: { exit: 86, status: 400, say: (x) => `Nothing was taken in: line ${f(x, 'line')} of the file ${f(x, 'problem')}. Export it again.` },
  upload_expired: { exit: 87, status: 410, say: () => 'That upload is not known here (any more), or a piece of it is missing. Begin again with the first piece.' },
  export_changed: { exit: 88, status: 409, say: () => 'That cursor leads nowhere: it is of another home, or a thread was erased meanwhile. Begin again without a cursor.' },
  file_failed: { exit: 69, status: 400, say: (x) => `The file ${f(x, 'file')} cannot be read or written (${f(x, 'problem')}). Name another, or give yourself permission.` },
  session_gone: { exit: 125, status: 404, say: () => 'That session has ended, or signed on meanwhile. Look again with parley nearby.' },
  invitation_failed: { exit: 126, status: 502, say: (x) => `The line did not get into the session of ${f(x, 'client')} (${f(x, 'problem')}). Paste it there yourself.` },
  storage_failed: { exit: 66, status: 503, say: () => 'Writing to the disk failed. The broker stops and reads the disk anew; repeat the request.' },
  internal: { exit: 70, status: 500, say: () => 'Something went wrong inside Parley. The log says more; please report it.' },
}; // prettier-ignore

export function say(code: ErrorCode, facts: RefusalFacts = {}): string {
  return errorTexts[code].say(facts);
}

/**
 * The text with `{name}` in the place of each fact, by which its translations are found. A fact that is empty in `facts` has
 * no place, so that what is said only with it is left out here too.
 */
export function errorTemplate(code: ErrorCode, facts: RefusalFacts): string {
  const places = { get: (_: object, name: string) => (f(facts, name) === '' ? '' : `{${name}}`) };
  return errorTexts[code].say(new Proxy<Record<string, string>>({}, places));
}

/** One fact as the text has it. */
export function factText(facts: RefusalFacts, name: string): string {
  return name === 'reason' ? reasonText(f(facts, name)) : f(facts, name);
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTexts, code);
}

/** Any error as the one family that crosses the wire. What is not ours becomes `internal`: its text stays in the log. */
export function toParleyError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  if (error instanceof Refusal) return new ParleyError(error.code, error.facts);
  return new ParleyError('internal', {}, { cause: error });
}

export function toWire(error: unknown): WireError {
  const { code, facts } = toParleyError(error);
  return { code, facts };
}

/** The error that came over the wire; a code that this version does not know is `internal`. */
export function fromWire(wire: WireError): ParleyError {
  return new ParleyError(isErrorCode(wire.code) ? wire.code : 'internal', wire.facts);
}
