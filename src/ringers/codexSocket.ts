import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import type { RingAnswer } from '../contract/wire';
import { CodexTalk, type CodexThread } from './codexTalk';
import { DoorClosed, type Door, type DoorTest, type Ring, type RingerClock } from './ringer';

/** A thread that began this long before us, or after, may be the one that we serve (ms). */
const startsTogether = 60_000;
/** How long a connection is kept for the next ring (ms): a talk comes in bursts. */
const keptFor = 30_000;
/** Threads that are looked at to find ours. */
const mostThreads = 50;
/** When a server that had not listed our thread yet is asked again, from the beginning (ms); then the first call will tell. */
const asksAgain = [500, 2000, 8000] as const;

export interface CodexParts {
  /** Codex's folder, absolute. */
  readonly folder: string;
  /** The folder that the thread works in. */
  readonly workspace: string;
  /** The thread that calls us, once it has. */
  readonly thread: () => string | undefined;
  /** When we were started (ms since the epoch). */
  readonly startedAt: number;
  /** Told which thread it must be, before any call said so. */
  readonly found: (thread: string) => void;
  readonly clock: RingerClock;
}

/**
 * Codex's own server, which every interactive session of Codex runs in, over its control socket. An idle thread starts a
 * turn; a running one sees the ring with its next request to the model, and nothing is cut.
 */
export class CodexSocketDoor implements Door {
  readonly name = 'codex-socket';
  readonly #parts: CodexParts;
  /** The thread that it must be, while none has called. */
  #found: string | undefined;
  #kept: CodexTalk | undefined;
  #cancelKept: () => void = () => undefined;

  constructor(parts: CodexParts) {
    this.#parts = parts;
  }

  async look(signal: AbortSignal): Promise<void> {
    if (process.platform === 'win32') throw new DoorClosed('Codex has no such socket on Windows');
    // It is a link into a folder for temporary files: neither the link nor what it leads to may be another's.
    const both = await Promise.all([lstat(this.#socket), stat(this.#socket)]).catch(() => undefined);
    if (both?.[1].isSocket() !== true) throw new DoorClosed('Codex runs without its server');
    if (both.some(({ uid }) => process.getuid !== undefined && uid !== process.getuid())) {
      throw new DoorClosed('its socket belongs to another user');
    }
    if (this.#parts.thread() !== undefined) return;
    // Nothing gets through to a thread that is not known: that shows only there.
    await this.#talk(signal, (talk) => this.#thread(talk));
  }

  /** Our server is started with its thread, and may be there first. */
  watch(changed: () => void): () => void {
    const { clock, thread } = this.#parts;
    const look = (): void => (thread() === undefined ? changed() : undefined);
    const cancels = asksAgain.map((wait) => clock.after(wait, look));
    return () => {
      for (const cancel of cancels) cancel();
    };
  }

  async test(signal: AbortSignal): Promise<DoorTest> {
    return this.#talk(signal, async (talk) => {
      await this.#thread(talk);
      return { did: 'asked its server for the state of its thread', version: talk.version };
    });
  }

  async ring({ text }: Ring, signal: AbortSignal): Promise<RingAnswer> {
    return this.#talk(signal, async (talk) => {
      const { id, waits } = await this.#thread(talk);
      await talk.startTurn(id, text);
      return waits === undefined ? { result: 'written' } : { result: 'held', detail: waits };
    });
  }

  dispose(): Promise<void> {
    this.#forget();
    return Promise.resolve();
  }

  /** Over the connection of a moment ago, or a new one, which is kept for the next ring for a while. */
  async #talk<T>(signal: AbortSignal, work: (talk: CodexTalk) => Promise<T>): Promise<T> {
    this.#cancelKept();
    const talk = this.#kept?.isOpen === true ? this.#kept : await CodexTalk.open(this.#socket, signal);
    // A test and a ring may both have opened one.
    const isKept = talk === (this.#kept = this.#kept?.isOpen === true ? this.#kept : talk);
    const cut = (): void => talk.cut();
    signal.addEventListener('abort', cut, { once: true });
    try {
      return await work(talk);
    } finally {
      signal.removeEventListener('abort', cut);
      if (!isKept) talk.close();
      this.#cancelKept();
      this.#cancelKept = this.#parts.clock.after(keptFor, () => this.#forget());
    }
  }

  /** Codex keeps a thread in memory for as long as somebody is connected to it. */
  #forget(): void {
    this.#cancelKept();
    this.#kept?.close();
    this.#kept = undefined;
  }

  get #socket(): string {
    return path.join(this.#parts.folder, 'app-server-control', 'app-server-control.sock');
  }

  /** The thread that we serve. Before its first call it is known where only one in our folder began when we did. */
  async #thread(talk: CodexTalk): Promise<CodexThread> {
    const { thread, workspace, startedAt, found } = this.#parts;
    const known = thread() ?? this.#found;
    if (known !== undefined) return talk.thread(known);
    const loaded = await talk.loadedThreads();
    if (loaded.length > mostThreads) throw new DoorClosed('its server has too many threads to tell ours');
    const ours: CodexThread[] = [];
    for (const id of loaded) {
      const one = await talk.thread(id).catch(() => undefined);
      if (one?.folder === workspace && !one.isInner && one.createdAt >= startedAt - startsTogether) ours.push(one);
    }
    const [only] = ours;
    if (!only || ours.length > 1)
      throw new DoorClosed('which of its threads is ours shows with the first use of Parley');
    this.#found = only.id;
    found(only.id);
    return only;
  }
}

/** Codex's folder; undefined when the environment names none. */
export function codexFolder(env: NodeJS.ProcessEnv): string | undefined {
  const set = env['CODEX_HOME'];
  if (set !== undefined && set !== '') return path.resolve(set);
  const home = env['HOME'] ?? env['USERPROFILE'];
  return home === undefined || home === '' ? undefined : path.join(home, '.codex');
}
