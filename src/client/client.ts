import { randomUUID } from 'node:crypto';
import { ParleyError, toParleyError } from '../contract/errors';
import type { Input, OperationName, Output } from '../contract/operations';
import {
  rpcMethods,
  type Change,
  type RingerTest,
  type StandBy,
  type Told,
  type Watched,
  type Welcome,
} from '../contract/wire';
import { attemptsByClock, hopeless, passing, pauseAfter } from './attempts';
import { systemClock, type Clock } from './clock';
import { Dialer } from './dialer';
import type { Link, LinkEvents } from './link';
import type {
  AskOptions,
  Asks,
  ChangeListener,
  ClientState,
  ConnectOptions,
  OfferedTool,
  Received,
  ToldListener,
  WatchListener,
} from './options';
import { RecordWait } from './recordWatch';
import { Requests } from './requests';
import { ToldQueue } from './toldQueue';
import { ToolDesk } from './toolDesk';

const defaultPatience = 10_000;

/** How long what was told waits for company before it is confirmed: the next message is urgent, a receipt is not. Milliseconds. */
const confirmPause = 10;
/** Deliveries that one request confirms. */
const mostConfirmed = 1000;

/**
 * A connection to the broker that mends itself: it finds the broker (or starts it), comes back when the broker does, and
 * repeats there what waits for an answer.
 */
export class Client implements Asks {
  readonly #options: ConnectOptions;
  readonly #clock: Clock;
  readonly #dialer: Dialer;
  readonly #record: RecordWait;
  readonly #requests: Requests;
  readonly #stateListeners = new Set<(state: ClientState) => void>();
  #state: ClientState = { kind: 'connecting' };
  #token: ConnectOptions['token'];
  #link: Link | undefined;
  #told: ToldQueue | undefined;
  #watched: WatchListener | undefined;
  #tools: ToolDesk | undefined;
  #changed: ChangeListener | undefined;
  #standBys: readonly StandBy[] = [];
  /** Raised by whatever makes an attempt under way worthless. */
  #turn = 0;
  #stopPause: (() => void) | undefined;
  /** False after the broker was stopped on purpose, until somebody asks for something. */
  #mayStart = true;
  /** What was told over the link and is not confirmed yet. */
  #handedOver: string[] = [];
  #stopConfirming: (() => void) | undefined;
  #unconfirmed: { deliveries: string[]; sent: Promise<void> } | undefined;

