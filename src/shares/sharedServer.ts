import type { Broker } from '../broker/broker';
import type { Client, RunTool } from '../broker/connections';
import { toParleyError } from '../contract/errors';
import type { ShareView } from '../contract/operations/shares';
import type { AgentId, ToolCard } from '../core/model';
import { oneLine } from '../core/text';
import type { Share } from './shareFile';
import type { McpServer, McpServerParts } from './mcpServer';

/** How long until a server that went is started again, ms; doubled each time, up to the longest. */
export const firstPause = 1000;
export const longestPause = 300_000;
/** Up for so long (ms), and the next pause is the first one again. */
export const longEnough = 60_000;
/** Lists of tools that are waited for, one after the other: a server may say without end that its list has changed. */
const mostListings = 5;
/** Characters of a tool's description that are shown. */
const longestDescription = 1024;

export type OpenMcpServer = (parts: McpServerParts) => Promise<McpServer>;

export interface SharedServerParts {
  readonly broker: Broker;
  readonly share: Share;
  readonly version: string;
  readonly open: OpenMcpServer;
  readonly log: (what: string, facts: object) => void;
  /** The person signed its agent off. */
  readonly onSignedOff: () => void;
}

type State =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly server: McpServer; readonly client: Client; readonly since: number }
  | { readonly kind: 'waiting'; readonly problem: string; readonly retryAt: number; readonly cancel: () => void }
  | { readonly kind: 'stopped' };

/**
 * One MCP server on the roster: while it runs, its agent is there and offers its tools. One that goes is started again,
 * after pauses that double; meanwhile its agent is offline and offers nothing.
 */
export class SharedServer {
  readonly #parts: SharedServerParts;
  #share: Share;
  #state: State = { kind: 'starting' };
  #pause = firstPause;
  #tools = 0;
  #leftOut: { name: string; problem: string }[] = [];
  /** The latest list of tools that was asked for: an older one that comes later does not count. */
  #listing = 0;
  #listed: Promise<void> = Promise.resolve();

  constructor(parts: SharedServerParts) {
    this.#parts = parts;
    this.#share = parts.share;
  }

  get share(): Share {
    return this.#share;
  }

  /** The agent that it is from now on; to be said before it runs. */
  settle(agent: AgentId): void {
    this.#share = { ...this.#share, agent };
  }

  get view(): ShareView {
    const { name, agent, command, folder, url, environment, headers } = this.#share;
    const state = this.#state;
    return {
      name: this.#parts.broker.state.agents.get(agent)?.name ?? name,
      agent,
      transport: command ? 'stdio' : 'http',
      ...(command && { command }),
      ...(folder !== undefined && { folder }),
      ...(url !== undefined && { url }),
      ...(environment && { environment: Object.keys(environment) }),
      ...(headers && { headers: Object.keys(headers) }),
      state: state.kind === 'stopped' ? 'waiting' : state.kind,
      tools: this.#tools,
      ...(this.#leftOut.length > 0 && { leftOut: this.#leftOut }),
      ...(state.kind === 'waiting' && { problem: state.problem, retryAt: state.retryAt }),
    };
  }

  /** Starts it, and goes on trying when that fails. Never rejects. */
  async start(): Promise<void> {
    try {
      this.adopt(await this.open());
    } catch (error) {
      this.#wait(messageOf(error));
    }
  }

  /** Starts the server and reads its tools, and nothing else. Rejects when it does not work. */
  async open(): Promise<McpServer> {
    const { version, open } = this.#parts;
    return open({
      share: this.#share,
      version,
      onGone: () => this.#lookAfter(),
      onToolsChanged: () => void this.list(),
    });
  }

  /** The server runs: its agent is there. */
  adopt(server: McpServer): void {
    const { broker } = this.#parts;
    if (this.#state.kind === 'stopped') {
      void server.close().catch(() => undefined);
      return;
    }
    const client = this.#client(server.run);
    this.#state = { kind: 'running', server, client, since: broker.clock.now() };
    broker.connections.add(client);
    this.#listed = this.#list(server);
    // It may have gone before anybody could be told.
    this.#lookAfter();
  }

  /** Offers the tools that it has now. Resolves when the latest list of them is offered, or after {@link mostListings}. */
  async list(): Promise<void> {
    if (this.#state.kind === 'running') this.#listed = this.#list(this.#state.server);
    let last: Promise<void> | undefined;
    for (let count = 0; last !== this.#listed && count < mostListings; count++) {
      last = this.#listed;
      await last;
    }
  }

  async stop(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'stopped' };
    if (state.kind === 'waiting') state.cancel();
    if (state.kind !== 'running') return;
    this.#leave(state.client);
    await state.server.close().catch(() => undefined);
  }

  #client(run: RunTool): Client {
    const { broker, version, onSignedOff } = this.#parts;
    return {
      id: broker.newId(),
      program: 'mcp-server',
      version,
      agent: this.#share.agent,
      present: true,
      ringers: [],
      claims: false,
      useTool: run,
      ended: onSignedOff,
    };
  }

