import type { Broker } from '../broker/broker';
import type { Client } from '../broker/connections';
import type { Input, OperationName, Output } from '../contract/operations';
import { ParleyError } from '../contract/errors';
import type { AgentId } from '../core/model';
import type { AskOptions, Role } from './exchange';

/** Who asks, and through which connection. */
export interface Caller {
  readonly role: Role;
  readonly agent: AgentId | undefined;
  readonly client: Client;
}

/** What an operation answers: its output, and what has to be confirmed when that was handed over whole. */
export interface Handled<N extends OperationName> {
  readonly output: Output<N>;
  readonly delivery?: string | undefined;
}

export type Handler<N extends OperationName> = (
  broker: Broker,
  caller: Caller,
  input: Input<N>,
  options: AskOptions,
) => Promise<Handled<N>>;

/** One handler for each operation of a family. */
export type Handlers<N extends OperationName> = { readonly [K in N]: Handler<K> };

/** The agent as whom the caller speaks. @throws `forbidden` */
export function self(caller: Caller): AgentId {
  if (caller.agent === undefined) throw new ParleyError('forbidden', { needs: 'a registered agent' });
  return caller.agent;
}

/** Longest wait taken from an input in seconds, in ms. */
export function waitOf(seconds: number | undefined): number {
  return (seconds ?? 0) * 1000;
}

/** What a wait takes of the options. To be asked for only when there is one: the signal is made when it is looked at. */
export function whileWaiting({ signal, budget }: AskOptions): Pick<AskOptions, 'signal' | 'budget'> {
  return { signal, ...(budget !== undefined && { budget }) };
}

/** Most events that one answer carries. */
export const mostEvents = 100;
