import type { Archive } from '../../src/broker/archive';
import type { DurableEvent } from '../../src/core/events';
import type { Message } from '../../src/core/model';
import { foldTask, placedTask } from '../../src/core/taskFold';
import type { TaskRecord } from '../../src/core/taskModel';
import type {
  CallsQuery,
  ExportPage,
  ImportProgress,
  IndexedCall,
  IndexedMessage,
  IndexedReceipt,
  IndexedThread,
  MessagesQuery,
  SearchPage,
  SearchQuery,
  SqlRows,
  TasksPage,
  TasksQuery,
  ThreadsQuery,
} from '../../src/store/index/answers';

interface Kept {
  thread: IndexedThread;
  messages: { message: Message; receipts: Map<string, IndexedReceipt> }[];
}

/** The archive in memory, for tests of the broker without its worker. Follows the same events as the index. */
export class MemoryArchive implements Archive {
  readonly #threads = new Map<string, Kept>();
  readonly #calls = new Map<string, { call: Omit<IndexedCall, 'to'>; to: Map<string, string> }>();
  readonly #tasks = new Map<string, TaskRecord>();
  readonly #names = new Map<string, string>();
  readonly #byMessage = new Map<string, { receipts: Map<string, IndexedReceipt> }>();

  follow(event: DurableEvent): void {
    const { time: at } = event;
    switch (event.type) {
      case 'thread.opened': {
        const { thread: id, topic, mode, home, call } = event.payload;
        const thread: IndexedThread = {
          id,
          topic,
          mode,
          state: 'open',
          home,
          openedAt: at,
          lastAt: at,
          messages: 0,
          participants: [],
          call,
        };
        this.#threads.set(id, { thread, messages: [] });
        break;
      }
      case 'agent.registered':
        this.#names.set(event.payload.agent.id, event.payload.agent.name);
        break;
      case 'agent.profiled':
        if (event.payload.name !== undefined) this.#names.set(event.payload.agent, event.payload.name);
        break;
      case 'task.placed':
        this.#tasks.set(event.payload.task.id, placedTask(structuredClone(event)));
        break;
      case 'task.offered':
      case 'task.taken':
      case 'task.reported':
      case 'task.input':
      case 'task.leased':
      case 'task.returned':
      case 'task.ended': {
        const record = this.#tasks.get(event.payload.task);
        if (record) foldTask(record, event);
        break;
      }
      case 'call.placed': {
        const { id, from, topic, placedAt } = event.payload.call;
        const to = new Map(event.payload.to.map((agent) => [agent, 'queued']));
        this.#calls.set(id, { call: { id, from, topic, placedAt }, to });
        break;
      }
      case 'call.rang':
        this.#calls.get(event.payload.call)?.to.set(event.payload.agent, 'ringing');
        break;
      case 'call.accepted':
      case 'call.declined':
      case 'call.missed':
      case 'call.cancelled':
        this.#calls.get(event.payload.call)?.to.set(event.payload.agent, event.type.slice('call.'.length));
        break;
      case 'message.sent': {
        const { message, answers } = event.payload;
        const kept = this.#threads.get(message.thread);
        if (!kept) return;
        let participants = kept.thread.participants.filter((one) => one.agent !== message.from);
        const isJoin = message.type === 'join';
        if (isJoin || message.type === 'leave')
          participants = [...participants, { agent: message.from, left: !isJoin }];
        else participants = kept.thread.participants.slice();
        kept.thread = { ...kept.thread, participants, lastAt: at, messages: message.seq };
        if (message.type === 'leave') {
          for (const one of kept.messages) {
            const receipt = one.receipts.get(message.from);
            if (receipt?.state === 'stored' || receipt?.state === 'rung')
              one.receipts.set(message.from, { ...receipt, state: 'expired', at });
          }
        }
        const receipts = new Map<string, IndexedReceipt>();
        if (message.type === 'message') {
          for (const { agent, left } of participants)
            if (!left && agent !== message.from) receipts.set(agent, { agent, state: 'stored', at });
        }
        const entry = { message, receipts };
        kept.messages.push(entry);
        this.#byMessage.set(message.id, entry);
        for (const id of answers) this.#move(id, message.from, { agent: message.from, state: 'answered', at });
        break;
      }
      case 'receipt.seen':
        for (const id of event.payload.messages)
          this.#move(id, event.payload.agent, { agent: event.payload.agent, state: 'seen', at });
        break;
      case 'receipt.rung': {
        const { subject, agent, report } = event.payload;
        if (report.result === 'written')
          this.#move(subject, agent, { agent, state: 'rung', at, ringer: report.ringer, result: report.result });
        break;
      }
      case 'thread.erased':
        this.#threads.delete(event.payload.thread);
        break;
      case 'thread.renamed': {
        const kept = this.#threads.get(event.payload.thread);
        if (kept) kept.thread = { ...kept.thread, topic: event.payload.topic };
        break;
      }
      case 'thread.closed': {
        const kept = this.#threads.get(event.payload.thread);
        if (kept) kept.thread = { ...kept.thread, state: 'closed', closedAt: at, reason: event.payload.reason };
        break;
      }
      default:
    }
  }

