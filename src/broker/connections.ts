import type { AgentId } from '../core/model';
import type { RingAnswer, RingRequest, Told, ToolRequest, Watched } from '../contract/wire';
import type { Clock } from '../store/clock';
import { ringsTheAway } from '../contract/ringers';
import { StandBys } from './standBys';

/**
 * Runs a tool that the client offers; what comes back is for the broker to judge. Rejects when the client is gone, or the
 * signal was aborted before it answered.
 */
export type RunTool = (
  request: ToolRequest,
  run: { readonly signal: AbortSignal; readonly progress: (value: unknown) => void },
) => Promise<unknown>;

/** One client as the broker knows it. */
export interface Client {
  readonly id: string;
  readonly program: string;
  readonly version: string;
  readonly agent: AgentId | undefined;
  /** The agent counts as connected while this is up. */
  readonly present: boolean;
  readonly ringers: readonly string[];
  /** It wants the agent's seat. */
  readonly claims: boolean;
  readonly ring?: ((request: RingRequest) => Promise<RingAnswer>) | undefined;
  readonly useTool?: RunTool | undefined;
  readonly told?: ((told: Told) => void) | undefined;
  readonly event?: ((watched: Watched) => void) | undefined;
  readonly stopping?: ((reason: string) => void) | undefined;
  /** Its agent was signed off: ends the connection. */
  readonly ended?: (() => void) | undefined;
}

/** One ringer of one connection. */
export interface Way {
  readonly client: Client;
  readonly ringer: string;
  /** The person permits this ringer for this agent, whoever rings. */
  readonly permitted: boolean;
}

/** How long a dropped connection is still counted as there. */
export const dropGrace = 10_000;
/** How long an agent that only runs single commands counts as there after the last: three missed heartbeats of 30 s. */
export const commandGrace = 90_000;

/** Who is connected, who holds which seat, since when somebody is away. Passing: a restart begins with nobody. */
export class Connections {
  readonly standBys = new StandBys();
  readonly #clock: Clock;
  /** Nobody counts as away for the time before: the broker did not run, or the machine slept. */
  #countsFrom: number;
  readonly #clients = new Map<string, Client>();
  readonly #byAgent = new Map<AgentId, Set<Client>>();
  readonly #seats = new Map<AgentId, Client>();
  /** Until when an agent without a connection still counts as there. */
  readonly #grace = new Map<AgentId, { readonly cancel: () => void }>();
  readonly #lastSeen = new Map<AgentId, number>();
  readonly #onChange: (agent: AgentId) => void;

  constructor(clock: Clock, onChange: (agent: AgentId) => void) {
    this.#clock = clock;
    this.#countsFrom = clock.now();
    this.#onChange = onChange;
  }

  get all(): Iterable<Client> {
    return this.#clients.values();
  }

  get count(): number {
    return this.#clients.size;
  }

  add(client: Client): void {
    this.#clients.set(client.id, client);
    if (client.agent === undefined) return;
    if (!client.present) {
      this.touch(client.agent);
      return;
    }
    const wasThere = this.isConnected(client.agent);
    let own = this.#byAgent.get(client.agent);
    if (!own) this.#byAgent.set(client.agent, (own = new Set()));
    own.add(client);
    this.#endGrace(client.agent);
    if (!wasThere) this.#onChange(client.agent);
  }

  /** `dropped`: it did not say goodbye, and may come back within the grace. */
  remove(client: Client, dropped: boolean): void {
    if (!this.#clients.delete(client.id) || client.agent === undefined) return;
    if (this.#seats.get(client.agent) === client) this.#seats.delete(client.agent);
    const own = this.#byAgent.get(client.agent);
    if (!own?.delete(client)) return;
    this.#lastSeen.set(client.agent, this.#clock.now());
    if (own.size > 0) return;
    this.#byAgent.delete(client.agent);
    if (dropped) this.#beginGrace(client.agent, dropGrace);
    else this.#onChange(client.agent);
  }

  /**
   * Claims the agent's seat. The first that can be rung takes it; a later claim is refused while the holder is connected.
   */
  claimSeat(client: Client): 'held' | 'taken' {
    if (client.agent === undefined) return 'taken';
    const holder = this.#seats.get(client.agent) ?? client;
    if (holder !== client) return 'taken';
    this.#seats.set(client.agent, client);
    return 'held';
  }

  seatOf(agent: AgentId): Client | undefined {
    return this.#seats.get(agent);
  }

  /** The agent is off the roster: its connections end, and there is no grace for it. */
  end(agent: AgentId): void {
    for (const client of [...this.#clients.values()]) if (client.agent === agent) client.ended?.();
    this.#endGrace(agent);
    this.#lastSeen.delete(agent);
  }

  /**
   * The ways to ring the agent, best first: those of the holder of its seat, then of whatever waits for it aside and claims
   * no seat, e.g. a command in its client's background, then of the person's programs that stand by. For one who is away
   * only those that are made for it.
   */
  ways(agent: AgentId): readonly Way[] {
    const seat = this.#seats.get(agent);
    if (!seat && !this.#byAgent.has(agent) && this.standBys.of(agent).length === 0) return [];
    const own = [...(seat ? [seat] : []), ...[...this.of(agent)].filter(({ claims }) => !claims)].flatMap((client) =>
      client.ringers.map((ringer) => ({ client, ringer, permitted: false })),
    );
    const standing = this.standBys.of(agent);
    const isAway = standing.length > 0 && !this.isConnected(agent);
    return [...own, ...standing.filter(({ ringer }) => ringsTheAway(ringer) === isAway)].filter(
      ({ client }) => client.ring !== undefined,
    );
  }

  of(agent: AgentId): Iterable<Client> {
    return this.#byAgent.get(agent) ?? [];
  }

  /** The agent ran a single command: it counts as there for a while. */
  touch(agent: AgentId): void {
    this.#lastSeen.set(agent, this.#clock.now());
    if (this.#byAgent.has(agent)) return;
    const wasThere = this.isConnected(agent);
    this.#beginGrace(agent, commandGrace);
    if (!wasThere) this.#onChange(agent);
  }

  isConnected(agent: AgentId): boolean {
    return this.#byAgent.has(agent) || this.#grace.has(agent);
  }

  /** The machine slept until now. */
  woke(): void {
    this.#countsFrom = this.#clock.now();
  }

  /** Since when (ms) it is away; a restart counts from the start, a sleep of the machine from its end. Undefined while connected. */
  offlineSince(agent: AgentId): number | undefined {
    return this.isConnected(agent) ? undefined : Math.max(this.#lastSeen.get(agent) ?? 0, this.#countsFrom);
  }

  lastSeen(agent: AgentId): number | undefined {
    return this.isConnected(agent) ? this.#clock.now() : this.#lastSeen.get(agent);
  }

  dispose(): void {
    for (const { cancel } of this.#grace.values()) cancel();
    this.#grace.clear();
  }

  #beginGrace(agent: AgentId, length: number): void {
    this.#grace.get(agent)?.cancel();
    const cancel = this.#clock.after(length, () => {
      this.#grace.delete(agent);
      this.#onChange(agent);
    });
    this.#grace.set(agent, { cancel });
  }

  #endGrace(agent: AgentId): void {
    this.#grace.get(agent)?.cancel();
    this.#grace.delete(agent);
  }
}
