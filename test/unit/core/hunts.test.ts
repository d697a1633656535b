import { describe, expect, it } from 'vitest';
import type { Card } from '../../../src/core/model';
import { changeProfile } from '../../../src/core/agents';
import { joinRoom, openRoom } from '../../../src/core/rooms';
import { day, minute, Office, refusal, second } from './office';

const review: Partial<Card> = { capabilities: ['review'] };

/** Ada, who asks, and three who can review. */
function reviewers() {
  const office = new Office();
  const ada = office.agent('Ada');
  const [bea, cleo, dora] = ['Bea', 'Cleo', 'Dora'].map((name) => office.agent(name, review)) as [
    string,
    string,
    string,
  ];
  return { office, ada, bea, cleo, dora };
}

describe('a hunt', () => {
  it('rings one after the other until one accepts, and opens the thread with what it was placed with', () => {
    const { office, ada, bea, cleo, dora } = reviewers();
    const call = office.match(ada, { capability: 'review', topic: 'My parser', content: 'It loses a line.' });
    expect(office.leg(call, bea)).toMatchObject({ state: 'ringing', deadline: office.now + 20 * second });
    office.answer(bea, call, 'decline', { reason: 'no time' });
    expect(office.heard(ada)).toEqual(['Bea declined']);
    office.pass(20 * second);
    expect(office.leg(call, cleo)).toMatchObject({ state: 'passed', reason: 'no-answer' });
    const { thread } = office.answer(dora, call);
    expect(office.texts(thread)).toEqual(['Ada: It loses a line.']);
    expect(office.tried(call)).toEqual(['Bea declined no time', 'Cleo passed no-answer', 'Dora accepted']);
    expect(office.heard(ada).slice(0, 3)).toEqual(['Bea declined', 'Cleo passed', 'Dora accepted']);
    expect(office.state.hunts.size).toBe(0);
  });

  it('tells who was passed, whose inbox has it no more; a late answer learns that it is over', () => {
    const { office, ada, bea } = reviewers();
    const call = office.match(ada, { capability: 'review' });
    office.pass(20 * second);
    expect(office.heard(bea)).toEqual(['call', 'Bea passed']);
    expect(office.state.waiting.has(bea)).toBe(false);
    expect(refusal(() => office.answer(bea, call))).toMatchObject({ code: 'call_over', outcome: 'passed', by: 'time' });
  });

  it('goes on when the one who rings is busy, goes offline, is put on hold, or leaves it for later', () => {
    const { office, ada, bea, cleo, dora } = reviewers();
    const kim = office.person();
    const ezra = office.agent('Ezra', review);
    const call = office.match(ada, { capability: 'review' });
    office.busy(bea);
    expect(office.leg(call, bea)).toMatchObject({ state: 'passed', reason: 'busy' });
    office.goOffline(cleo);
    expect(office.leg(call, cleo)).toMatchObject({ state: 'passed', reason: 'offline' });
    office.govern(kim, dora, { hold: true });
    expect(office.leg(call, dora)).toMatchObject({ state: 'passed', reason: 'held' });
    office.answer(ezra, call, 'later');
    expect(office.leg(call, ezra)).toMatchObject({ state: 'passed', reason: 'later' });
    expect(office.heard(ada).at(-1)).toBe('Ezra nobody');
    expect(office.state.calls.get(call)?.nobody).toBe(true);
    expect(refusal(() => office.cancel(ada, call)).code).toBe('call_over');
  });

  it('goes on when the one who rings answers another call', () => {
    const { office, ada, bea, cleo, dora } = reviewers();
    const call = office.match(ada, { capability: 'review' });
    office.answer(bea, office.call(cleo, bea, { urgency: 'now' }));
    expect(office.leg(call, bea)).toMatchObject({ state: 'passed', reason: 'in-call' });
    expect(office.leg(call, dora).state).toBe('ringing');
  });

  it('goes on when the one who rings comes into a room where somebody is', () => {
    const { office, ada, bea, cleo, dora } = reviewers();
    const room = office.run((step) => openRoom(step, dora, { topic: 'Standup' }));
    const call = office.match(ada, { capability: 'review' });
    office.run((step) => joinRoom(step, bea, room));
    expect(office.leg(call, bea)).toMatchObject({ state: 'passed', reason: 'in-call' });
    expect(office.leg(call, cleo).state).toBe('ringing');
  });

  it('waits no longer for one who is rung by another hunt, when somebody else became free too', () => {
    const { office, ada, bea, cleo, dora } = reviewers();
    const ezra = office.agent('Ezra');
    for (const agent of [bea, cleo, dora]) office.busy(agent);
    const [first, second] = [office.match(ada, { capability: 'review' }), office.match(ezra, { capability: 'review' })];
    expect([office.leg(first, bea).state, office.leg(second, bea).state]).toEqual(['queued', 'queued']);
    office.run((step) => {
      for (const agent of [bea, cleo]) changeProfile(step, agent, { busy: false });
    });
    expect(office.leg(first, bea).state).toBe('ringing');
    expect(office.tried(second)).toEqual(['Bea passed ringing', 'Cleo ringing']);
  });

  it('is taken back in the middle: nobody else is rung', () => {
    const { office, ada, bea, cleo } = reviewers();
    const call = office.match(ada, { capability: 'review' });
    office.answer(bea, call, 'decline');
    office.cancel(ada, call);
    expect(office.leg(call, cleo).state).toBe('cancelled');
    office.pass(day);
    expect(office.tried(call)).toEqual(['Bea declined', 'Cleo cancelled']);
  });

  it('waits for the best when nobody is free, and goes to whoever is free first', () => {
    const { office, ada, bea, cleo, dora } = reviewers();
    for (const agent of [bea, cleo]) office.busy(agent);
    office.goOffline(dora);
    const call = office.match(ada, { capability: 'review' });
    expect(office.tried(call)).toEqual(['Bea queued']);
    expect(office.leg(call, bea).queued).toBe('busy');
    office.comeBack(dora);
    expect(office.tried(call)).toEqual(['Bea passed busy', 'Dora ringing']);
  });

  it('of who is free only, ends with nobody rather than wait', () => {
    const { office, ada, bea, cleo, dora } = reviewers();
    office.busy(cleo);
    const call = office.match(ada, { capability: 'review', onlyAvailable: true });
    office.answer(bea, call, 'decline');
    office.busy(dora);
    expect(office.heard(ada).at(-1)).toBe('Dora nobody');
    expect(office.state.calls.get(call)?.legs.has(cleo)).toBe(false);
  });

  it('survives a restart: the one who rings has ten seconds, the next follows', () => {
    const { office, ada, bea, cleo } = reviewers();
    const call = office.match(ada, { capability: 'review' });
    office.now += 5 * minute;
    office.restart();
    office.pass(9 * second);
    expect(office.leg(call, bea).state).toBe('ringing');
    office.pass(second);
    expect(office.leg(call, cleo).state).toBe('ringing');
  });

  it('rings nobody while all is paused, and goes on after', () => {
    const { office, ada, bea } = reviewers();
    const kim = office.person();
    office.pauseAll(kim);
    const call = office.match(ada, { capability: 'review' });
    expect(office.leg(call, bea)).toMatchObject({ state: 'queued', queued: 'paused' });
    office.pass(minute);
    office.resumeAll(kim);
    expect(office.leg(call, bea).state).toBe('ringing');
  });

  it('with the same key happens once, and with other wishes is a conflict', () => {
    const { office, ada } = reviewers();
    const call = office.match(ada, { capability: 'review', key: 'k' });
    expect(office.match(ada, { capability: 'review', key: 'k' })).toBe(call);
    expect(refusal(() => office.match(ada, { capability: 'review', topic: 'Else', key: 'k' })).code).toBe(
      'key_conflict',
    );
  });
});

