/** Where things are in a home. */
export interface Layout {
  readonly home: string;
  readonly journal: string;
  readonly checkpoints: string;
  /** Closed threads, see `ArchiveEntry`. */
  readonly archives: string;
  /** What is being imported, while it comes in. */
  readonly uploads: string;
  /** What a repair has put aside. */
  readonly damaged: string;
  readonly lock: string;
}

export function layoutOf(home: string): Layout {
  return {
    home,
    journal: `${home}/journal`,
    checkpoints: `${home}/checkpoints`,
    archives: `${home}/archives`,
    uploads: `${home}/uploads`,
    damaged: `${home}/damaged`,
    lock: `${home}/lock`,
  };
}

/**
 * The file that says which writer is the last. Each start removes those of all starts before it, *then* reads the
 * journal. A writer that still finds its own after a write knows that whoever comes next will read that write.
 */
export function writerMark(layout: Layout, epoch: number): string {
  return `${layout.journal}/writer-${epoch}`;
}

export const writerMarkPattern = /^writer-(\d+)$/;

/** The segment that is being given its blocks before it has a name. */
export function sparePath(layout: Layout): string {
  return `${layout.journal}/spare.tmp`;
}

/** The newest snapshot of the index: plain SQLite, for anyone to open. */
export const snapshotName = 'state.db';
/** The one before, in case the newest is lost. */
export const previousSnapshotName = 'state.previous.db';
