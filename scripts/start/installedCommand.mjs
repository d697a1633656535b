import { lstatSync, readlinkSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/**
 * The one thing that a person can make a run leave outside its folder: the link that *Install 'parley' Command* puts into
 * the real ~/.local/bin. Made before the run, it remembers what was there; `restore` puts that back after it.
 */
export class InstalledCommand {
  #file;
  /** Where the link led before the run; undefined when there was none. */
  #before;
  /** The folders that were not there before the run, the innermost first. */
  #missing;

  constructor(home = homedir()) {
    const bin = path.join(home, '.local', 'bin');
    this.#file = path.join(bin, 'parley');
    this.#before = targetOf(this.#file);
    this.#missing = [bin, path.dirname(bin)].filter(
      (folder) => lstatSync(folder, { throwIfNoEntry: false }) === undefined,
    );
  }

  /** Removes the link when it leads into the run's folder, and makes the one before it again. Leaves any other alone. */
  restore(folder) {
    if (!targetOf(this.#file)?.startsWith(folder + path.sep)) return;
    unlinkSync(this.#file);
    if (this.#before !== undefined) {
      symlinkSync(this.#before, this.#file);
      return;
    }
    for (const made of this.#missing) removeEmpty(made);
  }
}

/** Where a link leads, whether or not something is there; undefined for what is no link. */
function targetOf(file) {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}

function removeEmpty(folder) {
  try {
    rmdirSync(folder);
  } catch {
    // Something else was put there meanwhile.
  }
}
