import type { Broker } from '../broker/broker';
import type { Archive } from '../broker/archive';
import type { Client } from '../broker/connections';
import type { Gathered } from '../broker/listening';
import { cutTask, stepView, taskSize } from '../broker/taskViews';
import type { Input } from '../contract/operations';
import { ParleyError } from '../contract/errors';
import type { TaskView } from '../contract/taskViews';
import { once } from '../core/keys';
import type { AgentId } from '../core/model';
import type { FeedEntry } from '../core/state';
import type { TaskChange, TaskId, TaskRecord } from '../core/taskModel';
import { waitingTasks } from '../core/taskBook';
import { answerTask, cancelTask, delegate, giveInput, knownTask, report, visibleTask } from '../core/tasks';
import type { AskOptions } from './exchange';
import { heldSince } from './pages';
import { mostEvents, self, waitOf, whileWaiting, type Caller, type Handled, type Handlers } from './handler';
import { filledRefs } from './refs';

type TasksQuery = Parameters<Archive['tasks']>[0];
type TasksPage = Awaited<ReturnType<Archive['tasks']>>;

/** How many tasks are listed when nobody says. */
const mostTasks = 50;

/**
 * The fencing numbers that a connection was given. A report that leaves the number out speaks under the one that its own
 * connection was given last, and only where that was given none, under the one that the agent was.
 */
const given = new WeakMap<Client, Map<TaskId, number>>();

export const taskHandlers: Handlers<'delegate' | 'cancelTask' | 'report' | 'tasks' | 'task'> = {
  async delegate(broker, caller, { deadline, refs, ...input }, options) {
    const from = self(caller);
    const filled = await filledRefs(broker, from, refs, input.key);
    const id = await broker.board.change((step) =>
      delegate(step, from, { ...input, refs: filled, within: deadline === undefined ? undefined : deadline * 1000 }),
    );
    const heard = await waitForTask(broker, caller, id, waitOf(input.wait), options, ends);
    return {
      output: { task: taskOf(broker, id), events: heard?.events ?? [], waiting: broker.views.waiting(from) },
      delivery: heard?.delivery,
    };
  },

  async cancelTask(broker, caller, { task, reason, key }) {
    const by = self(caller);
    await broker.board.change((step) =>
      once(step, by, key, ['cancelTask', task, reason ?? ''], () => {
        cancelTask(step, by, task, reason);
        return { kind: 'done' };
      }),
    );
    return { output: { task: taskOf(broker, task), waiting: broker.views.waiting(by) } };
  },

  async report(broker, caller, input, options) {
    const by = self(caller);
    const { task, key } = input;
    if (input.input !== undefined) {
      checkInputAlone(input);
      const words = input.input;
      await broker.board.change((step) => giveInput(step, by, task, words, key));
    } else {
      const { state = 'working', text, progress, result } = input;
      if (result !== undefined && state !== 'completed')
        throw new ParleyError('bad_input', { problem: 'a result goes with the state completed' });
      const fence = input.fence ?? given.get(caller.client)?.get(task);
      await broker.board.change((step) => report(step, by, task, { state, said: text, progress, result, fence, key }));
      noteFence(broker, caller, task);
    }
    const heard = await waitForTask(broker, caller, task, waitOf(input.wait), options, goesOn);
    return {
      output: { task: taskOf(broker, task), events: heard?.events ?? [], waiting: broker.views.waiting(by) },
      delivery: heard?.delivery,
    };
  },

  async tasks(broker, caller, { state = 'open', mine, limit = mostTasks }) {
    const agent = self(caller);
    const isPerson = broker.state.agents.get(agent)?.kind === 'human';
    const known = [...broker.state.tasks.values()]
      .filter(({ task }) => {
        if (mine === 'given') return task.from === agent;
        if (mine === 'taken') return task.to === agent;
        return isPerson || task.from === agent || task.to === agent;
      })
      .filter((record) => isIn(record, state));
    const past = await pastTasks(broker, { ...((mine ?? !isPerson) && { agent }), mine, state, limit });
    // What the head state has is newer, and has how the offer got through.
    const all = new Map([...past.tasks, ...known].map((record) => [record.task.id, record]));
    const found = [...all.values()]
      // While all is paused, what others gave since is told when it goes on.
      .filter(({ task }) => task.from === agent || task.placedAt < heldSince(broker, agent))
      .sort((a, b) => b.changedAt - a.changedAt)
      .slice(0, limit);
    await broker.board.durable();
    await learnNames(broker, found);
    const tasks = found.map((record) => shortTask(broker.views.task(record)));
    const delivery = held(broker, caller, tasks);
    const more = Math.max(past.count, all.size) - tasks.length;
    return { output: { tasks, more, waiting: broker.views.waiting(agent) }, delivery };
  },

  async task(broker, caller, { task }) {
    const agent = self(caller);
    const past = broker.state.tasks.has(task) ? undefined : await broker.archive.task(task, broker.state.offset);
    const record = broker.board.run((step) =>
      past ? visibleTask(step, agent, task, past) : knownTask(step, agent, task),
    );
    await broker.board.durable();
    await learnNames(broker, [record]);
    const view = broker.views.task(record);
    const history = record.steps.map((step) => stepView(step, (id) => broker.views.name(id)));
    const delivery = held(broker, caller, [view]);
    return { output: { task: view, history, waiting: broker.views.waiting(agent) }, delivery };
  },
};