  messages({
    thread,
    after,
    before,
    limit,
  }: MessagesQuery): Promise<{ messages: readonly IndexedMessage[]; more: number }> {
    const all = (this.#threads.get(thread)?.messages ?? []).map(({ message, receipts }) => ({
      message,
      receipts: [...receipts.values()],
    }));
    const fits = all.filter(({ message }) => message.seq > (after ?? 0) && message.seq < (before ?? Infinity));
    const messages = after === undefined ? fits.slice(-limit) : fits.slice(0, limit);
    return Promise.resolve({ messages, more: fits.length - messages.length });
  }

  thread(id: string): Promise<IndexedThread | undefined> {
    return Promise.resolve(this.#threads.get(id)?.thread);
  }

  threads({ agent, state, before, limit }: ThreadsQuery): Promise<readonly IndexedThread[]> {
    return Promise.resolve(
      [...this.#threads.values()]
        .map(({ thread }) => thread)
        .filter((thread) => agent === undefined || thread.participants.some((one) => one.agent === agent))
        .filter((thread) => state === 'all' || (state === 'closed') === (thread.state === 'closed'))
        .filter((thread) => thread.lastAt < (before ?? Infinity))
        .sort((a, b) => b.lastAt - a.lastAt)
        .slice(0, limit),
    );
  }

  tasks({ agent, mine, state, limit }: TasksQuery): Promise<TasksPage> {
    const fits = [...this.#tasks.values()]
      .filter(({ task }) => {
        if (agent === undefined) return true;
        return (mine !== 'taken' && task.from === agent) || (mine !== 'given' && task.to === agent);
      })
      .filter((record) =>
        state === 'open' || state === 'over'
          ? (record.overAt === undefined) === (state === 'open')
          : record.state === state,
      )
      .sort((a, b) => b.changedAt - a.changedAt);
    return Promise.resolve({ tasks: structuredClone(fits.slice(0, limit)), count: fits.length });
  }

  task(id: string): Promise<TaskRecord | undefined> {
    return Promise.resolve(structuredClone(this.#tasks.get(id)));
  }

  names(ids: readonly string[]): Promise<Record<string, string>> {
    return Promise.resolve(Object.fromEntries([...this.#names].filter(([id]) => ids.includes(id))));
  }

  calls({ agent, limit }: CallsQuery): Promise<IndexedCall[]> {
    const all = [...this.#calls.values()].reverse();
    const own = all.filter(({ call, to }) => call.from === agent || to.has(agent)).slice(0, limit);
    return Promise.resolve(
      own.map(({ call, to }) => ({ ...call, to: [...to].map(([one, state]) => ({ agent: one, state })) })),
    );
  }

  search({ text, reader, limit }: SearchQuery): Promise<SearchPage> {
    const word = text.toLowerCase();
    const hits = [...this.#threads.values()]
      .filter(({ thread }) => reader === undefined || thread.participants.some((one) => one.agent === reader))
      .flatMap(({ thread, messages }) => messages.map(({ message }) => ({ thread, message })))
      .filter(({ message }) => message.content.toLowerCase().includes(word))
      .map(({ thread, message }) => ({
        thread: thread.id,
        topic: thread.topic,
        message,
        snippet: message.content,
        marks: [{ start: message.content.toLowerCase().indexOf(word), length: word.length }],
        at: message.timestamp,
      }));
    return Promise.resolve({ hits: hits.slice(0, limit), words: [word], unreadable: [] });
  }

  sql(): Promise<SqlRows> {
    return Promise.reject(new Error('there is no SQL in memory'));
  }

  exportPage(): Promise<ExportPage> {
    return Promise.reject(new Error('memory is not exported'));
  }

  importPiece(): Promise<ImportProgress> {
    return Promise.reject(new Error('memory takes nothing in'));
  }

  /** There are no files to take words out of. */
  purge(): Promise<void> {
    return Promise.resolve();
  }

  #move(id: string, agent: string, to: IndexedReceipt): void {
    const rank = { stored: 0, rung: 1, seen: 2, answered: 3, refused: 3, expired: 3 };
    const receipts = this.#byMessage.get(id)?.receipts;
    const now = receipts?.get(agent);
    if (receipts && now && rank[to.state] > rank[now.state]) receipts.set(agent, { ...now, ...to });
  }
}
