import { describe, expect, it } from 'vitest';
import { apply } from '../../../src/core/apply';
import { fromCheckpoint, toCheckpoint } from '../../../src/core/checkpoint';
import { sweep } from '../../../src/core/due';
import { emptyState, type State } from '../../../src/core/state';
import { Step } from '../../../src/core/step';
import { day, Office, refusal, replay } from './office';

/** As it comes back from the disk. */
function restored(state: State): State | undefined {
  return fromCheckpoint(JSON.parse(JSON.stringify(toCheckpoint(state))) as ReturnType<typeof toCheckpoint>);
}

function busyOffice(): Office {
  const office = new Office();
  const [ada, bea, cleo, dora] = office.agents('Ada', 'Bea', 'Cleo', 'Dora') as [string, string, string, string];
  const kim = office.person();
  const thread = office.talk(ada, bea, cleo);
  office.send(ada, 'hi', undefined, { key: 'k', refs: [{ uri: 'file:///a' }] });
  office.listen(bea);
  office.send(bea, 'hello');
  office.send(kim, 'hey', thread);
  office.message(ada, 'Dora', 'later');
  office.leave(cleo);
  office.goOffline(dora);
  office.call(ada, dora, { content: 'hi', key: 'c' });
  office.answer(dora, office.call(bea, dora), 'decline');
  office.call(dora, ada);
  office.comeBack(dora);
  office.leave(kim, office.talk(kim, office.agent('Eve')));
  return office;
}

describe('a checkpoint', () => {
  it('comes back equal', () => {
    const { state } = busyOffice();
    expect(restored(state)).toStrictEqual(state);
  });

  it('shares nothing with the state', () => {
    const office = busyOffice();
    const checkpoint = toCheckpoint(office.state);
    const before = JSON.stringify(checkpoint);
    office.send(office.state.names.get('ada') ?? '', 'more');
    office.agent('Zoe');
    expect(JSON.stringify(checkpoint)).toBe(before);
  });

  it('keeps tool schemas with any key', () => {
    const office = new Office();
    const input = JSON.parse(
      '{"$map":[["a",1]],"$set":[1],"$$map":{"$set":null},"$":"$","$ref":"#/$defs/a","__proto__":{"x":1},"constructor":"c","":[[],{}]}',
    ) as object;
    office.agent('Nova', { tools: [{ name: 't', description: '', input }] });
    const back = restored(office.state);
    const tool = [...(back?.agents.values() ?? [])][0]?.card.tools[0]?.input;
    expect(JSON.stringify(tool)).toBe(JSON.stringify(input));
    expect(Object.getPrototypeOf(tool)).toBe(Object.prototype);
    expect(back).toStrictEqual(office.state);
  });

  it('of the first version, whose keys stood in one map, comes back equal', () => {
    const { state } = busyOffice();
    const keys = [...state.keys].flatMap(([agent, own]) => [...own].map(([key, used]) => [`${agent} ${key}`, used]));
    expect(keys).toHaveLength(2);
    const { state: encoded } = toCheckpoint(state);
    const first = { version: 1, state: { ...(encoded as object), keys: { $map: keys } } };
    expect(fromCheckpoint(JSON.parse(JSON.stringify(first)) as typeof first)).toStrictEqual(state);
  });

  it('of another version is not read', () => {
    expect(fromCheckpoint({ ...toCheckpoint(emptyState('broker')), version: 99 })).toBeUndefined();
  });

  it('goes on as the original does', () => {
    const office = busyOffice();
    const copy = restored(office.state);
    const mark = office.events.length;
    const ada = office.state.names.get('ada') ?? '';
    office.send(ada, 'more');
    office.pass(8 * day);
    for (const event of office.events.slice(mark)) if (copy) apply(copy, event);
    expect(copy).toStrictEqual(office.state);
  });
});

describe('the state', () => {
  it('is made of the events and of nothing else', () => {
    const office = busyOffice();
    expect(replay(office.events)).toStrictEqual(office.state);
  });

  it('takes events in order and without a gap only', () => {
    const [first, second, third] = busyOffice().events;
    if (!first || !second || !third) throw new Error('too few events');
    const state = emptyState('broker');
    expect(() => apply(state, second)).toThrow('offset');
    apply(state, first);
    expect(() => apply(state, third)).toThrow('offset');
    expect(() => apply(state, first)).toThrow('offset');
    apply(state, second);
    expect(state.offset).toBe(2);
  });

  it('stands still when a command is refused', () => {
    const office = busyOffice();
    const before = toCheckpoint(office.state);
    const ada = office.state.names.get('ada') ?? '';
    refusal(() => office.send(ada, 'x'.repeat(70_000)));
    refusal(() => office.call(ada, ['Dora', 'Zoe']));
    refusal(() => office.agent('ADA'));
    expect(toCheckpoint(office.state)).toStrictEqual(before);
  });

  it('cannot be refused after it has changed', () => {
    const office = busyOffice();
    const step = new Step(office.state, office.world, office.now, () => 'id');
    step.emit({ type: 'receipt.refused', payload: { subject: 'none', agent: 'nobody', code: 'x' } });
    expect(() => step.refuse('empty_text')).toThrow('was refused after 1 events');
  });
});

describe('a sweep', () => {
  it('lets go of calls, closed threads and keys after a day; what is asked for them is the same as without it', () => {
    const office = new Office();
    const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
    const call = office.call(ada, bea);
    const { thread } = office.answer(bea, call);
    office.send(ada, 'hi', thread, { key: 'k' });
    office.leave(ada);
    const ask = () => [refusal(() => office.answer(bea, call)).code, refusal(() => office.send(ada, 'x', thread)).code];
    expect(ask()).toEqual(['call_over', 'thread_closed']);
    office.now += day - 1;
    sweep(office.state, office.world, office.now);
    expect(ask()).toEqual(['call_over', 'thread_closed']);
    office.now += 1;
    expect(ask()).toEqual(['unknown_call', 'unknown_thread']);
    sweep(office.state, office.world, office.now);
    expect(ask()).toEqual(['unknown_call', 'unknown_thread']);
    expect([office.state.calls.size, office.state.closed.size, office.state.keys.size]).toEqual([0, 0, 0]);
  });

  it('keeps open what can still be answered', () => {
    const office = new Office();
    const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
    const call = office.call(ada, bea);
    const { thread } = office.message(ada, 'Bea', 'hi');
    office.now += 3 * day;
    sweep(office.state, office.world, office.now);
    office.answer(bea, call);
    office.send(bea, 'hello', thread);
  });

  it('lets go of receipts of closed threads when the events are kept no more', () => {
    const office = new Office();
    const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
    office.talk(ada, bea);
    office.send(ada, 'bye');
    office.leave(ada);
    office.pass(7 * day - 1);
    sweep(office.state, office.world, office.now);
    expect(office.state.pending.size).toBe(1);
    office.pass(1);
    sweep(office.state, office.world, office.now);
    expect(office.state.pending.size).toBe(0);
  });
});