/** Tasks out of the index, for what the head state does not keep: those that are over. */
async function pastTasks(broker: Broker, query: TasksQuery): Promise<TasksPage> {
  if (!isFinal(query.state)) return { tasks: [], count: 0 };
  return broker.archive.tasks(query, broker.state.offset);
}

function isFinal(state: TasksQuery['state']): boolean {
  return ['over', 'completed', 'failed', 'canceled', 'rejected'].includes(state);
}

function learnNames(broker: Broker, records: readonly TaskRecord[]): Promise<void> {
  return broker.pastNames.learn(
    records.flatMap(({ task, by, steps }) => [task.from, task.to, by, ...steps.map((step) => step.by)]),
  );
}

/** `answer` with the id of a task that is offered to the caller. */
export async function answerTaskOffer(
  broker: Broker,
  caller: Caller,
  { call: task = '', answer, reason, key }: Input<'answer'>,
): Promise<Handled<'answer'>> {
  const by = self(caller);
  await broker.board.change((step) =>
    once(step, by, key, ['answerTask', task, answer, reason ?? ''], () => {
      answerTask(step, by, task, answer, reason);
      return { kind: 'done' };
    }),
  );
  if (answer === 'accept') noteFence(broker, caller, task);
  const view = taskOf(broker, task);
  return {
    output: { task: view, messages: [], events: [], waiting: broker.views.waiting(by) },
    delivery: held(broker, caller, [view]),
  };
}

/** Bytes of words of one task where several are listed. */
const shortWords = 2048;

/** What waits for the agent among tasks, the latest first: 50 of them at most, in at most a quarter of the budget. */
export function inboxTasks(broker: Broker, agent: AgentId, budget: number): TaskView[] {
  const { state, views } = broker;
  const held = heldSince(broker, agent);
  const shown: TaskView[] = [];
  let spent = 0;
  const told = waitingTasks(state, agent).filter(({ changedAt }) => changedAt < held);
  for (const record of told.reverse().slice(0, mostTasks)) {
    const view = shortTask(views.task(record));
    spent += taskSize(view);
    if (shown.length > 0 && spent > budget / 4) break;
    shown.push(view);
  }
  return shown;
}

/** A task as lists show it: its words cut when they are many. */
function shortTask(view: TaskView): TaskView {
  return taskSize(view) <= shortWords ? view : cutTask(view, shortWords);
}

export function taskOf(broker: Broker, id: TaskId): TaskView {
  const record = broker.state.tasks.get(id);
  if (!record) throw new ParleyError('unknown_task', { task: id });
  return broker.views.task(record);
}

/** An offer counts as seen when the answer that showed it whole was handed over. */
function held(broker: Broker, caller: Caller, tasks: readonly TaskView[]): string | undefined {
  const agent = self(caller);
  const calls = tasks.filter(({ to, cut }) => to === agent && cut !== true).map(({ id }) => id);
  return broker.deliveries.holdUnseen(caller.client, { agent, messages: [], calls });
}

/** Remembers the number that this connection reports under. */
function noteFence(broker: Broker, { client }: Caller, task: TaskId): void {
  const fence = broker.state.tasks.get(task)?.given;
  if (fence === undefined) return;
  const own = given.get(client) ?? new Map<TaskId, number>();
  given.set(client, own);
  own.set(task, fence);
  for (const id of own.keys()) if (!broker.state.tasks.has(id)) own.delete(id);
}

function isIn({ state, overAt }: TaskRecord, wanted: NonNullable<Input<'tasks'>['state']>): boolean {
  if (wanted === 'open') return overAt === undefined;
  return wanted === 'over' ? overAt !== undefined : state === wanted;
}

function checkInputAlone({ state, text, progress, result, fence }: Input<'report'>): void {
  if ([state, text, progress, result, fence].every((field) => field === undefined)) return;
  throw new ParleyError('bad_input', { problem: 'input is the word of who gave the task: it goes alone' });
}

/** What ends the wait of who gave a task: its end, or that it needs a word. */
export const ends: ReadonlySet<TaskChange> = new Set([
  'input-required',
  'returned',
  'completed',
  'failed',
  'canceled',
  'rejected',
]);
/** What ends the wait of who reported: the answer to a question, or the end. */
const goesOn: ReadonlySet<TaskChange> = new Set(['input', ...ends]);

/** Waits for one of these changes; undefined when nothing was to be waited for. */
export async function waitForTask(
  broker: Broker,
  caller: Caller,
  id: TaskId,
  wait: number,
  options: AskOptions,
  until: ReadonlySet<TaskChange>,
): Promise<Gathered | undefined> {
  const agent: AgentId = self(caller);
  if (wait <= 0 || broker.state.tasks.get(id)?.overAt !== undefined) return undefined;
  return broker.listening.gather(caller.client, agent, {
    ...whileWaiting(options),
    wait,
    limit: mostEvents,
    until: (entry: FeedEntry) => entry.what === 'task' && entry.task === id && until.has(entry.change),
  });
}
