import { describe, expect, it } from 'vitest';
import { changeProfile, findAgent, type ProfileChange } from '../../../src/core/agents';
import type { AgentId } from '../../../src/core/model';
import { freeName, givenNames } from '../../../src/core/names';
import { day, minute, Office, refusal } from './office';

const change = (office: Office, agent: AgentId, what: ProfileChange) =>
  office.run((step) => changeProfile(step, agent, what));

describe('the roster', () => {
  it('takes an agent on under the name that it brings', () => {
    const office = new Office();
    const nova = office.agent('Nova', { capabilities: ['review'] });
    expect(office.state.agents.get(nova)).toMatchObject({ name: 'Nova', generated: false, busy: false });
    expect(office.state.agents.get(nova)?.card).toMatchObject({
      capabilities: ['review'],
      policy: 'ring',
      workspace: '',
    });
  });

  it('gives an agent without a name a short human one that nobody has', () => {
    const office = new Office();
    const names = Array.from({ length: 100 }, () => office.name(office.agent(undefined)));
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(100);
    expect(names.slice(0, 2)).toEqual(['Ada', 'Alba']);
    expect(names).toContain('Ada2');
    for (const name of names) expect(name).toMatch(/^[A-Z][a-z]+\d*$/);
  });

  it('finds a free name from any start', () => {
    for (const start of [0, 7, -3, 2.5, NaN, Infinity, Number.MAX_SAFE_INTEGER]) {
      expect(givenNames).toContain(freeName(start, () => false));
    }
  });

  it.each(['', '1Nova', 'No va', '-Nova', 'Növa', 'N'.repeat(33), 'No\u202eva', 'Nova\n'])(
    'refuses the name %j',
    (name) => {
      const office = new Office();
      expect(refusal(() => office.agent(name)).code).toBe('bad_name');
      expect(office.events).toEqual([]);
    },
  );

  it('holds a name once, without regard to case', () => {
    const office = new Office();
    office.agent('Nova');
    expect(refusal(() => office.agent('nOVA'))).toEqual({ code: 'name_taken', name: 'nOVA' });
  });

  it('is full at its limit', () => {
    const office = new Office({ agents: 2 });
    office.agents('Ada', 'Bea');
    expect(refusal(() => office.agent('Cleo'))).toEqual({ code: 'roster_full', limit: 2 });
  });

  it('finds an agent by name in any case, with or without @, and by id', () => {
    const office = new Office();
    const nova = office.agent('Nova');
    for (const wanted of ['Nova', 'nova', '@NOVA', nova]) {
      expect(office.run((step) => findAgent(step, wanted)).id).toBe(nova);
    }
  });

  it('names those who are there when it finds nobody, the likest first', () => {
    const office = new Office();
    office.agents('Atlas', 'Bea', 'Noor', 'Nova');
    expect(refusal(() => office.run((step) => findAgent(step, 'Nov\u202ea')))).toEqual({
      code: 'unknown_agent',
      agent: 'Nov a',
      known: ['Nova', 'Noor', 'Atlas', 'Bea'],
    });
  });
});

describe('a profile', () => {
  it('changes what is given and frees the old name', () => {
    const office = new Office();
    const id = office.agent('Nova', { description: 'reviews' });
    change(office, id, { name: 'Stella', card: { capabilities: ['coding'] } });
    expect(office.state.agents.get(id)).toMatchObject({
      name: 'Stella',
      card: { description: 'reviews', capabilities: ['coding'] },
    });
    expect(office.agent('Nova')).not.toBe(id);
  });

  it('may change the case of its own name', () => {
    const office = new Office();
    const id = office.agent('nova');
    change(office, id, { name: 'Nova' });
    expect(office.name(id)).toBe('Nova');
    expect(office.state.names.get('nova')).toBe(id);
  });

  it('cannot take the name of another', () => {
    const office = new Office();
    const [, bea] = office.agents('Ada', 'Bea');
    expect(refusal(() => change(office, bea ?? '', { name: 'ADA' })).code).toBe('name_taken');
  });

  it('makes no event when nothing is new', () => {
    const office = new Office();
    const id = office.agent('Nova', { capabilities: ['coding'] });
    const before = office.events.length;
    change(office, id, {
      name: 'Nova',
      busy: false,
      card: { capabilities: ['coding'], description: undefined as never },
    });
    expect(office.events.length).toBe(before);
  });

  it('keeps a generated name from being retired once the agent chose one', () => {
    const office = new Office();
    const id = office.agent(undefined);
    change(office, id, { name: 'Nova' });
    office.goOffline(id);
    office.pass(30 * day);
    expect(office.state.agents.has(id)).toBe(true);
  });

  it('loses control and bidi characters in its texts', () => {
    const office = new Office();
    const id = office.agent('Nova', { description: 'a\u0000b\u202ec\n d', capabilities: ['co\u200bding', '\u2066'] });
    expect(office.state.agents.get(id)?.card).toMatchObject({ description: 'a b c d', capabilities: ['co ding'] });
  });
});

describe('an agent with a generated name', () => {
  it('is retired after a day offline, and its name is free', () => {
    const office = new Office();
    const id = office.agent(undefined);
    const name = office.name(id);
    office.goOffline(id);
    office.pass(day - 1);
    expect(office.state.agents.has(id)).toBe(true);
    office.pass(1);
    expect(office.state.agents.has(id)).toBe(false);
    expect(office.name(office.agent(name))).toBe(name);
  });

  it('is not retired while a call or a message waits for it', () => {
    const office = new Office();
    const atlas = office.agent('Atlas');
    const [called, written] = [office.agent(undefined), office.agent(undefined)];
    office.goOffline(called);
    office.goOffline(written);
    office.call(atlas, called);
    office.message(atlas, written, 'hello');
    office.pass(2 * day);
    expect(office.state.agents.has(called)).toBe(true);
    expect(office.state.agents.has(written)).toBe(true);
  });

  it('is not retired while it is there, nor is the person, nor who chose a name', () => {
    const office = new Office();
    const here = office.agent(undefined);
    const named = office.agent('Nova');
    const person = office.agent(undefined, {}, { kind: 'human' });
    office.goOffline(named);
    office.goOffline(person);
    office.pass(2 * day);
    for (const id of [here, named, person]) expect(office.state.agents.has(id)).toBe(true);
  });
});

describe('presence', () => {
  it('is offline before busy, busy before in a call, in a call before ringing', () => {
    const office = new Office();
    const [ada, bea, cleo] = office.agents('Ada', 'Bea', 'Cleo') as [string, string, string];
    expect(office.presence(bea)).toBe('available');
    office.call(cleo, bea, { urgency: 'now' });
    expect(office.presence(bea)).toBe('ringing');
    const call = office.call(ada, bea, { urgency: 'now' });
    office.answer(bea, call);
    expect(office.presence(bea)).toBe('in-call');
    expect(office.presence(ada)).toBe('in-call');
    change(office, bea, { busy: true });
    expect(office.presence(bea)).toBe('busy');
    office.goOffline(bea);
    expect(office.presence(bea)).toBe('offline');
    office.comeBack(bea);
    change(office, bea, { busy: false });
    office.leave(bea);
    expect(office.presence(bea)).toBe('ringing');
    office.pass(3 * minute);
    expect(office.presence(bea)).toBe('available');
  });
});
