/** A part of the day in which nothing disturbs the person, by the clock of the machine. */
export interface QuietPeriod {
  /** Minutes since midnight, 0 to 1439. */
  readonly from: number;
  /** Minutes since midnight, 0 to 1440; not after `from`: on the next day. */
  readonly to: number;
  /** On which days it begins, 0 is Sunday; at least one. */
  readonly days: readonly number[];
}

/** A period on one day, in milliseconds since the epoch. */
export interface QuietSpan {
  readonly start: number;
  readonly end: number;
}

/** How far the machine's clock on the wall is ahead of UTC at a time (ms since the epoch), in minutes. */
export type Zone = (time: number) => number;

/** Most periods that hours can have. */
export const mostPeriods = 10;

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const everyDay = [0, 1, 2, 3, 4, 5, 6];
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** 1970-01-01 was a Thursday. */
const firstDay = 4;

/**
 * Hours as a person writes them: `22:00-07:00`, `22:00-07:00 mon-fri`, and several with `;` between them. Without days: every
 * day. A period that ends before it begins ends on the next day. Undefined when it cannot be understood.
 */
export function parseHours(text: string): QuietPeriod[] | undefined {
  const parts = text.split(';').filter((part) => part.trim() !== '');
  if (parts.length === 0 || parts.length > mostPeriods) return undefined;
  const periods = parts.map(parsePeriod);
  return periods.includes(undefined) ? undefined : periods.filter((period) => period !== undefined);
}

function parsePeriod(text: string): QuietPeriod | undefined {
  const [, begin = '', end = '', dayText = ''] =
    /^\s*(\d{1,2}:\d\d)\s*(?:-|–)\s*(\d{1,2}:\d\d)(?:\s+([a-z, –-]+?))?\s*$/i.exec(text) ?? [];
  const from = minutesOf(begin);
  const to = minutesOf(end);
  const days = dayText === '' ? everyDay : daysOf(dayText.toLowerCase());
  if (from === undefined || to === undefined || from >= 1440 || days === undefined) return undefined;
  return { from, to, days };
}

/** `24:00` is the end of the day. */
function minutesOf(text: string): number | undefined {
  const [hours = NaN, minutes = NaN] = text.split(':').map(Number);
  const all = hours * 60 + minutes;
  return minutes < 60 && all <= 1440 ? all : undefined;
}

function daysOf(text: string): number[] | undefined {
  const days = new Set<number>();
  for (const part of text.split(',')) {
    const [first = -1, last = first, ...more] = part
      .trim()
      .split(/\s*[-–]\s*/)
      .map((name) => dayNames.indexOf(name.slice(0, 3)));
    if (first < 0 || last < 0 || more.length > 0) return undefined;
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}

/** The hours in one form, which {@link parseHours} reads. */
export function hoursText(periods: readonly QuietPeriod[]): string {
  return periods
    .map(({ from, to, days }) => {
      const times = `${clock(from)}-${clock(to)}`;
      return days.length === 7 ? times : `${times} ${days.map((day) => dayNames[day]).join(',')}`;
    })
    .join('; ');
}

function clock(minutes: number): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The span that `now` lies in; of several the one that ends last. */
export function spanAt(periods: readonly QuietPeriod[], now: number, zone: Zone): QuietSpan | undefined {
  const spans = spansAround(periods, now, zone, [-1, 0]).filter(({ start, end }) => start <= now && now < end);
  return spans.sort((a, b) => b.end - a.end || a.start - b.start)[0];
}

/** When the next span begins after `now`. */
export function nextSpan(periods: readonly QuietPeriod[], now: number, zone: Zone): number | undefined {
  const starts = spansAround(periods, now, zone, [0, 1, 2, 3, 4, 5, 6, 7, 8])
    .map(({ start }) => start)
    .filter((start) => start > now);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** The spans that begin on these days, counted from the day of `now`. */
function spansAround(periods: readonly QuietPeriod[], now: number, zone: Zone, shifts: readonly number[]): QuietSpan[] {
  const today = Math.floor((now + zone(now) * minuteMs) / dayMs);
  return periods.flatMap(({ from, to, days }) =>
    shifts.flatMap((shift) => {
      const day = today + shift;
      if (!days.includes((((day + firstDay) % 7) + 7) % 7)) return [];
      const at = (minutes: number): number => fromWall(day * dayMs + minutes * minuteMs, zone);
      return [{ start: at(from), end: at(to <= from ? to + 1440 : to) }];
    }),
  );
}

/** The time at which the clock on the wall shows this: twice, because the zone is that of the time looked for. */
function fromWall(wall: number, zone: Zone): number {
  return wall - zone(wall - zone(wall) * minuteMs) * minuteMs;
}
