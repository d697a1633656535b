import type { Limits } from '../core/limits';
import type { DurableEvent } from '../core/events';
import { ruleOf } from '../core/govern';
import type { AgentId, Message, MessageId, Presence, ThreadId } from '../core/model';
import { presenceOf } from '../core/presence';
import { present, type State } from '../core/state';
import type { Bucket, World } from '../core/step';
import type { Watched } from '../contract/wire';
import type { Clock } from '../store/clock';
import { Attention } from './attention';
import type { Archive } from './archive';
import { Connections, type Client } from './connections';
import { Deliveries } from './deliveries';
import { Follows } from './follows';
import { Listening } from './listening';
import { PastNames } from './pastNames';
import { Reaches } from './reach';
import { Recent } from './recent';
import { Switchboard, type Record } from './switchboard';
import { Tokens } from './tokens';
import { ToolOffers } from './toolOffers';
import { ToolSchemas } from './toolSchemas';
import { ToolUses } from './toolUses';
import { Typing } from './typing';
import { Views } from './views';

export interface BrokerOptions {
  /** The head state, recovered. */
  readonly state: State;
  /** Events that the checkpoint did not cover, for the latest messages. */
  readonly replayed: readonly DurableEvent[];
  readonly record: Record;
  readonly archive: Archive;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly newId: () => string;
  readonly log: (what: string, facts: object) => void;
  /** The journal failed: stop without another answer. */
  readonly onFailure: (error: unknown) => void;
}

/** The running switchboard with everything around it that is not on disk. */
export class Broker {
  readonly board: Switchboard;
  readonly connections: Connections;
  readonly reaches: Reaches;
  /** Who is off the roster has a name too, once it was learnt: before something is shown in which they may stand. */
  readonly pastNames: PastNames;
  readonly views: Views;
  readonly deliveries: Deliveries;
  readonly listening: Listening;
  readonly attention: Attention;
  readonly follows = new Follows();
  readonly typing: Typing;
  readonly tokens = new Tokens();
  readonly offers: ToolOffers;
  readonly schemas = new ToolSchemas();
  readonly uses: ToolUses;
  readonly archive: Archive;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly #recent = new Recent();
  readonly #presences = new Map<AgentId, Presence>();
  readonly #watchers = new Set<Client>();

