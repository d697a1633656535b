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
  /** A file of archived threads is gone or damaged (`file`). */
  | 'archive_missing'
  /** SQLite refused a query (`problem`). */
  | 'bad_sql'
  /** A query took too long (`limit`, ms). */
  | 'sql_too_slow'
  /** A query's answer or what it needs in memory is too large (`limit`, bytes). */
  | 'sql_too_large'
  /** A query spans too many archives (`count`, `limit`). */
  | 'sql_too_wide'
  /** A file to import is not what it should be (`line`, `problem`). */
  | 'import_refused'
  /** A piece of an upload that nobody has begun, or that does not follow the one before. */
  | 'upload_expired'
  /** A thread was erased while it was being exported. */
  | 'export_changed'
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
  archive_missing: 'Put the file back, or stop the broker and run "parley doctor --repair".',
  bad_sql: 'Change the query.',
  sql_too_slow: 'Ask for less at once.',
  sql_too_large: 'Ask for less at once.',
  sql_too_wide: 'Narrow the time.',
  import_refused: 'Export the file again.',
  upload_expired: 'Begin again with the first piece.',
  export_changed: 'Begin again without a cursor.',
  record_too_large: 'Send less at once.',
  storage_closed: 'Start the broker again.',
};

export type StoreErrorFacts = Readonly<Record<string, string | number>>;

/** An error of the store. `message` says what happened and what to do. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  /** What its text is made of, for who words it anew. */
  readonly facts: StoreErrorFacts;

  constructor(code: StoreErrorCode, what: string, cause?: unknown, facts: StoreErrorFacts = {}) {
    super(`${what} ${advice[code]}`, cause === undefined ? undefined : { cause });
    this.name = 'StoreError';
    this.code = code;
    this.facts = facts;
  }

  /** An error that another process has worded. */
  static told(code: StoreErrorCode, message: string, facts: StoreErrorFacts): StoreError {
    const error = new StoreError(code, '', undefined, facts);
    error.message = message;
    return error;
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
