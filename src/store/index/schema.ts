/** Version of the tables in `state.db`. */
export const indexFormat = 1;

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
  openedAt integer not null, lastAt integer not null, closedAt integer, reason text, messages integer not null
) without rowid;
create index threadByTime on thread (lastAt);

create table participant (
  thread text not null, agent text not null, joinedAt integer not null, leftAt integer, primary key (thread, agent)
) without rowid;
create index participantByAgent on participant (agent);

create table message (
  place integer primary key, id text not null unique, thread text not null, seq integer not null, sender text not null,
  type text not null, content text not null, refs text, replyTo text, timestamp integer not null,
  unique (thread, seq)
);
create virtual table messageText using fts4 (content="message", content, tokenize=unicode61);

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

/** Set on every opening: an export sets them back. */
export const pragmas = `
pragma journal_mode = memory;
pragma synchronous = off;
pragma temp_store = memory;
pragma cache_size = -2000;
`;
