import type { SqlValue } from 'sql.js';
import type { Mark, SearchHit, SearchQuery } from './answers';
import type { Row, SqlDatabase } from './database';
import { messageOf, text } from './rows';
import type { Wanted } from './words';

/** Of the messages with the words, so many are ranked in each file: the latest. */
const mostRanked = 1000;
/** Words around what was found in a snippet. */
const snippetWords = 24;
/** What surrounds a found word on its way out of SQLite; stripped from what people wrote. */
const [opens, closes] = ['\u0001', '\u0002'];

/** Where something comes among the hits: the higher its score, and then the later it was said (ms), the sooner. */
export interface Ranked {
  readonly score: number;
  readonly at: number;
}

/** A message with the words, of which nothing else was read yet. */
export interface RankedPlace extends Ranked {
  readonly place: number;
  /** What its thread is about. */
  readonly topic: string;
}

/** What limits a search, in the form of SQL. `catalogue` has the people and the threads, `messages` what was said. */
export interface SearchScope {
  /** Ids of agents, when only what they said counts. */
  readonly senders: readonly string[] | undefined;
  /** Ids of threads, when only these count. */
  readonly threads: ReadonlySet<string> | undefined;
}

/** Who and what a query is limited to. Names are looked up among all who ever were here. */
export function scopeOf(catalogue: SqlDatabase, query: SearchQuery): SearchScope {
  const { agent, workspace, reader, thread } = query;
  let senders: string[] | undefined;
  if (agent !== undefined || workspace !== undefined) {
    const found = catalogue.all(
      `select id from agent where (?1 is null or id = ?1 or lower(name) = lower(?1))
         and (?2 is null or json_extract(card, '$.workspace') = ?2)`,
      ...[agent, workspace],
    );
    senders = found.map((row) => text(row, 'id'));
  }
  let threads: Set<string> | undefined;
  if (reader !== undefined) {
    const own = catalogue.all('select thread from participant where agent = ?', reader);
    threads = new Set(own.map((row) => text(row, 'thread')));
  }
  if (thread !== undefined) threads = new Set(threads === undefined || threads.has(thread) ? [thread] : []);
  return { senders, threads };
}

/** Of the threads whose topic has the words, the best `most`, best first. */
export function searchTopics(
  catalogue: SqlDatabase,
  wanted: Wanted,
  query: SearchQuery,
  scope: SearchScope,
  most: number,
): Map<Ranked, SearchHit> {
  // A topic is nobody's message.
  if (scope.senders) return new Map();
  const rows = catalogue.all(
    `select thread.id as id, thread.topic as topic, thread.openedAt as at,
       matchinfo(topicText, 'pcnalx') as info, snippet(topicText, ?, ?, '…', 1, ?) as snippet
     from topicText join thread on thread.id = topicText.thread
     where topicText match ? and openedAt >= ? and openedAt < ? order by topicText.docid desc limit ?`,
    ...[opens, closes, snippetWords, wanted.match, query.after ?? 0, query.before ?? Number.MAX_SAFE_INTEGER],
    mostRanked,
  );
  const hits = rows
    .filter((row) => scope.threads?.has(text(row, 'id')) ?? true)
    .map((row) => {
      const at = Number(row['at']);
      const hit = { thread: text(row, 'id'), topic: text(row, 'topic'), at, ...marked(row) };
      return { score: rank(row['info']), at, hit };
    });
  return new Map(best(hits, most).map((one) => [one, one.hit]));
}

/**
 * Of the messages of one file that have the words, the best `most`, best first. `topicOf` knows what a thread is about, if
 * it may be shown.
 */
