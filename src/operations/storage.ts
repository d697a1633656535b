import type { Archive } from '../broker/archive';
import type { Broker } from '../broker/broker';
import type { Output } from '../contract/operations';
import type { MessageView } from '../contract/views';
import { eraseThread } from '../core/erasing';
import { once } from '../core/keys';
import { self, type Handlers } from './handler';
import { heldSince } from './pages';

/** Hits that a page has when no limit is named. */
const defaultHits = 20;
/** Rows of a query when no limit is named. */
const defaultRows = 1000;

export const storageHandlers: Handlers<'search' | 'erase' | 'export' | 'import' | 'sql'> = {
  async search(broker, caller, { query: text, limit, ...rest }) {
    const reader = self(caller);
    const held = heldSince(broker, reader);
    const { hits, words, cursor, unreadable } = await broker.archive.search(
      { ...rest, text, limit: limit ?? defaultHits, ...(caller.role === 'agent' && { reader }) },
      broker.state.offset,
    );
    await broker.board.durable();
    await broker.pastNames.learn(hits.map(({ message }) => message?.from));
    return {
      output: {
        hits: hits
          .map((hit) => hitView(broker, hit))
          .filter(({ message, at }) => message?.from === reader || message?.fromKind === 'human' || at < held),
        words: [...words],
        ...(cursor !== undefined && { cursor }),
        unreadable: [...unreadable],
        waiting: broker.views.waiting(reader),
      },
    };
  },

  async erase(broker, caller, { thread, key }) {
    const by = self(caller);
    const stored = await broker.archive.thread(thread, broker.state.offset);
    const { messages } = await broker.board.change((step) =>
      once(step, by, key, ['erase', thread], () => {
        if (!stored) return step.refuse('unknown_thread', { thread });
        eraseThread(step, by, thread);
        return { kind: 'erased', thread, messages: stored.messages };
      }),
    );
    const { limits } = broker.board.world;
    await broker.archive.purge(broker.state.lastErased, { limits, now: broker.clock.now() });
    return { output: { thread, messages } };
  },

  async export(broker, _caller, { cursor }) {
    // They stand on the first page.
    const tasks = cursor === undefined ? [...broker.state.tasks.values()] : [];
    return { output: await broker.archive.exportPage(cursor, broker.state.offset, tasks) };
  },

  async import(broker, _caller, { end, ...piece }) {
    return { output: await broker.archive.importPiece({ ...piece, end: end ?? false }, broker.state.offset) };
  },

  async sql(broker, _caller, { query, limit, after, before }) {
    const asked = { text: query, limit: limit ?? defaultRows, after, before };
    const output = await broker.archive.sql(asked, broker.state.offset);
    await broker.board.durable();
    return { output };
  },
};

type SearchHit = Awaited<ReturnType<Archive['search']>>['hits'][number];

function hitView(broker: Broker, hit: SearchHit): Output<'search'>['hits'][number] {
  const { thread, topic, snippet, at, message } = hit;
  const shown = { thread, topic, snippet, at, marks: hit.marks.map((mark) => ({ ...mark })) };
  if (!message) return shown;
  // How far it got is not asked for here.
  const view: Partial<MessageView> = broker.views.message(message, []);
  delete view.receipts;
  return { ...shown, message: view as Omit<MessageView, 'receipts'> };
}
