import * as fs from 'node:fs';
import * as path from 'node:path';
import { homeFiles, type Identity } from '../contract/home';
import type { BrokerRecord } from '../contract/wire';

/**
 * The home as a hook reads it: the same files that the client layer reads with schemas, checked by hand. A hook runs after
 * every tool of every agent, and loading the schemas takes as long as everything else that it does.
 */
export class HookHome {
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  /** Undefined when no broker has left one that is whole. */
  broker(): BrokerRecord | undefined {
    const record = readJson(path.join(this.#home, homeFiles.broker)) as Partial<BrokerRecord> | undefined;
    const isWhole =
      typeof record?.socket === 'string' &&
      record.socket !== '' &&
      typeof record.pid === 'number' &&
      typeof record.protocol === 'number';
    return isWhole ? (record as BrokerRecord) : undefined;
  }

  /** As the client's store lists them: the latest first, those that are not whole left out. */
  list(): Identity[] {
    const folder = path.join(this.#home, homeFiles.identities);
    return names(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => readJson(path.join(folder, name)))
      .filter(isIdentity)
      .sort((a, b) => b.savedAt - a.savedAt);
  }

  byName(name: string): Identity | undefined {
    const lower = name.toLowerCase();
    return this.list().find((identity) => identity.name.toLowerCase() === lower);
  }

  /** Keeps a new identity; the file is made by us or not at all. */
  add(identity: Identity): void {
    const folder = path.join(this.#home, homeFiles.identities);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.writeFileSync(path.join(folder, `${identity.id}.json`), JSON.stringify(identity), { mode: 0o600, flag: 'wx' });
  }

  /** Calls with which this agent's turn was kept going once already. */
  heldCalls(agent: string): string[] {
    const calls = readJson(this.#holds(agent));
    return Array.isArray(calls) ? calls.filter((one): one is string => typeof one === 'string') : [];
  }

  holdCalls(agent: string, calls: readonly string[]): void {
    const file = this.#holds(agent);
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(file, JSON.stringify(calls.slice(-mostHeld)), { mode: 0o600 });
  }

  #holds(agent: string): string {
    return path.join(this.#home, 'hooks', `${path.basename(agent)}.json`);
  }
}

/** Calls of one agent that are remembered, the latest. */
const mostHeld = 50;

function names(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function isIdentity(value: unknown): value is Identity {
  const one = value as Partial<Identity> | undefined;
  return (
    typeof one?.id === 'string' &&
    typeof one.name === 'string' &&
    typeof one.token === 'string' &&
    typeof one.savedAt === 'number' &&
    Array.isArray(one.sessions)
  );
}
