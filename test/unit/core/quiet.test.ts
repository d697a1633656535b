import { describe, expect, it } from 'vitest';
import { changeProfile } from '../../../src/core/agents';
import { setQuiet, type QuietChange } from '../../../src/core/quiet';
import { hoursText, parseHours, spanAt } from '../../../src/core/quietHours';
import { hour, minute, Office, refusal } from './office';

/** Begins at midnight (UTC) on Thursday, 2026-01-01. */
class QuietOffice extends Office {
  readonly kim = this.person();
  readonly ada = this.agent('Ada');

  quiet(change: QuietChange): void {
    this.run((step) => setQuiet(step, this.kim, change));
  }

  get isQuiet(): boolean {
    return this.state.agents.get(this.kim)?.busy === true;
  }

  /** The hours of the next day (0 to 23) at which the person is left alone. */
  quietHours(): number[] {
    return Array.from({ length: 24 }, (_, index) => {
      const now = this.isQuiet ? [index] : [];
      this.pass(hour);
      return now;
    }).flat();
  }
}

describe('hours in which the person is left alone', () => {
  it.each([
    ['22:00-07:00', '22:00-07:00'],
    ['9:30 - 12:00 Mon-Fri', '09:30-12:00 mon,tue,wed,thu,fri'],
    ['00:00-24:00 sat,sun; 22:00-06:00', '00:00-24:00 sun,sat; 22:00-06:00'],
    ['20:00-21:00 fri-mon', '20:00-21:00 sun,mon,fri,sat'],
  ])('are read from "%s"', (text, normal) => {
    const hours = parseHours(text) ?? [];
    expect(hoursText(hours)).toBe(normal);
    expect(parseHours(normal)).toEqual(hours);
  });

  it.each([
    '',
    'at night',
    '22:00',
    '25:00-07:00',
    '22:60-23:00',
    '24:00-07:00',
    '1:00-2:00 someday',
    '1:00-2:00 mon-',
    '0:00-1:00;'.repeat(11),
  ])('are refused as "%s"', (text) => {
    const office = new QuietOffice();
    expect(refusal(() => office.quiet({ hours: text }))).toMatchObject({ code: 'bad_hours' });
    expect(office.state.quiet).toBeUndefined();
  });

  it('begin and end by themselves, over midnight too, on their days alone', () => {
    const office = new QuietOffice();
    office.quiet({ hours: '22:00-07:00 thu' });
    expect(office.quietHours()).toEqual([22, 23]);
    expect(office.quietHours()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(office.quietHours()).toEqual([]);
  });

  it('hold at once when they are set within them', () => {
    const office = new QuietOffice();
    office.pass(23 * hour);
    office.quiet({ hours: '22:00-07:00' });
    // Whatever was said outlives a restart.
    office.reload();
    expect(office.isQuiet).toBe(true);
    expect(office.state.quiet?.until).toBe(office.now + 8 * hour);
  });

  it('go by the clock of the machine, when that is set to summer time too', () => {
    const change = Date.UTC(2026, 2, 29, 1);
    const zone = (time: number): number => (time < change ? 60 : 120);
    const span = spanAt(parseHours('22:00-07:00') ?? [], Date.UTC(2026, 2, 29, 3), zone);
    expect(span).toEqual({ start: Date.UTC(2026, 2, 28, 21), end: Date.UTC(2026, 2, 29, 5) });
  });

  it('stay left when the person says within them that they may be disturbed', () => {
    const office = new QuietOffice();
    office.quiet({ hours: '10:00-14:00' });
    office.pass(11 * hour);
    expect(office.isQuiet).toBe(true);
    office.run((step) => changeProfile(step, office.kim, { busy: false }));
    office.pass(minute);
    expect(office.isQuiet).toBe(false);
    office.pass(23 * hour);
    expect(office.isQuiet).toBe(true);
  });

  it('end nothing that the person has said for as long as they like', () => {
    const office = new QuietOffice();
    office.quiet({ hours: '10:00-14:00', on: true });
    expect(office.quietHours()).toHaveLength(24);
  });

  it('take what they began with them when they are taken back', () => {
    const office = new QuietOffice();
    office.quiet({ hours: '10:00-14:00' });
    office.pass(11 * hour);
    office.quiet({ hours: null });
    expect(office.isQuiet).toBe(false);
    expect(office.state.quiet).toBeUndefined();
  });

  it('that overlap are one', () => {
    const office = new QuietOffice();
    office.quiet({ hours: '08:00-12:00; 10:00-11:00; 11:00-15:00' });
    expect(office.quietHours()).toEqual([8, 9, 10, 11, 12, 13, 14]);
  });
});

describe('left alone for a while', () => {
  it('calls wait, and ring when it is over', () => {
    const office = new QuietOffice();
    office.quiet({ on: true, until: office.now + 30 * minute });
    const call = office.call(office.ada, 'Kim');
    expect(office.state.calls.get(call)?.legs.get(office.kim)?.state).toBe('queued');
    office.pass(30 * minute);
    expect(office.state.calls.get(call)?.legs.get(office.kim)?.state).toBe('ringing');
    expect(office.state.quiet).toBeUndefined();
  });

  it('is not over before the hours are in which it was said', () => {
    const office = new QuietOffice();
    office.quiet({ hours: '00:00-06:00' });
    office.quiet({ on: true, until: office.now + 30 * minute });
    expect(office.quietHours()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('is over at the person’s word, and a word of theirs ends by itself no more', () => {
    const office = new QuietOffice();
    office.quiet({ on: true, until: office.now + hour });
    office.quiet({ on: false });
    expect(office.isQuiet).toBe(false);
    office.quiet({ on: true, until: office.now + hour });
    office.run((step) => changeProfile(step, office.kim, { busy: false }));
    office.run((step) => changeProfile(step, office.kim, { busy: true }));
    office.pass(2 * hour);
    expect(office.isQuiet).toBe(true);
  });

  it('changes nothing when it is asked twice', () => {
    const office = new QuietOffice();
    office.quiet({ on: true, hours: '22:00-07:00' });
    const { offset } = office.state;
    office.quiet({ on: true, hours: '22:00-07:00' });
    expect(office.state.offset).toBe(offset);
  });
});
