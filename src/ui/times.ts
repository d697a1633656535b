import { words } from './words';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Readings of the calendar that are kept. */
const daysKept = 10_000;

/** Times as the page writes them, in one language and time zone. All arguments are milliseconds since the epoch. */
export class Times {
  readonly #parts: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #dayAndYear: Intl.DateTimeFormat;
  readonly #full: Intl.DateTimeFormat;
  /** The day of each quarter of an hour that was asked for. */
  readonly #days = new Map<number, string>();

  /** `timeZone`: an IANA name; without one, the machine's. */
  constructor(language: string, timeZone?: string) {
    const zone = timeZone === undefined ? {} : { timeZone };
    this.#parts = new Intl.DateTimeFormat('en-GB', {
      ...zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      second: '2-digit',
    });
    this.#day = new Intl.DateTimeFormat(language, { ...zone, weekday: 'long', day: 'numeric', month: 'long' });
    this.#dayAndYear = new Intl.DateTimeFormat(language, { ...zone, day: 'numeric', month: 'long', year: 'numeric' });
    this.#full = new Intl.DateTimeFormat(language, { ...zone, dateStyle: 'full', timeStyle: 'medium' });
  }

  /** `9:41:07`. */
  clock(at: number): string {
    const { hour = '0', minute = '00', second = '00' } = this.#read(at);
    return `${Number(hour)}:${minute}:${second}`;
  }

  /** `9:41:07` on the day of `now`, else with the day before it. */
  moment(at: number, now: number): string {
    return this.sameDay(at, now) ? this.clock(at) : `${this.day(at, now)}, ${this.clock(at)}`;
  }

  /** `Saturday 21 November`; with the year instead of the weekday when it is not this one. */
  day(at: number, now: number): string {
    const thisYear = this.#read(at).year === this.#read(now).year;
    return (thisYear ? this.#day : this.#dayAndYear).format(at);
  }

  /** Everything, for a tooltip. */
  full(at: number): string {
    return this.#full.format(at);
  }

  sameDay(one: number, other: number): boolean {
    return this.#dayOf(one) === this.#dayOf(other);
  }

  /** Days begin at quarters of an hour in every time zone, so that one reading serves a quarter. */
  #dayOf(at: number): string {
    const quarter = Math.floor(at / (15 * minute));
    let day = this.#days.get(quarter);
    if (day === undefined) {
      const read = this.#read(at);
      day = `${read.year ?? ''}-${read.month ?? ''}-${read.day ?? ''}`;
      if (this.#days.size >= daysKept) this.#days.clear();
      this.#days.set(quarter, day);
    }
    return day;
  }

  #read(at: number): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
    return Object.fromEntries(this.#parts.formatToParts(at).map(({ type, value }) => [type, value]));
  }
}

/** How long ago or how long it took, in the largest whole unit: `12 s`, `3 min`, `2 h`, `4 d`. Never negative. */
export function elapsed(milliseconds: number): string {
  const span = Math.max(0, milliseconds);
  if (span < minute) return `${Math.floor(span / second)} s`;
  if (span < hour) return `${Math.floor(span / minute)} min`;
  if (span < day) return `${Math.floor(span / hour)} h`;
  return words.days(Math.floor(span / day));
}

/** A running clock: `2:14`, `1:02:14`. Never negative. */
export function running(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / second);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours === 0 ? `${minutes}:${two(seconds % 60)}` : `${hours}:${two(minutes)}:${two(seconds % 60)}`;
}