  /** Starts connecting at once; `ready` and `onState` tell how it goes. */
  constructor(options: ConnectOptions) {
    this.#options = options;
    this.#token = options.token;
    this.#clock = options.clock ?? systemClock;
    this.#dialer = new Dialer(options, this.#clock);
    this.#record = new RecordWait(options.home, options.watchRecord);
    this.#requests = new Requests(this.#clock, options.patience ?? defaultPatience, options.newKey ?? randomUUID);
    this.#reach(0);
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Told at each change, not of the state now; returns what ends that. */
  onState(listener: (state: ClientState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  /** Resolves when connected. @throws ParleyError when the attempt under way fails */
  ready(): Promise<Welcome> {
    return new Promise((resolve, reject) => {
      const look = (state: ClientState): boolean => {
        if (state.kind === 'connecting') return false;
        if (state.kind === 'connected') resolve(state.welcome);
        else reject(state.kind === 'closed' ? new ParleyError('broker_gone') : state.error);
        return true;
      };
      if (look(this.#state)) return;
      const stop = this.onState((state) => {
        if (look(state)) stop();
      });
    });
  }

  /**
   * Runs an operation. The answer counts as handed over when the promise resolves. A write without a key gets one.
   * @throws ParleyError; `broker_gone` when the broker stays away for longer than `patience`
   */
  async ask<N extends OperationName>(operation: N, input: Input<N>, options?: AskOptions): Promise<Output<N>> {
    const { output, delivery } = await this.receive(operation, input, options);
    if (delivery !== undefined) void this.confirm([delivery]);
    return output;
  }

  /** As `ask`, for those who hand the answer on: they `confirm` its delivery when that is done, and not before. */
  async receive<N extends OperationName>(operation: N, input: Input<N>, options?: AskOptions): Promise<Received<N>> {
    if (this.#state.kind === 'closed') throw new ParleyError('broker_gone');
    if (this.#state.kind === 'failed') throw this.#state.error;
    if (!this.#link) this.#hurry();
    // The broker answers as the operation's output schema says.
    return (await this.#requests.add(operation, input, options)) as Received<N>;
  }

  /** These were handed over whole. Resolves when the broker knows, or when it is too late to tell it. */
  confirm(deliveries: readonly string[], via = this.#options.client): Promise<void> {
    const link = this.#link;
    if (!link || deliveries.length === 0) return Promise.resolve();
    if (this.#unconfirmed) {
      this.#unconfirmed.deliveries.push(...deliveries);
      return this.#unconfirmed.sent;
    }
    // Those of one tick go together.
    const batch = [...deliveries];
    const sent = Promise.resolve().then(async () => {
      this.#unconfirmed = undefined;
      // Lost with its link, a delivery is told again: nothing is to be done here.
      await link.request('confirm', { deliveries: batch, via }).catch(() => undefined);
    });
    this.#unconfirmed = { deliveries: batch, sent };
    return sent;
  }

  /** The agent's own events from its position on, for as long as the client lives. At most one listener. */
  subscribe(listener: ToldListener): void {
    this.#told = new ToldQueue(listener, (delivery) => this.#confirmSoon(delivery));
    if (this.#link) this.#subscribeOver(this.#link);
  }

  /**
   * Everything that happens from now on, for as long as the client lives. What happened while the link was away is not told
   * afterwards: ask anew whenever `onState` says connected. Observers and the person only. At most one listener.
   */
  watch(listener: WatchListener): void {
    this.#watched = listener;
    if (this.#link) this.#watchOver(this.#link);
  }

  /**
   * What changes on the agent's roster, in its inbox and threads, for as long as the client lives; `all` whenever the broker
   * is back. At most one listener.
   */
  follow(listener: ChangeListener): void {
    this.#changed = listener;
    if (this.#link) this.#followOver(this.#link);
  }

  /**
   * Offers these tools to other agents, for as long as the client lives, instead of those offered before.
   * @throws `bad_tool` with what is wrong, while connected; else nothing is said of that
   */
  async offer(tools: readonly OfferedTool[]): Promise<void> {
    this.#tools = new ToolDesk(tools);
    const link = this.#link;
    try {
      if (link) await this.#tools.offerOver(link);
    } catch (error) {
      // Over the next link they are offered again.
      if (link?.isOpen === true) throw error;
    }
  }

  /**
   * Tells how the ringers of this connection fared when they were tested. Forgotten with the connection, so it is told anew
   * whenever `onState` says connected. Resolves also when nobody can be told.
   */
  async tested(tests: readonly RingerTest[]): Promise<void> {
    // A broker of before does not know how; nothing else depends on it.
    await this.#link?.request(rpcMethods.tested, { tests }).catch(() => undefined);
  }

  /** Whom `ring` of this client can ring from now on besides its own agent, instead of those before. The person only. */
  standBy(agents: readonly StandBy[]): void {
    this.#standBys = agents;
    if (this.#link) this.#standByOver(this.#link);
  }

  /** Connects anew as who holds this token, e.g. after `register`. @throws as `ready` */
  signIn(token: string): Promise<Welcome> {
    this.#token = token;
    this.retry();
    return this.ready();
  }

  /** Drops the connection, if there is one, and tries at once. */
  retry(): void {
    if (this.#state.kind === 'closed') return;
    this.#mayStart = true;
    this.#drop();
    this.#setState({ kind: 'connecting' });
    this.#reach(0);
  }

  close(): void {
    if (this.#state.kind === 'closed') return;
    this.#confirmTold();
    this.#drop();
    this.#setState({ kind: 'closed' });
    this.#requests.rejectAll(new ParleyError('broker_gone'));
  }

  #reach(attempt: number): void {
    const turn = ++this.#turn;
    this.#stopPause = undefined;
    const isStale = (): boolean => turn !== this.#turn;
    const { client, version, seat = false, present = false, ringers = [], budget } = this.#options;
    const hello = { client, version, seat, present, ringers, ...(budget !== undefined && { budget }) };
    this.#dialer
      .reach(hello, this.#token, this.#events(isStale), {
        mayStart: this.#mayStart,
        isStale,
      })
      .then(
        (link) => (isStale() ? link.close() : this.#linked(link)),
        (error: unknown) => (isStale() ? undefined : this.#missed(toParleyError(error), attempt)),
      );
  }

  #events(isStale: () => boolean): LinkEvents {
    return {
      told: (told: Told) => this.#told?.add(told),
      event: (watched: Watched) => this.#watched?.(watched),
      changed: (change: Change) => this.#changed?.(change),
      ring: async (request) =>
        this.#options.ring ? this.#options.ring(request) : { result: 'failed', detail: 'no ringer here' },
      useTool: async (request, call) => (this.#tools ?? new ToolDesk([])).use(request, call),
      stopping: () => (this.#mayStart = false),
      lost: () => {
        if (isStale()) return;
        this.#link = undefined;
        this.#forgetTold();
        this.#requests.unlinked();
        this.#missed(new ParleyError('broker_gone'), 0);
      },
    };
  }

  #linked(link: Link): void {
    this.#record.end();
    this.#link = link;
    this.#mayStart = true;
    this.#told?.welcome(link.welcome.offset);
    this.#subscribeOver(link);
    this.#watchOver(link);
    this.#followOver(link);
    if (this.#standBys.length > 0) this.#standByOver(link);
    // Refused once, they are refused again: who offered them was told.
    this.#tools?.offerOver(link).catch(() => undefined);
    this.#requests.linked(link);
    this.#setState({ kind: 'connected', welcome: link.welcome });
  }

  #missed(error: ParleyError, attempt: number): void {
    if (hopeless.has(error.code)) {
      this.#setState({ kind: 'failed', error });
      this.#requests.rejectAll(error);
      return;
    }
    if (!passing.has(error.code)) this.#requests.rejectAll(error);
    // The watch stood through a whole attempt: a broker that comes from now on shows by its record.
    if (attempt >= attemptsByClock && this.#record.stands && error.code !== 'broker_hangs') {
      this.#stopPause = () => undefined;
      this.#setState({ kind: 'lost', error });
      return;
    }
    // An attempt that is under way when the record changes sees to it when it has missed.
    if (attempt + 1 >= attemptsByClock) this.#record.begin(() => (this.#stopPause ? this.#again() : undefined));
    // By the clock: at first, while a broker that hangs may come to itself without a sign, and where nothing can be watched.
    const wait = pauseAfter(attempt);
    this.#stopPause = this.#clock.after(wait, () => this.#reach(attempt + 1));
    this.#setState({ kind: 'lost', error, retryAt: this.#clock.now() + wait });
  }

  #again(): void {
    this.#stopPause?.();
    this.#reach(0);
  }

  /** Somebody needs the broker now. */
  #hurry(): void {
    this.#mayStart = true;
    if (this.#stopPause) this.#again();
  }

  #drop(): void {
    this.#turn++;
    this.#record.end();
    this.#stopPause?.();
    this.#stopPause = undefined;
    const link = this.#link;
    this.#link = undefined;
    if (!link) return;
    this.#forgetTold();
    this.#requests.unlinked();
    link.close();
  }

  #confirmSoon(delivery: string): void {
    this.#handedOver.push(delivery);
    if (this.#handedOver.length >= mostConfirmed) this.#confirmTold();
    else this.#stopConfirming ??= this.#clock.after(confirmPause, () => this.#confirmTold());
  }

  /** Written at once, so that it still goes before a goodbye. */
  #confirmTold(): void {
    const deliveries = this.#handedOver;
    this.#forgetTold();
    if (deliveries.length === 0) return;
    void this.#link?.request('confirm', { deliveries, via: this.#options.client }).catch(() => undefined);
  }

  /** What was not confirmed over its link is told again over the next. */
  #forgetTold(): void {
    this.#handedOver = [];
    this.#stopConfirming?.();
    this.#stopConfirming = undefined;
  }

  #subscribeOver(link: Link): void {
    if (this.#told) void this.#begin(link, rpcMethods.subscribe);
  }

  #watchOver(link: Link): void {
    if (this.#watched) void this.#begin(link, rpcMethods.watch);
  }

  /** A broker of before does not know how; nothing else depends on it. */
  #followOver(link: Link): void {
    const listener = this.#changed;
    if (!listener) return;
    void link.request(rpcMethods.follow, undefined).then(
      () => listener({ what: 'all' }),
      () => undefined,
    );
  }

  /** A broker of before does not know how; then these are not rung. */
  #standByOver(link: Link): void {
    void link.request(rpcMethods.standBy, { agents: this.#standBys }).catch(() => undefined);
  }

  /** What may not listen fails for good; a link that went begins again over the next one. */
  async #begin(link: Link, method: string): Promise<void> {
    try {
      await link.request(method, undefined);
    } catch (error) {
      if (link !== this.#link || !link.isOpen) return;
      this.#drop();
      this.#missed(toParleyError(error), 0);
    }
  }

  #setState(state: ClientState): void {
    this.#state = state;
    for (const listener of [...this.#stateListeners]) listener(state);
  }
}

/**
 * A client that is connected. @throws ParleyError when the first attempt fails: `broker_gone`, `broker_hangs`,
 * `broker_start_failed`, `sandboxed`, `unauthorized`, `socket_foreign`, …
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  const client = new Client(options);
  try {
    await client.ready();
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}
