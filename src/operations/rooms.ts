import type { Broker } from '../broker/broker';
import { say } from '../contract/errors';
import type { Input, Output } from '../contract/operations';
import { broadcast } from '../core/broadcasts';
import { findAgent } from '../core/agents';
import { invite } from '../core/invitations';
import { once } from '../core/keys';
import { sharedPlatform, type AgentId, type CallId, type ThreadId } from '../core/model';
import { presenceOf } from '../core/presence';
import { Refusal } from '../core/refusal';
import { grantTurns, joinRoom, openRoom, pauseThread, reachable, renameThread, resumeThread } from '../core/rooms';
import type { Step } from '../core/step';
import { self, type Caller, type Handled, type Handlers } from './handler';
import { shownTo, threadView, viewsOf, within } from './pages';
import { filledRefs } from './refs';

/** Messages from before that whoever joins is given at once; the rest is there to read. */
const shownToNewcomers = 50;

export const roomHandlers: Handlers<
  'open' | 'join' | 'rename' | 'pause' | 'resume' | 'grant' | 'typing' | 'broadcast'
> = {
  async open(broker, caller, input) {
    const from = self(caller);
    const refs = await filledRefs(broker, from, input.refs, input.key);
    const id = await broker.board.change((step) => {
      // Names that are wrong open no room.
      for (const name of input.invite ?? []) {
        if (findAgent(step, name).id === from) step.refuse('cannot_call_yourself', { name });
      }
      return openRoom(step, from, {
        topic: input.topic,
        mode: input.mode,
        closedToNewcomers: input.closedToNewcomers,
        turns: input.turns,
        turnLimit: input.turnLimit,
        content: input.message,
        refs,
        keyed: input.invite,
        key: input.key,
      });
    });
    const invited = await inviteInto(broker, from, id, input);
    const message = input.message === undefined ? undefined : await firstMessage(broker, id);
    return {
      output: {
        thread: await threadView(broker, caller, id),
        ...(message && { message }),
        ...invited,
        waiting: broker.views.waiting(from),
      },
    };
  },

  async join(broker, caller, { thread: id, key }, options) {
    const from = self(caller);
    const { seq: joined } = await broker.board.change((step) =>
      once(step, from, key, ['join', id], () => {
        const before = step.state.threads.get(id)?.ids.length ?? 0;
        // Behind the join a note may stand, of who was skipped.
        joinRoom(step, from, id);
        return { kind: 'joined', thread: id, seq: before + 1 };
      }),
    );
    // What was said before one came is read, not owed: nothing of it waits as unread.
    const query = { thread: id, before: joined, limit: shownToNewcomers };
    const page = await broker.archive.messages(query, broker.state.offset);
    const { messages, whole, part, left } = within(
      shownTo(broker, from, await viewsOf(broker, page.messages)),
      options.budget ?? Infinity,
      0,
      true,
    );
    return {
      output: {
        thread: await threadView(broker, caller, id),
        messages,
        more: page.more + left,
        waiting: broker.views.waiting(from),
      },
      delivery: broker.deliveries.holdUnseen(caller.client, { agent: from, messages: whole, calls: [], part }),
    };
  },

  rename: (broker, caller, { thread, topic, key }) =>
    change(broker, caller, { thread, key, parts: ['rename', topic] }, (step, by) =>
      renameThread(step, by, thread, topic),
    ),

  pause: (broker, caller, { thread, key }) =>
    change(broker, caller, { thread, key, parts: ['pause'] }, (step, by) => pauseThread(step, by, thread)),

  resume: (broker, caller, { thread, key }) =>
    change(broker, caller, { thread, key, parts: ['resume'] }, (step, by) => resumeThread(step, by, thread)),

  grant: (broker, caller, { thread, turns, key }) =>
    change(broker, caller, { thread, key, parts: ['grant', turns ?? 0] }, (step, by) =>
      grantTurns(step, by, thread, turns),
    ),

  typing(broker, caller, { thread }) {
    const agent = self(caller);
    broker.board.run((step) => reachable(step, agent, thread));
    broker.tellTyping(agent, thread);
    return Promise.resolve({ output: {} });
  },

  async broadcast(broker, caller, input) {
    const from = self(caller);
    const { capability, workspace, status, to, topic, text, key } = input;
    const refs = await filledRefs(broker, from, input.refs, key);
    const filter = [capability ?? '', workspace ?? '', status ?? '', to ?? []];
    const outcome = await broker.board.change((step) =>
      broadcast(step, from, {
        to: () => recipientsOf(broker, from, input),
        filter,
        topic,
        draft: { content: text, refs, key },
      }),
    );
    const output: Output<'broadcast'> = {
      broadcast: outcome.broadcast,
      sent: outcome.sent.map(({ agent, thread, message }) => {
        const receipt = broker.state.pending.get(message)?.receipts.get(agent);
        return {
          agent,
          name: broker.views.name(agent),
          thread,
          message,
          ...(receipt && { receipt: broker.views.receipt(agent, receipt) }),
        };
      }),
      refused: outcome.refused.map(({ name, code, facts }) => ({ name, code, text: say(code, facts) })),
      waiting: broker.views.waiting(from),
    };
    return { output };
  },
};

