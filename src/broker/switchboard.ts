import { follow, goOn, ringWaiting } from '../core/follow';
import { due, nextDue, resume, sweep } from '../core/due';
import { nextDueTask } from '../core/dueTasks';
import { lazyFacts, type DurableEvent } from '../core/events';
import type { AgentId } from '../core/model';
import type { State } from '../core/state';
import { Step, type World } from '../core/step';
import { skipDue } from '../core/turns';
import type { Clock } from '../store/clock';
import { lazyDelayMs } from '../store/journal';
import { Waiters } from '../store/journalParts';

/** The part of the store that the switchboard needs. */
export interface Record {
  append(events: readonly DurableEvent[], options?: { readonly lazy?: boolean }): void;
  durable(offset: number): Promise<void>;
  readonly durableOffset: number;
  /** Why nothing can be written now. */
  readonly refusal: Error | undefined;
  /** Why no command is taken now: so much waits for the disk. What was accepted goes on, and what follows from it. */
  readonly busy: Error | undefined;
}

export interface SwitchboardOptions {
  readonly state: State;
  readonly record: Record;
  readonly world: World;
  readonly clock: Clock;
  readonly newId: () => string;
  /** The machine slept (for this long, ms) and is awake again; called before anything falls due. */
  readonly onSlept?: (milliseconds: number) => void;
  /** Told once when the journal failed under an applied command: the broker MUST stop without another answer. */
  readonly onFailure: (error: unknown) => void;
}

/** Hears an event, and whom it concerns: exactly those in whose feeds it stands. */
export type PublishedListener = (event: DurableEvent, audience: readonly AgentId[]) => void;

interface Unpublished {
  readonly event: DurableEvent;
  readonly audience: readonly AgentId[];
}

/** How often what nobody can ask for any more is let go, in ms. */
const sweepEvery = 60_000;
/** The wall clock went this much further than the monotonic one (ms): the machine slept. Less is a clock that was set right. */
export const leastSleep = 30_000;
/** However far the next deadline is, time is looked at this often (ms): a sleep is noticed within it. */
const longestPause = 60_000;

/**
 * The running rules: every command is checked and applied in one synchronous step, its events go to the journal in that
 * order, and listeners hear of them when they are durable. Nothing that was computed here may leave the broker before
 * {@link durable} has resolved.
 */
export class Switchboard {
  readonly state: State;
  readonly #options: SwitchboardOptions;
  readonly #listeners = new Set<PublishedListener>();
  #unpublished: Unpublished[] = [];
  /** Who waits until something is durable. */
  readonly #waiters = new Waiters();
  #isAwaiting = false;
  /** Up to this offset what was journaled is told as soon as it is durable. */
  #urgentUpTo = 0;
  #cancelLater: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;
  #timerAt = Infinity;
  #sweptAt: number;
  /** The wall clock's lead over the monotonic one at the last look (ms): it grows by what the machine sleeps. */
  #lead: number;
  /** The shortest time after which a fresh event can become due (ms). */
  readonly #soonest: number;
  #failed = false;

