import type { Clock } from '../../../src/client/clock';
import type { ClientState } from '../../../src/client/options';
import type { QuietView } from '../../../src/contract/operations/roster';
import type { AgentView, CallView, ThreadView } from '../../../src/contract/views';
import type { Watched } from '../../../src/contract/wire';
import type { Fact } from '../../../src/core/events';
import type { Call } from '../../../src/core/model';
import type { Line } from '../../../src/extension/lookout';
import { emptyPicture, type Picture } from '../../../src/extension/picture';

export const noon = Date.UTC(2026, 10, 21, 12);

/** Time that stands still until a test moves it. */
export class TestClock implements Clock {
  #now = noon;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.#now + milliseconds, run };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((one) => one !== timer));
  }

  /** Moves time on, runs what is due, and lets promises settle. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await settle();
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = due.at;
      due.run();
    }
    this.#now = end;
    await settle();
  }
}

export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

export function agent(name: string, change: Partial<AgentView> = {}): AgentView {
  return {
    id: name.toUpperCase(),
    name,
    kind: 'agent',
    presence: 'available',
    lastSeen: noon,
    reach: { state: 'listening' },
    description: '',
    capabilities: [],
    platform: 'Claude Code',
    version: '',
    workspace: '',
    files: [],
    policy: 'ring',
    inCallWith: [],
    ...change,
  };
}

export const you = agent('Person', { kind: 'human', platform: '' });

export function thread(id: string, change: Partial<ThreadView> = {}): ThreadView {
  return {
    id,
    topic: `topic of ${id}`,
    mode: 'live',
    state: 'open',
    home: 'HOME',
    participants: [
      { agent: 'ATLAS', name: 'Atlas', platform: 'VS Code', kind: 'agent', left: false },
      { agent: 'NOVA', name: 'Nova', platform: 'Claude Code', kind: 'agent', left: false },
    ],
    openedAt: noon,
    lastAt: noon,
    messages: 3,
    unread: 0,
    isOpen: false,
    turns: 'free',
    ...change,
  };
}

export function callToYou(
  id: string,
  state: CallView['to'][number]['state'],
  change: Partial<CallView> = {},
): CallView {
  return {
    id,
    from: 'NOVA',
    fromName: 'Nova',
    fromPlatform: 'Claude Code',
    topic: `topic of ${id}`,
    urgency: 'next',
    refs: [],
    placedAt: noon,
    to: [{ agent: you.id, name: you.name, state, ...(state === 'ringing' ? { deadline: noon + 45_000 } : {}) }],
    ...change,
  };
}

export function picture(change: Partial<Omit<Picture, 'agents'>> & { agents?: readonly AgentView[] } = {}): Picture {
  const { agents = [], ...rest } = change;
  return {
    ...emptyPicture,
    broker: { state: 'connected' },
    you: { id: you.id, name: you.name },
    agents: new Map(agents.map((one) => [one.id, one])),
    now: noon,
    ...rest,
  };
}

export function placed(id: string, change: Partial<Call> = {}): Call {
  return { id, from: 'ATLAS', topic: `topic of ${id}`, urgency: 'next', refs: [], placedAt: noon, ...change };
}

let offset = 0;

/** The fact as the broker tells it to those who watch. */
export function event(fact: Fact, time = noon): Watched {
  offset += 1;
  return { ...fact, offset, time, origin: 'HOME' };
}

/** The two events of a call that rings. */
export function rings(id: string, to: string, clock: Clock, change: Partial<Call> = {}): Watched[] {
  const call = placed(id, change);
  return [
    event({ type: 'call.placed', payload: { call, to: [to] } }, clock.now()),
    event({ type: 'call.rang', payload: { call: id, agent: to, deadline: clock.now() + 120_000 } }, clock.now()),
  ];
}

interface Asked {
  readonly agent?: string;
  readonly thread?: string;
  readonly state?: string;
  readonly before?: number;
  readonly limit?: number;
}

/** Processor time of this process since `began` (process.cpuUsage()), in milliseconds. */
export function processorTime(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

/** A broker that answers from what the test put there. */
export class FakeLine implements Line {
  state: ClientState = { kind: 'connecting' };
  agents: AgentView[] = [you];
  calls: CallView[] = [];
  threads: ThreadView[] = [];
  paused = false;
  quiet: QuietView = { on: false };
  readonly asked: string[] = [];
  readonly #listeners = new Set<(state: ClientState) => void>();
  #watch: ((event: Watched) => void) | undefined;

  onState(listener: (state: ClientState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  become(state: ClientState): void {
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }

  connect(): void {
    const agent = { id: you.id, name: you.name };
    this.become({
      kind: 'connected',
      welcome: {
        protocol: 1,
        version: '0.1.0',
        build: 1,
        broker: 'HOME',
        role: 'admin',
        agent,
        seat: 'held',
        offset: 7,
      },
    });
  }

  watch(listener: (event: Watched) => void): void {
    this.#watch = listener;
  }

  tell(...events: readonly Watched[]): void {
    for (const one of events) this.#watch?.(one);
  }

  receive = ((operation: string, input: Asked) => {
    this.asked.push(operation);
    const waiting = { unread: 0, calls: 0, ringing: 0 };
    const outputs: Record<string, () => object> = {
      who: () => ({ you: you.name, agents: this.agents.filter((one) => (input.agent ?? one.id) === one.id), waiting }),
      inbox: () => ({ calls: this.calls, threads: this.threads.filter((one) => one.unread > 0), waiting }),
      threads: () => {
        const { state, before = Infinity, limit } = input;
        const fitting = this.threads.filter(
          (one) => state === 'all' || (one.state === 'closed') === (state === 'closed'),
        );
        const sorted = fitting.filter((one) => one.lastAt < before).sort((a, b) => b.lastAt - a.lastAt);
        return { threads: sorted.slice(0, limit), waiting };
      },
      status: () => ({ paused: this.paused, doNotDisturb: this.quiet }),
      read: () => ({ thread: this.threads.find((one) => one.id === input.thread), messages: [], more: 0, waiting }),
    };
    return Promise.resolve({ output: outputs[operation]?.() ?? {} });
  }) as unknown as Line['receive'];
}
