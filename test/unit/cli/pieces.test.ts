import { expect, describe, it } from 'vitest';
import { placedCall } from '../../../src/cli/callPieces';
import { event, threadLine } from '../../../src/cli/threadPieces';
import type { CallView, LegView, ThreadView } from '../../../src/contract/views';

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
