/** What can go wrong in the store, told apart by code alone. */
export type StoreErrorCode =
  /** Another living broker owns the home. */
  | 'home_locked'
  /** Another broker has taken the home over while this one was running. */
  | 'home_taken'
  /** The home was written by a newer Parley. */
  | 'home_too_new'
  /** The home cannot be written by this user. */
  | 'home_read_only'
  /** Something that was once durable cannot be read back; the store is open for reading only. */
  | 'storage_damaged'
  /** There is no room for another journal segment. Reading goes on; writing resumes by itself when space returns. */
  | 'storage_full'
  /** More is queued than the store takes at once, or the process is out of file handles. Worth trying again soon. */
  | 'storage_busy'
  /** A write or a sync failed. Nothing more is acknowledged; the next start reads the disk. */
  | 'storage_failed'
  /** The index stopped; it starts again with the next question. */
  | 'index_failed'
  /** One event is larger than a record may be. */
  | 'record_too_large'
  /** The store was closed. */
  | 'storage_closed';

const advice: Record<StoreErrorCode, string> = {
  home_locked: 'Use the broker that is running, or stop it first.',
  home_taken: 'Connect to the newer broker.',
  home_too_new: 'Update Parley, or set PARLEY_HOME to another folder.',
  home_read_only: 'Give your user write access to the folder, or set PARLEY_HOME to another folder.',
  storage_damaged: 'Run "parley doctor" to see what is damaged.',
  storage_full: 'Free some disk space; Parley goes on by itself.',
  storage_busy: 'Try again in a moment.',
  storage_failed: 'Check the disk, then start the broker again.',
  index_failed: 'Try again; if it stays, run "parley doctor".',
  record_too_large: 'Send less at once.',
  storage_closed: 'Start the broker again.',
};

/** An error of the store. `message` says what happened and what to do. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, what: string, cause?: unknown) {
    super(`${what} ${advice[code]}`, cause === undefined ? undefined : { cause });
    this.name = 'StoreError';
    this.code = code;
  }
}

/** The errno name of a failed system call ("ENOENT"), or an empty string. */
export function errno(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

const noSpace = new Set(['ENOSPC', 'EDQUOT']);
const noHandles = new Set(['EMFILE', 'ENFILE']);
const noPermission = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Turns a failed system call into the store's own error; store errors pass through. */
export function asStoreError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error;
  const name = errno(error);
  const because = `Could not ${doing} (${name || String(error)}).`;
  if (noSpace.has(name)) return new StoreError('storage_full', because, error);
  if (noHandles.has(name)) return new StoreError('storage_busy', because, error);
  if (noPermission.has(name)) return new StoreError('home_read_only', because, error);
  return new StoreError('storage_failed', because, error);
}

/** Whether a refusal passes by itself, so that trying again later is right. */
export function isPassing(error: StoreError): boolean {
  return error.code === 'storage_full' || error.code === 'storage_busy';
}
