/** Bounds of what is kept so that a client whose connection broke can resume its streams. */
export interface EventLimits {
  /** Events of one session; the oldest goes first. */
  readonly sessionEvents: number;
  /** Bytes of one session's events. */
  readonly sessionBytes: number;
  /** Bytes of all sessions' events. */
  readonly allBytes: number;
}

export const eventLimits: EventLimits = {
  sessionEvents: 256,
  sessionBytes: 512 * 1024,
  allBytes: 16 * 1024 * 1024,
};

/** One server-sent event as it went out, and goes out again. */
export interface StoredEvent {
  readonly id: string;
  readonly data: string;
}

/** One in its place. */
export interface Kept extends StoredEvent {
  readonly owner: SessionEvents;
  readonly stream: number;
  readonly number: number;
}

interface StreamRecord {
  last: number;
  isFinished: boolean;
  readonly events: Kept[];
}

/** What streams of all sessions said of late. Each session sees its own alone. */
export class EventStore {
  readonly #limits: EventLimits;
  /** Oldest first. */
  readonly #order = new Set<Kept>();
  #bytes = 0;

  constructor(limits: Partial<EventLimits> = {}) {
    this.#limits = { ...eventLimits, ...limits };
  }

  /** Bytes kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @param tag begins the id of each event of this session: unlike that of any other, and not to be guessed */
  session(tag: string): SessionEvents {
    return new SessionEvents(tag, this.#limits, {
      add: (event) => {
        this.#order.add(event);
        this.#bytes += event.data.length;
        for (const oldest of this.#order) {
          if (this.#bytes <= this.#limits.allBytes) break;
          oldest.owner.drop(oldest);
        }
      },
      remove: (event) => {
        if (this.#order.delete(event)) this.#bytes -= event.data.length;
      },
    });
  }
}

/**
 * The events of one session's streams, numbered from 1 in each. An event's id names session, stream and number, so that it
 * is a position in its stream and in no other.
 */
export class SessionEvents {
  readonly #tag: string;
  readonly #limits: EventLimits;
  readonly #all: { readonly add: (event: Kept) => void; readonly remove: (event: Kept) => void };
  readonly #streams = new Map<number, StreamRecord>();
  /** Oldest first. */
  readonly #order = new Set<Kept>();
  #bytes = 0;

  constructor(
    tag: string,
    limits: EventLimits,
    all: { readonly add: (event: Kept) => void; readonly remove: (event: Kept) => void },
  ) {
    this.#tag = tag;
    this.#limits = limits;
    this.#all = all;
  }

  /** The id of a place before the stream's first event. */
  begin(stream: number): string {
    this.#record(stream);
    return this.#id(stream, 0);
  }

  /** Keeps an event and gives it its id. */
  add(stream: number, data: string): StoredEvent {
    const record = this.#record(stream);
    const number = ++record.last;
    const event: Kept = { owner: this, id: this.#id(stream, number), stream, number, data };
    record.events.push(event);
    this.#order.add(event);
    this.#bytes += data.length;
    this.#all.add(event);
    for (const oldest of this.#order) {
      if (this.#order.size <= this.#limits.sessionEvents && this.#bytes <= this.#limits.sessionBytes) break;
      this.drop(oldest);
    }
    return event;
  }

  /**
   * What the stream of this event said after it.
   * @returns undefined for an id that is not of this session, or when something after it is not kept any more
   */
  after(id: string): { readonly stream: number; readonly events: readonly StoredEvent[] } | undefined {
    const [tag, streamText = '', numberText = '', ...rest] = id.split('-');
    if (tag !== this.#tag || rest.length > 0 || !isCount(streamText) || !isCount(numberText)) return undefined;
    const stream = Number(streamText);
    const number = Number(numberText);
    const record = this.#streams.get(stream);
    if (!record || number > record.last) return undefined;
    const events = record.events.filter((event) => event.number > number);
    return events.length === record.last - number ? { stream, events } : undefined;
  }

  /** Lets one event go: the oldest of the session, or of all. */
  drop(event: Kept): void {
    if (!this.#order.delete(event)) return;
    this.#bytes -= event.data.length;
    this.#all.remove(event);
    const record = this.#streams.get(event.stream);
    // Events go oldest first, so this one is the first of its stream.
    record?.events.shift();
    if (record?.isFinished === true) this.finish(event.stream);
  }

  /** Nothing more will come of the stream: what is remembered of it goes with its last event. */
  finish(stream: number): void {
    const record = this.#streams.get(stream);
    if (!record) return;
    record.isFinished = true;
    if (record.events.length === 0) this.#streams.delete(stream);
  }

  /** Nothing of this stream is of use any more. */
  forget(stream: number): void {
    for (const event of [...(this.#streams.get(stream)?.events ?? [])]) this.drop(event);
    this.#streams.delete(stream);
  }

  /** Lets everything go. */
  clear(): void {
    for (const event of this.#order) this.#all.remove(event);
    this.#order.clear();
    this.#streams.clear();
    this.#bytes = 0;
  }

  #record(stream: number): StreamRecord {
    const known = this.#streams.get(stream);
    if (known) return known;
    const record: StreamRecord = { last: 0, isFinished: false, events: [] };
    this.#streams.set(stream, record);
    return record;
  }

  #id(stream: number, number: number): string {
    return `${this.#tag}-${stream}-${number}`;
  }
}

/** The number of the stream for what the server says by itself. */
export const standingStream = 0;

const isCount = (text: string): boolean => /^\d{1,9}$/.test(text);
