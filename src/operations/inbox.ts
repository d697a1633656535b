import { mostEvents, self, waitOf, type Handlers } from './handler';
import { heldFrom, inboxCalls, ringsAt } from '../core/inboxCalls';
import { limitedThreads } from '../core/presence';
import { utf8Length } from '../core/text';
import type { CallView, ThreadView } from '../contract/views';
import { heldSince, threadView } from './pages';
import { inboxTasks } from './tasks';

/** Calls and threads that `inbox` gives when no limit is named: to a model, and to a program. */
const defaultPages = { budgeted: 50, free: 200 } as const;

export const inboxHandlers: Handlers<'listen' | 'inbox' | 'confirm' | 'ringReport'> = {
  async listen(broker, caller, input, options) {
    const agent = self(caller);
    const heard = await broker.listening.gather(caller.client, agent, {
      signal: options.signal,
      budget: options.budget,
      wait: input.cursor === undefined ? waitOf(input.wait) : 0,
      limit: input.limit ?? mostEvents,
      cursor: input.cursor,
    });
    const { events, cursor, more, delivery } = heard;
    return { output: { events, cursor, more, waiting: broker.views.waiting(agent) }, delivery };
  },

  async inbox(broker, caller, { limit, skip = 0 }, { budget = Infinity }) {
    const most = limit ?? (budget === Infinity ? defaultPages.free : defaultPages.budgeted);
    const agent = self(caller);
    const { state, views } = broker;
    const records = inboxCalls(state, agent).flatMap((id) => state.calls.get(id) ?? []);
    const ringing = ({ call }: (typeof records)[number]): number => (ringsAt(state, call.id, agent) ? 0 : 1);
    records.sort((a, b) => ringing(a) - ringing(b) || b.call.placedAt - a.call.placedAt);
    // While all is paused, an agent is not told that something came.
    const held = heldSince(broker, agent);
    const from = heldFrom(state, agent);
    const spoken = new Set(
      (state.feeds.get(agent)?.entries ?? []).flatMap((entry) =>
        entry.what === 'message' && entry.person && entry.offset >= from ? [entry.thread] : [],
      ),
    );
    const isHeld = ({ id, lastAt }: { readonly id: string; readonly lastAt: number }): boolean =>
      lastAt >= held && !spoken.has(id);
    const unread = [...(state.inThreads.get(agent) ?? [])]
      .flatMap((id) => state.threads.get(id) ?? [])
      .filter((thread) => (thread.places.get(agent)?.unseen.length ?? 0) > 0 && !isHeld(thread))
      .sort((a, b) => b.lastAt - a.lastAt);
    const closed = [...(state.lastWords.get(agent)?.keys() ?? [])];
    const all = [
      ...records.map((record) => ({ call: record })),
      ...unread.map((thread) => ({ thread })),
      ...closed.map((id) => ({ closed: id })),
    ];
    const calls: CallView[] = [];
    const threads: ThreadView[] = [];
    let spent = 0;
    for (const item of all.slice(skip, skip + most)) {
      const call = 'call' in item ? views.call(item.call) : undefined;
      const thread =
        'thread' in item
          ? views.thread(item.thread, agent)
          : 'closed' in item
            ? await threadView(broker, caller, item.closed)
            : undefined;
      spent += utf8Length(JSON.stringify(call ?? thread));
      // One is given however long it is, or nobody could ever get past it.
      if (spent > budget && calls.length + threads.length > 0) break;
      if (call) calls.push(call);
      if (thread) threads.push(thread);
    }
    const more = Math.max(0, all.length - skip - calls.length - threads.length);
    const grants = state.agents.get(agent)?.kind === 'human' ? limitedThreads(state) : [];
    const tasks = inboxTasks(broker, agent, budget);
    await broker.board.durable();
    const delivery = broker.deliveries.holdUnseen(caller.client, {
      agent,
      messages: [],
      calls: [...calls, ...tasks.filter(({ cut, to }) => cut !== true && to === agent)].map(({ id }) => id),
    });
    const output = {
      calls,
      threads,
      ...(grants.length > 0 && { grants: grants.map((thread) => views.thread(thread, agent)) }),
      ...(more > 0 && { more }),
      ...(tasks.length > 0 && { tasks }),
      waiting: views.waiting(agent),
    };
    return { output, delivery };
  },

  async confirm(broker, caller, { deliveries, via }) {
    self(caller);
    broker.deliveries.confirm(caller.client, deliveries, via ?? caller.client.program);
    return Promise.resolve({ output: {} });
  },

  async ringReport(broker, caller, { subject, agent, ringer, result, detail }) {
    const self_ = self(caller);
    if (agent !== self_ && caller.role !== 'admin') return { output: {} };
    await broker.attention.reported(subject, agent, { ringer, result, ...(detail !== undefined && { detail }) });
    return { output: {} };
  },
};
