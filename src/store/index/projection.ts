import type { DurableEvent, Facts } from '../../core/events';
import type { Ref } from '../../core/model';
import type { StoredEvent } from '../storedEvent';
import type { SqlDatabase } from './database';
import { projectTask } from './taskRows';

/** Writes one event into the tables. MUST be called in order of offsets, within a transaction. */
export function project(database: SqlDatabase, stored: StoredEvent): void {
  // The journal carries what the core gave it; a type that is not known here changes nothing.
  const event = stored as unknown as DurableEvent;
  const { time } = event;
  switch (event.type) {
    case 'agent.registered': {
      const { id, name, kind, card, busy } = event.payload.agent;
      database.run(
        'insert or replace into agent (id, name, kind, card, busy, lastAt) values (?, ?, ?, ?, ?, ?)',
        ...[id, name, kind, JSON.stringify(card), busy ? 1 : 0, time],
      );
      break;
    }
    case 'agent.profiled':
      profile(database, event.payload, time);
      break;
    case 'person.quieted':
      profile(database, { agent: event.payload.agent, busy: event.payload.busy }, time);
      break;
    case 'agent.retired':
      database.run('update agent set retired = 1 where id = ?', event.payload.agent);
      database.run(
        `update receipt set state = 'expired', at = ? where agent = ? and state in ('stored', 'rung')`,
        ...[time, event.payload.agent],
      );
      break;

    case 'call.placed': {
      const { call, to } = event.payload;
      const { id, from, topic, placedAt } = call;
      database.run(
        'insert or ignore into call (id, sender, topic, placedAt) values (?, ?, ?, ?)',
        id,
        from,
        topic,
        placedAt,
      );
      for (const agent of to) setLeg(database, { call: id, agent }, 'queued');
      // What it says are words of the thread that it invites into.
      const { into } = call;
      if (into !== undefined) database.run('insert or ignore into callThread (call, thread) values (?, ?)', id, into);
      break;
    }
    case 'call.queued':
    case 'call.hunted':
      setLeg(database, event.payload, 'queued');
      break;
    case 'call.awaited':
      setLeg(database, event.payload, 'awaited');
      break;
    case 'call.freed':
      setLeg(database, event.payload, 'free');
      break;
    case 'call.passed':
      setLeg(database, event.payload, 'passed');
      break;
    case 'call.rang':
      setLeg(database, event.payload, 'ringing');
      break;
    case 'call.accepted': {
      const { call, thread } = event.payload;
      setLeg(database, event.payload, 'accepted');
      database.run('insert or ignore into callThread (call, thread) values (?, ?)', call, thread);
      break;
    }
    case 'call.declined':
      setLeg(database, event.payload, 'declined');
      break;
    case 'call.missed':
      setLeg(database, event.payload, 'missed');
      break;
    case 'call.cancelled':
      setLeg(database, event.payload, 'cancelled');
      break;
    case 'call.merged': {
      const { call, into } = event.payload;
      setLeg(database, event.payload, 'merged');
      database.run('insert or ignore into callThread select ?, thread from callThread where call = ?', call, into);
      break;
    }
    case 'call.returned': {
      const { call, into } = event.payload;
      setLeg(database, event.payload, 'returned');
      database.run('insert or replace into callReturn (call, returned) values (?, ?)', call, into);
      break;
    }
    case 'call.expired':
      setLeg(database, event.payload, 'expired');
      break;

    case 'thread.opened': {
      const { thread, topic, mode, home, call } = event.payload;
      database.run(
        `insert or ignore into thread (id, topic, mode, state, home, call, openedAt, lastAt, messages)
         values (?, ?, ?, 'open', ?, ?, ?, ?, 0)`,
        ...[thread, topic, mode, home, call, time, time],
      );
      if (database.changed > 0) database.run('insert into topicText (thread, topic) values (?, ?)', thread, topic);
      if (call !== undefined)
        database.run('insert or ignore into callThread (call, thread) values (?, ?)', call, thread);
      break;
    }
    case 'message.sent':
      sent(database, event.payload, time);
      break;
    case 'thread.paused':
      database.run(`update thread set state = 'paused' where id = ?`, event.payload.thread);
      break;
    case 'thread.resumed':
      database.run(`update thread set state = 'open' where id = ?`, event.payload.thread);
      break;
    case 'thread.renamed': {
      const { thread, topic } = event.payload;
      database.run('update thread set topic = ? where id = ?', topic, thread);
      forgetTopic(database, thread);
      database.run('insert into topicText (thread, topic) values (?, ?)', thread, topic);
      break;
    }
    case 'thread.closed': {
      const { thread, reason } = event.payload;
      database.run(`update thread set state = 'closed', closedAt = ?, reason = ? where id = ?`, time, reason, thread);
      break;
    }

    case 'task.placed':
    case 'task.offered':
    case 'task.taken':
    case 'task.reported':
    case 'task.input':
    case 'task.leased':
    case 'task.returned':
    case 'task.ended':
      projectTask(database, event);
      break;

    case 'receipt.rung': {
      const { subject, agent, report } = event.payload;
      const { ringer, result, detail } = report;
      database.run(
        'update receipt set ringer = ?, result = ?, detail = ? where message = ? and agent = ?',
        ...[ringer, result, detail, subject, agent],
      );
      if (result === 'written') moveReceipt(database, subject, agent, 'rung', time);
      break;
    }
    case 'receipt.seen':
      for (const message of event.payload.messages) moveReceipt(database, message, event.payload.agent, 'seen', time);
      break;
    case 'receipt.refused': {
      const { subject, agent, code } = event.payload;
      database.run('update receipt set detail = ? where message = ? and agent = ?', code, subject, agent);
      moveReceipt(database, subject, agent, 'refused', time);
      break;
    }
    case 'gap.journaled':
      database.run(`update thread set state = 'closed', closedAt = ?, reason = 'closed' where state <> 'closed'`, time);
      break;
    case 'tasks.erased':
      for (const task of event.payload.tasks) eraseTask(database, task, time);
      break;
    case 'thread.erased':
      erase(database, event.payload.thread, time);
      break;
    default:
      // Nothing that the index tells of.
      break;
  }
}

