import { agentEnvironment } from '../client/agentEnvironment';
import { Client } from '../client/client';
import type { Clock } from '../client/clock';
import { comingBack, newIdentity, type Surroundings } from '../client/identity';
import { IdentityStore } from '../client/identityStore';
import type { AskOptions, Received } from '../client/options';
import type { Processes } from '../client/processes';
import type { Autostart } from '../client/starter';
import { ParleyError, toParleyError } from '../contract/errors';
import type { Identity } from '../contract/home';
import type { Input, OperationName, Output } from '../contract/operations';
import type { Change, Welcome } from '../contract/wire';
import type { LogLevel } from '../mcp/logLevels';
import { wordsBudget } from '../mcp/text';
import type { RingerList } from '../ringers/ringerList';
import { ownEnvironment, platformOf, withSession, type BridgedClient } from './bridgedClient';

export interface BridgeSurroundings {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** The folder that the agent works in. */
  readonly workspace: () => string;
  readonly version: string;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly autostart?: Autostart;
}

/** When ringers of which none worked are tested again, one after the other (ms): a client that starts up has other things to do. */
const retests = [5000, 30_000, 120_000] as const;

/**
 * The agent that a bridge speaks for: found in the home or registered at the first need, then present and in its seat for
 * as long as the bridge runs.
 */
export class BridgeAgent {
  readonly #given: BridgeSurroundings;
  /** Known once the client has introduced itself, which comes before it asks for anything. */
  readonly #bridged: () => BridgedClient;
  readonly #ringers: () => RingerList;
  readonly #tellOf: (level: LogLevel, text: string) => void;
  readonly #store: IdentityStore;
  #client: Promise<Client> | undefined;
  /** The client's own name of its session, where its calls tell. */
  #saidSession: string | undefined;
  /** Connections that were not closed yet, those that are still being made among them. */
  readonly #opened = new Set<Client>();
  readonly #followers = new Set<(change: Change) => void>();
  #isClosed = false;
  #cancelRetest: () => void = () => undefined;

  /** @param tell what happens to the connection, for whoever looks after the client */
  constructor(
    given: BridgeSurroundings,
    bridged: () => BridgedClient,
    ringers: () => RingerList,
    tell: (level: LogLevel, text: string) => void,
  ) {
    this.#given = given;
    this.#bridged = bridged;
    this.#ringers = ringers;
    this.#tellOf = tell;
    this.#store = new IdentityStore(given.home);
  }

  /** Whether it has signed on, or is about to. */
  get isSignedOn(): boolean {
    return this.#client !== undefined;
  }

  /** Whether somebody has signed this agent on already, e.g. a hook of its client. */
  get isKnown(): boolean {
    return this.#known() !== undefined;
  }

  /** Signs on, if that has not happened yet. @throws ParleyError */
  async signOn(): Promise<void> {
    await this.#signedOn();
  }

  /**
   * The client has said which of its sessions this is: what could not be rung before may be now, and the agent is known by
   * it to the client's hooks.
   */
  inSession(session: string): void {
    this.#saidSession = session;
    const signedOn = this.#client;
    if (!signedOn) return;
    void signedOn.then(
      (client) => {
        this.#keepSession(client);
        return this.#test(client);
      },
      () => undefined,
    );
  }

  /** Probably in this session; what it says itself counts, once it does. Known before signing on, it tells who comes back. */
  mayBeInSession(session: string): void {
    this.#saidSession ??= session;
  }

