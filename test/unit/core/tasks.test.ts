import { describe, expect, it } from 'vitest';
import { fromCheckpoint, toCheckpoint, type Checkpoint } from '../../../src/core/checkpoint';
import { sweep } from '../../../src/core/due';
import type { AgentId } from '../../../src/core/model';
import type { TaskId, TaskRecord } from '../../../src/core/taskModel';
import { openTasksOf, waitingTasks } from '../../../src/core/taskBook';
import {
  answerTask,
  cancelTask,
  delegate,
  giveInput,
  report,
  type Giving,
  type Report,
  type TaskAnswer,
} from '../../../src/core/tasks';
import { day, minute, Office, refusal, replay, second } from './office';

/** An office in which Ada gives work to Bea, and Cleo has nothing to do with it. */
function three(limits: ConstructorParameters<typeof Office>[0] = {}) {
  const office = new Office({ messageBurst: 2000, ...limits });
  const [ada, bea, cleo] = office.agents('Ada', 'Bea', 'Cleo') as [AgentId, AgentId, AgentId];
  const give = (giving: Partial<Giving> = {}, from = ada): TaskId =>
    office.run((step) => delegate(step, from, { to: 'Bea', title: 'Mend the parser', ...giving }));
  const answer = (task: TaskId, how: TaskAnswer = 'accept', by = bea, reason?: string): void =>
    office.run((step) => answerTask(step, by, task, how, reason));
  const tell = (task: TaskId, told: Partial<Report> = {}, by = bea): void =>
    office.run((step) => report(step, by, task, { state: 'working', ...told }));
  const input = (task: TaskId, words: string, by = ada, key?: string): void =>
    office.run((step) => giveInput(step, by, task, words, key));
  const cancel = (task: TaskId, by = ada, reason?: string): void =>
    office.run((step) => cancelTask(step, by, task, reason));
  const record = (task: TaskId): TaskRecord => {
    const found = office.state.tasks.get(task);
    if (!found) throw new Error(`no task ${task}`);
    return found;
  };
  /** What the agent's next listen tells of tasks. */
  const changes = (agent: AgentId): string[] =>
    office.told(agent).flatMap((entry) => (entry.what === 'task' ? [entry.change] : []));
  return { office, ada, bea, cleo, give, answer, tell, input, cancel, record, changes };
}

