import { register, changeProfile } from '../core/agents';
import { apply } from '../core/apply';
import { fromCheckpoint, toCheckpoint, type Checkpoint } from '../core/checkpoint';
import type { DurableEvent } from '../core/events';
import type { AgentId, ThreadId } from '../core/model';
import { emptyState, type State } from '../core/state';
import type { TaskId } from '../core/taskModel';
import type { Clock } from '../store/clock';
import { StoreError } from '../store/errors';
import type { FoldAsk } from '../store/index/protocol';
import type { CoverEntry } from '../store/manifest';
import { Pace } from '../store/pace';
import type { Store } from '../store/store';
import type { Archive } from './archive';
import { Broker } from './broker';
import type { BrokerSettings } from './home';
import { personName } from './home';
import { Retention } from './retention';
import { hashToken } from './tokens';

/** The index as the broker runs it: it is told every durable event, in order. */
export interface FollowingArchive extends Archive {
  follow(event: DurableEvent): void;
  /** Tasks that were over before this time (ms), those first that ended first. */
  endedBefore(time: number, limit: number, atLeast: number): Promise<readonly TaskId[]>;
  /** Threads that were closed before this time (ms), those first that closed first. */
  closedBefore(time: number, limit: number, atLeast: number): Promise<readonly ThreadId[]>;
  /** Writes the checkpoint at a durable offset out of the one before and the journal, off this thread. */
  fold(ask: FoldAsk): Promise<CoverEntry>;
  close(): Promise<void>;
}

export interface RunningParts {
  readonly store: Store;
  readonly archive: FollowingArchive;
  readonly clock: Clock;
  readonly settings: BrokerSettings;
  readonly newId: () => string;
  readonly adminToken: string;
  readonly log: (what: string, facts: object) => void;
  readonly onFailure: (error: unknown) => void;
}

/** A checkpoint is made after this many events, and at a clean stop. */
export const checkpointEvery = 20_000;
/** While checkpoints rest (see {@link Pace}), so many events may come without one: a start has to read them all. */
export const mostUncovered = 100_000;

/** The broker with its store: recovers what was, keeps checkpoints, stops in order. */
export class RunningBroker {
  readonly broker: Broker;
  readonly person: AgentId;
  readonly #parts: RunningParts;
  readonly #retention: Retention;
  #coveredOffset: number;
  readonly #pace = new Pace(checkpointEvery, mostUncovered);
  #covering: Promise<void> | undefined;
  #stopped = false;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    const { store, clock, newId, settings } = parts;
    const { state, replayed } = recover(store, newId);
    this.#coveredOffset = store.recovered.checkpoint?.offset ?? 0;
    store.forgetRecovered();
    this.broker = new Broker({
      state,
      replayed,
      record: store,
      archive: parts.archive,
      clock,
      limits: settings.limits,
      newId,
      log: parts.log,
      onFailure: parts.onFailure,
    });
    this.broker.board.onPublished((event) => {
      parts.archive.follow(event);
      if (this.#pace.isDue(event.offset - this.#coveredOffset, clock.monotonic())) this.#checkpoint(event.offset);
    });
    this.person = this.#signPersonOn();
    if (!store.refusal) this.broker.start();
    this.#finishPurge();
    const { board } = this.broker;
    this.#retention = new Retention({
      board,
      by: this.person,
      clock,
      endedBefore: (time, limit) => parts.archive.endedBefore(time, limit, board.state.offset),
      closedBefore: (time, limit) => parts.archive.closedBefore(time, limit, board.state.offset),
      purge: (offset) => parts.archive.purge(offset, { limits: settings.limits, now: clock.now() }),
      log: parts.log,
    });
  }

  /** Writes what is queued, keeps a checkpoint, gives the home back. The doors are closed before. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    const { store } = this.#parts;
    const { state } = this.broker;
    this.#retention.stop();
    this.broker.stop();
    // Nobody waits any more: the state at hand is the quickest way.
    await this.#covering;
    if (!store.refusal && state.offset > (store.manifest.checkpoints[0]?.offset ?? 0))
      await this.#keep(state.offset, () => store.checkpoint(state.offset, toCheckpoint(state)));
    await this.#parts.archive
      .close()
      .catch((error: unknown) => this.#parts.log('index did not close', { error: String(error) }));
    await this.#parts.store.close();
  }

  /** The person is one agent per home, there since the first start. */
  #signPersonOn(): AgentId {
    const { board, state } = this.broker;
    const { settings, adminToken, store } = this.#parts;
    const found = [...state.agents.values()].find((agent) => agent.kind === 'human');
    if (found) {
      if (settings.person !== undefined && found.name !== settings.person && !store.refusal) {
        const name = personName(settings.person);
        if (!state.names.has(name.toLowerCase())) board.run((step) => changeProfile(step, found.id, { name }));
      }
      return found.id;
    }
    const name = personName(settings.person);
    return board.run((step) =>
      register(step, {
        name: state.names.has(name.toLowerCase()) ? undefined : name,
        kind: 'human',
        card: { platform: 'VS Code' },
        tokenHash: hashToken(adminToken),
        nameSeed: 0,
      }),
    ).id;
  }

  /** The worker makes it: a big state takes it a second, in which this thread goes on. */
  #checkpoint(offset: number): void {
    const { store, archive, settings, clock } = this.#parts;
    if (this.#covering || this.#stopped || store.refusal) return;
    this.#covering = this.#keep(offset, () =>
      store.keepCheckpoint(offset, (base) => archive.fold({ offset, base, limits: settings.limits, now: clock.now() })),
    ).finally(() => (this.#covering = undefined));
  }

  /** A start after a crash goes on erasing where the one before was: what was not answered may not be done. */
  #finishPurge(): void {
    const { store, archive, settings, clock, log } = this.#parts;
    const { lastErased } = this.broker.state;
    if (store.refusal || lastErased <= (store.manifest.purged ?? 0)) return;
    archive
      .purge(lastErased, { limits: settings.limits, now: clock.now() })
      .catch((error: unknown) => log('purge failed', { error: String(error) }));
  }

  /** After a failure the next is tried `checkpointEvery` events later: until then the journal has it all. */
  async #keep(offset: number, write: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#parts;
    const began = clock.monotonic();
    this.#coveredOffset = offset;
    try {
      await write();
    } catch (error) {
      log('checkpoint failed', { error: String(error) });
    }
    this.#pace.done(began, clock.monotonic());
  }
}

/** The head state as the disk has it. @throws StoreError `home_too_new` for a checkpoint of a newer shape */
function recover(store: Store, newId: () => string): { state: State; replayed: DurableEvent[] } {
  const { checkpoint, events } = store.recovered;
  const replayed = events as unknown as DurableEvent[];
  const kept = checkpoint && fromCheckpoint(checkpoint.state as Checkpoint);
  if (checkpoint && !kept)
    throw new StoreError('home_too_new', `The checkpoint at ${checkpoint.offset} was written by a newer version.`);
  const state = kept ?? emptyState(replayed[0]?.origin ?? newId());
  for (const event of replayed) apply(state, event);
  return { state, replayed };
}
