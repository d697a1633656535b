import { running } from './programs';
import { eachOf, type Reader } from './reading';

/**
 * OpenCode, by its processes alone. Its sessions are rows of a SQLite database that every process of it shares and that may
 * be hundreds of megabytes; nothing in it says which process shows which session. So there is one entry for each process,
 * with its folder and without session, title or status.
 */
export const readOpenCode: Reader = async ({ processes, table }) =>
  eachOf('opencode', running(processes, 'opencode'), async ({ pid, start, startedAt }) => {
    const folder = (await table.folder(pid)) ?? '';
    return { client: 'opencode', pid, start, folder, startedAt, status: 'unknown' };
  });
