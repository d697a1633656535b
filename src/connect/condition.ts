import * as path from 'node:path';
import { toParleyError, type ParleyError } from '../contract/errors';
import type { ClientName } from './clientNames';
import { clientOf, type Part, type Place } from './clients';
import type { Connector, Plan } from './connector';

/** How a client is set up now. */
export type Condition =
  /** Nothing of ours is in its files. `isHere`: the client is on this machine. */
  | { readonly kind: 'none'; readonly isHere: boolean }
  /** All that this version would write is there. `asks`: whether its file makes it ask before it uses our tools, if a file says. */
  | { readonly kind: 'whole'; readonly asks?: boolean }
  /** Something of ours is there, and connecting again would change these files. */
  | { readonly kind: 'stale'; readonly files: readonly { readonly file: string; readonly holds: readonly Part[] }[] }
  /** A file of it cannot be read or written. */
  | { readonly kind: 'broken'; readonly error: ParleyError };

/** Looks at a client's files; writes nothing. */
export async function conditionOf(connector: Connector, client: ClientName, place: Place): Promise<Condition> {
  try {
    if ((await connector.planRemove(client)).files.length === 0) return { kind: 'none', isHere: isHere(client, place) };
    const { allow, wake } = clientOf(client);
    let nearest: Plan | undefined;
    for (const isWoken of wake === undefined ? [false] : [false, true]) {
      for (const isAllowed of [true, false]) {
        const plan = await connector.planConnect(client, { isAllowed, isWoken });
        if (plan.files.length === 0) return { kind: 'whole', ...(allow !== undefined && { asks: !isAllowed }) };
        if (!nearest || plan.files.length < nearest.files.length) nearest = plan;
      }
    }
    return { kind: 'stale', files: nearest ? parts(nearest) : [] };
  } catch (error) {
    return { kind: 'broken', error: toParleyError(error) };
  }
}

function parts(plan: Plan): { readonly file: string; readonly holds: readonly Part[] }[] {
  return plan.files.map(({ file, change }) => ({ file, holds: change.holds }));
}

/** Its program is on the PATH, or it has left a file or folder that we would write to. */
function isHere(client: ClientName, place: Place): boolean {
  const { programs, changes } = clientOf(client);
  const folders = (place.env['PATH'] ?? '').split(place.platform === 'win32' ? ';' : ':');
  const endings = place.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  const runs = folders
    .filter((folder) => folder !== '')
    .some((folder) => programs.some((name) => endings.some((end) => place.exists(path.join(folder, name + end)))));
  return runs || changes(place, { isAllowed: false }).some(({ file, isOwn }) => !isOwn && place.exists(file));
}
