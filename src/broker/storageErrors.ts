import { ParleyError } from '../contract/errors';
import { StoreError } from '../store/errors';

/** A failure of the store as callers read it; every other error as it is. */
export function fromStorage(error: unknown, home: string): unknown {
  if (!(error instanceof StoreError)) return error;
  const cause = { cause: error };
  switch (error.code) {
    case 'home_locked':
      return new ParleyError('broker_already_running', {}, cause);
    case 'home_too_new':
      return new ParleyError('home_too_new', { home, problem: error.message }, cause);
    case 'home_read_only':
      return new ParleyError('home_read_only', { home }, cause);
    case 'storage_damaged':
      return new ParleyError('home_damaged', { problem: error.message }, cause);
    case 'storage_full':
      return new ParleyError('storage_full', {}, cause);
    case 'storage_busy':
      return new ParleyError('storage_busy', {}, cause);
    case 'index_failed':
      return new ParleyError('index_failed', {}, cause);
    case 'archive_missing':
    case 'bad_sql':
    case 'sql_too_slow':
    case 'sql_too_large':
    case 'sql_too_wide':
    case 'import_refused':
    case 'upload_expired':
    case 'export_changed':
      return new ParleyError(error.code, error.facts, cause);
    case 'home_taken':
    case 'storage_failed':
    case 'storage_closed':
    case 'record_too_large':
      return new ParleyError('storage_failed', {}, cause);
  }
}
