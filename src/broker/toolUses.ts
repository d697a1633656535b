import { createHash } from 'node:crypto';
import { isKeyKnown } from '../core/keys';
import { ParleyError } from '../contract/errors';
import { isJson } from '../contract/json';
import type { ToolAnswer, ToolProgress } from '../contract/wire';
import type { AgentId } from '../core/model';
import { utf8Length } from '../core/text';
import { beginUse, endUse, loseUses } from '../core/tools';
import type { UseId, UseOutcome } from '../core/taskModel';
import type { Clock } from '../store/clock';
import { dropGrace, type Client } from './connections';
import type { Switchboard } from './switchboard';
import type { Offer } from './toolOffers';

/** Results that are kept for who asks again with the same key, because its connection went before the answer came. */
const mostKept = 64;

/** One wish to use a tool of a connected program. The arguments were checked. */
export interface Using {
  readonly by: AgentId;
  /** The connection that asks. */
  readonly asker: Client;
  readonly owner: AgentId;
  readonly offer: Offer;
  readonly args: Readonly<Record<string, unknown>>;
  /** Milliseconds. */
  readonly timeout: number;
  readonly key?: string | undefined;
  /** Aborted when who asks cancels or is gone. */
  readonly signal: AbortSignal;
  readonly progress?: ((progress: ToolProgress) => void) | undefined;
}

export interface Used {
  readonly use: UseId;
  readonly answer: ToolAnswer;
}

/** A use that runs, with everyone who waits for it: one, or a second who asks again after its connection was lost. */
interface Running {
  readonly owner: AgentId;
  readonly result: Promise<ToolAnswer>;
  readonly waiting: Set<Using>;
  readonly stop: AbortController;
}

/** What became of a use, before it is told. */
type Ending =
  | { readonly outcome: 'ok' | 'error'; readonly answer: ToolAnswer; readonly bytes: number }
  | { readonly outcome: Exclude<UseOutcome, 'ok' | 'error'>; readonly error?: ParleyError; readonly bytes: number };

/**
 * Runs tools on the programs that offer them: permitted and journaled before the tool hears of it, within a time, and
 * ended in the journal whatever the tool does. The same key runs a tool once.
 */
export class ToolUses {
  readonly #board: Switchboard;
  readonly #clock: Clock;
  readonly #name: (agent: AgentId) => string;
  readonly #running = new Map<UseId, Running>();
  readonly #kept = new Map<UseId, Promise<ToolAnswer>>();
  readonly #gone = new WeakSet<Client>();

  constructor(board: Switchboard, clock: Clock, name: (agent: AgentId) => string) {
    this.#board = board;
    this.#clock = clock;
    this.#name = name;
  }

