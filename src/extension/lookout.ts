import type { Client } from '../client/client';
import type { Clock } from '../client/clock';
import type { ClientState } from '../client/options';
import { toParleyError } from '../contract/errors';
import type { Input, Output } from '../contract/operations';
import type { AgentView, ThreadView } from '../contract/views';
import type { Watched } from '../contract/wire';
import type { Agent } from '../core/model';
import type { Disturb } from './contributions';
import { Signal, type Disposable } from './disposable';
import { emptyPicture, type Picture } from './picture';
import { RingDesk } from './ring/ringDesk';
import { Staleness } from './staleness';

/** What the lookout needs of its connection. */
export type Line = Pick<Client, 'state' | 'onState' | 'receive' | 'watch'>;

export interface LookoutOptions {
  /** The person's connection. */
  readonly line: Line;
  readonly clock: Clock;
  readonly disturb: () => Disturb;
  readonly ownAgent: () => string | undefined;
  /** Absolute paths of this window's folders. Default: none. */
  readonly folders?: () => readonly string[];
  readonly onError: (error: unknown) => void;
}

/** Changes within this time are fetched together. Milliseconds. */
const gathering = 40;
/** After a question that the broker refused, all is asked anew this much later. Milliseconds. */
const retryPause = 2_000;
/** Most open threads that the view shows. */
export const mostThreads = 200;
/** Archived threads that the view shows at first, and how many come with each further look. */
export const archivedPage = 50;

/**
 * Keeps the picture of what the person sees: a snapshot when the broker is there, then only what events made stale. It
 * never polls. What it reads here counts as seen by nobody.
 */
export class Lookout implements Disposable {
  /** The picture has changed. */
  readonly pictures: Signal<Picture>;
  /** Every event, after the picture's own bookkeeping. */
  readonly events: Signal<Watched>;
  readonly rings: RingDesk;
  readonly #options: LookoutOptions;
  readonly #stopState: () => void;
  #picture: Picture = emptyPicture;
  #stale = new Staleness();
  #fetching = false;
  #watching = false;
  /** How many archived threads are shown. */
  #archivedWanted = archivedPage;
  #cancelTimer: (() => void) | undefined;
  #disposed = false;

  constructor(options: LookoutOptions) {
    this.#options = options;
    this.pictures = new Signal(options.onError);
    this.events = new Signal(options.onError);
    this.rings = new RingDesk({
      clock: options.clock,
      setting: options.disturb,
      you: () => this.#picture.you?.id,
      agent: (id) => this.#picture.agents.get(id),
      onError: options.onError,
    });
    this.rings.changes.on(() => this.#show({ rings: this.rings.raised() }));
    this.#stopState = options.line.onState((state) => this.#moved(state));
    this.#moved(options.line.state);
  }

  get picture(): Picture {
    return this.#picture;
  }

  /** The setting, or this window's own agent, has changed. */
  refresh(): void {
    this.rings.look();
    this.#show({});
  }

  /** Shows more archived threads. */
  moreArchived(): void {
    this.#archivedWanted += archivedPage;
    this.#stale.threads = 'all';
    this.#plan();
  }

  dispose(): void {
    this.#disposed = true;
    this.#cancelTimer?.();
    this.#stopState();
    this.rings.dispose();
  }

  #moved(state: ClientState): void {
    switch (state.kind) {
      case 'connected': {
        const { agent } = state.welcome;
        this.#stale.everything();
        this.#show({ you: agent });
        if (!this.#watching) {
          this.#watching = true;
          this.#options.line.watch((event) => this.#heard(event));
        }
        void this.#fetch();
        return;
      }
      case 'lost':
      case 'failed':
        this.rings.clear();
        this.#show({ ...emptyPicture, you: this.#picture.you, broker: { state: 'gone', error: state.error } });
        return;
      case 'connecting':
        // Between two attempts nothing is known that was not known before.
        if (this.#picture.broker.state === 'connected') this.#show({ ...emptyPicture, you: this.#picture.you });
        return;
      case 'closed':
        return;
    }
  }

  #heard(event: Watched): void {
    this.#stale.heard(event, this.#picture);
    if (event.type === 'presence') this.#patchPresence(event.agent, event.presence);
    if (event.type === 'all.paused' || event.type === 'all.resumed')
      this.#show({ paused: event.type === 'all.paused' });
    // Who has just come may call before the next fetch: the ring must not name a stranger.
    if (event.type === 'agent.registered') this.#patchAgents(newcomer(event.payload.agent, event.time));
    if (event.type === 'agent.profiled') {
      const known = this.#picture.agents.get(event.payload.agent);
      if (known && event.payload.name !== undefined) this.#patchAgents({ ...known, name: event.payload.name });
    }
    this.rings.apply(event);
    this.events.tell(event);
    this.#plan();
  }

