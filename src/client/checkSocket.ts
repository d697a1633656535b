import * as fs from 'node:fs';
import * as path from 'node:path';
import { ParleyError } from '../contract/errors';

/**
 * That the socket is ours: no link, and of our user. A token goes over it, so this comes before connecting.
 * A socket that is not there passes; connecting will tell. Named pipes have no owner to check here.
 * @throws `socket_foreign`, `socket_folder_denied`
 */
export function checkSocket(socket: string, user: number | undefined): void {
  if (socket.startsWith('\\\\')) return;
  let stat: fs.Stats;
  try {
    stat = fs.lstatSync(socket);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    throw new ParleyError('socket_folder_denied', { folder: path.dirname(socket), problem: code ?? 'unknown' });
  }
  if (stat.isSymbolicLink() || (user !== undefined && stat.uid !== user)) {
    throw new ParleyError('socket_foreign', { socket });
  }
}