describe('who is tried first', () => {
  it('says exactly what is wanted, before who says a part of it', () => {
    const office = new Office();
    const ada = office.agent('Ada');
    office.agent('Bea', { capabilities: ['code review'] });
    office.agent('Cleo', { capabilities: ['Review'] });
    expect(office.line(office.match(ada, { capability: 'review' }))).toEqual(['Cleo', 'Bea']);
  });

  it('has the words of the topic on its card; a topic alone finds nobody else', () => {
    const office = new Office();
    const ada = office.agent('Ada');
    office.agent('Bea', { capabilities: ['review'], description: 'I know parsers' });
    office.agent('Cleo', { capabilities: ['review'] });
    office.agent('Dora', { capabilities: ['cooking'] });
    expect(office.line(office.match(ada, { topic: 'Review of the parser' }))).toEqual(['Bea', 'Cleo']);
  });

  it('speaks of the topic by what it works on and offers, too', () => {
    const office = new Office();
    const ada = office.agent('Ada');
    office.agent('Bea', { workspace: '/home/bea/billing' });
    office.agent('Cleo', { files: ['src/invoices.ts'] });
    office.agent('Dora', { tools: [{ name: 'run_migrations', description: 'Of the database', input: {} }] });
    expect(office.line(office.match(ada, { topic: 'billing' }))).toEqual(['Bea']);
    expect(office.line(office.match(ada, { topic: 'Where are invoices made?' }))).toEqual(['Cleo']);
    expect(office.line(office.match(ada, { topic: 'migrations' }))).toEqual(['Dora']);
    // A folder above says nothing of what they work on.
    expect(refusal(() => office.match(ada, { topic: 'home' })).code).toBe('nobody_matches');
  });

  it('works in the same folder, then is free, then connected, then was matched longest ago, then comes by name', () => {
    const office = new Office();
    const ada = office.agent('Ada', { workspace: '/w' });
    const cards = { Bea: review, Cleo: { ...review, workspace: '/w' }, Dora: review, Ezra: review, Finn: review };
    const ids = Object.fromEntries(Object.entries(cards).map(([name, card]) => [name, office.agent(name, card)]));
    office.busy(ids['Dora'] ?? '');
    office.goOffline(ids['Ezra'] ?? '');
    const call = office.match(ada, { capability: 'review' });
    expect(office.line(call)).toEqual(['Cleo', 'Bea', 'Finn', 'Dora', 'Ezra']);
    office.answer(ids['Cleo'] ?? '', call, 'decline');
    office.cancel(ada, call);
    expect(office.line(office.match(ada, { capability: 'review' }))).toEqual(['Cleo', 'Finn', 'Bea', 'Dora', 'Ezra']);
  });

  it('is nobody, and the refusal says which wish left nobody', () => {
    const office = new Office();
    const ada = office.agent('Ada');
    const filters = (matching: Parameters<Office['match']>[1]) => {
      const told = refusal(() => office.match(ada, matching));
      expect(told.code).toBe('nobody_matches');
      return told['filters'];
    };
    office.person();
    expect(filters({ capability: 'review' })).toEqual(['nobody else is there']);
    const bea = office.agent('Bea', { capabilities: ['review'] });
    office.agent('Cleo', { capabilities: ['tests'], workspace: '/w' });
    expect(filters({ capability: 'singing' })).toEqual(['capability singing']);
    expect(filters({ capability: 'review', workspace: '/w' })).toEqual(['capability review']);
    expect(filters({ capability: 'review', workspace: '/nowhere' })).toEqual(['workspace /nowhere']);
    expect(filters({ topic: 'Lunch' })).toEqual(['topic Lunch (the cards speak of: review, tests)']);
    expect(filters({ capability: 'review', agents: ['Cleo'] })).toEqual(['capability review']);
    office.busy(bea);
    expect(filters({ capability: 'review', onlyAvailable: true })).toEqual(['presence available']);
    office.run((step) => step.emit({ type: 'agent.profiled', payload: { agent: bea, card: { policy: 'decline' } } }));
    expect(filters({ capability: 'review' })).toEqual(['they take no calls from you']);
    expect(refusal(() => office.match(ada, { agents: ['Nemo'], topic: 'x' })).code).toBe('unknown_agent');
    expect(refusal(() => office.match(ada, {})).code).toBe('empty_topic');
    expect(office.state.calls.size).toBe(0);
  });

  it('takes turns among equals: their turns differ by one at most, over a restart too', () => {
    const { office, ada } = reviewers();
    const turns = new Map<string, number>();
    for (let round = 0; round < 30; round++) {
      const call = office.match(ada, { capability: 'review' });
      // Some rounds are answered by the second or third.
      for (let declined = 0; declined < round % 3; declined++) office.answer(office.rings(call), call, 'decline');
      const { thread } = office.answer(office.rings(call), call);
      for (const { agent } of office.state.calls.get(call)?.legs.values() ?? [])
        turns.set(agent, (turns.get(agent) ?? 0) + 1);
      office.leave(ada, thread, true);
      office.pass(minute);
      if (round === 13) office.reload();
      const counts = [...turns.values()];
      expect(Math.max(...counts) - (turns.size < 3 ? 0 : Math.min(...counts))).toBeLessThanOrEqual(1);
    }
  });
});