  constructor(options: BrokerOptions) {
    const { state, clock, newId, archive, log } = options;
    this.clock = clock;
    this.newId = newId;
    this.archive = archive;
    this.connections = new Connections(clock, (agent) => this.#connectionChanged(agent));
    this.reaches = new Reaches(
      this.connections,
      (agent) => this.tell({ type: 'reach', agent }),
      (agent) => state.paused !== undefined || ruleOf(state, agent).hold === true,
    );
    this.typing = new Typing(clock);
    this.offers = new ToolOffers(state);
    const isHere = (agent: AgentId): boolean => agent === state.home || state.agents.has(agent);
    this.pastNames = new PastNames(isHere, (agents) => archive.names(agents, state.offset));
    this.views = new Views(state, this.connections, this.reaches, {
      typing: this.typing,
      limits: options.limits,
      now: () => clock.now(),
      offers: this.offers,
      pastNames: this.pastNames,
    });
    let awakeSince: number | undefined;
    const world: World = {
      limits: options.limits,
      isConnected: (agent) => this.connections.isConnected(agent),
      offlineSince: (agent) => this.connections.offlineSince(agent),
      startedAt: clock.now(),
      get awakeSince() {
        return awakeSince;
      },
      zone: (time) => -new Date(time).getTimezoneOffset(),
      rates: new Map<AgentId, Bucket>(),
    };
    const { record, onFailure } = options;
    const onSlept = (milliseconds: number): void => {
      awakeSince = clock.now();
      this.connections.woke();
      log('slept', { milliseconds });
    };
    this.board = new Switchboard({ state, record, world, clock, newId, onSlept, onFailure });
    const { board, views, reaches, connections } = this;
    this.uses = new ToolUses(board, clock, (agent) => views.name(agent));
    this.deliveries = new Deliveries(board, newId());
    this.listening = new Listening({
      board,
      views,
      reaches,
      recent: this.#recent,
      archive,
      clock,
      deliveries: this.deliveries,
    });
    const tell = (passing: Watched): void => this.tell(passing);
    this.attention = new Attention({ board, connections, reaches, views, clock, log, tell });
    for (const event of options.replayed) this.#recent.add(event);
    for (const agent of state.agents.values()) this.tokens.add(agent.tokenHash, agent.id);
    board.onPublished((event, audience) => this.#published(event, audience));
  }

  get state(): State {
    return this.board.state;
  }

  /** A message of late; older ones are in the archive. */
  recentMessage(id: MessageId): Message | undefined {
    return this.#recent.get(id);
  }

  /** Takes up what was going on before the restart. */
  start(): void {
    this.board.start();
    this.uses.start();
  }

  /** Tells every client that the broker is about to stop: they will reconnect. */
  farewell(reason: string): void {
    for (const client of [...this.connections.all]) client.stopping?.(reason);
  }

  stop(): void {
    this.attention.dispose();
    this.connections.dispose();
    this.board.stop();
  }

  /** Pushes everything from now on to this client, until the function returned is called. */
  watch(client: Client): () => void {
    this.#watchers.add(client);
    return () => this.#watchers.delete(client);
  }

  /** Tells those who watch. */
  tell(watched: Watched): void {
    for (const client of this.#watchers) client.event?.(watched);
    this.follows.told(watched);
  }

  /** The agent writes in this thread: those who watch are told, and who is in it and hears its events as they come. */
  tellTyping(agent: AgentId, thread: ThreadId): void {
    if (!this.typing.note(agent, thread)) return;
    const typing = { type: 'typing', thread, agent } as const;
    this.tell(typing);
    const record = this.state.threads.get(thread);
    for (const other of record ? present(record) : []) {
      if (other === agent) continue;
      for (const client of this.listening.subscribed(other)) if (!this.#watchers.has(client)) client.event?.(typing);
    }
  }

  #published(event: DurableEvent, audience: readonly AgentId[]): void {
    if (event.type === 'message.sent') this.typing.end(event.payload.message.from, event.payload.message.thread);
    this.#recent.add(event);
    if (event.type === 'agent.registered') this.tokens.add(event.payload.agent.tokenHash, event.payload.agent.id);
    if (event.type === 'agent.retired') this.tokens.remove(event.payload.agent);
    this.tell(event);
    if (event.type === 'agent.retired') this.connections.end(event.payload.agent);
    // Before the listeners wake: whoever listens now is not rung.
    this.attention.published(event);
    this.listening.published(event, audience);
    this.follows.published(event, audience);
    for (const agent of concerned(event, audience, this.state)) this.#tellPresence(agent);
  }

  #connectionChanged(agent: AgentId): void {
    this.#tellPresence(agent);
    this.board.presenceChanged();
  }

  #tellPresence(agent: AgentId): void {
    if (!this.state.agents.has(agent)) {
      this.#presences.delete(agent);
      return;
    }
    const presence = presenceOf(this.state, this.connections.isConnected(agent), agent);
    if (this.#presences.get(agent) === presence) return;
    this.#presences.set(agent, presence);
    this.tell({ type: 'presence', agent, presence });
  }
}

/** Whose presence the event may have changed. */
function concerned(event: DurableEvent, audience: readonly AgentId[], state: State): readonly AgentId[] {
  switch (event.type) {
    case 'message.sent':
      // Who comes into a room puts the one who was alone there into a call.
      return event.payload.message.type === 'message' ? [] : [event.payload.message.from, ...audience];
    case 'agent.registered':
      return [event.payload.agent.id];
    case 'agent.profiled':
    case 'agent.retired':
    case 'person.quieted':
    case 'call.rang':
    case 'call.missed':
    case 'call.declined':
    case 'call.cancelled':
    case 'call.expired':
    case 'call.merged':
    case 'call.returned':
    case 'call.queued':
    case 'call.passed':
      return [event.payload.agent];
    case 'call.accepted':
      return [
        event.payload.agent,
        event.payload.by,
        ...(state.calls.get(event.payload.call) ? [state.calls.get(event.payload.call)?.call.from ?? ''] : []),
      ];
    case 'thread.closed':
      // Who closed it is not told, and who left before was told of that.
      return event.payload.by === undefined ? audience : [...audience, event.payload.by];
    default:
      return [];
  }
}
