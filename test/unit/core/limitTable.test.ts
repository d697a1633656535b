import * as fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { broadcast } from '../../../src/core/broadcasts';
import { sweep } from '../../../src/core/due';
import { defaultLimits, type Limits } from '../../../src/core/limits';
import { matchCall } from '../../../src/core/match';
import type { RefusalCode } from '../../../src/core/refusal';
import type { TaskId } from '../../../src/core/taskModel';
import { answerTask, delegate, report, type Giving, type Report } from '../../../src/core/tasks';
import { allowTool } from '../../../src/core/tools';
import { minute, refusal, second } from './office';
import { RoomOffice } from './roomOffice';

/** A limit of how much: `take` takes so much of it and is refused beyond. */
interface Amount {
  readonly code: RefusalCode;
  readonly take: (office: RoomOffice, amount: number) => void;
  /** Other limits that would be met first. */
  readonly with?: Partial<Limits>;
}

/** A limit of how long: `begin` says what has happened when it is over. */
interface Span {
  readonly begin: (office: RoomOffice) => () => boolean;
  readonly with?: Partial<Limits>;
}

const text = (bytes: number): string => 'x'.repeat(bytes);
const ref = { uri: 'file:///a' };
const unlimited = { pairMessagesPerHour: Infinity, turns: Infinity, messageBurst: Infinity } as const;

/** Two in a live thread. */
function pair(office: RoomOffice): { readonly ada: string; readonly bea: string; readonly thread: string } {
  const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
  return { ada, bea, thread: office.talk(ada, bea) };
}

function give(office: RoomOffice, from: string, giving: Partial<Giving> = {}): TaskId {
  return office.run((step) => delegate(step, from, { to: 'Bea', title: 'Mend the parser', ...giving }));
}

/** A task that Bea works on. */
function workedOn(office: RoomOffice, giving: Partial<Giving> = {}): { readonly task: TaskId; readonly bea: string } {
  const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
  const task = give(office, ada, giving);
  office.run((step) => answerTask(step, bea, task, 'accept'));
  return { task, bea };
}

function tell(office: RoomOffice, told: Report): void {
  const { task, bea } = workedOn(office);
  office.run((step) => report(step, bea, task, told));
}

function sendMany(office: RoomOffice, count: number): void {
  const { ada } = pair(office);
  for (let index = 0; index < count; index++) office.send(ada, `message ${index}`);
}

const amounts: Partial<Record<keyof Limits, Amount>> = {
  messageBytes: {
    code: 'message_too_long',
    take: (office, bytes) => void office.send(pair(office).ada, text(bytes)),
  },
  topicLength: {
    code: 'topic_too_long',
    take: (office, length) => void office.open(office.agent('Ada'), { topic: text(length) }),
  },
  refExcerptBytes: {
    code: 'ref_too_long',
    take: (office, bytes) =>
      void office.send(pair(office).ada, 'look', undefined, { refs: [{ ...ref, excerpt: text(bytes) }] }),
  },
  refsPerMessage: {
    code: 'too_many_refs',
    take: (office, count) =>
      void office.send(pair(office).ada, 'look', undefined, { refs: Array.from({ length: count }, () => ref) }),
  },
  broadcastBytes: {
    code: 'broadcast_too_large',
    take: (office, bytes) => {
      const [ada] = office.agents('Ada', 'Bea') as [string];
      office.run((step) => broadcast(step, ada, { to: () => ['Bea'], filter: [], draft: { content: text(bytes) } }));
    },
  },
  messageBurst: {
    code: 'rate_limited',
    // The call that opened the thread was one.
    take: (office, count) => sendMany(office, count - 1),
    with: { messagesPerMinute: 1 },
  },
  participants: {
    code: 'thread_full',
    take: (office, count) => {
      const room = office.open(office.agent('First'));
      for (let index = 1; index < count; index++) office.join(room, office.agent(`Agent${index}`));
    },
  },
  rooms: {
    code: 'too_many_rooms',
    take: (office, count) => {
      const ada = office.agent('Ada');
      for (let index = 0; index < count; index++) office.open(ada);
    },
  },
  agents: {
    code: 'roster_full',
    take: (office, count) => {
      for (let index = 0; index < count; index++) office.agent(`Agent${index}`);
    },
  },
  inboxItems: {
    code: 'inbox_full',
    take: (office, count) => {
      const [ada] = office.agents('Ada', 'Bea') as [string];
      for (let index = 0; index < count; index++) office.message(ada, 'Bea', `message ${index}`);
    },
    with: unlimited,
  },
  turns: { code: 'turn_limit', take: sendMany, with: { pairMessagesPerHour: Infinity } },
  pairMessagesPerHour: { code: 'loop_guard', take: sendMany, with: { turns: Infinity } },
  tasksGiven: {
    code: 'too_many_tasks',
    take: (office, count) => {
      const [ada] = office.agents('Ada', 'Bea') as [string];
      for (let index = 0; index < count; index++) give(office, ada);
    },
  },
  tasksTaken: {
    code: 'assignee_full',
    take: (office, count) => {
      const [ada, , cleo] = office.agents('Ada', 'Bea', 'Cleo') as [string, string, string];
      for (let index = 0; index < count; index++) give(office, index % 2 === 0 ? ada : cleo);
    },
  },
  taskReportBytes: {
    code: 'message_too_long',
    take: (office, bytes) => tell(office, { state: 'working', said: text(bytes) }),
  },
  taskResultBytes: {
    code: 'task_result_too_large',
    // As JSON: the quotes count.
    take: (office, bytes) => tell(office, { state: 'completed', result: text(bytes - 2) }),
  },
  toolArgsBytes: {
    code: 'tool_args_too_large',
    take: (office, bytes) => {
      const [ada] = office.agents('Ada', 'Bea') as [string];
      give(office, ada, { tool: 'lint', args: text(bytes - 2) });
    },
  },
  toolRules: {
    code: 'too_many_rules',
    take: (office, count) => {
      const kim = office.person();
      for (let index = 0; index < count; index++)
        office.run((step) => allowTool(step, kim, { tool: `tool${index}` }, false));
    },
  },
};

