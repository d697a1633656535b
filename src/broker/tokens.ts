import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { AgentId } from '../core/model';

/** 256 random bits, base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * The token of whoever signed on with this key at this time (ms): the same whenever it is asked for, and kept nowhere. Without
 * the home's `secret` the key leads to no token.
 */
export function keyedToken(secret: string, key: string, time: number): string {
  return createHmac('sha256', secret).update(`register ${time} ${key}`).digest('base64url');
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