  constructor(options: SwitchboardOptions) {
    const { limits } = options.world;
    const { ringAgent, ringPerson, huntRing, threadIdle, turnSilence, turnOffline, watchdogLive, watchdogAsync } =
      limits;
    this.#soonest = Math.min(
      ringAgent,
      ringPerson,
      huntRing,
      threadIdle,
      turnSilence,
      turnOffline,
      watchdogLive,
      watchdogAsync,
    );
    this.state = options.state;
    this.#options = options;
    this.#sweptAt = options.clock.now();
    this.#lead = options.clock.now() - options.clock.monotonic();
  }

  /** Everything up to here may be told. */
  get durableOffset(): number {
    return this.#options.record.durableOffset;
  }

  /** The journal has failed: nothing more is checked, applied or told. */
  get isFailed(): boolean {
    return this.#failed || this.#options.record.refusal !== undefined;
  }

  get world(): World {
    return this.#options.world;
  }

  /** Hears every event once, in order, when it is durable. */
  onPublished(listener: PublishedListener): void {
    this.#listeners.add(listener);
  }

  /** What goes on from before the restart goes on now. */
  start(): void {
    this.#resume();
    this.#wake();
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelLater?.();
    this.#listeners.clear();
  }

  /**
   * Checks and applies one command; its events are queued for the journal when this returns. Taken also while the disk is
   * behind: for what time, presence and deliveries bring about.
   * @throws Refusal when the rules refuse, StoreError when nothing can be written
   */
  run<T>(rule: (step: Step) => T): T {
    const { record, clock, world, newId } = this.#options;
    if (record.refusal) throw record.refusal;
    const step = new Step(this.state, world, clock.now(), newId);
    const result = rule(step);
    follow(step);
    if (step.events.length > 0) this.#journal(step);
    if (step.isCut) this.run(goOn);
    return result;
  }

  /**
   * Like {@link run} for a command that somebody gives, and waits until the outcome may be told.
   * @throws also StoreError `storage_busy`, before anything has changed
   */
  async change<T>(rule: (step: Step) => T): Promise<T> {
    const { busy } = this.#options.record;
    if (busy) throw busy;
    const result = this.run(rule);
    await this.durable();
    return result;
  }

  /** Resolves when everything applied so far is durable: answers computed from the state now may go out then. */
  durable(): Promise<void> {
    const { offset } = this.state;
    if (offset <= this.#options.record.durableOffset) return Promise.resolve();
    const done = this.#waiters.wait(offset);
    this.#awaitDisk();
    return done;
  }

  /** Somebody came, went or became free: calls that waited for that may ring. */
  presenceChanged(): void {
    if (this.isFailed) return;
    if (this.state.waiting.size > 0) {
      this.run(ringWaiting);
    }
    this.#wakeAt(this.#options.clock.now() + 1);
  }

  #resume(): void {
    const since = this.#options.clock.now();
    while (!this.run((step) => resume(step, since)));
  }

  #journal({ events, audiences }: Step): void {
    const { record, clock } = this.#options;
    const lazy = events.every((event) => lazyFacts.has(event.type));
    try {
      record.append(events, { lazy });
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    for (const [index, event] of events.entries()) this.#unpublished.push({ event, audience: audiences[index] ?? [] });
    // Waiting for a lazy event would make it urgent: it is told with the next others, or when it is written on its own.
    if (!lazy) {
      this.#urgentUpTo = this.state.offset;
      this.#awaitDisk();
    } else
      this.#cancelLater ??= clock.after(lazyDelayMs, () => {
        this.#cancelLater = undefined;
        if (this.#unpublished.length === 0) return;
        this.#urgentUpTo = this.state.offset;
        this.#awaitDisk();
      });
    this.#wakeAt(clock.now() + this.#soonest);
    // The turn may have come to one who has been away for long.
    for (const event of events) {
      const thread = event.type === 'message.sent' ? this.state.threads.get(event.payload.message.thread) : undefined;
      if (thread?.order !== undefined) this.#wakeAt(skipDue(this.state, this.#options.world, thread)?.at ?? Infinity);
    }
    // A task's deadline may be seconds away.
    if (events.some(({ type }) => type.startsWith('task.')))
      this.#wakeAt(nextDueTask(this.state, this.#options.world) ?? Infinity);
  }

  /**
   * Waits for the disk on behalf of all who wait: what is journaled in one turn becomes durable together. What became
   * durable is told first, then those go on who waited for it.
   */
  #awaitDisk(): void {
    if (this.#isAwaiting) return;
    this.#isAwaiting = true;
    const { record } = this.#options;
    const wanted = this.state.offset;
    record.durable(wanted).then(
      () => {
        this.#isAwaiting = false;
        const upTo = Math.max(wanted, record.durableOffset);
        this.#publish(upTo);
        this.#waiters.settle(upTo);
        if (this.#waiters.size > 0 || this.#urgentUpTo > upTo) this.#awaitDisk();
      },
      (error: unknown) => {
        this.#isAwaiting = false;
        this.#fail(error);
        this.#waiters.rejectAll(error);
      },
    );
  }

  #publish(upTo: number): void {
    const later = this.#unpublished.findIndex(({ event }) => event.offset > upTo);
    const durable = later === -1 ? this.#unpublished : this.#unpublished.slice(0, later);
    this.#unpublished = later === -1 ? [] : this.#unpublished.slice(later);
    for (const { event, audience } of durable) {
      for (const listener of this.#listeners) listener(event, audience);
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.onFailure(error);
  }

  #wakeAt(time: number): void {
    if (time >= this.#timerAt) return;
    this.#cancelTimer?.();
    this.#timerAt = time;
    this.#cancelTimer = this.#options.clock.after(Math.max(1, time - this.#options.clock.now()), () => this.#wake());
  }

  #wake(): void {
    this.#timerAt = Infinity;
    if (this.#failed) return;
    const { clock, world } = this.#options;
    const now = clock.now();
    const slept = now - clock.monotonic() - this.#lead;
    this.#lead += slept;
    if (slept >= leastSleep) this.#options.onSlept?.(slept);
    if (!this.#options.record.refusal) {
      if (slept >= leastSleep) this.#resume();
      this.run(due);
    }
    if (now - this.#sweptAt >= sweepEvery) {
      this.#sweptAt = now;
      sweep(this.state, world, now);
    }
    this.#wakeAt(Math.min(Math.max(nextDue(this.state, world) ?? Infinity, now + 1), now + longestPause));
  }
}
