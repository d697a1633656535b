import { expect, describe, it } from 'vitest';
import { placedCall } from '../../../src/cli/callPieces';
import { profile, roster, rule } from '../../../src/cli/agentPieces';
import { quiet } from '../../../src/cli/rosterPieces';
import { takenIn } from '../../../src/cli/transfer';
import { event, message, receipts, threadLine } from '../../../src/cli/threadPieces';
import type {
  AgentView,
  CallView,
  LegView,
  ReachView,
  ReceiptView,
  RefView,
  ThreadView,
} from '../../../src/contract/views';
import { task, tools } from '../../../src/cli/taskPieces';
import { agentOf, taskOf } from '../mcp/views';

const terminal = { colour: false, now: 0 };

function callTo(leg: Partial<LegView>): string {
  const to = [{ agent: 'N', name: 'Nova', state: 'queued' as const, ...leg }];
  const call: CallView = {
    ...({
      id: 'C',
      from: 'A',
      fromName: 'Atlas',
      fromPlatform: '',
      topic: 'x',
      urgency: 'next',
      refs: [] as never[],
      placedAt: 0,
    } as const),
    to,
  };
  return placedCall(terminal, call);
}

const participant = { agent: 'A', platform: '', kind: 'agent' };
const thread: ThreadView = {
  ...({
    id: 'T',
    topic: 'x',
    mode: 'live',
    state: 'open',
    home: 'B',
    openedAt: 0,
    lastAt: 0,
    messages: 2,
    unread: 0,
    isOpen: false,
    turns: 'free',
  } as const),
  participants: [
    { ...participant, name: 'Atlas', left: true },
    { ...participant, name: 'Nova', left: false },
  ],
};

describe('a call that does not ring', () => {
  it('says why, and what becomes of it', () => {
    expect(callTo({ reason: 'offline' })).toContain('  Nova  is away: the call waits in the inbox\n');
    expect(callTo({ reason: 'busy' })).toContain('  Nova  is busy: the call waits in the inbox\n');
    expect(callTo({ reason: 'in-call' })).toContain('  Nova  is in a call: it rings when free\n');
    expect(callTo({ reason: 'of a later version' })).toContain('  Nova  will be rung when free\n');
  });

  it('has a reason of its own only when it was declined', () => {
    expect(callTo({ state: 'declined', reason: 'in a release' })).toContain('declined: in a release');
    expect(callTo({ state: 'missed', reason: 'offline' })).not.toContain('offline');
    expect(callTo({ state: 'passed', reason: 'no-answer' })).toContain('did not answer in time; the next was tried');
    expect(callTo({ state: 'passed', reason: 'busy' })).toContain('is busy; the next was tried');
  });
});

describe('a thread', () => {
  it('that is open shows who is in it', () => {
    expect(threadLine(terminal, thread)).toMatch(/^live {2}x\n {2}Nova · /);
  });

  it('that is archived says so, and shows all who took part', () => {
    expect(threadLine(terminal, { ...thread, state: 'closed' })).toMatch(/^archived {2}x\n {2}Atlas, Nova · /);
    expect(event(terminal, { what: 'closed', offset: 1, at: 0, thread: 'T', topic: 'x' })).toBe('· "x" archived');
  });
});

describe('a ring, as the terminal tells of it', () => {
  const told = (receipt: Partial<ReceiptView>): string =>
    receipts(terminal, [{ agent: 'N', name: 'Nova', state: 'stored', at: 0, ...receipt }]);

  it('says in words what stood in the way, and nothing more of one that was handed over', () => {
    expect(told({})).toBe('Nova: stored');
    expect(told({ state: 'rung', ringer: 'claude-inbox', result: 'written' })).toBe('Nova: rung');
    expect(told({ state: 'seen', ringer: 'cli' })).toBe('Nova: seen');
    expect(told({ ringer: 'claude-inbox', result: 'held', detail: 'permission prompt' })).toBe(
      'Nova: stored, through Claude Code: held back, it waits for a permission',
    );
    expect(told({ ringer: 'none', result: 'refused', detail: 'the sender may not wake' })).toBe(
      'Nova: stored, not rung: who sent it may not wake it',
    );
    expect(told({ state: 'refused', code: 'inbox_full' })).toBe('Nova: refused, its inbox is full');
  });

  it('says in words why something was not seen', () => {
    const unseen = (reason: string): string =>
      event(terminal, { what: 'unseen', offset: 1, at: 0, subject: 'M', agent: 'Nova', reason });
    expect(unseen('ring-held')).toBe('Nova has not seen it yet: it was rung, and the ring was held back');
    expect(unseen('offline')).toBe('Nova has not seen it yet: it is away');
  });

  it('names what wakes an agent, and what is in the way, in words', () => {
    const reached = (reach: ReachView): string => roster(terminal, [agentOf({ reach })], undefined);
    expect(reached({ state: 'wakes', ringer: 'codex-queue' })).toContain('can be woken (through the queue of Codex)');
    expect(reached({ state: 'waits-for-permission', ringer: 'claude-inbox', detail: 'permission prompt' })).toContain(
      'waits for its user to permit something (it waits for a permission)',
    );
  });

  it('says of one agent how it can be reached, also of one who is away and can be brought back', () => {
    const gone = agentOf({ presence: 'offline', reach: { state: 'offline' } });
    expect(profile(terminal, gone)).toMatch(/\n +reach +away, finds in its inbox what you send\n/);
    expect(roster(terminal, [gone], undefined)).not.toContain('inbox');
    const back = agentOf({ presence: 'offline', reach: { state: 'wakes', ringer: 'headless-resume' } });
    for (const said of [profile(terminal, back), roster(terminal, [back], undefined)])
      expect(said).toContain('can be woken (through ');
    expect(profile(terminal, agentOf({ kind: 'human' }))).not.toContain('reach');
  });

  it('says in words what an agent does now, as the sidebar does', () => {
    const row = (changes: Partial<AgentView>): string => roster(terminal, [agentOf(changes)], undefined);
    expect(row({ presence: 'offline', reach: { state: 'offline' } })).toMatch(/ Nova {2}away, /);
    expect(row({ presence: 'in-call' })).toContain('  in a call  ');
    expect(row({ presence: 'in-call', inCallWith: ['Vera'] })).toContain('  in a call with Vera  ');
  });

  it('says what a call policy does, with the name by which it is given', () => {
    expect(profile(terminal, agentOf({ policy: 'same-workspace', allowedPolicy: 'ask-person' }))).toMatch(
      /calls +takes calls from its own workspace only \(same-workspace\)\n +allowed +asks the person about every call \(ask-person\)/,
    );
    expect(rule(terminal, 'Nova', { policy: 'decline' })).toContain('takes no calls (decline)');
  });
});