  /** Ends in the journal what a broker before this one left open. */
  start(): void {
    if (this.#board.state.uses.size > 0) this.#board.run(loseUses);
  }

  /** The connection is gone. */
  forget(client: Client): void {
    this.#gone.add(client);
  }

  /**
   * @throws `too_many_uses`, `tool_not_allowed`, `rate_limited`, `key_conflict`, `tool_timeout`, `tool_gone`,
   * `tool_result_too_large`, `bad_tool_result`, `tool_use_lost` when it ran under a broker before this one
   */
  async use(using: Using): Promise<Used> {
    const { by, owner, offer, args, key } = using;
    const { limits } = this.#board.world;
    const tool = offer.card.name;
    const isKnown = isKeyKnown(this.#board.state, by, key);
    if (!isKnown && this.#runningAt(owner) >= limits.toolUses)
      throw new ParleyError('too_many_uses', { agent: this.#name(owner), limit: limits.toolUses });
    const hash = createHash('sha256').update(JSON.stringify(args)).digest('hex');
    const begun = this.#board.run((step) => beginUse(step, by, { owner, tool, args, hash, key }));
    const running = begun.again ? this.#running.get(begun.use) : this.#begin(begun.use, using);
    if (running) return { use: begun.use, answer: await this.#wait(running, using) };
    const kept = this.#kept.get(begun.use);
    if (!kept) throw new ParleyError('tool_use_lost', { tool });
    return { use: begun.use, answer: await kept };
  }

  #runningAt(owner: AgentId): number {
    return [...this.#running.values()].filter((running) => running.owner === owner).length;
  }

  #begin(use: UseId, using: Using): Running {
    const stop = new AbortController();
    const waiting = new Set<Using>();
    const result = this.#run(use, using, stop, (progress) => {
      for (const one of waiting) one.progress?.(progress);
    });
    // Whoever waits hears of it; that nobody does any more is no failure of the broker's.
    result.catch(() => undefined);
    const running: Running = { owner: using.owner, result, waiting, stop };
    this.#running.set(use, running);
    return running;
  }

  async #run(
    use: UseId,
    using: Using,
    stop: AbortController,
    progress: (progress: ToolProgress) => void,
  ): Promise<ToolAnswer> {
    const ended = await this.#ask(use, using, stop, progress);
    const kept = this.#running.get(use)?.result;
    this.#running.delete(use);
    if (kept) this.#keep(use, kept);
    if (!this.#board.isFailed) {
      this.#board.run((step) => endUse(step, use, ended.outcome, ended.bytes));
      await this.#board.durable();
    }
    if ('answer' in ended) return ended.answer;
    if (ended.error) throw ended.error;
    return { content: 'The use of the tool was cancelled.', isError: true };
  }

  /** Never rejects. */
  async #ask(
    use: UseId,
    { by, offer, args, timeout }: Using,
    stop: AbortController,
    progress: (progress: ToolProgress) => void,
  ): Promise<Ending> {
    const { name: tool } = offer.card;
    const { limits } = this.#board.world;
    let isLate = false as boolean;
    const cancel = this.#clock.after(timeout, () => {
      isLate = true;
      stop.abort();
    });
    try {
      // On disk before the tool hears of it.
      await this.#board.durable();
      const request = {
        use,
        tool,
        args,
        timeout,
        by,
        byName: this.#name(by),
        byKind: this.#board.state.agents.get(by)?.kind ?? 'agent',
      };
      const given = await offer.client?.useTool?.(request, {
        signal: stop.signal,
        progress: (value) => progress(progressOf(value)),
      });
      const answer = answerOf(given);
      if (!answer) return { outcome: 'invalid', error: new ParleyError('bad_tool_result', { tool }), bytes: 0 };
      const bytes = utf8Length(JSON.stringify(answer));
      const { toolResultBytes: limit } = limits;
      if (bytes > limit)
        return { outcome: 'too_large', error: new ParleyError('tool_result_too_large', { tool, limit }), bytes };
      return { outcome: answer.isError === true ? 'error' : 'ok', answer, bytes };
    } catch {
      const seconds = Math.round(timeout / 1000);
      if (isLate) return { outcome: 'timeout', error: new ParleyError('tool_timeout', { tool, seconds }), bytes: 0 };
      if (stop.signal.aborted) return { outcome: 'cancelled', bytes: 0 };
      return { outcome: 'gone', error: new ParleyError('tool_gone', { tool }), bytes: 0 };
    } finally {
      cancel();
    }
  }

  /** Waits for the result, or until who asked cancels. The last of them who cancels stops the tool. */
  async #wait(running: Running, using: Using): Promise<ToolAnswer> {
    const { signal } = using;
    running.waiting.add(using);
    const left = (): void => {
      running.waiting.delete(using);
      const stopUnlessWaited = (): void => {
        if (running.waiting.size === 0) running.stop.abort();
      };
      // A connection that is gone may come back and ask again with its key. Whether it is gone is known a moment later.
      queueMicrotask(() => {
        if (using.key !== undefined && this.#gone.has(using.asker)) this.#clock.after(dropGrace, stopUnlessWaited);
        else stopUnlessWaited();
      });
    };
    signal.addEventListener('abort', left, { once: true });
    if (signal.aborted) left();
    try {
      return await running.result;
    } finally {
      signal.removeEventListener('abort', left);
      running.waiting.delete(using);
    }
  }

  #keep(use: UseId, result: Promise<ToolAnswer>): void {
    this.#kept.set(use, result);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** What came from the program, when it is an answer. */
function answerOf(given: unknown): ToolAnswer | undefined {
  if (typeof given !== 'object' || given === null || !isJson(given)) return undefined;
  const { content, structured, isError } = given as Readonly<Record<string, unknown>>;
  if (typeof content !== 'string' || (isError !== undefined && typeof isError !== 'boolean')) return undefined;
  return { content, ...(structured !== undefined && { structured }), ...(isError === true && { isError }) };
}

/** What came from the program, as far as it is progress. */
function progressOf(value: unknown): ToolProgress {
  const { text, progress } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return {
    ...(typeof text === 'string' && { text: text.slice(0, 500) }),
    ...(typeof progress === 'number' && { progress: Math.min(1, Math.max(0, progress)) }),
  };
}