async function change<N extends 'rename' | 'pause' | 'resume' | 'grant'>(
  broker: Broker,
  caller: Caller,
  {
    thread,
    key,
    parts: [name, ...rest],
  }: {
    readonly thread: ThreadId;
    readonly key: string | undefined;
    readonly parts: readonly [N, ...unknown[]];
  },
  rule: (step: Step, by: AgentId) => void,
): Promise<Handled<N>> {
  const by = self(caller);
  await broker.board.change((step) =>
    once(step, by, key, [name, thread, ...rest], () => {
      rule(step, by);
      return { kind: 'done' };
    }),
  );
  const output = { thread: await threadView(broker, caller, thread), waiting: broker.views.waiting(by) };
  return { output: output as Output<N> };
}

/** Calls them into the room with one call; when that cannot be, each with one of its own, and says who cannot be called. */
async function inviteInto(
  broker: Broker,
  from: AgentId,
  thread: ThreadId,
  { invite: to = [], message, key }: Input<'open'>,
): Promise<Pick<Output<'open'>, 'calls' | 'refused'>> {
  const place = (names: readonly string[]): CallId =>
    broker.board.run((step) =>
      invite(step, from, {
        thread,
        to: names,
        content: message,
        ...(key !== undefined && { key: `${key} invites ${names.join()}` }),
      }),
    );
  const calls: CallId[] = [];
  const refused: NonNullable<Output<'open'>['refused']> = [];
  const attempt = (names: readonly string[]): Refusal | undefined => {
    try {
      calls.push(place(names));
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  };
  if (to.length > 0 && attempt(to) !== undefined) {
    for (const name of to) {
      const refusal = attempt([name]);
      if (refusal) refused.push({ name, code: refusal.code, text: say(refusal.code, refusal.facts) });
    }
  }
  await broker.board.durable();
  const views = calls.flatMap((id) => broker.state.calls.get(id) ?? []).map((record) => broker.views.call(record));
  return { calls: views, ...(refused.length > 0 && { refused }) };
}

/** The message that a room was opened with. */
async function firstMessage(broker: Broker, thread: ThreadId): Promise<Output<'open'>['message']> {
  // Before it stands the join of who opened it.
  const { messages } = await broker.archive.messages({ thread, after: 1, limit: 1 }, broker.state.offset);
  const first = messages[0]?.message;
  return first?.type === 'message' ? { id: first.id, thread, seq: first.seq, timestamp: first.timestamp } : undefined;
}

/**
 * Whom a broadcast goes to: those named, or everyone but the sender who matches. Without `status` whoever is offline is
 * left out, and the person is one of them only when nothing is filtered.
 * @throws `nobody_matches`
 */
function recipientsOf(broker: Broker, from: AgentId, input: Input<'broadcast'>): readonly string[] {
  const { capability, workspace, status, to } = input;
  if (to) return to;
  const wanted = capability?.toLowerCase();
  const isFiltered = wanted !== undefined || workspace !== undefined || status !== undefined;
  const matches = [...broker.state.agents.values()].filter(({ id, kind, card }) => {
    if (id === from || (kind === 'human' && isFiltered) || card.platform === sharedPlatform) return false;
    if (wanted !== undefined && !card.capabilities.some((one) => one.toLowerCase() === wanted)) return false;
    if (workspace !== undefined && card.workspace !== workspace) return false;
    const presence = presenceOf(broker.state, broker.connections.isConnected(id), id);
    return status === undefined ? presence !== 'offline' : presence === status;
  });
  if (matches.length > 0) return matches.map(({ id }) => id);
  const filters = [
    ...(capability === undefined ? [] : [`capability ${capability}`]),
    ...(workspace === undefined ? [] : [`workspace ${workspace}`]),
    `status ${status ?? 'not offline'}`,
  ];
  throw new Refusal('nobody_matches', { filters });
}
