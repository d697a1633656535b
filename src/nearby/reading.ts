import type * as z from 'zod';
import { CannotTell } from './files';
import type { ProcessTable, RunningProcess } from './processTable';
import type { Found, NearbyClient, NearbySession, Unclear } from './session';
import type { NearbyFiles } from './files';

/** What every reader is given. */
export interface Surroundings {
  readonly files: NearbyFiles;
  readonly table: ProcessTable;
  /** Our own user's processes, read once for all readers. */
  readonly processes: readonly RunningProcess[];
  readonly env: NodeJS.ProcessEnv;
  /** The user's home folder, absolute. */
  readonly home: string;
}

/** Finds the sessions of one client. It never rejects for what the client wrote: that becomes `unclear`. */
export type Reader = (given: Surroundings) => Promise<Found>;

/** Sessions of one client that are looked at in one go; more are not looked for. */
export const mostSessions = 100;

/** A JSON text of the given form. @throws CannotTell */
export function parse<T>(schema: z.ZodType<T>, text: string): T {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new CannotTell('its record is not whole');
  }
  const result = schema.safeParse(given);
  if (!result.success) throw new CannotTell('its record has a form that Parley does not know');
  return result.data;
}

/** The lines of a JSONL text that are whole and of the given form, in order; others are passed over. */
export function parseLines<T>(schema: z.ZodType<T>, text: string): T[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [parse(schema, line)];
    } catch {
      return [];
    }
  });
}

/** Reads candidates one by one; one that cannot be understood spoils no other. */
export async function eachOf<T>(
  client: NearbyClient,
  candidates: readonly T[],
  read: (candidate: T) => Promise<NearbySession | undefined>,
): Promise<Found> {
  const sessions: NearbySession[] = [];
  const unclear: Unclear[] = [];
  for (const candidate of candidates.slice(0, mostSessions)) {
    try {
      const session = await read(candidate);
      if (session) sessions.push(session);
    } catch (error) {
      unclear.push({ client, why: whyOf(error) });
    }
  }
  if (candidates.length > mostSessions) {
    unclear.push({ client, why: `it has more than ${mostSessions} sessions here` });
  }
  return { sessions, unclear };
}

/** As a person reads it after "cannot tell: ". */
export function whyOf(error: unknown): string {
  return error instanceof CannotTell ? error.message : 'something unexpected was in the way';
}