describe('a message', () => {
  it('of the person says so, whatever they speak through', () => {
    const one = { id: 'M', thread: 'T', from: 'K', fromName: 'Kim', fromPlatform: 'VS Code', type: 'message' } as const;
    const from = (fromKind: 'human' | 'agent'): string =>
      message(terminal, { ...one, fromKind, content: 'x', refs: [], seq: 1, timestamp: 0, receipts: [] });
    expect(from('human')).toContain('Kim (the person)');
    expect(from('agent')).toContain('Kim (VS Code)');
  });
});

describe('a place in the code', () => {
  it('is shown with its lines, as it is given', () => {
    const at = (range?: RefView['range']): string =>
      message(terminal, {
        ...({ id: 'M', thread: 'T', from: 'A', fromName: 'Atlas', fromPlatform: '', fromKind: 'agent' } as const),
        ...({ type: 'message', content: 'x', seq: 1, timestamp: 0, receipts: [] as never[] } as const),
        refs: [{ uri: 'file:///a.ts', ...(range && { range }) }],
      });
    const start = { line: 0, character: 0 };
    expect(at()).toMatch(/→ file:\/\/\/a\.ts$/);
    expect(at({ start, end: { line: 1, character: 0 } })).toMatch(/a\.ts:1$/);
    expect(at({ start, end: { line: 3, character: 0 } })).toMatch(/a\.ts:1-3$/);
    expect(at({ start, end: { line: 2, character: 4 } })).toMatch(/a\.ts:1-3$/);
    expect(at({ start, end: start })).toMatch(/a\.ts:1$/);
  });
});

describe('an import', () => {
  it('says what came in, and what was passed over', () => {
    const none = { threads: 0, messages: 0, tasks: 0, known: 0 };
    expect(takenIn(none)).toBe('The file has nothing to take in.');
    expect(takenIn({ ...none, known: 1 })).toBe('Nothing new: 1 thread was here already, or erased here.');
    expect(takenIn({ threads: 2, messages: 5, tasks: 1, known: 3 })).toBe(
      'Took in 2 threads with 5 messages and 1 task; 3 threads were here already, or erased here.',
    );
    expect(takenIn({ ...none, tasks: 2 })).toBe('Took in 2 tasks.');
    expect(takenIn({ ...none, threads: 1 })).toBe('Took in 1 thread with no message.');
  });
});

describe('no tool', () => {
  it('is said of all, or of the one who was named', () => {
    expect(tools(terminal, [])).toBe('Nobody offers a tool.');
    expect(tools(terminal, [], 'Nova')).toBe('Nova offers no tool.');
  });
});

describe('being left alone', () => {
  it('ends at a time as every other is shown, with the date when it is another day', () => {
    const now = new Date(2026, 10, 22, 10, 0).getTime();
    expect(quiet({ colour: false, now }, { on: true, until: now + 2 * 3_600_000 })).toContain('until 12:00.');
    expect(quiet({ colour: false, now }, { on: true, until: now + 86_400_000 })).toContain('until 2026-11-23 10:00.');
  });
});

describe('a task that ended by a rule', () => {
  it('says why in words', () => {
    expect(task(terminal, taskOf({ reason: 'deadline' }))).toContain('because: its deadline has passed');
    expect(task(terminal, taskOf({ reason: 'of a later version' }))).toContain('because: of a later version');
  });
});