describe('a task', () => {
  it('goes from hand to hand to its result, each side told of what the other did', () => {
    const { office, ada, bea, give, answer, tell, input, record, changes } = three();
    const task = give({ text: 'It loses the last line.' });
    expect(record(task)).toMatchObject({ state: 'submitted', isOffered: true, fence: 1 });
    expect([changes(ada), changes(bea)]).toEqual([[], ['offered']]);
    answer(task);
    expect(record(task)).toMatchObject({ state: 'working', leaseUntil: office.now + 10 * minute });
    tell(task, { said: 'Reading', progress: 0.2 });
    tell(task, { state: 'input-required', said: 'Which line?' });
    expect(record(task)).toMatchObject({ state: 'input-required', said: 'Which line?', progress: 0.2 });
    expect(waitingTasks(office.state, ada)).toHaveLength(1);
    input(task, 'The one without an end.');
    tell(task, { state: 'completed', said: 'Done', result: { lines: [1, 2] } });
    expect(changes(ada)).toEqual(['working', 'progress', 'input-required', 'completed']);
    expect(changes(bea)).toEqual(['offered', 'input']);
    expect(record(task)).toMatchObject({ state: 'completed', result: { lines: [1, 2] }, by: bea });
    expect(record(task).steps.map(({ change }) => change)).toEqual([
      'offered',
      'working',
      'progress',
      'input-required',
      'input',
      'completed',
    ]);
    expect(openTasksOf(office.state, bea)).toEqual([]);
  });

  it('is rejected by who declines it, with the reason', () => {
    const { ada, bea, give, answer, record, changes } = three();
    const task = give();
    answer(task, 'decline', bea, 'I am on leave');
    expect(record(task)).toMatchObject({ state: 'rejected', said: 'I am on leave', by: bea });
    expect(changes(ada)).toEqual(['rejected']);
  });

  it('stays on offer when it is left for later', () => {
    const { office, bea, give, answer, record } = three();
    const task = give();
    answer(task, 'later');
    expect(record(task)).toMatchObject({ state: 'submitted', isOffered: true });
    expect(waitingTasks(office.state, bea)).toHaveLength(1);
  });

  it('is taken by the first report on it', () => {
    const { give, tell, record } = three();
    const task = give();
    tell(task, { state: 'completed', result: 42 });
    expect(record(task)).toMatchObject({ state: 'completed', result: 42 });
    expect(record(task).steps.map(({ change }) => change)).toEqual(['offered', 'working', 'completed']);
  });

  it.each([
    ['completed', 'Bea'],
    ['failed', 'Bea'],
    ['rejected', 'Bea'],
    ['canceled', 'Ada'],
  ] as const)('that is %s changes no more', (outcome, by) => {
    const { bea, give, answer, tell, input, cancel } = three();
    const task = give();
    answer(task);
    if (outcome === 'canceled') cancel(task);
    else tell(task, { state: outcome, said: 'so' });
    const over = { code: 'task_over', task, outcome, by };
    expect(refusal(() => tell(task, { state: 'completed' }))).toEqual(over);
    expect(refusal(() => answer(task))).toEqual(over);
    expect(refusal(() => answer(task, 'decline', bea))).toEqual(over);
    expect(refusal(() => input(task, 'more'))).toEqual(over);
    expect(refusal(() => cancel(task))).toEqual(over);
  });

  it('waits for an assignee who is away, and is there when it comes back', () => {
    const { office, bea, give, changes } = three();
    office.goOffline(bea);
    const task = give();
    office.pass(3 * day);
    office.comeBack(bea);
    expect(changes(bea)).toEqual(['offered']);
    expect(waitingTasks(office.state, bea).map((record) => record.task.id)).toEqual([task]);
  });

  it('has a receipt that says how far the offer got', () => {
    const { office, bea, give, answer, record } = three();
    const task = give();
    expect(office.receipt(task, bea)?.state).toBe('stored');
    office.see(bea, task);
    expect(office.receipt(task, bea)?.state).toBe('seen');
    answer(task);
    expect(office.receipt(task, bea)).toBeUndefined();
    expect(record(task).receipt?.state).toBe('answered');
  });

  it('that nobody has seen in half an hour is told to who gave it, once', () => {
    const { office, ada, bea, give } = three();
    office.goOffline(bea);
    const task = give();
    office.pass(2 * 30 * minute);
    const told = office.told(ada).filter((entry) => entry.what === 'unseen');
    expect(told).toMatchObject([{ subject: task, agent: bea, reason: 'offline' }]);
  });

  it('leaves lines in the thread that it belongs to', () => {
    const { office, ada, bea, give, tell } = three();
    const thread = office.talk(ada, bea);
    const task = give({ thread });
    tell(task, { state: 'completed' });
    const lines = office.events.flatMap((event) =>
      event.type === 'message.sent' && event.payload.message.type === 'system' ? [event.payload.message.content] : [],
    );
    expect(lines).toEqual([
      `Ada gave Bea the task "Mend the parser" (${task})`,
      `The task "Mend the parser" (${task}) is completed by Bea`,
    ]);
  });

  it('ends all the same when its thread is archived before', () => {
    const { office, ada, bea, give, tell, record } = three();
    const thread = office.talk(ada, bea);
    const task = give({ thread });
    office.leave(ada, thread, true);
    tell(task, { state: 'completed' });
    expect(record(task).state).toBe('completed');
  });

  it('keeps both sides on the roster, whatever their names', () => {
    const { office } = three();
    const [one, other] = [office.agent(undefined), office.agent(undefined)];
    office.run((step) => delegate(step, one, { to: other, title: 'Watch' }));
    office.goOffline(one);
    office.goOffline(other);
    office.pass(2 * day);
    expect([office.state.agents.has(one), office.state.agents.has(other)]).toEqual([true, true]);
  });
});

