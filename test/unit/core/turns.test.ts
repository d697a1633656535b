import { describe, expect, it } from 'vitest';
import { fromCheckpoint, toCheckpoint, type Checkpoint } from '../../../src/core/checkpoint';
import { joinRoom } from '../../../src/core/rooms';
import { minute, refusal, second } from './office';
import { RoomOffice } from './roomOffice';

function panel(limits = {}) {
  const office = new RoomOffice(limits);
  const [ada, bea, cleo, dora] = office.agents('Ada', 'Bea', 'Cleo', 'Dora') as [string, string, string, string];
  return { office, ada, bea, cleo, dora, kim: office.person() };
}

describe('a round-robin', () => {
  it('goes round in order of joining, and says whose turn it is to who speaks out of turn', () => {
    const { office, ada, bea, cleo } = panel();
    const room = office.round(ada, bea, cleo);
    for (const [round, speaker] of [ada, bea, cleo, ada, bea, cleo].entries()) {
      const out = [ada, bea, cleo].find((agent) => agent !== speaker) ?? '';
      expect(refusal(() => office.send(out, `out ${round}`, room))).toEqual({
        code: 'not_your_turn',
        name: office.name(speaker),
        thread: room,
      });
      office.send(speaker, `round ${round}`, room);
    }
    expect(office.notes(room)).toEqual([]);
  });

  it('lets the one who is alone speak, and then first whoever comes', () => {
    const { office, ada, bea } = panel();
    const room = office.open(ada, { turns: 'round-robin' });
    office.send(ada, 'one', room);
    office.send(ada, 'two', room);
    office.join(room, bea);
    expect(office.turn(room)).toBe('Bea');
    office.leave(bea, room);
    office.send(ada, 'alone again', room);
    office.send(ada, 'and again', room);
  });

  it('puts a newcomer last, and who comes back too', () => {
    const { office, ada, bea, cleo } = panel();
    const room = office.round(ada, bea);
    office.send(ada, 'one', room);
    office.join(room, cleo);
    expect(office.turn(room)).toBe('Bea');
    office.send(bea, 'two', room);
    expect(office.turn(room)).toBe('Cleo');
    office.leave(ada, room);
    office.join(room, ada);
    office.send(cleo, 'three', room);
    expect(office.turn(room)).toBe('Ada');
    office.send(ada, 'four', room);
    expect(office.turn(room)).toBe('Bea');
  });

  it('lets the person speak at any time, without a turn', () => {
    const { office, ada, bea, kim } = panel();
    const room = office.round(ada, bea);
    office.join(room, kim);
    office.send(kim, 'welcome', room);
    expect(office.turn(room)).toBe('Ada');
    office.send(ada, 'one', room);
    office.send(kim, 'hm', room);
    expect(office.turn(room)).toBe('Bea');
  });

  it('goes past who leaves when it is their turn', () => {
    const { office, ada, bea, cleo } = panel();
    const room = office.round(ada, bea, cleo);
    office.send(ada, 'one', room);
    office.leave(bea, room);
    expect(office.turn(room)).toBe('Cleo');
    expect(office.notes(room)).toEqual([]);
  });

  it('skips who is silent for 2 minutes, not for less, and tells all, the silent one too', () => {
    const { office, ada, bea, cleo } = panel();
    const room = office.round(ada, bea, cleo);
    office.send(ada, 'one', room);
    office.pass(2 * minute - 1);
    expect(office.turn(room)).toBe('Bea');
    office.pass(1);
    expect(office.turn(room)).toBe('Cleo');
    expect(office.notes(room)).toEqual(['Bea was skipped: silent for 2 min. It is the turn of Cleo.']);
    for (const agent of [ada, bea, cleo]) expect(office.heard(agent)).toContain('broker systems');
    expect(refusal(() => office.send(bea, 'sorry', room)).code).toBe('not_your_turn');
  });

  it('skips who is offline at once when its turn comes, and tells it once for one absence', () => {
    const { office, ada, bea, cleo } = panel();
    const room = office.round(ada, bea, cleo);
    office.goOffline(bea);
    office.pass(20 * second);
    expect(office.turn(room)).toBe('Ada');
    office.send(ada, 'one', room);
    expect(office.turn(room)).toBe('Cleo');
    office.send(cleo, 'two', room);
    office.send(ada, 'three', room);
    expect(office.turn(room)).toBe('Cleo');
    expect(office.notes(room)).toEqual(['Bea was skipped: offline. It is the turn of Cleo.']);
    office.comeBack(bea);
    office.pass(second);
    office.send(cleo, 'four', room);
    office.send(ada, 'five', room);
    expect(office.turn(room)).toBe('Bea');
    office.goOffline(bea);
    office.pass(10 * second);
    expect(office.turn(room)).toBe('Cleo');
    expect(office.notes(room)).toHaveLength(2);
  });

  it('skips who was alone and has gone as soon as a second comes', () => {
    const { office, ada, bea } = panel();
    const room = office.open(ada, { turns: 'round-robin' });
    office.goOffline(ada);
    office.pass(minute);
    office.run((step) => joinRoom(step, bea, room));
    expect(office.turn(room)).toBe('Bea');
    expect(office.notes(room)).toEqual(['Ada was skipped: offline. It is the turn of Bea.']);
  });

  it('waits 10 seconds for a connection that dropped', () => {
    const { office, ada, bea } = panel();
    const room = office.round(ada, bea);
    office.goOffline(ada);
    office.pass(10 * second - 1);
    expect(office.turn(room)).toBe('Ada');
    office.pass(1);
    expect(office.turn(room)).toBe('Bea');
  });

  it('skips nobody twice in a round: when all were skipped, whoever wants speaks, and the room still falls idle', () => {
    const { office, ada, bea, cleo } = panel();
    const room = office.round(ada, bea, cleo);
    office.pass(10 * minute);
    expect(office.turn(room)).toBeUndefined();
    expect(office.notes(room)).toHaveLength(3);
    expect(office.notes(room).at(-1)).toBe('Cleo was skipped: silent for 2 min. Whoever wants may speak.');
    office.send(bea, 'here I am', room);
    expect(office.turn(room)).toBe('Cleo');
    office.pass(30 * minute);
    expect(office.state.closed.has(room)).toBe(true);
  });

  it('goes on after a restart with whose turn it was, who has all its time then', () => {
    const { office, ada, bea } = panel();
    const room = office.round(ada, bea);
    office.send(ada, 'one', room);
    office.state = fromCheckpoint(JSON.parse(JSON.stringify(toCheckpoint(office.state))) as Checkpoint) ?? office.state;
    office.now += 20 * minute;
    office.startedAt = office.now;
    office.restart();
    office.pass(2 * minute - 1);
    expect(office.turn(room)).toBe('Bea');
    office.pass(1);
    expect(office.turn(room)).toBe('Ada');
  });

  it('does not take the sleep of the machine for silence', () => {
    const { office, ada, bea } = panel();
    const room = office.round(ada, bea);
    office.now += 20 * minute;
    office.awakeSince = office.now;
    office.pass(2 * minute - 1);
    expect(office.turn(room)).toBe('Ada');
    office.pass(1);
    expect(office.turn(room)).toBe('Bea');
  });

  it('does not take a pause, or the wait for a grant, for silence', () => {
    const { office, ada, bea, kim } = panel({ turns: 1 });
    const room = office.round(ada, bea);
    office.pause(kim, room);
    office.pass(5 * minute);
    office.resume(kim, room);
    office.pass(1 * minute);
    expect(office.turn(room)).toBe('Ada');
    office.send(ada, 'one', room);
    office.pass(5 * minute);
    expect(office.turn(room)).toBe('Bea');
    office.grant(kim, room);
    office.pass(1 * minute);
    expect(office.turn(room)).toBe('Bea');
    office.pass(1 * minute);
    expect(office.turn(room)).toBe('Ada');
  });
});
