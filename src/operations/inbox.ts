import { reportRing } from '../core/receipts';
import { mostEvents, self, waitOf, type Handlers } from './handler';
import { threadView } from './threads';

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

  async inbox(broker, caller) {
    const agent = self(caller);
    const { state, views } = broker;
    const records = (state.waiting.get(agent) ?? []).flatMap((id) => state.calls.get(id) ?? []);
    const ringing = (record: (typeof records)[number]): number => (record.legs.get(agent)?.state === 'ringing' ? 0 : 1);
    records.sort((a, b) => ringing(a) - ringing(b) || b.call.placedAt - a.call.placedAt);
    const threads = [...(state.inThreads.get(agent) ?? [])]
      .flatMap((id) => state.threads.get(id) ?? [])
      .map((thread) => views.thread(thread, agent))
      .filter((thread) => thread.unread > 0)
      .sort((a, b) => b.lastAt - a.lastAt);
    const calls = records.map((record) => views.call(record));
    for (const thread of state.lastWords.get(agent)?.keys() ?? [])
      threads.push(await threadView(broker, caller, thread));
    await broker.board.durable();
    const delivery = broker.deliveries.holdUnseen(caller.client, {
      agent,
      messages: [],
      calls: calls.map((call) => call.id),
    });
    return { output: { calls, threads, waiting: views.waiting(agent) }, delivery };
  },

  async confirm(broker, caller, { deliveries, via }) {
    self(caller);
    broker.deliveries.confirm(caller.client, deliveries, via ?? caller.client.program);
    return Promise.resolve({ output: {} });
  },

  async ringReport(broker, caller, { subject, agent, ringer, result, detail }) {
    const self_ = self(caller);
    if (agent !== self_ && caller.role !== 'admin') return { output: {} };
    await broker.board.change((step) =>
      reportRing(step, subject, agent, { ringer, result, ...(detail !== undefined && { detail }) }),
    );
    return { output: {} };
  },
};
