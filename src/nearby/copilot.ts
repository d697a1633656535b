import * as path from 'node:path';
import * as z from 'zod';
import type { NearbyFiles } from './files';
import type { RunningProcess } from './processTable';
import { running } from './programs';
import { eachOf, parse, type Reader, type Surroundings } from './reading';
import { titleOf, type NearbySession, type NearbyStatus } from './session';

/**
 * What Copilot CLI 1.0.102 keeps of a session in `session-state/<session id>` of its folder: `inuse.<pid>.hold`, which its
 * process holds open, `workspace.yaml` with folder and name, and `events.jsonl` from the first turn on.
 */
const holdPath = /^(.*)[/\\]session-state[/\\]([0-9a-f-]{36})[/\\]inuse\.(\d+)\.hold$/;

/** The first line of `events.jsonl`. */
const begin = z.object({
  type: z.literal('session.start'),
  data: z.object({ copilotVersion: z.string().max(64).optional() }),
});

/** `open-sessions-state.json`: the sessions that are open, by their ids. */
const openSessions = z.record(
  z.string(),
  z.object({ schemaVersion: z.literal(1), openedAt: z.string().optional(), working: z.boolean().optional() }),
);

const longestWorkspace = 64 * 1024;
const longestOpenSessions = 1024 * 1024;
/** Its first line is half a kilobyte. */
const beginBytes = 16 * 1024;

/** Sessions of Copilot CLI, by what its processes hold open: nothing that a crash left behind counts. */
export const readCopilot: Reader = async (given) => {
  const held = await Promise.all(running(given.processes, 'copilot').map(async (process) => heldBy(given, process)));
  return eachOf('copilot', held.flat(), async (one) => readSession(given, one));
};

/** The sessions that a process has open: it may have several. */
async function heldBy({ table }: Surroundings, process: RunningProcess): Promise<Held[]> {
  const paths = await table.openFiles(process.pid);
  const found = new Map<string, Held>();
  for (const [, root, id, pid] of paths.flatMap((file) => [holdPath.exec(file) ?? []])) {
    if (root !== undefined && id !== undefined && pid === String(process.pid)) found.set(id, { root, id, process });
  }
  return [...found.values()];
}

interface Held {
  /** Copilot CLI's folder. */
  readonly root: string;
  readonly id: string;
  readonly process: RunningProcess;
}

async function readSession({ files, table }: Surroundings, { root, id, process }: Held): Promise<NearbySession> {
  const folder = path.join(root, 'session-state', id);
  const kept = await files.read(path.join(folder, 'workspace.yaml'), 'start', longestWorkspace);
  const first = await files.read(path.join(folder, 'events.jsonl'), 'start', beginBytes);
  const state = await stateOf(files, path.join(root, 'open-sessions-state.json'), id);
  const scalars = plainScalars(kept?.text ?? '');
  const version = versionOf(first?.text);
  const title = titleOf(scalars.get('name'));
  return {
    client: 'copilot',
    ...(version !== undefined && { version }),
    pid: process.pid,
    start: process.start,
    folder: scalars.get('cwd') ?? (await table.folder(process.pid)) ?? '',
    ...(title !== undefined && { title }),
    startedAt: dateOf(state?.openedAt) ?? process.startedAt,
    status: statusOf(state),
    sessionId: id,
  };
}

type State = z.infer<typeof openSessions>[string];

async function stateOf(files: NearbyFiles, file: string, id: string): Promise<State | undefined> {
  try {
    const part = await files.read(file, 'start', longestOpenSessions);
    return part?.isWhole === true ? parse(openSessions, part.text)[id] : undefined;
  } catch {
    return undefined; // being written, or of another form: what it does is not known then
  }
}

function statusOf(state: State | undefined): NearbyStatus {
  if (state?.working === undefined) return 'unknown';
  return state.working ? 'busy' : 'idle';
}

function versionOf(text: string | undefined): string | undefined {
  const line = text?.split('\n', 1)[0];
  try {
    return line === undefined ? undefined : parse(begin, line).data.copilotVersion;
  } catch {
    return undefined;
  }
}

function dateOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/**
 * The plain one-line scalars of a flat YAML mapping, which is all that Copilot CLI writes there. A value that begins with
 * a sign of YAML's (quotes, blocks, anchors) is left out rather than guessed at.
 */
function plainScalars(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^([a-z_]+): ([^\s"'|>&*!%@`#[\]{},?-].*)$/.exec(line.trimEnd()) ?? [];
    if (key !== undefined && value !== undefined && !value.includes(' #')) found.set(key, value);
  }
  return found;
}
