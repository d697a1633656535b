import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import initSqlJs, { type SqlJsStatic } from 'sql.js';
import type { Fact } from '../../src/core/events';
import type { Agent, Message } from '../../src/core/model';
import { emptyCard } from '../../src/core/model';
import type { Files } from '../../src/store/files';
import type { IndexPort } from '../../src/store/index/protocol';
import { archiveFullAt } from '../../src/store/index/archiving';
import type { StorageLimits } from '../../src/store/index/upkeep';
import { IndexClient } from '../../src/store/index/client';
import { IndexSession } from '../../src/store/index/session';
import type { StoredEvent } from '../../src/store/storedEvent';
import type { ManualClock } from './faultsClock';
import { type TestStore, openTestStore, testHome } from './faultsStore';

let loaded: Promise<SqlJsStatic> | undefined;

/** sql.js, compiled once. */
export function sqlForTests(): Promise<SqlJsStatic> {
  const wasm = createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm.wasm');
  return (loaded ??= initSqlJs({ wasmBinary: new Uint8Array(readFileSync(wasm)).buffer }));
}

/** A channel to an index in this very process. `crash` stands for the death of the worker. */
export function localPort(files: Files, sql: SqlJsStatic): IndexPort & { crash(): void } {
  let takeReply: Parameters<IndexPort['onReply']>[0] = () => undefined;
  let takeGone: Parameters<IndexPort['onGone']>[0] = () => undefined;
  let alive = true;
  const session = new IndexSession(files, sql, (reply) => {
    if (alive) takeReply(structuredClone(reply));
  });
  return {
    post: (request) => session.take(structuredClone(request)),
    onReply: (take) => void (takeReply = take),
    onGone: (take) => void (takeGone = take),
    stop: async () => void (alive = false),
    crash() {
      alive = false;
      takeGone('killed');
    },
  };
}

export interface TestIndex extends TestStore {
  readonly clock: ManualClock;
  readonly index: IndexClient;
  readonly logged: string[];
  /** Every worker that was started. */
  readonly workers: (IndexPort & { crash(): void })[];
  /** Appends facts at the next offsets and waits until they are durable. */
  tell(...facts: Fact[]): Promise<number>;
}

/** Every closed thread is archived when it is asked for, however little it is. */
export const archiveAll: StorageLimits = {
  archiveAfter: -Number.MAX_SAFE_INTEGER / 2,
  archiveLeast: 1,
  archiveFullAt,
  liveIndex: Number.MAX_SAFE_INTEGER,
};

/** A store with its index, over `files`. `indexFiles` is what the worker sees. */
export async function openTestIndex(
  files: Files,
  indexFiles = files,
  limits: StorageLimits = archiveAll,
): Promise<TestIndex> {
  const opened = await openTestStore(files, { segmentBytes: 16_384 });
  const sql = await sqlForTests();
  const { store, clock } = opened;
  const logged: string[] = [];
  const workers: TestIndex['workers'] = [];
  const index = new IndexClient({
    store,
    home: testHome,
    clock,
    limits,
    startWorker() {
      const port = localPort(indexFiles, sql);
      workers.push(port);
      return port;
    },
    log: (what) => logged.push(what),
  });
  let next = store.durableOffset + 1;
  return {
    ...opened,
    index,
    logged,
    workers,
    async tell(...facts) {
      const events = facts.map((fact): StoredEvent => {
        const offset = next++;
        return { ...fact, offset, time: 1000 * offset, origin: 'here' };
      });
      store.append(events);
      await store.durable(next - 1);
      index.follow();
      return next - 1;
    },
  };
}

export const facts = {
  registered(id: string, name = id): Fact {
    const agent: Agent = {
      id,
      name,
      kind: 'agent',
      card: { ...emptyCard, capabilities: ['review'] },
      busy: false,
      generated: false,
      tokenHash: '',
      registeredAt: 1,
    };
    return { type: 'agent.registered', payload: { agent } };
  },
  opened(thread: string, topic = 'Auth'): Fact {
    return { type: 'thread.opened', payload: { thread, topic, mode: 'live', home: 'here', open: false } };
  },
  said(
    thread: string,
    seq: number,
    from: string,
    content: string,
    rest: Partial<Message> = {},
    answers: string[] = [],
  ): Fact {
    const id = `${thread}-${seq}`;
    const message: Message = { id, thread, from, type: 'message', content, refs: [], seq, timestamp: seq, ...rest };
    return { type: 'message.sent', payload: { message, answers } };
  },
  closed(thread: string): Fact {
    return { type: 'thread.closed', payload: { thread, reason: 'left' } };
  },
  joined(thread: string, seq: number, from: string): Fact {
    return facts.said(thread, seq, from, '', { type: 'join' });
  },
  left(thread: string, seq: number, from: string): Fact {
    return facts.said(thread, seq, from, '', { type: 'leave' });
  },
};

/** Two agents talk: five messages in a thread, two of them joins. */
export const conversation: Fact[] = [
  facts.registered('atlas', 'Atlas'),
  facts.registered('nova', 'Nova'),
  facts.opened('t1', 'Review my auth middleware'),
  facts.joined('t1', 1, 'atlas'),
  facts.joined('t1', 2, 'nova'),
  facts.said('t1', 3, 'atlas', 'The JWT validation fails on expired tokens.'),
  facts.said('t1', 4, 'nova', 'You compare seconds with milliseconds.', { replyTo: 't1-3' }, ['t1-3']),
  facts.said('t1', 5, 'atlas', 'That was it. Größenwahn!'),
];