describe('time and a task', () => {
  it('fails it when its deadline passes, whoever has it', () => {
    const { office, ada, bea, give, answer, record, changes } = three();
    const offered = give({ within: 30 * second });
    const working = give({ title: 'Another', within: 30 * second });
    answer(working);
    office.pass(30 * second - 1);
    expect([record(offered).state, record(working).state]).toEqual(['submitted', 'working']);
    office.pass(1);
    for (const task of [offered, working]) {
      expect(record(task)).toMatchObject({ state: 'failed', reason: 'deadline' });
      expect(record(task).by).toBeUndefined();
    }
    expect(changes(ada)).toEqual(['working', 'failed', 'failed']);
    expect(changes(bea).slice(-2)).toEqual(['failed', 'failed']);
    expect(refusal(() => answer(offered))).toMatchObject({ code: 'task_over', by: 'time', reason: 'deadline' });
  });

  it('fails an offer that nobody answers within seven days, and a question that nobody answers', () => {
    const { office, ada, give, tell, record, changes } = three();
    const [offered, asked] = [give(), give({ title: 'Another' })];
    office.pass(day);
    tell(asked, { state: 'input-required', said: 'Which?' });
    office.pass(6 * day - 1);
    expect(record(offered).state).toBe('submitted');
    office.pass(1);
    expect(record(offered)).toMatchObject({ state: 'failed', reason: 'expired' });
    expect(changes(ada)).toContain('failed');
    office.pass(day);
    expect(record(asked)).toMatchObject({ state: 'failed', reason: 'expired' });
  });

  it('sends it back under a new number when its holder is silent for ten minutes', () => {
    const { office, ada, bea, give, answer, tell, record, changes } = three();
    const task = give();
    answer(task);
    office.pass(9 * minute);
    tell(task);
    office.pass(10 * minute - 1);
    expect(record(task).state).toBe('working');
    office.pass(1);
    expect(record(task)).toMatchObject({ state: 'submitted', isOffered: false, fence: 2, reason: 'lapsed' });
    expect(changes(ada)).toEqual(['working', 'progress', 'returned']);
    expect(changes(bea)).toEqual(['offered', 'returned']);
    expect(waitingTasks(office.state, ada)).toHaveLength(1);
    expect(waitingTasks(office.state, bea)).toHaveLength(0);
  });

  it('runs no lease while a question is open', () => {
    const { office, give, tell, input, record } = three();
    const task = give();
    tell(task, { state: 'input-required', said: 'Which?' });
    office.pass(5 * day);
    expect(record(task).state).toBe('input-required');
    input(task, 'This one');
    expect(record(task)).toMatchObject({ state: 'working', leaseUntil: office.now + 10 * minute });
  });

  it('refuses every one of a thousand late reports of an old holder, and says how the task stands', () => {
    const { office, bea, give, answer, tell, record } = three({ messageBurst: 5000 });
    const task = give({ retries: 1 });
    answer(task);
    const old = record(task).fence;
    office.pass(10 * minute);
    // Offered again, and taken again: by the same agent under a new number.
    office.pass(10 * second);
    answer(task);
    const states = ['working', 'input-required', 'completed', 'failed', 'rejected'] as const;
    const before = office.events.length;
    let refused = 0;
    for (let attempt = 0; attempt < 1000; attempt++) {
      const state = states[attempt % states.length] ?? 'working';
      const {
        code,
        current,
        state: now,
      } = refusal(() => tell(task, { state, said: `try ${attempt}`, fence: old }, bea));
      if (code === 'stale_fence' && current === 2 && now === 'working') refused++;
    }
    expect(refused).toBe(1000);
    expect(office.events.length).toBe(before);
    tell(task, { state: 'completed', fence: 2 });
    expect(record(task).state).toBe('completed');
  });

  it('takes a report without a number for one under the number that the agent was given last', () => {
    const { office, give, answer, tell, record } = three();
    const task = give({ retries: 1 });
    answer(task);
    office.pass(10 * minute + 10 * second);
    expect(record(task)).toMatchObject({ isOffered: true, fence: 2 });
    expect(refusal(() => tell(task, { state: 'completed' })).code).toBe('stale_fence');
    answer(task);
    tell(task, { state: 'completed' });
    expect(record(task).state).toBe('completed');
  });

  it('refuses a report on what came back and is not on offer', () => {
    const { office, give, answer, tell } = three();
    const task = give();
    answer(task);
    office.pass(10 * minute);
    expect(refusal(() => tell(task, { fence: 2 }))).toEqual({ code: 'task_returned', task, from: 'Ada' });
    expect(refusal(() => answer(task))).toEqual({ code: 'task_returned', task, from: 'Ada' });
  });

  it('offers a failed try again after 10 s, doubled each time up to 10 min, as often as was said', () => {
    const { office, ada, give, tell, record, changes } = three();
    const task = give({ retries: 9 });
    const pauses: number[] = [];
    for (let round = 1; round <= 9; round++) {
      tell(task, { state: 'failed', said: `no ${round}`, fence: round });
      const { offerAt = 0 } = record(task);
      pauses.push((offerAt - office.now) / second);
      expect(record(task)).toMatchObject({ state: 'submitted', isOffered: false, fence: round + 1, reason: 'failed' });
      office.pass(offerAt - office.now);
      expect(record(task)).toMatchObject({ state: 'submitted', isOffered: true, retriesLeft: 9 - round });
    }
    expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600]);
    tell(task, { state: 'failed', said: 'at last', fence: 10 });
    expect(record(task)).toMatchObject({ state: 'failed', said: 'at last' });
    expect(changes(ada).slice(0, 3)).toEqual(['working', 'returned', 'offered']);
    expect(changes(ada).at(-1)).toBe('failed');
  });

  it('counts no lapse beyond the retries: then the task is with who gave it, who can offer it again with a word', () => {
    const { office, bea, give, answer, input, record, changes } = three();
    const task = give();
    answer(task);
    office.pass(10 * minute);
    input(task, 'Once more, please');
    expect(record(task)).toMatchObject({ state: 'submitted', isOffered: true, fence: 2 });
    expect(changes(bea)).toEqual(['offered', 'returned', 'offered']);
    answer(task);
    expect(record(task)).toMatchObject({ state: 'working', fence: 2, given: 2 });
  });

  it('leaves a holder a minute after a restart, however long that took', () => {
    const { office, give, answer, tell, record } = three();
    const task = give();
    answer(task);
    office.now += 5 * day;
    office.restart();
    expect(record(task)).toMatchObject({ state: 'working', leaseUntil: office.now + minute });
    office.pass(minute - 1);
    tell(task, { progress: 0.5 });
    office.pass(9 * minute);
    expect(record(task).state).toBe('working');
  });

  it('holds nobody to a lease longer than ten minutes when the clock is set back an hour', () => {
    const { office, give, answer, record } = three();
    const task = give();
    answer(task);
    office.now -= 60 * minute;
    office.pass(0);
    expect(record(task)).toMatchObject({ leaseUntil: office.now + 10 * minute });
    office.pass(10 * minute);
    expect(record(task)).toMatchObject({ state: 'submitted', reason: 'lapsed' });
  });

  it('lets go of it a day after its end', () => {
    const { office, give, tell } = three();
    const task = give();
    tell(task, { state: 'completed' });
    sweep(office.state, office.world, office.now + day - 1);
    expect(office.state.tasks.has(task)).toBe(true);
    sweep(office.state, office.world, office.now + day);
    expect(office.state.tasks.has(task)).toBe(false);
    expect(refusal(() => tell(task)).code).toBe('unknown_task');
  });
});

