import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../src/core/events';
import { MemoryDisk } from '../../support/faultsDisk';
import { facts, openTestIndex } from '../../support/faultsIndex';

const call = (id: string, from: string, returns?: string): Fact => ({
  type: 'call.placed',
  payload: {
    call: {
      ...{ id, from, topic: 'The parser', urgency: 'next', refs: [], placedAt: 1 },
      ...(returns !== undefined && { returns }),
    },
    to: [from === 'atlas' ? 'nova' : 'atlas'],
  },
});

describe('erasing a thread', () => {
  it('takes the call along that was answered late and returned by the one that led to it, after a rename too', async () => {
    const { index, store, tell } = await openTestIndex(new MemoryDisk().files);
    await tell(
      facts.registered('atlas'),
      facts.registered('nova'),
      call('c1', 'atlas'),
      { type: 'call.returned', payload: { call: 'c1', agent: 'nova', by: 'nova', into: 'c2' } },
      call('c2', 'nova', 'c1'),
      facts.opened('t1', 'The parser'),
      { type: 'call.accepted', payload: { call: 'c2', agent: 'atlas', by: 'atlas', thread: 't1' } },
      { type: 'thread.renamed', payload: { thread: 't1', topic: 'Another topic', by: 'nova' } },
      call('c3', 'atlas'),
      facts.closed('t1'),
    );
    const calls = async () =>
      (await index.sql({ text: 'select id from requests order by id', limit: 9 }, store.durableOffset)).rows.flat();
    expect(await calls()).toEqual(['c1', 'c2', 'c3']);
    await tell({ type: 'thread.erased', payload: { thread: 't1', by: 'p' } });
    expect(await calls()).toEqual(['c3']);
  });
});
