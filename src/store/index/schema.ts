import { applicationId } from '../sqliteHeader';

/** Version of the tables in `state.db` and in archives. `migrate.ts` brings older ones up to it. */
export const indexFormat = 3;

/** Words of messages (what was said, and what their refs point to) and of topics. */
export const textTables = `
create virtual table messageText using fts4 (content="message", content, about, tokenize=unicode61);
create virtual table topicText using fts4 (thread, topic, notindexed=thread, tokenize=unicode61);
`;

/**
 * Where the messages of archived threads are: `part` says which messages of a thread are in which archive (they are not
 * in `message` then), `erased` which threads, and which tasks by their own ids, must never come back
 * out of one.
 */
export const archiveTables = `
create table archive (name text primary key, offset integer not null, firstAt integer, lastAt integer) without rowid;
create table part (
  thread text not null, first integer not null, last integer not null, archive text not null, primary key (thread, first)
) without rowid;
create index partByArchive on part (archive);
create table erased (thread text primary key, at integer not null) without rowid;
create table callThread (call text not null, thread text not null, primary key (call, thread)) without rowid;
create index callByThread on callThread (thread);
`;

/**
 * Tasks, each with its record (JSON) as the head state had it; `taskPart`: which archives hold tasks of a thread too,
 * and by its own id the task that is of none, or was erased. `callReturn`: the call that rang the caller back.
 */
export const taskTables = `
create table task (
  id text primary key, sender text not null, assignee text not null, title text not null, state text not null,
  placedAt integer not null, changedAt integer not null, overAt integer, thread text, record text not null
) without rowid;
create index taskBySender on task (sender, changedAt);
create index taskByAssignee on task (assignee, changedAt);
create index taskByThread on task (thread) where thread is not null;
create table taskPart (thread text not null, archive text not null, primary key (thread, archive)) without rowid;
create table callReturn (call text primary key, returned text not null) without rowid;
create view tasks as
  select id, sender as from_agent, assignee as to_agent, title, json_extract(record, '$.task.text') as description,
    state as status, thread as conversation_id, placedAt as created_at, changedAt as changed_at, overAt as ended_at,
    json_extract(record, '$.said') as said, json_extract(record, '$.result') as result
  from task;
`;

/**
 * The tables are ours and change with `indexFormat`; the views at the end are for everyone and stay. Times are ms since
 * the epoch, ids are ULIDs, lists are JSON.
 */
export const schema = `
create table meta (key text primary key, value not null) without rowid;

create table agent (
  id text primary key, name text not null, kind text not null, card text not null,
  busy integer not null, retired integer not null default 0, lastAt integer not null
) without rowid;

create table thread (
  id text primary key, topic text not null, mode text not null, state text not null, home text not null, call text,
  openedAt integer not null, lastAt integer not null, closedAt integer, reason text, messages integer not null,
  archived integer not null default 0
) without rowid;
create index threadByTime on thread (lastAt);
create index threadToArchive on thread (closedAt) where state = 'closed' and archived = 0;

create table participant (
  thread text not null, agent text not null, joinedAt integer not null, leftAt integer, primary key (thread, agent)
) without rowid;
create index participantByAgent on participant (agent);

create table message (
  place integer primary key, id text not null unique, thread text not null, seq integer not null, sender text not null,
  type text not null, content text not null, refs text, replyTo text, timestamp integer not null, about text,
  broadcast text, unique (thread, seq)
);
${textTables}
${archiveTables}

create table receipt (
  message text not null, agent text not null, thread text not null, state text not null, at integer not null,
  ringer text, result text, detail text, primary key (message, agent)
) without rowid;
create index receiptOpen on receipt (thread, agent) where state in ('stored', 'rung', 'seen');

create table call (
  id text primary key, sender text not null, topic text not null, placedAt integer not null
) without rowid;
create table leg (
  call text not null, agent text not null, state text not null, primary key (call, agent)
) without rowid;

${taskTables}
create view agents as
  select id, name, json_extract(card, '$.capabilities') as capabilities,
    case when retired then 'retired' when busy then 'busy' else 'known' end as status,
    null as api_key, lastAt as last_seen
  from agent;
create view conversations as
  select id, topic, mode, case state when 'open' then 'active' else state end as status,
    openedAt as created_at, closedAt as closed_at
  from thread;
create view participants as
  select thread as conversation_id, agent as agent_id, joinedAt as joined_at, leftAt as left_at from participant;
create view messages as
  select id, thread as conversation_id, sender as from_agent, type, content, seq, timestamp from message;
create view requests as
  select call.id as id, sender as from_agent, agent as to_agent, topic, state as status, placedAt as created_at
  from leg join call on call.id = leg.call;
`;

/** Set on every opening: an export sets them back. What is deleted is overwritten: erased words must not stay behind. */
export const pragmas = `
pragma journal_mode = memory;
pragma synchronous = off;
pragma temp_store = memory;
pragma secure_delete = on;
pragma cache_size = -2000;
`;

/** Writes into the header of the file what can be read without SQLite, when the manifest is lost: whose it is, and its offset. */
export function markFile(database: { script(text: string): void }, offset: number): void {
  database.script(`pragma application_id = ${applicationId}; pragma user_version = ${offset % 2 ** 31}`);
}