describe('who may do what with a task', () => {
  it('is unknown to strangers, in every way', () => {
    const { cleo, give, answer, tell, input, cancel } = three();
    const task = give();
    for (const act of [
      () => answer(task, 'accept', cleo),
      () => tell(task, { state: 'completed' }, cleo),
      () => input(task, 'hm', cleo),
      () => cancel(task, cleo),
    ]) {
      expect(refusal(act)).toEqual({ code: 'unknown_task', task });
    }
  });

  it('is reported on by its assignee alone, and cancelled and answered by who gave it', () => {
    const { ada, bea, give, answer, tell, input, cancel } = three();
    const task = give();
    expect(refusal(() => tell(task, {}, ada))).toEqual({ code: 'not_your_task', task, needs: 'Bea' });
    expect(refusal(() => answer(task, 'accept', ada))).toEqual({ code: 'not_your_task', task, needs: 'Bea' });
    expect(refusal(() => cancel(task, bea))).toEqual({ code: 'not_your_task', task, needs: 'Ada' });
    expect(refusal(() => input(task, 'hm', bea))).toEqual({ code: 'not_your_task', task, needs: 'Ada' });
  });

  it('is cancelled and answered by the person as well; both sides are told', () => {
    const { office, ada, bea, give, tell, input, cancel, record, changes } = three();
    const person = office.person();
    const task = give();
    tell(task, { state: 'input-required', said: 'May I?' });
    input(task, 'You may', person);
    expect(record(task).state).toBe('working');
    cancel(task, person, 'enough');
    expect(record(task)).toMatchObject({ state: 'canceled', by: person, said: 'enough' });
    expect(changes(ada).slice(-2)).toEqual(['input', 'canceled']);
    expect(changes(bea).slice(-2)).toEqual(['input', 'canceled']);
  });
});