const spans: Partial<Record<keyof Limits, Span>> = {
  ringAgent: {
    begin: (office) => {
      const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
      const call = office.call(ada, 'Bea');
      return () => office.leg(call, bea).state === 'missed';
    },
  },
  ringPerson: {
    begin: (office) => {
      const kim = office.person();
      const call = office.call(office.agent('Ada'), 'Kim');
      return () => office.leg(call, kim).state === 'missed';
    },
  },
  ringAfterRestart: {
    begin: (office) => {
      const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
      const call = office.call(ada, 'Bea');
      office.now += 1000 * minute;
      office.restart();
      return () => office.leg(call, bea).state === 'missed';
    },
  },
  callExpiry: {
    begin: (office) => {
      const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
      const call = office.call(ada, 'Bea', { urgency: 'later' });
      return () => office.leg(call, bea).state === 'expired';
    },
  },
  threadIdle: {
    begin: (office) => {
      const { thread } = pair(office);
      return () => office.state.closed.has(thread);
    },
  },
  turnSilence: {
    begin: (office) => {
      const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
      const room = office.round(ada, bea);
      return () => office.turn(room) === 'Bea';
    },
  },
  turnOffline: {
    begin: (office) => {
      const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
      const room = office.round(ada, bea);
      office.goOffline(ada);
      return () => office.turn(room) === 'Bea';
    },
  },
  offlineLeave: {
    begin: (office) => {
      const { bea, thread } = pair(office);
      office.goOffline(bea);
      return () => !office.state.threads.has(thread);
    },
    with: { threadIdle: Infinity },
  },
  retireAfter: {
    begin: (office) => {
      const agent = office.agent(undefined);
      office.goOffline(agent);
      return () => !office.state.agents.has(agent);
    },
  },
  eventsKept: {
    begin: (office) => {
      const { ada, bea } = pair(office);
      office.send(ada, 'hello');
      office.listen(bea);
      return () => {
        // Kept up to the limit itself: what is older goes.
        sweep(office.state, office.world, office.now + 1);
        return office.state.feeds.get(bea)?.entries.length === 0;
      };
    },
    with: { watchdogLive: Infinity, threadIdle: Infinity },
  },
  keysKept: {
    begin: (office) => {
      const { ada } = pair(office);
      office.send(ada, 'one', undefined, { key: 'k' });
      let isFree = false;
      return () => {
        try {
          if (!isFree) office.send(ada, 'other', undefined, { key: 'k' });
          isFree = true;
        } catch {
          // Refused as a conflict while the key is known.
        }
        return isFree;
      };
    },
  },
  huntRing: {
    begin: (office) => {
      const [ada, bea] = [office.agent('Ada'), office.agent('Bea', { capabilities: ['review'] })];
      const call = office.run((step) => matchCall(step, ada, { capability: 'review' }));
      return () => office.leg(call, bea).state !== 'ringing';
    },
  },
  taskLease: {
    begin: (office) => {
      const { task } = workedOn(office);
      return () => office.state.tasks.get(task)?.state !== 'working';
    },
  },
  taskLeaseAfterRestart: {
    begin: (office) => {
      const { task } = workedOn(office);
      office.now += 1000 * minute;
      office.restart();
      return () => office.state.tasks.get(task)?.state !== 'working';
    },
  },
  taskExpiry: {
    begin: (office) => {
      const [ada] = office.agents('Ada', 'Bea') as [string];
      const task = give(office, ada);
      return () => office.state.tasks.get(task)?.state === 'failed';
    },
  },
  taskRetryFirst: {
    begin: (office) => {
      const { task, bea } = workedOn(office, { retries: 1 });
      office.run((step) => report(step, bea, task, { state: 'failed' }));
      return () => office.state.tasks.get(task)?.isOffered === true;
    },
  },
  taskRetryLongest: {
    begin: (office) => {
      const { task, bea } = workedOn(office, { retries: 1 });
      office.run((step) => report(step, bea, task, { state: 'failed' }));
      return () => office.state.tasks.get(task)?.isOffered === true;
    },
    with: { taskRetryFirst: 1000 * minute },
  },
  watchdogLive: {
    begin: (office) => {
      const { ada } = pair(office);
      office.send(ada, 'hello');
      return () => office.told(ada).some(({ what }) => what === 'unseen');
    },
  },
  watchdogAsync: {
    begin: (office) => {
      const [ada] = office.agents('Ada', 'Bea') as [string];
      office.message(ada, 'Bea', 'hello');
      return () => office.told(ada).some(({ what }) => what === 'unseen');
    },
  },
};