function profile(database: SqlDatabase, change: Facts['agent.profiled'], time: number): void {
  const { agent, name, card, busy } = change;
  database.run('update agent set lastAt = ? where id = ?', time, agent);
  if (name !== undefined) database.run('update agent set name = ? where id = ?', name, agent);
  if (busy !== undefined) database.run('update agent set busy = ? where id = ?', busy ? 1 : 0, agent);
  if (card !== undefined) {
    const before = database.get('select card from agent where id = ?', agent)?.['card'];
    if (typeof before !== 'string') return;
    const after = { ...(JSON.parse(before) as object), ...card };
    database.run('update agent set card = ? where id = ?', JSON.stringify(after), agent);
  }
}

/** The words of the thread's topic are found no more. */
function forgetTopic(database: SqlDatabase, thread: string): void {
  database.run('delete from topicText where docid in (select docid from topicText where thread = ?)', thread);
}

function setLeg(database: SqlDatabase, { call, agent }: { call: string; agent: string }, state: string): void {
  database.run('insert or replace into leg (call, agent, state) values (?, ?, ?)', call, agent, state);
}

function sent(database: SqlDatabase, { message, answers }: Facts['message.sent'], time: number): void {
  const { id, thread, from, type, content, refs, replyTo, broadcast, seq, timestamp } = message;
  const told = refs.length > 0 ? JSON.stringify(refs) : undefined;
  const about = aboutOf(content, told);
  database.run(
    `insert or ignore into message (id, thread, seq, sender, type, content, refs, replyTo, timestamp, about, broadcast)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[id, thread, seq, from, type, content, told, replyTo, timestamp, about, broadcast],
  );
  // Nothing that a broker ever wrote twice may stop the index for good.
  if (database.changed === 0) return;
  database.run('insert into messageText (docid, content, about) values (last_insert_rowid(), ?, ?)', content, about);
  // A note of the broker keeps no thread from falling idle.
  if (type === 'system') database.run('update thread set messages = ? where id = ?', seq, thread);
  else database.run('update thread set lastAt = ?, messages = ? where id = ?', time, seq, thread);
  database.run('update agent set lastAt = ? where id = ?', time, from);
  if (type === 'join') {
    database.run('insert or replace into participant (thread, agent, joinedAt) values (?, ?, ?)', thread, from, time);
  }
  if (type === 'leave') {
    database.run('update participant set leftAt = ? where thread = ? and agent = ?', time, thread, from);
    // What was not seen by now never will be; what was seen stays seen.
    database.run(
      `update receipt set state = 'expired', at = ?
       where thread = ? and agent = ? and state in ('stored', 'rung', 'seen') and state <> 'seen'`,
      ...[time, thread, from],
    );
  }
  if (type !== 'message') return;
  database.run(
    `insert into receipt (message, agent, thread, state, at)
     select ?, agent, thread, 'stored', ? from participant where thread = ? and agent <> ? and leftAt is null`,
    ...[id, time, thread, from],
  );
  for (const answered of answers) moveReceipt(database, answered, from, 'answered', time);
}

/** The states that a receipt can leave for another; they only move forward. */
const leavable = {
  rung: `'stored'`,
  seen: `'stored', 'rung'`,
  answered: `'stored', 'rung', 'seen'`,
  refused: `'stored', 'rung', 'seen'`,
};

function moveReceipt(
  database: SqlDatabase,
  message: string,
  agent: string,
  to: keyof typeof leavable,
  time: number,
): void {
  database.run(
    `update receipt set state = ?, at = ? where message = ? and agent = ? and state in (${leavable[to]})`,
    ...[to, time, message, agent],
  );
}

/**
 * The words beside a message's content that a search finds: of its refs (JSON) where they point, what stands there and what
 * was noted. SQLite reads text up to a NUL only: what has one is here once more without it.
 */
export function aboutOf(content: string, refs: string | undefined): string | undefined {
  const about =
    refs === undefined ? [] : (JSON.parse(refs) as Ref[]).flatMap((ref) => [ref.uri, ref.note, ref.excerpt]);
  if (content.includes('\0')) about.push(content);
  if (about.length === 0) return undefined;
  return about
    .filter((part) => part !== undefined)
    .join('\n')
    .replaceAll('\0', ' ');
}

/**
 * Takes a thread out, with the calls that led to it alone and those that they return. What is in archives stays there,
 * unseen, until they are written anew.
 */
function erase(database: SqlDatabase, thread: string, time: number): void {
  database.run('insert or replace into erased (thread, at) values (?, ?)', thread, time);
  const calls = database.all(
    `with recursive own (call) as (
       select call from callThread as one where thread = ?
         and not exists (select 1 from callThread where call = one.call and thread <> one.thread)
       union
       select callReturn.call from callReturn join own on returned = own.call
         where not exists (select 1 from callThread where call = callReturn.call and thread <> ?)
       union
       select returned from callReturn join own on callReturn.call = own.call
         where not exists (select 1 from callThread where call = returned)
     )
     select call from own
     union
     select call from leg join call on call.id = leg.call
     where leg.state = 'returned' and call.topic = (select topic from thread where id = ?)
       and sender in (select agent from participant where thread = ?)
       and not exists (select 1 from callReturn where call = leg.call)`,
    ...[thread, thread, thread, thread],
  );
  for (const { call } of calls) {
    database.run('delete from call where id = ?', call);
    database.run('delete from leg where call = ?', call);
    database.run('delete from callReturn where call = ?', call);
  }
  database.run('delete from task where thread = ?', thread);
  forgetMessages(database, thread, 1, Number.MAX_SAFE_INTEGER);
  forgetTopic(database, thread);
  for (const table of ['callThread', 'participant', 'receipt']) {
    database.run(`delete from ${table} where thread = ?`, thread);
  }
  database.run('delete from thread where id = ?', thread);
}

/** Takes a task out. In the archives that may hold it, it stays, unseen, until they are written anew. */
function eraseTask(database: SqlDatabase, task: string, time: number): void {
  database.run('insert or replace into erased (thread, at) values (?, ?)', task, time);
  database.run(
    `insert or ignore into taskPart (thread, archive)
     select ?1, archive from taskPart where thread = (select thread from task where id = ?1)`,
    task,
  );
  database.run('delete from task where id = ?', task);
}

/** Deletes messages `first` to `last` of a thread, and their words: those first, because they are read from there. */
export function forgetMessages(database: SqlDatabase, thread: string, first: number, last: number): void {
  const which = 'from message where thread = ? and seq between ? and ?';
  database.run(`delete from messageText where docid in (select place ${which})`, thread, first, last);
  database.run(`delete ${which}`, thread, first, last);
}
