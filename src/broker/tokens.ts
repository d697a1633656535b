import { createHash, randomBytes } from 'node:crypto';
import type { AgentId } from '../core/model';

/** 256 random bits, base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256, hex: the only form in which the broker keeps a token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Finds agents by the hash of their token. The look-up is by hash, so its time tells nothing about a token. */
export class Tokens {
  readonly #byHash = new Map<string, AgentId>();

  add(hash: string, agent: AgentId): void {
    this.#byHash.set(hash, agent);
  }

  remove(agent: AgentId): void {
    for (const [hash, holder] of this.#byHash) if (holder === agent) this.#byHash.delete(hash);
  }

  find(token: string): AgentId | undefined {
    return this.#byHash.get(hashToken(token));
  }
}