/** Limits whose tests need more than the rules, or stand with the rules they belong to; by file. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  'test/unit/core/limits.test.ts': ['messagesPerMinute'],
  'test/broker/storage.test.ts': ['archiveKept'],
  'test/broker/limits.test.ts': [
    'wakesPerHour',
    'toolsOffered',
    'toolSchemaBytes',
    'toolResultBytes',
    'toolTimeout',
    'toolUses',
  ],
};

describe('every limit', () => {
  it('has a test at the limit and one beyond', () => {
    const proved = new Set([
      'huntAgents',
      ...Object.keys(amounts),
      ...Object.keys(spans),
      ...Object.values(elsewhere).flat(),
    ]);
    expect(Object.keys(defaultLimits).filter((name) => !proved.has(name))).toEqual([]);
  });

  for (const [file, names] of Object.entries(elsewhere)) {
    it(`of ${names.join(', ')} is proved in ${file}`, () => {
      const tests = fs.readFileSync(file, 'utf8');
      expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(tests))).toEqual([]);
    });
  }
});

describe('a hunt', () => {
  it('goes to so many agents and no more: huntAgents', () => {
    for (const there of [4, 5]) {
      const office = new RoomOffice({ huntAgents: 4 });
      const ada = office.agent('Ada');
      for (let index = 0; index < there; index++) office.agent(`Agent${index}`, { capabilities: ['review'] });
      const call = office.run((step) => matchCall(step, ada, { capability: 'review' }));
      expect(office.state.calls.get(call)?.call.line).toHaveLength(4);
    }
  });
});

describe('so much is taken and no more:', () => {
  for (const [name, { code, take, with: others }] of Object.entries(amounts)) {
    it(name, () => {
      const limits = { ...others, [name]: 4 };
      take(new RoomOffice(limits), 4);
      const refused = refusal(() => take(new RoomOffice(limits), 5));
      expect(refused.code).toBe(code);
      // What to stay under is said, where it is not said as a time to wait.
      if (code !== 'rate_limited') expect(refused['limit']).toBe(4);
    });
  }
});

describe('it lasts so long and no longer:', () => {
  for (const [name, { begin, with: others }] of Object.entries(spans)) {
    it(name, () => {
      const office = new RoomOffice({ ...others, [name]: 5 * second });
      const happened = begin(office);
      office.pass(5 * second - 1);
      expect(happened()).toBe(false);
      office.pass(1);
      expect(happened()).toBe(true);
    });
  }
});