describe('what cannot be given or reported', () => {
  it('refuses a task to oneself, to nobody, and without a title', () => {
    const { office, give } = three();
    expect(refusal(() => give({ to: 'Ada' }))).toEqual({ code: 'cannot_call_yourself', name: 'Ada' });
    expect(refusal(() => give({ to: 'Zoe' })).code).toBe('unknown_agent');
    expect(refusal(() => give({ title: ' \u202e ' })).code).toBe('empty_title');
    expect(refusal(() => give({ title: 't'.repeat(201) }))).toMatchObject({ code: 'topic_too_long', limit: 200 });
    expect(office.state.tasks.size).toBe(0);
  });

  it('refuses the same work back to who gave it away, through any number of hands', () => {
    const { office, bea, cleo, give } = three();
    const first = give();
    expect(refusal(() => give({ to: 'Ada', title: 'mend the PARSER' }, bea))).toEqual({
      code: 'circular_task',
      name: 'Ada',
      task: first,
    });
    give({ to: 'Cleo' }, bea);
    expect(refusal(() => give({ to: 'Ada' }, cleo))).toEqual({ code: 'circular_task', name: 'Ada', task: first });
    expect(refusal(() => give({ to: 'Bea' }, cleo)).code).toBe('circular_task');
    // Other work may go that way.
    give({ to: 'Ada', title: 'Answer my questions' }, cleo);
    expect(office.state.tasks.size).toBe(3);
  });

  it('finds the circle by the words too, and none where the work is done', () => {
    const { bea, give, tell } = three();
    const text = 'It loses the last line.';
    const first = give({ text });
    expect(refusal(() => give({ to: 'Ada', title: 'Your turn', text }, bea)).code).toBe('circular_task');
    tell(first, { state: 'completed' });
    give({ to: 'Ada', title: 'Your turn', text }, bea);
  });

  it('bounds how many tasks one gives and one has', () => {
    const { office, ada, cleo, give, tell } = three({ tasksGiven: 3, tasksTaken: 4 });
    const [first = ''] = [1, 2, 3].map((number) => give({ title: `Task ${number}` }));
    expect(refusal(() => give({ title: 'Task 4' }))).toEqual({ code: 'too_many_tasks', limit: 3 });
    give({ title: 'Task 5' }, cleo);
    expect(refusal(() => give({ title: 'Task 6' }, cleo))).toEqual({ code: 'assignee_full', name: 'Bea', limit: 4 });
    tell(first, { state: 'completed' });
    give({ title: 'Task 7' });
    expect(openTasksOf(office.state, ada)).toHaveLength(3);
  });

  it('bounds words, results and arguments', () => {
    const { give, tell } = three();
    expect(refusal(() => give({ text: 'a'.repeat(64 * 1024 + 1) })).code).toBe('message_too_long');
    expect(refusal(() => give({ args: { text: 'a'.repeat(64 * 1024) } }))).toMatchObject({
      code: 'tool_args_too_large',
      limit: 64 * 1024,
    });
    const task = give({ text: 'a'.repeat(64 * 1024) });
    tell(task, { said: 'a'.repeat(8 * 1024) });
    expect(refusal(() => tell(task, { said: 'a'.repeat(8 * 1024 + 1) })).code).toBe('message_too_long');
    const result = 'a'.repeat(64 * 1024 - 2);
    expect(refusal(() => tell(task, { state: 'completed', result: `${result}a` }))).toEqual({
      code: 'task_result_too_large',
      bytes: 64 * 1024 + 1,
      limit: 64 * 1024,
    });
    tell(task, { state: 'completed', result });
  });

  it('refuses a question without words, and input that nobody asked for', () => {
    const { give, answer, tell, input } = three();
    const task = give();
    expect(refusal(() => tell(task, { state: 'input-required', said: ' ' })).code).toBe('empty_text');
    expect(refusal(() => input(task, 'hm'))).toEqual({ code: 'no_input_wanted', task, state: 'submitted' });
    answer(task);
    expect(refusal(() => input(task, 'hm'))).toEqual({ code: 'no_input_wanted', task, state: 'working' });
    tell(task, { state: 'input-required', said: 'Which?' });
    expect(refusal(() => input(task, ' ')).code).toBe('empty_text');
  });

  it('counts giving and reporting against the rate', () => {
    const { give, tell } = three({ messageBurst: 2 });
    const task = give();
    give({ title: 'Another' });
    expect(refusal(() => give({ title: 'A third' })).code).toBe('rate_limited');
    tell(task);
    tell(task);
    expect(refusal(() => tell(task)).code).toBe('rate_limited');
  });

  it('refuses a thread that one is not in', () => {
    const { office, bea, cleo, give } = three();
    const thread = office.talk(bea, cleo);
    expect(refusal(() => give({ thread }))).toMatchObject({ code: 'not_participant', thread });
    expect(refusal(() => give({ thread: 'nowhere' })).code).toBe('unknown_thread');
  });
});

