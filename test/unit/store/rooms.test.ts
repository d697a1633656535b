import { expect, it } from 'vitest';
import { MemoryDisk } from '../../support/faultsDisk';
import { facts, openTestIndex } from '../../support/faultsIndex';

it('A renamed thread is shown and found by its new topic, and not by the old one', async () => {
  const { tell, index, store } = await openTestIndex(new MemoryDisk().files);
  await tell(facts.registered('nova'), facts.opened('t1', 'Lexer'), facts.joined('t1', 1, 'nova'));
  await tell({ type: 'thread.renamed', payload: { thread: 't1', topic: 'Parser', by: 'nova' } });
  const at = store.durableOffset;
  expect((await index.thread('t1', at))?.topic).toBe('Parser');
  const find = async (text: string): Promise<string[]> =>
    (await index.search({ text, limit: 5 }, at)).hits.map(({ thread }) => thread);
  expect(await find('parser')).toEqual(['t1']);
  expect(await find('lexer')).toEqual([]);
});

it('A note of the broker leaves a thread where it stood among the latest; the copies of a broadcast keep its id', async () => {
  const { tell, index, store } = await openTestIndex(new MemoryDisk().files);
  await tell(facts.registered('nova'), facts.opened('t1'), facts.joined('t1', 1, 'nova'));
  await tell(facts.said('t1', 2, 'nova', 'to all', { broadcast: 'b1' }));
  const before = (await index.thread('t1', store.durableOffset))?.lastAt;
  await tell(facts.said('t1', 3, 'here', 'Nova was skipped.', { type: 'system' }));
  const after = await index.thread('t1', store.durableOffset);
  expect(after).toMatchObject({ lastAt: before, messages: 3 });
  const { messages } = await index.messages({ thread: 't1', limit: 5 }, store.durableOffset);
  expect(messages.map(({ message }) => message.broadcast)).toEqual([undefined, 'b1', undefined]);
});