export function rankMessages(
  messages: SqlDatabase,
  wanted: Wanted,
  query: SearchQuery,
  scope: SearchScope,
  most: number,
  topicOf: (thread: string, seq: number) => string | undefined,
): RankedPlace[] {
  const conditions = ['messageText match ?', 'timestamp >= ?', 'timestamp < ?'];
  const values: SqlValue[] = [wanted.match, query.after ?? 0, query.before ?? Number.MAX_SAFE_INTEGER];
  for (const [column, ids] of [
    ['sender', scope.senders],
    ['thread', scope.threads && [...scope.threads]],
  ] as const) {
    if (!ids) continue;
    conditions.push(`${column} in (select value from json_each(?))`);
    values.push(JSON.stringify(ids));
  }
  const found = messages.all(
    `select place, thread, seq, timestamp, matchinfo(messageText, 'pcnalx') as info
     from messageText cross join message on message.place = messageText.docid
     where ${conditions.join(' and ')} order by messageText.docid desc limit ?`,
    ...[...values, mostRanked],
  );
  const ranked = found.map((row) => ({ row, score: rank(row['info']), at: Number(row['timestamp']) }));
  const places: RankedPlace[] = [];
  for (const { row, score, at } of best(ranked, ranked.length)) {
    if (places.length >= most) break;
    const topic = topicOf(text(row, 'thread'), Number(row['seq']));
    if (topic !== undefined) places.push({ score, at, place: Number(row['place']), topic });
  }
  return places;
}

/** The best of all, the later before the earlier where they are as good. */
export function best<T extends Ranked>(found: readonly T[], most: number): T[] {
  return found.toSorted((a, b) => b.score - a.score || b.at - a.at).slice(0, most);
}

/**
 * What stands at these places. It is read in one walk over the latest of the messages that have the words, which may be most
 * of the work: worth doing for what is shown alone.
 */
export function hitsAt(
  messages: SqlDatabase,
  wanted: Wanted,
  places: readonly RankedPlace[],
): Map<RankedPlace, SearchHit> {
  const hits = new Map<RankedPlace, SearchHit>();
  if (places.length === 0) return hits;
  const byPlace = new Map(places.map((one) => [one.place, one]));
  const numbers = [...byPlace.keys()];
  const rows = messages.all(
    `select message.*, snippet(messageText, ?, ?, '…', -1, ?) as snippet
     from messageText cross join message on message.place = messageText.docid
     where messageText match ? and messageText.docid >= ? and messageText.docid <= ?
       and messageText.docid in (select value from json_each(?))
     order by messageText.docid desc`,
    ...[opens, closes, snippetWords, wanted.match, Math.min(...numbers), Math.max(...numbers), JSON.stringify(numbers)],
  );
  for (const row of rows) {
    const place = byPlace.get(Number(row['place']));
    if (!place) continue;
    const message = messageOf(row);
    hits.set(place, { thread: message.thread, topic: place.topic, message, at: place.at, ...marked(row) });
  }
  return hits;
}

/** The snippet on one line, and where in it the found words are. */
function marked(row: Row): { snippet: string; marks: Mark[] } {
  const marks: Mark[] = [];
  let snippet = '';
  let start = -1;
  for (const part of text(row, 'snippet')
    .replace(/\s+/g, ' ')
    .split(/([\u0001\u0002])/)) {
    if (part === opens) start = snippet.length;
    else if (part === closes) {
      if (start >= 0) marks.push({ start, length: snippet.length - start });
      start = -1;
    } else snippet += part;
  }
  return { snippet, marks };
}

/** The usual constants of BM25: how soon more of the same word counts no more, and how much a long text is held against it. */
const [saturation, lengthWeight] = [1.2, 0.75];

/** BM25 from what `matchinfo(…, 'pcnalx')` tells: phrases, columns, documents, lengths on average and here, hits. */
function rank(info: SqlValue | undefined): number {
  if (!(info instanceof Uint8Array)) return 0;
  const numbers = new Uint32Array(info.slice().buffer);
  const [phrases = 0, columns = 0, documents = 0] = numbers;
  const averages = 3;
  const lengths = averages + columns;
  const hits = lengths + columns;
  let score = 0;
  for (let phrase = 0; phrase < phrases; phrase++) {
    for (let column = 0; column < columns; column++) {
      const at = hits + 3 * (phrase * columns + column);
      const [here = 0, , having = 0] = numbers.slice(at, at + 3);
      if (here === 0) continue;
      const rarity = Math.log(1 + (documents - having + 0.5) / (having + 0.5));
      const length = (numbers[lengths + column] ?? 0) / Math.max(1, numbers[averages + column] ?? 1);
      score += (rarity * here * (saturation + 1)) / (here + saturation * (1 - lengthWeight + lengthWeight * length));
    }
  }
  return score;
}