describe('keys', () => {
  it('make giving, reporting and answering happen once', () => {
    const { office, give, tell, input } = three();
    const task = give({ key: 'k1' });
    expect(give({ key: 'k1' })).toBe(task);
    tell(task, { state: 'input-required', said: 'Which?', key: 'k2' });
    tell(task, { state: 'input-required', said: 'Which?', key: 'k2' });
    input(task, 'That', undefined, 'k3');
    input(task, 'That', undefined, 'k3');
    tell(task, { state: 'completed', result: 1, key: 'k4' });
    const before = office.events.length;
    tell(task, { state: 'completed', result: 1, key: 'k4' });
    expect(office.events.length).toBe(before);
    expect(office.state.tasks.size).toBe(1);
  });

  it('conflict with other content', () => {
    const { give, tell } = three();
    const task = give({ key: 'k' });
    expect(refusal(() => give({ key: 'k', title: 'Something else' }))).toEqual({ code: 'key_conflict', key: 'k' });
    tell(task, { said: 'a', key: 'r' });
    expect(refusal(() => tell(task, { said: 'b', key: 'r' })).code).toBe('key_conflict');
  });
});

describe('what is remembered of tasks', () => {
  it('comes back from the journal and from a checkpoint', () => {
    const { office, give, answer, tell, cancel } = three();
    const [one, two, third] = [
      give({ retries: 2 }),
      give({ title: 'Two', key: 'k' }),
      give({ title: 'Three' }),
    ] as const;
    answer(one);
    tell(one, { state: 'failed', said: 'no' });
    office.pass(10 * second);
    tell(two, { state: 'completed', result: { deep: [1, { a: null }] } });
    cancel(third);
    expect(replay(office.events)).toEqual(office.state);
    const kept = JSON.parse(JSON.stringify(toCheckpoint(office.state))) as Checkpoint;
    expect(fromCheckpoint(kept)).toEqual(office.state);
  });

  it('goes with its words when its thread is erased', () => {
    const { office, ada, bea, give, tell } = three();
    const thread = office.talk(ada, bea);
    const task = give({ thread, title: 'secret title', text: 'secret text', tool: 'x', args: { word: 'secret' } });
    tell(task, { state: 'completed', said: 'secret words', result: 'secret result' });
    office.leave(ada, thread, true);
    office.run((step) => step.emit({ type: 'thread.erased', payload: { thread, by: ada } }));
    expect(JSON.stringify(toCheckpoint(office.state))).not.toContain('secret');
  });
});
