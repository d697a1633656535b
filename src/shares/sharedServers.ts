import * as path from 'node:path';
import type { Broker } from '../broker/broker';
import { hashToken, newToken } from '../broker/tokens';
import { ParleyError } from '../contract/errors';
import type { Input } from '../contract/operations';
import type { ShareView } from '../contract/operations/shares';
import { checkName, register } from '../core/agents';
import { keyUse, usedKey } from '../core/keys';
import { once } from '../core/keys';
import { sharedPlatform, type AgentId } from '../core/model';
import { Refusal } from '../core/refusal';
import { signOff } from '../core/signOff';
import type { KeyResult } from '../core/state';
import type { Step } from '../core/step';
import { oneLine } from '../core/text';
import type { Share, ShareFile } from './shareFile';
import type { McpServer } from './mcpServer';
import { SharedServer, type OpenMcpServer } from './sharedServer';

/** Servers that one home shares. */
export const mostShares = 20;

export interface SharedServersParts {
  readonly broker: Broker;
  readonly file: ShareFile;
  readonly version: string;
  /** Loads the client of MCP when the first server is started: a home that shares none does not hold it. */
  readonly load: () => Promise<OpenMcpServer>;
  readonly log: (what: string, facts: object) => void;
}

/** Who asks, under which key, and what that stands for. */
interface Keyed {
  readonly by: AgentId;
  readonly key: string | undefined;
  readonly parts: readonly [string, ...unknown[]];
}

/** The MCP servers that the person shares with the roster. The broker is their client. */
export class SharedServers {
  readonly #parts: SharedServersParts;
  readonly #servers = new Map<AgentId, SharedServer>();
  /** Those that are being added under a key: who asks again meanwhile is answered the same. */
  readonly #adding = new Map<string, { readonly fingerprint: string; readonly view: Promise<ShareView> }>();

  constructor(parts: SharedServersParts) {
    this.#parts = parts;
  }

  /** Starts what the home shares; what does not start is tried again. */
  start(): void {
    const { file, log } = this.#parts;
    let shares: Share[];
    try {
      shares = file.read();
    } catch (error) {
      log('shares.json cannot be read: nothing is shared', { error: String(error) });
      return;
    }
    for (const share of shares) {
      try {
        const server = this.#make({ ...share, agent: this.#agentOf(share) });
        this.#servers.set(server.share.agent, server);
        void server.start();
      } catch (error) {
        log('a server cannot be shared', { share: share.name, error: String(error) });
      }
    }
  }

  /** @throws `bad_share`, `name_taken`, `bad_name`, `roster_full`, `storage_failed`, `key_conflict`, `unknown_share` */
  async add(by: AgentId, { key, ...wish }: Input<'share'>): Promise<ShareView> {
    const keyed: Keyed = { by, key, parts: ['share', Object.entries(wish).sort()] };
    const use = keyUse(key, keyed.parts);
    if (!use) return this.#add(wish, keyed);
    const place = `${by} ${use.key}`;
    const adding = this.#adding.get(place);
    if (adding && adding.fingerprint !== use.fingerprint) throw new Refusal('key_conflict', { key: use.key });
    if (adding) return adding.view;
    const view = this.#add(wish, keyed);
    this.#adding.set(place, { fingerprint: use.fingerprint, view });
    try {
      return await view;
    } finally {
      this.#adding.delete(place);
    }
  }

  async #add(wish: Omit<Input<'share'>, 'key'>, keyed: Keyed): Promise<ShareView> {
    const { broker } = this.#parts;
    const earlier = this.#earlier(keyed);
    const known = earlier?.kind === 'agent' ? earlier.agent : undefined;
    const running = this.#servers.get(known ?? '');
    if (running) return running.view;
    // It was shared under this key, and is no more.
    if (known !== undefined && !broker.state.agents.has(known)) throw this.#unknown(wish.name);
    if (this.#servers.size >= mostShares)
      throw new ParleyError('bad_share', { name: wish.name, problem: `at most ${mostShares} servers are shared` });
    checkWish(wish);
    // Its agent is there already where the broker went down before it noted the share.
    broker.board.run((step) => checkName(step, wish.name, known));
    const shared = this.#make({ ...wish, agent: '' });
    let server: McpServer;
    try {
      server = await shared.open();
    } catch (error) {
      const problem = oneLine(error instanceof Error ? error.message : String(error)).slice(0, 500);
      throw new ParleyError(
        'bad_share',
        { name: wish.name, problem: `it did not start: ${problem}` },
        { cause: error },
      );
    }
    try {
      const agent = known ?? this.#register(wish.name, server.title, keyed);
      shared.settle(agent);
      this.#servers.set(agent, shared);
      await broker.board.durable();
      this.#save();
      shared.adopt(server);
      await shared.list();
      return shared.view;
    } catch (error) {
      await server.close().catch(() => undefined);
      throw error;
    }
  }

