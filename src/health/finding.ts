import type { Autostart } from '../client/starter';
import type { Clock } from '../client/clock';
import type { Processes } from '../client/processes';
import type { ClientName } from '../connect/clientNames';

/** How it stands with one thing: well, to be looked at, broken; `none` where there was nothing to look at. */
export type Health = 'ok' | 'warn' | 'fail' | 'none';

/** Everything that Parley can mend by itself when the person says so. */
export type FixName =
  | 'closeHome'
  | 'openHome'
  | 'startBroker'
  | 'restartBroker'
  | 'endBroker'
  | 'repairHome'
  | 'placePrograms'
  | 'connectClient';

/** Something that can be done about a finding. */
export interface Fix {
  readonly name: FixName;
  /** What the button says. */
  readonly title: string;
  /** What happens then, in a sentence that the person agrees to; undefined where nobody need be asked. */
  readonly asks?: string;
  /** @throws ParleyError when it could not be mended */
  readonly run: () => Promise<void>;
}

/** What a check saw. */
export interface Seen {
  readonly state: Health;
  readonly found: string;
  /** What to do about it; empty when nothing is. */
  readonly todo: string;
  readonly fix?: Fix;
}

/** One thing that was looked at. */
export interface Finding extends Seen {
  /** Stable: programs read it. */
  readonly check: string;
  readonly group: Group;
}

export const groups = ['home', 'broker', 'journal', 'agents', 'clients'] as const;
export type Group = (typeof groups)[number];

/** A row of the table of checks. */
export interface Check {
  readonly id: string;
  readonly group: Group;
  /** What it looks at, for people. */
  readonly title: () => string;
  /** MUST NOT change anything that stays. */
  readonly look: (patient: Patient) => Seen | Promise<Seen>;
}

/** What is looked at, and how a check reaches it. */
export interface Patient {
  /** Absolute path of the home. */
  readonly home: string;
  /** Absolute path of the launcher that clients run. */
  readonly launcher: string;
  readonly env: NodeJS.ProcessEnv;
  /** The user's own folder. */
  readonly userFolder: string;
  readonly platform: NodeJS.Platform;
  /** Of this program. */
  readonly version: string;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly autostart: Autostart;
  /** The person's token, where it is the person who asks; undefined for anyone else. */
  readonly personToken: () => string | undefined;
  readonly hands: Hands;
}

/** What only the program around can mend. Where one is missing, the finding says in words what to do. */
export interface Hands {
  /** Puts programs and launcher into the home anew. */
  readonly placePrograms?: () => Promise<void>;
  /** Sets a client up, with all the questions that this takes. */
  readonly connectClient?: (client: ClientName) => Promise<void>;
}

export function ok(found: string): Seen {
  return { state: 'ok', found, todo: '' };
}

export function none(found: string): Seen {
  return { state: 'none', found, todo: '' };
}

export function warn(found: string, todo: string, fix?: Fix): Seen {
  return { state: 'warn', found, todo, ...(fix && { fix }) };
}

export function fail(found: string, todo: string, fix?: Fix): Seen {
  return { state: 'fail', found, todo, ...(fix && { fix }) };
}
