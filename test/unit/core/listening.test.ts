import { describe, expect, it } from 'vitest';
import { sweep } from '../../../src/core/due';
import { trimFeed } from '../../../src/core/feed';
import { day, Office } from './office';

function three() {
  const office = new Office();
  const [ada, bea, cleo] = office.agents('Ada', 'Bea', 'Cleo') as [string, string, string];
  return { office, ada, bea, cleo };
}

describe('listening', () => {
  it('tells of a conversation what the others did, in order, and nothing of one’s own', () => {
    const { office, ada, bea, cleo } = three();
    const call = office.call(ada, [bea, cleo], { content: 'hello' });
    office.answer(bea, call);
    office.answer(cleo, call);
    office.send(bea, 'hi');
    office.send(cleo, 'hey');
    office.leave(bea);
    office.leave(cleo);
    expect(office.heard(ada)).toEqual([
      'Bea accepted',
      'Cleo accepted',
      'Cleo joins',
      'Bea says hi',
      'Cleo says hey',
      'Bea leaves',
      'Cleo leaves',
      'closed',
    ]);
    expect(office.heard(bea)).toEqual(['call', 'Ada says hello', 'Cleo joins', 'Cleo says hey']);
    expect(office.heard(cleo)).toEqual(['call', 'Bea says hi', 'Bea leaves']);
  });

  it('goes on where the last one was confirmed', () => {
    const { office, ada, bea } = three();
    office.talk(ada, bea);
    office.listen(bea);
    office.send(ada, 'one');
    expect(office.heard(bea)).toEqual(['Ada says one']);
    expect(office.listen(bea)).toHaveLength(1);
    expect(office.heard(bea)).toEqual([]);
    office.send(ada, 'two');
    expect(office.heard(bea)).toEqual(['Ada says two']);
  });

  it('tells nothing from before one came', () => {
    const { office, ada, bea } = three();
    office.talk(ada, bea);
    const dora = office.agent('Dora');
    expect(office.told(dora)).toEqual([]);
    expect(office.state.feeds.get(dora)).toMatchObject({ position: office.state.offset, from: office.state.offset });
  });

  it('tells nothing to who is not concerned', () => {
    const { office, ada, bea, cleo } = three();
    office.talk(ada, bea);
    office.send(ada, 'between us');
    office.message(bea, 'Ada', 'and us');
    office.leave(bea);
    expect(office.told(cleo)).toEqual([]);
  });

  it('tells nothing of a thread after one left it', () => {
    const { office, ada, bea, cleo } = three();
    office.talk(ada, bea, cleo);
    office.leave(bea);
    office.listen(bea);
    office.send(ada, 'about Bea');
    office.leave(ada);
    expect(office.told(bea)).toEqual([]);
  });

  it('keeps what was told for seven days, for re-reading; then says from where it still knows', () => {
    const { office, ada, bea } = three();
    office.message(ada, 'Bea', 'old');
    const [old] = office.listen(bea);
    office.now += 3 * day;
    office.message(ada, 'Bea', 'new');
    const own = office.state.feeds.get(bea);
    office.now += 4 * day;
    sweep(office.state, office.world, office.now);
    expect(own?.entries).toHaveLength(2);
    office.now += 1;
    sweep(office.state, office.world, office.now);
    expect(own?.entries).toHaveLength(1);
    expect(own?.from).toBe(old?.offset);
    expect(office.heard(bea)).toEqual(['Ada says new']);
  });

  it('keeps a bounded number of entries, the newest', () => {
    const { office, ada, bea } = three();
    for (let index = 0; index < 10; index++) office.message(ada, 'Bea', `m${index}`);
    const own = office.state.feeds.get(bea);
    if (!own) throw new Error('no feed');
    expect(trimFeed(own, 0, 4)).toBe(6);
    expect(own.entries).toHaveLength(4);
    expect(own.from).toBeLessThan(own.entries[0]?.offset ?? 0);
  });
});
