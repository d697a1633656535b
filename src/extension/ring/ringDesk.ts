import type { AgentView, CallView } from '../../contract/views';
import type { Watched } from '../../contract/wire';
import type { Clock } from '../../client/clock';
import type { Disturb } from '../contributions';
import { Signal, type Disposable } from '../disposable';
import { RingBook, type Outcome, type Ring } from './ringBook';
import { disturbance, isForPerson, type Facts } from './ringPolicy';

export interface RingDeskOptions {
  readonly clock: Clock;
  readonly setting: () => Disturb;
  /** The person's id, once known. */
  readonly you: () => string | undefined;
  readonly agent: (id: string) => AgentView | undefined;
  readonly onError: (error: unknown) => void;
}

/**
 * Decides which rings are the person's to see and which are worth a notification, and when that changes: an agent's ring
 * becomes the person's when its ringers had their time.
 */
export class RingDesk implements Disposable {
  readonly outcomes: Signal<Outcome>;
  /** The lists below may have changed. */
  readonly changes: Signal<void>;
  readonly #options: RingDeskOptions;
  readonly #book = new RingBook();
  /** Rings that the person has dealt with: left for later, or let the agent answer. */
  readonly #settled = new Set<string>();
  #cancelTimer: (() => void) | undefined;

  constructor(options: RingDeskOptions) {
    this.#options = options;
    this.outcomes = new Signal(options.onError);
    this.changes = new Signal(options.onError);
  }

  apply(event: Watched): void {
    const outcome = this.#book.apply(event);
    this.look();
    if (outcome && outcome.state !== 'ringing') {
      this.#settled.delete(key(outcome.call.id, outcome.agent));
      this.outcomes.tell(outcome);
    }
  }

  /** The person's inbox as the broker tells it: what rings there rang before we watched. */
  seed(inbox: readonly CallView[]): void {
    const you = this.#options.you();
    if (you !== undefined) this.#book.seed(inbox, you);
    this.look();
  }

  /** Rings for the Inbox, the badge and the status bar: those for the person, and those that show as a notification. */
  raised(): Ring[] {
    return this.#ringing().filter((ring) => {
      const facts = this.#facts(ring);
      return facts !== undefined && (isForPerson(ring, facts) || disturbance(ring, facts).when === 'now');
    });
  }

  /** Rings for a notification. */
  disturbing(): Ring[] {
    return this.#ringing().filter((ring) => {
      const facts = this.#facts(ring);
      return (
        facts !== undefined &&
        !this.#settled.has(key(ring.call.id, ring.agent)) &&
        disturbance(ring, facts).when === 'now'
      );
    });
  }

  /** What rings at this agent, as far as it rang since we watch. */
  at(agent: string): Ring[] {
    return this.#ringing().filter((ring) => ring.agent === agent);
  }

  find(call: string, agent: string): Ring | undefined {
    return this.#book.find(call, agent);
  }

  /** The person has decided about this ring: no notification any more. */
  settle(call: string, agent: string): void {
    this.#settled.add(key(call, agent));
    this.changes.tell();
  }

  /** Something that the decisions depend on may have changed: events, the roster, the setting, time. */
  look(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { clock } = this.#options;
    const times = this.#ringing().flatMap((ring) => {
      const facts = this.#facts(ring);
      if (!facts) return [];
      return [{ ...facts, setting: 'whenNeeded' as const, quiet: false }, facts].flatMap((one) => {
        const decision = disturbance(ring, one);
        return decision.when === 'at' ? [decision.time] : [];
      });
    });
    if (times.length > 0)
      this.#cancelTimer = clock.after(Math.max(1, Math.min(...times) - clock.now()), () => this.look());
    this.changes.tell();
  }

  /** The broker is gone, or another one: what it told is void. */
  clear(): void {
    this.#book.clear();
    this.#settled.clear();
    this.look();
  }

  dispose(): void {
    this.#cancelTimer?.();
  }

  #ringing(): Ring[] {
    return this.#book.ringing(this.#options.clock.now());
  }

  #facts(ring: Ring): Facts | undefined {
    const { you, agent, setting, clock } = this.#options;
    const person = you();
    if (person === undefined) return undefined;
    return {
      setting: setting(),
      quiet: agent(person)?.presence === 'busy',
      you: person,
      caller: agent(ring.call.from),
      callee: agent(ring.agent),
      now: clock.now(),
    };
  }
}

function key(call: string, agent: string): string {
  return `${call}/${agent}`;
}
