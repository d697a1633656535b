import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * Tells of changes in a folder: what is made, changed or removed in it, by its name (undefined where the system does not
 * say). `lost` is told once when the folder is gone or can be watched no longer. Ends with the function returned.
 * @throws when the folder is not there, or cannot be watched
 */
export type WatchFolder = (folder: string, changed: (name?: string) => void, lost: () => void) => () => void;

/** The system's own watch. Neither it nor what it finds keeps the process alive. */
export const watchFolder: WatchFolder = (folder, changed, lost) => {
  const own = path.basename(folder);
  const watcher = fs.watch(folder, { persistent: false }, (_event, name) => {
    // On Linux a folder that was removed says so under its own name, and is silent from then on.
    if (name === own) lost();
    else changed(name ?? undefined);
  });
  watcher.on('error', lost);
  return () => watcher.close();
};

/** Folders that are watched at the same time; more are not. Each costs one of the user's watches of the system. */
export const mostWatched = 200;

/**
 * Watches folders that may not be there yet: as long as one is not, the nearest folder above it is watched for the name that
 * leads there. What cannot be watched is left out in silence: whoever looks has other occasions to.
 */
export class FolderWatch {
  readonly #watch: WatchFolder;
  readonly #changed: () => void;
  /** What is watched for each wish, and how it ends. */
  readonly #watched = new Map<string, { readonly folder: string; readonly end: () => void }>();
  #wanted: readonly string[] = [];

  /** @param changed told of each change in a wanted folder, and when one comes or goes */
  constructor(watch: WatchFolder, changed: () => void) {
    this.#watch = watch;
    this.#changed = changed;
  }

  /** Folders that are really watched now, for tests and logs. */
  get folders(): readonly string[] {
    return [...this.#watched.values()].map(({ folder }) => folder);
  }

  /** Watches these folders (absolute paths) and no others from now on. What is watched already stays. */
  set(folders: readonly string[]): void {
    this.#wanted = [...new Set(folders)].slice(0, mostWatched);
    for (const wanted of this.#watched.keys()) if (!this.#wanted.includes(wanted)) this.#end(wanted);
    for (const wanted of this.#wanted) this.#begin(wanted);
  }

  dispose(): void {
    this.set([]);
  }

  /** Watches the folder, or the nearest one above it that is there; one above stays only as long as nothing nearer is. */
  #begin(wanted: string): void {
    const before = this.#watched.get(wanted)?.folder;
    if (before === wanted) return;
    for (let folder = wanted; folder !== before; folder = path.dirname(folder)) {
      const next = folder === wanted ? undefined : path.relative(folder, wanted).split(path.sep)[0];
      try {
        const end = this.#watch(
          folder,
          (name) => {
            if (next === undefined || name === undefined || name === next) this.#moved(wanted, next !== undefined);
          },
          () => this.#lost(wanted, folder),
        );
        this.#end(wanted);
        this.#watched.set(wanted, { folder, end });
        // What was not there a moment ago may have come before the watch stood.
        if (folder !== wanted) this.#begin(wanted);
        return;
      } catch {
        // Not there, or not ours to watch: what is above it may be.
        if (folder === path.dirname(folder)) return;
      }
    }
  }

  #moved(wanted: string, isAbove: boolean): void {
    if (isAbove) this.#begin(wanted);
    this.#changed();
  }

  #lost(wanted: string, folder: string): void {
    if (this.#watched.get(wanted)?.folder !== folder) return;
    this.#end(wanted);
    this.#begin(wanted);
    this.#changed();
  }

  #end(wanted: string): void {
    this.#watched.get(wanted)?.end();
    this.#watched.delete(wanted);
  }
}