  async #list(server: McpServer): Promise<void> {
    const { broker, log } = this.#parts;
    const listing = ++this.#listing;
    try {
      const { kept, leftOut } = await this.#checked(await server.tools());
      if (this.#state.kind !== 'running' || this.#state.server !== server || listing !== this.#listing) return;
      [this.#tools, this.#leftOut] = [kept.length, leftOut];
      broker.offers.set(this.#state.client, kept);
      broker.tell({ type: 'reach', agent: this.#share.agent });
    } catch (error) {
      log('the tools of a shared server could not be listed', { share: this.#share.name, error: messageOf(error) });
    }
  }

  /** Those that can be offered. The schema of one does not keep the others out. */
  async #checked(
    cards: readonly ToolCard[],
  ): Promise<{ kept: ToolCard[]; leftOut: { name: string; problem: string }[] }> {
    const { schemas, board } = this.#parts.broker;
    const { limits } = board.world;
    const kept: ToolCard[] = [];
    const leftOut: { name: string; problem: string }[] = [];
    for (const card of cards) {
      const description = oneLine(card.description).slice(0, longestDescription);
      const name = oneLine(card.name).slice(0, 64);
      try {
        if (kept.some((one) => one.name === card.name)) continue;
        if (kept.length >= limits.toolsOffered)
          leftOut.push({ name, problem: `beyond the ${limits.toolsOffered} tools of one agent` });
        else kept.push(...(await schemas.offered([{ ...card, description }], limits)));
      } catch (error) {
        leftOut.push({ name, problem: oneLine(toParleyError(error).message).slice(0, 300) });
      }
    }
    return { kept, leftOut };
  }

  #lookAfter(): void {
    const state = this.#state;
    if (state.kind !== 'running' || !state.server.isGone()) return;
    this.#leave(state.client);
    if (this.#parts.broker.clock.now() - state.since >= longEnough) this.#pause = firstPause;
    const words = state.server.lastWords().split('\n').at(-1) ?? '';
    this.#wait(words === '' ? 'it ended' : `it ended: ${words}`);
  }

  #leave(client: Client): void {
    const { broker } = this.#parts;
    this.#tools = 0;
    broker.uses.forget(client);
    broker.offers.forget(client);
    broker.connections.remove(client, false);
    broker.tell({ type: 'reach', agent: this.#share.agent });
  }

  #wait(problem: string): void {
    if (this.#state.kind === 'stopped') return;
    const { broker, log } = this.#parts;
    const pause = this.#pause;
    this.#pause = Math.min(longestPause, pause * 2);
    const said = oneLine(problem).slice(0, 500);
    log('a shared server is gone', { share: this.#share.name, problem: said, again: pause });
    const cancel = broker.clock.after(pause, () => {
      this.#state = { kind: 'starting' };
      void this.start();
    });
    this.#state = { kind: 'waiting', problem: said, retryAt: broker.clock.now() + pause, cancel };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