  list(): readonly ShareView[] {
    return [...this.#servers.values()].map(({ view }) => view).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** @throws `unknown_share`, `key_conflict` */
  async remove(by: AgentId, { name, key }: Input<'unshare'>): Promise<void> {
    const { board, state } = this.#parts.broker;
    const keyed: Keyed = { by, key, parts: ['unshare', name] };
    if (this.#earlier(keyed)) return;
    const wanted = name.toLowerCase();
    const server = [...this.#servers.values()].find(({ view }) => view.name.toLowerCase() === wanted);
    // Forgotten already, and still on the roster: the broker went down in between, or does so at this moment.
    const left = state.agents.get(state.names.get(wanted) ?? '');
    const agent = server?.share.agent ?? (left?.card.platform === sharedPlatform ? left.id : undefined);
    if (agent === undefined) throw this.#unknown(name);
    if (server) await this.#forget(agent);
    const isDone = (step: Step): boolean => {
      if (state.agents.has(agent) && !signOff(step, by, agent)) return false;
      once(step, by, key, keyed.parts, () => ({ kind: 'done' }));
      return true;
    };
    while (!board.run(isDone));
    await board.durable();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
  }

  /** What the key led to before. @throws `key_conflict` */
  #earlier({ by, key, parts }: Keyed): KeyResult | undefined {
    return this.#parts.broker.board.run((step) => usedKey(step, by, keyUse(key, parts)));
  }

  #unknown(name: string): ParleyError {
    return new ParleyError('unknown_share', { name, known: this.list().map((one) => one.name) });
  }

  async #forget(agent: AgentId): Promise<void> {
    const server = this.#servers.get(agent);
    this.#servers.delete(agent);
    this.#save();
    await server?.stop();
  }

  #make(share: Share): SharedServer {
    const { broker, version, load, log } = this.#parts;
    const server: SharedServer = new SharedServer({
      broker,
      share,
      version,
      open: async (parts) => (await load())(parts),
      log,
      onSignedOff: () =>
        void this.#forget(server.share.agent).catch((error: unknown) => log('not forgotten', { error: String(error) })),
    });
    return server;
  }

  #save(): void {
    this.#parts.file.write([...this.#servers.values()].map(({ share }) => share));
  }

  /** Its agent, which may be gone after a repair of the home. */
  #agentOf(share: Share): AgentId {
    return this.#parts.broker.state.agents.has(share.agent) ? share.agent : this.#register(share.name, '');
  }

  /** Nobody has the token of such an agent: the broker alone speaks for it. */
  #register(name: string, title: string, keyed?: Keyed): AgentId {
    const card = { platform: sharedPlatform, description: title, policy: 'decline' as const };
    const wish = { name, kind: 'agent', card, tokenHash: hashToken(newToken()), nameSeed: 0 } as const;
    return this.#parts.broker.board.run((step) => {
      if (!keyed) return register(step, wish).id;
      const { by, key, parts } = keyed;
      return once(step, by, key, parts, () => ({ kind: 'agent', agent: register(step, wish).id })).agent;
    });
  }
}

/** @throws `bad_share` */
function checkWish({ name, command, url, headers, environment, folder }: Omit<Input<'share'>, 'key'>): void {
  const wrong = (problem: string): never => {
    throw new ParleyError('bad_share', { name, problem });
  };
  if ((command === undefined) === (url === undefined)) wrong('it needs a command or a url, and not both');
  if (url !== undefined) {
    if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol)) wrong('its url is none of HTTP');
    if (environment !== undefined || folder !== undefined) wrong('an environment and a folder go with a command');
  } else if (headers !== undefined) wrong('headers go with a url');
  const program = command?.[0] ?? '';
  // Which folder it would be looked for in depends on who asks.
  if (/[\\/]/.test(program) && !path.isAbsolute(program))
    wrong(`"${program}" is no absolute path, and no program on the PATH`);
  if (folder !== undefined && !path.isAbsolute(folder)) wrong('its folder is no absolute path');
}