  #patchPresence(id: string, presence: AgentView['presence']): void {
    const agent = this.#picture.agents.get(id);
    if (agent && agent.presence !== presence) this.#patchAgents({ ...agent, presence });
  }

  #patchAgents(agent: AgentView): void {
    this.#show({ agents: new Map(this.#picture.agents).set(agent.id, agent) });
  }

  /** Fetches what is stale, soon. */
  #plan(pause = gathering): void {
    if (this.#disposed || this.#fetching || this.#cancelTimer || this.#stale.isEmpty) return;
    this.#cancelTimer = this.#options.clock.after(pause, () => {
      this.#cancelTimer = undefined;
      void this.#fetch();
    });
  }

  async #fetch(): Promise<void> {
    if (this.#fetching || !this.#isConnected()) return;
    this.#fetching = true;
    let pause = gathering;
    const stale = this.#stale;
    this.#stale = new Staleness();
    try {
      const [agents, inbox, threads, status] = await Promise.all([
        this.#agents(stale),
        stale.inbox ? this.#read('inbox', {}) : undefined,
        this.#threads(stale),
        stale.status ? this.#read('status', {}) : undefined,
      ]);
      if (this.#isConnected()) {
        this.#show({
          broker: { state: 'connected' },
          ...(agents && { agents }),
          ...(inbox && { calls: inbox.calls, unread: inbox.threads }),
          ...threads,
          ...(status && { paused: status.paused, quiet: status.doNotDisturb }),
        });
        // With news on the way about the inbox, this answer may be older than what the events told already.
        if (inbox && !this.#stale.inbox) this.rings.seed(inbox.calls);
        else this.rings.look();
      }
    } catch (error) {
      // A broker that went takes its questions with it; the next connection asks for everything anew.
      if (toParleyError(error).code !== 'broker_gone') {
        this.#options.onError(error);
        this.#stale.everything();
        pause = retryPause;
      }
    } finally {
      this.#fetching = false;
      this.#plan(pause);
    }
  }

  async #agents(stale: Staleness): Promise<ReadonlyMap<string, AgentView> | undefined> {
    if (stale.agents === 'all') {
      const { agents } = await this.#read('who', {});
      return new Map(agents.map((agent) => [agent.id, agent]));
    }
    if (stale.agents.size === 0) return undefined;
    const fresh = await Promise.all(
      [...stale.agents].map((agent) => this.#read('who', { agent }).catch(() => undefined)),
    );
    const agents = new Map(this.#picture.agents);
    for (const answer of fresh) for (const agent of answer?.agents ?? []) agents.set(agent.id, agent);
    return agents;
  }

  async #threads(stale: Staleness): Promise<Pick<Picture, 'threads' | 'archivedMore'> | undefined> {
    if (stale.threads === 'all') {
      const [open, archived] = await Promise.all([
        this.#read('threads', { state: 'open', limit: mostThreads }),
        this.#archived(this.#archivedWanted),
      ]);
      return { threads: latestFirst([...open.threads, ...archived.threads]), archivedMore: archived.more };
    }
    if (stale.threads.size === 0) return undefined;
    // One that cannot be read any more must not keep the others from being shown.
    const read = (thread: string) => this.#read('read', { thread, limit: 1 }).catch(() => undefined);
    const fresh = await Promise.all([...stale.threads].map(read));
    const threads = new Map(this.#picture.threads.map((thread) => [thread.id, thread]));
    for (const answer of fresh) if (answer) threads.set(answer.thread.id, answer.thread);
    const { archivedMore } = this.#picture;
    return { threads: latestFirst([...threads.values()]), archivedMore };
  }

  /** The latest archived threads, in pages as large as the broker gives them; one more than wanted tells of others. */
  async #archived(wanted: number): Promise<{ readonly threads: readonly ThreadView[]; readonly more: boolean }> {
    const threads: ThreadView[] = [];
    while (threads.length <= wanted) {
      const limit = Math.min(wanted + 1 - threads.length, mostThreads);
      const before = threads.at(-1)?.lastAt;
      const page = await this.#read('threads', { state: 'closed', limit, ...(before !== undefined && { before }) });
      threads.push(...page.threads);
      if (page.threads.length < limit) break;
    }
    return { threads: threads.slice(0, wanted), more: threads.length > wanted };
  }

  #isConnected(): boolean {
    return this.#options.line.state.kind === 'connected';
  }

  /** Looking is not showing: the delivery is not confirmed. */
  async #read<N extends 'who' | 'inbox' | 'threads' | 'read' | 'status'>(
    operation: N,
    input: Input<N>,
  ): Promise<Output<N>> {
    return (await this.#options.line.receive(operation, input)).output;
  }

  #show(change: Partial<Picture>): void {
    if (this.#disposed) return;
    const ownAgent = this.#options.ownAgent();
    const folders = this.#options.folders?.() ?? [];
    this.#picture = { ...this.#picture, ...change, ownAgent, folders, now: this.#options.clock.now() };
    this.pictures.tell(this.#picture);
  }
}

function latestFirst(threads: readonly ThreadView[]): ThreadView[] {
  return [...threads].sort((a, b) => b.lastAt - a.lastAt);
}

/** What the event of its registration says of an agent; the rest comes with the next fetch. */
function newcomer({ id, name, kind, card }: Agent, at: number): AgentView {
  const { description, platform, version, workspace, policy } = card;
  return {
    id,
    name,
    kind,
    presence: 'available',
    lastSeen: at,
    reach: { state: 'when-it-asks' },
    description,
    capabilities: [...card.capabilities],
    platform,
    version,
    workspace,
    files: [...card.files],
    policy,
    inCallWith: [],
  };
}
