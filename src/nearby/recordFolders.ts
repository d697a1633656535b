import * as path from 'node:path';
import * as z from 'zod';
import type { NearbyFiles } from './files';
import { mostSessions, parse } from './reading';
import { nearbyClients, type NearbyClient } from './session';

/** Where the clients' folders are. */
export interface RecordPlace {
  readonly files: NearbyFiles;
  readonly env: NodeJS.ProcessEnv;
  /** The user's home folder, absolute. */
  readonly home: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

type FoldersOf = (place: RecordPlace) => readonly string[] | Promise<readonly string[]>;

/** Folders in which something changes when a session begins, ends or goes from one turn to the next; as the readers know them. */
const folders: Readonly<Record<NearbyClient, FoldersOf>> = {
  'claude-code': (place) => [path.join(own(place, 'CLAUDE_CONFIG_DIR', '.claude'), 'sessions')],
  /** Threads that are loaded, and the turns of those that began today: a folder for each day is too much to watch. */
  codex: (place) => {
    const root = own(place, 'CODEX_HOME', '.codex');
    const day = new Date(place.now);
    const [year, month, date] = [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) =>
      String(part).padStart(2, '0'),
    ) as [string, string, string];
    return [path.join(root, 'thread-writer-locks'), path.join(root, 'sessions', year, month, date)];
  },
  /** `open-sessions-state.json` stands in the folder itself. */
  copilot: (place) => {
    const root = own(place, 'COPILOT_HOME', '.copilot');
    return [root, path.join(root, 'session-state')];
  },
  /** Sessions of a folder stand in a folder of their own, whose name is in `projects.json`. */
  gemini: async (place) => {
    const root = path.join(place.env['GEMINI_CLI_HOME'] || place.home, '.gemini');
    return [root, ...(await geminiChats(place, root))];
  },
  /** It is known by its processes alone. */
  opencode: () => [],
};

/** All of them. Never rejects: what a client keeps in another form is not watched. */
export async function recordFolders(place: RecordPlace): Promise<readonly string[]> {
  const found = await Promise.all(
    nearbyClients.map(async (client) => {
      try {
        return await folders[client](place);
      } catch {
        return [];
      }
    }),
  );
  return found.flat();
}

function own({ env, home }: RecordPlace, variable: string, name: string): string {
  return env[variable] || path.join(home, name);
}

const projects = z.object({ projects: z.record(z.string(), z.string().regex(/^[\w.-]{1,255}$/)) });
const longestProjects = 1024 * 1024;

/** The latest projects stand last. */
async function geminiChats({ files }: RecordPlace, root: string): Promise<readonly string[]> {
  const part = await files.read(path.join(root, 'projects.json'), 'start', longestProjects);
  if (part?.isWhole !== true) return [];
  const names = Object.values(parse(projects, part.text).projects);
  return names.slice(-mostSessions).map((name) => path.join(root, 'tmp', name, 'chats'));
}