  /** A door may have opened or closed: the broker is told how the ringers fare now. */
  retest(): void {
    void this.#client?.then(
      (client) => this.#test(client),
      () => undefined,
    );
  }

  /** As the client's `receive`, as this agent. @throws ParleyError */
  async receive<N extends OperationName>(
    operation: N,
    input: Input<N>,
    options: AskOptions = {},
  ): Promise<Received<N>> {
    const client = await this.#signedOn();
    try {
      const received = await client.receive(operation, input, options);
      if (operation === 'profile') this.#store.keepName((received.output as Output<'profile'>).agent);
      return received;
    } catch (error) {
      if (toParleyError(error).code !== 'unauthorized') throw error;
      // The agent was retired while we were away: it comes back as a new one.
      if (this.#client !== undefined && (await this.#client) === client) this.#forget(client);
      return (await this.#signedOn()).receive(operation, input, options);
    }
  }

  /** Tells what changes for this agent from now on, once it has signed on; until the function returned is called. */
  follow(changed: (change: Change) => void): () => void {
    this.#followers.add(changed);
    return () => this.#followers.delete(changed);
  }

  /** Resolves when the broker knows, or when it is too late to tell it. */
  async confirm(delivery: string): Promise<void> {
    await (await this.#client)?.confirm([delivery], 'mcp');
  }

  /** Leaves: offline at once. What is under way ends. */
  close(): void {
    this.#isClosed = true;
    this.#cancelRetest();
    for (const client of this.#opened) client.close();
    this.#opened.clear();
  }

  #signedOn(): Promise<Client> {
    if (this.#isClosed) return Promise.reject(new ParleyError('broker_gone'));
    this.#client ??= this.#begin().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  async #begin(): Promise<Client> {
    const known = this.#known();
    if (known) {
      const client = this.#connect(known.token);
      try {
        const welcome = await client.ready();
        if (!this.#mustMakeRoom(known, welcome)) {
          await this.#comeBack(client, known);
          return client;
        }
      } catch (error) {
        this.#drop(client);
        if (toParleyError(error).code !== 'unauthorized') throw error;
        this.#store.remove(known);
      }
      this.#drop(client);
    }
    return this.#register();
  }

  #known(): Identity | undefined {
    return comingBack(this.#store, this.#wantedName, this.#surroundings);
  }

  get #surroundings(): Surroundings {
    const { env, processes } = this.#given;
    const { name } = this.#bridged();
    const own = withSession(name, ownEnvironment(name, env), this.#saidSession);
    return { env: own, isTerminal: false, processes };
  }

  /** The client's own session, e.g. `claude-code:3f2…`. */
  get #session(): string | undefined {
    return agentEnvironment(this.#surroundings.env)?.session;
  }

  get #wantedName(): string | undefined {
    const name = this.#given.env['PARLEY_AGENT'];
    return name === '' ? undefined : name;
  }

  /** Another process sits where we wanted to: that is somebody else, unless it runs in the same session of the client. */
  #mustMakeRoom(known: Identity, { seat }: Welcome): boolean {
    const session = this.#session;
    return seat === 'taken' && (session === undefined || !known.sessions.includes(session));
  }

  async #comeBack(client: Client, former: Identity): Promise<void> {
    const { agent } = await client.ask('profile', this.#card);
    // Somebody may have renamed it while it was away.
    this.#store.keepName(agent);
    const known = this.#store.list().find(({ id }) => id === agent.id) ?? former;
    const session = this.#session;
    const { sessions, process } = newIdentity(known, this.#surroundings, this.#given.clock.now());
    const kept = session === undefined ? known : this.#store.addSession(known, session);
    this.#store.update({
      ...kept,
      sessions: [...new Set([...kept.sessions, ...sessions])],
      ...(process && { process }),
    });
  }

  /** The agent that signed on before its session was known is that session's from now on. */
  #keepSession({ state }: Client): void {
    const id = state.kind === 'connected' ? state.welcome.agent?.id : undefined;
    const session = this.#session;
    const identity = this.#store.list().find((one) => one.id === id);
    if (identity && session !== undefined) this.#store.addSession(identity, session);
  }

  async #register(): Promise<Client> {
    const client = this.#connect(undefined);
    try {
      await client.ready();
      const { agent, token } = await this.#registerOver(client);
      const identity = { id: agent.id, name: agent.name, token };
      this.#store.add(newIdentity(identity, this.#surroundings, this.#given.clock.now()));
      await client.signIn(token);
      client.follow((change) => this.#tell(change));
      return client;
    } catch (error) {
      this.#drop(client);
      throw error;
    }
  }

  /** Under the name that was wished for; under a given one when somebody else has it. */
  async #registerOver(client: Client): Promise<Output<'register'>> {
    const name = this.#wantedName;
    if (name === undefined) return client.ask('register', this.#card);
    try {
      return await client.ask('register', { ...this.#card, name });
    } catch (error) {
      const { code } = toParleyError(error);
      if (code !== 'name_taken' && code !== 'bad_name') throw error;
      return client.ask('register', this.#card);
    }
  }

  get #card(): { platform: string; version: string; workspace: string } {
    const { name, version } = this.#bridged();
    const platform = platformOf(name) ?? agentEnvironment(this.#given.env)?.platform ?? name;
    return { platform: platform.slice(0, 64), version: version.slice(0, 64), workspace: this.#given.workspace() };
  }

  #connect(token: string | undefined): Client {
    if (this.#isClosed) throw new ParleyError('broker_gone');
    const { home, version, clock, autostart } = this.#given;
    const ringers = this.#ringers();
    const client = new Client({
      home,
      client: this.#bridged().name.slice(0, 64),
      version,
      clock,
      seat: true,
      present: true,
      budget: wordsBudget,
      ...(token !== undefined && { token }),
      ...(autostart && { autostart }),
      ringers: ringers.names,
      ring: (request) => ringers.ring(request),
    });
    if (token !== undefined) client.follow((change) => this.#tell(change));
    let wasLost = false;
    client.onState((state) => {
      if (state.kind === 'lost' && !wasLost) this.#tellOf('warning', 'The broker is away; requests wait for it.');
      if (state.kind === 'connected' && wasLost) this.#tellOf('notice', 'The broker is back.');
      if (state.kind === 'connected' && state.welcome.agent) {
        void this.#test(client);
        this.#tellOf('info', `Signed on as ${state.welcome.agent.name}.`);
      }
      wasLost = state.kind === 'lost' || (wasLost && state.kind !== 'connected');
    });
    this.#opened.add(client);
    return client;
  }

  /** Tells the broker which ringers have an open door, so that others know before they call. */
  async #test(client: Client, again = 0): Promise<void> {
    const ringers = this.#ringers();
    if (ringers.names.length === 0) return;
    const tests = await ringers.selfTests();
    await client.tested(tests);
    this.#cancelRetest();
    const wait = tests.some(({ works }) => works) ? undefined : retests[again];
    if (wait === undefined || this.#isClosed) return;
    this.#cancelRetest = this.#given.clock.after(wait, () => void this.#test(client, again + 1));
  }

  #tell(change: Change): void {
    for (const changed of this.#followers) changed(change);
  }

  #forget(client: Client): void {
    this.#drop(client);
    this.#client = undefined;
  }

  #drop(client: Client): void {
    client.close();
    this.#opened.delete(client);
  }
}
