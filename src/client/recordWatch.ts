import * as fs from 'node:fs';
import * as path from 'node:path';
import { homeFiles } from '../contract/home';

/**
 * Tells when the broker's record in the home was written, replaced or removed, until the function returned is called; it keeps
 * no process alive. Undefined where that cannot be watched: the home is not there, or the system has no watches left.
 */
export type WatchRecord = (home: string, changed: () => void) => (() => void) | undefined;

export const watchRecord: WatchRecord = (home, changed) => {
  // On Linux a folder that was removed says so under its own name, and is silent from then on.
  const told = [homeFiles.broker, path.basename(home)];
  try {
    const watcher = fs.watch(home, { persistent: false }, (_event, name) => {
      if (name === null || told.includes(name)) changed();
    });
    watcher.on('error', changed);
    return () => watcher.close();
  } catch {
    return undefined;
  }
};

/** The wait for a broker that is away: whether its record has changed since the wait began. */
export class RecordWait {
  readonly #home: string;
  readonly #watch: WatchRecord;
  #stop: (() => void) | undefined;

  constructor(home: string, watch: WatchRecord = watchRecord) {
    this.#home = home;
    this.#watch = watch;
  }

  /** True from a beginning that could be made to the first change. */
  get stands(): boolean {
    return this.#stop !== undefined;
  }

  /** Watches from now on, and tells of the first change; an earlier wait that still stands goes on instead. */
  begin(changed: () => void): void {
    if (this.#stop) return;
    const stop = this.#watch(this.#home, () => {
      if (this.#stop !== stop) return;
      this.end();
      changed();
    });
    this.#stop = stop;
  }

  end(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}
