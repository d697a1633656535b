import { register, changeProfile } from '../core/agents';
import { apply } from '../core/apply';
import { fromCheckpoint, toCheckpoint, type Checkpoint } from '../core/checkpoint';
import type { DurableEvent } from '../core/events';
import type { AgentId } from '../core/model';
import { emptyState, type State } from '../core/state';
import type { Clock } from '../store/clock';
import type { Store } from '../store/store';
import type { Archive } from './archive';
import { Broker } from './broker';
import type { BrokerSettings } from './home';
import { personName } from './home';
import { hashToken } from './tokens';

/** The index as the broker runs it: it is told every durable event, in order. */
export interface FollowingArchive extends Archive {
  follow(event: DurableEvent): void;
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
const checkpointEvery = 20_000;

/** The broker with its store: recovers what was, keeps checkpoints, stops in order. */
export class RunningBroker {
  readonly broker: Broker;
  readonly person: AgentId;
  readonly #parts: RunningParts;
  #coveredOffset: number;
  #covering = false;
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
      if (event.offset - this.#coveredOffset >= checkpointEvery) void this.#checkpoint();
    });
    this.person = this.#signPersonOn();
    if (!store.refusal) this.broker.start();
  }

  /** Writes what is queued, keeps a checkpoint, gives the home back. The doors are closed before. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.broker.stop();
    await this.#checkpoint();
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

  async #checkpoint(): Promise<void> {
    const { store, log } = this.#parts;
    const { state } = this.broker;
    if (this.#covering || store.refusal || state.offset === this.#coveredOffset) return;
    this.#covering = true;
    this.#coveredOffset = state.offset;
    try {
      await store.checkpoint(state.offset, toCheckpoint(state));
    } catch (error) {
      log('checkpoint failed', { error: String(error) });
    } finally {
      this.#covering = false;
    }
  }
}

/** The head state as the disk has it. A checkpoint of another shape is passed over when the journal reaches back to its start. */
function recover(store: Store, newId: () => string): { state: State; replayed: DurableEvent[] } {
  const { checkpoint, events } = store.recovered;
  const replayed = events as unknown as DurableEvent[];
  const kept = checkpoint && fromCheckpoint(checkpoint.state as Checkpoint);
  if (checkpoint && !kept)
    throw new Error(`the checkpoint at ${checkpoint.offset} has a shape that this version does not know`);
  const state = kept ?? emptyState(replayed[0]?.origin ?? newId());
  for (const event of replayed) apply(state, event);
  return { state, replayed };
}
