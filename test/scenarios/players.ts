import { until } from '../support/until';

/** What an agent was told and showed its model. */
export interface Told {
  /** The words, as they came out of its door. */
  readonly text: string;
}

/** One on the roster, as the asker saw it. */
export interface Seen {
  readonly name: string;
  readonly presence: string;
  readonly capabilities: readonly string[];
}

/** Something that came to an agent without its asking. */
export type Heard =
  | { readonly what: 'call'; readonly call: string; readonly from: string; readonly topic: string }
  | { readonly what: 'answered'; readonly by: string; readonly thread: string | undefined }
  | { readonly what: 'said'; readonly from: string; readonly text: string; readonly thread: string | undefined }
  | { readonly what: 'left' | 'joined'; readonly from: string }
  | { readonly what: 'closed'; readonly thread: string };

/** A thread as it can be read. */
export interface ReadThread {
  readonly topic: string;
  readonly state: string;
  readonly said: readonly (readonly [from: string, text: string])[];
}

/** An agent that does what the scenario says, through one door. */
export interface Player {
  readonly name: string;
  who(): Promise<Told & { readonly agents: readonly Seen[] }>;
  call(agent: string, topic: string): Promise<Told>;
  accept(call: string): Promise<Told>;
  send(text: string): Promise<Told>;
  leave(): Promise<Told>;
  read(thread: string): Promise<Told & ReadThread>;
  search(words: string): Promise<Told>;
  /** All that it heard so far, in order. */
  heard(): readonly Heard[];
  end(): Promise<void>;
}

/** What the scenario needs to make its agents. */
export interface Casting {
  /** `capabilities` as the agent says of itself, `platform` the client that it runs in. */
  player(name: string, platform: string, capabilities: readonly string[]): Promise<Player>;
}

/** The first of what the player heard that is this, waited for. */
export function hears<W extends Heard['what']>(
  player: Player,
  what: W,
  is: (heard: Extract<Heard, { what: W }>) => boolean = () => true,
): Promise<Extract<Heard, { what: W }>> {
  const fits = (one: Heard): one is Extract<Heard, { what: W }> => one.what === what && is(one as never);
  return until(`${player.name} to hear ${what}`, () => player.heard().find(fits));
}
