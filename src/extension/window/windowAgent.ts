import { randomUUID } from 'node:crypto';
import { pauseAfter } from '../../client/attempts';
import { Client } from '../../client/client';
import { pause, type Clock } from '../../client/clock';
import type { IdentityStore } from '../../client/identityStore';
import type { ConnectOptions, OfferedTool } from '../../client/options';
import type { Identity } from '../../contract/home';
import type { Input } from '../../contract/operations';
import type { RingAnswer, RingRequest } from '../../contract/wire';
import { ParleyError } from '../../contract/errors';
import { Signal, type Disposable } from '../disposable';

/** Remembers which identity a workspace's window has. */
export interface Memory {
  get(): string | undefined;
  set(id: string): Promise<void>;
}

export interface WindowAgentOptions {
  readonly connection: Pick<ConnectOptions, 'home' | 'client' | 'version'>;
  readonly store: IdentityStore;
  readonly memory: Memory;
  /** Name wanted, platform, version, folder. */
  readonly card: () => Input<'register'>;
  readonly ringer: { readonly name: string; readonly ring: (request: RingRequest) => Promise<RingAnswer> };
  /** What this window offers to other agents. */
  readonly tools: readonly OfferedTool[];
  readonly clock: Clock;
  /** Whether to try again now what did not succeed. While not, whoever makes it possible calls `signOn`. */
  readonly mayTry: () => boolean;
  readonly onError: (error: unknown) => void;
  /** Another window is this agent already: this one goes on under a name of its own. */
  readonly onSeatTaken: (name: string) => void;
}

/** How long a seat that is taken is given to become free, in milliseconds. */
const reloadGrace = 1_000;
/** How much longer than for a connection it waits before it tries to sign on again. */
const patience = 10;

/**
 * This window's own agent on the roster. It signs on when the broker is there, comes back as itself in the same workspace,
 * and holds the seat so that its chat can be rung. The chat's tools bring the same token through the MCP door.
 */
export class WindowAgent implements Disposable {
  readonly changes: Signal<void>;
  readonly #options: WindowAgentOptions;
  #identity: Identity | undefined;
  #client: Client | undefined;
  #signingOn: Promise<void> | undefined;
  /** Registered, and not kept yet: another attempt goes on with it. */
  #unsaved: Identity | undefined;
  #attempts = 0;
  #stopPause: (() => void) | undefined;
  #disposed = false;

  constructor(options: WindowAgentOptions) {
    this.#options = options;
    this.changes = new Signal(options.onError);
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  /**
   * Signs on, unless that is done or under way. Call it when the broker is there; what comes in between is tried again until
   * it is done. @throws what the attempt under way met with
   */
  signOn(): Promise<void> {
    if (this.#disposed || this.#client) return Promise.resolve();
    this.#stopPause?.();
    this.#signingOn ??= this.#signOn()
      .then(
        () => void (this.#attempts = 0),
        (error: unknown) => {
          this.#tryAgain();
          throw error;
        },
      )
      .finally(() => (this.#signingOn = undefined));
    return this.#signingOn;
  }

  /** The folder has changed. */
  async describe(): Promise<void> {
    if (this.#client?.state.kind !== 'connected') return;
    await this.#client.ask('profile', { ...this.#options.card(), name: undefined });
  }

  /** The wanted name has changed. @throws `name_taken`, `bad_name`: it keeps the name that it has */
  async rename(): Promise<void> {
    const { name } = this.#options.card();
    if (this.#client?.state.kind !== 'connected' || name === undefined || name === this.#identity?.name) return;
    const { agent } = await this.#client.ask('profile', { name });
    this.#named(agent.name);
  }

  dispose(): void {
    this.#disposed = true;
    this.#stopPause?.();
    this.#client?.close();
  }

  #tryAgain(): void {
    if (this.#disposed) return;
    const wait = pauseAfter(this.#attempts++) * patience;
    this.#stopPause = this.#options.clock.after(wait, () => {
      if (this.#options.mayTry()) this.signOn().catch(this.#options.onError);
    });
  }

  async #signOn(): Promise<void> {
    const remembered = this.#options.store.list().find(({ id }) => id === this.#options.memory.get());
    const first = remembered ?? (await this.#register(true));
    let client = await this.#comeBack(first);
    let identity = first;
    if (client && isTaken(client)) {
      // A window that is just being reloaded still has its seat for a moment.
      client.close();
      await pause(this.#options.clock, reloadGrace);
      client = await this.#comeBack(first);
    }
    if (!client || isTaken(client)) {
      if (client) this.#options.onSeatTaken(identity.name);
      else this.#options.store.remove(identity);
      client?.close();
      identity = await this.#register(client === undefined);
      client = await this.#connect(identity);
    }
    if (this.#disposed) {
      client.close();
      return;
    }
    this.#client = client;
    this.#identity = identity;
    client.offer(this.#options.tools).catch(this.#options.onError);
    if (client.state.kind === 'connected' && client.state.welcome.agent) this.#named(client.state.welcome.agent.name);
    client.onState((state) => {
      if (state.kind === 'failed' && state.error.code === 'unauthorized') void this.#startOver();
      this.changes.tell();
    });
    this.changes.tell();
    if (identity !== remembered) return;
    await this.describe();
    await this.rename().catch((error: unknown) => {
      if (!isUnusableName(error)) throw error;
    });
  }

  /** The broker knows us no more: a new identity. */
  async #startOver(): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    this.#identity = undefined;
    await this.signOn().catch(this.#options.onError);
  }

  /** Undefined when the broker does not know this identity: it was retired, or is of a home that was replaced. */
  async #comeBack(identity: Identity): Promise<Client | undefined> {
    try {
      return await this.#connect(identity);
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'unauthorized') return undefined;
      throw error;
    }
  }

  async #connect(identity: Identity): Promise<Client> {
    const { connection, ringer } = this.#options;
    const client = new Client({
      ...connection,
      token: identity.token,
      seat: true,
      present: true,
      ringers: [ringer.name],
      ring: ringer.ring,
    });
    try {
      await client.ready();
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** A new identity; `remembered`: this workspace's next window comes back as it. */
  async #register(remembered: boolean): Promise<Identity> {
    const { connection, store, memory, card, clock } = this.#options;
    const client = new Client(connection);
    try {
      await client.ready();
      const wanted = card();
      if (!this.#unsaved) {
        const { agent, token } = await client.ask('register', wanted).catch((error: unknown) => {
          if (!isUnusableName(error) || wanted.name === undefined) throw error;
          return client.ask('register', { ...wanted, name: undefined });
        });
        // Not a process's and not nobody's: a program in this window's terminals must not take itself for this agent.
        const sessions = [`vscode:${randomUUID()}`];
        this.#unsaved = { id: agent.id, name: agent.name, token, sessions, savedAt: clock.now() };
      }
      const identity = this.#unsaved;
      if (!store.list().some(({ id }) => id === identity.id)) store.add(identity);
      if (remembered) await memory.set(identity.id);
      this.#unsaved = undefined;
      return identity;
    } finally {
      client.close();
    }
  }

  #named(name: string): void {
    if (!this.#identity || this.#identity.name === name) return;
    this.#identity = { ...this.#identity, name };
    this.#options.store.update(this.#identity);
    this.changes.tell();
  }
}

/** Somebody has the wanted name, or nobody can have it. */
function isUnusableName(error: unknown): boolean {
  return error instanceof ParleyError && (error.code === 'name_taken' || error.code === 'bad_name');
}

function isTaken(client: Client): boolean {
  return client.state.kind === 'connected' && client.state.welcome.seat === 'taken';
}
