import * as fs from 'node:fs';
import * as path from 'node:path';
import * as z from 'zod';
import { ParleyError } from '../contract/errors';
import { homeFiles } from '../contract/home';
import type { BrokerRecord } from '../contract/wire';

const recordShape = z.object({
  pid: z.number().int().positive(),
  processStart: z.string(),
  startedAt: z.number(),
  socket: z.string().min(1),
  version: z.string(),
  build: z.number(),
  protocol: z.number().int(),
  epoch: z.number().int(),
});

/** Longest `broker.json` that is read, in bytes. */
const maxRecordBytes = 64 * 1024;

/**
 * What `broker.json` says; undefined when there is none, or it is not whole. It is believed as it stands: the socket's
 * path is never computed.
 * @throws `home_read_only` when the home may not be looked into
 */
export function readBrokerRecord(home: string): BrokerRecord | undefined {
  const file = path.join(home, homeFiles.broker);
  let text: string;
  try {
    if (fs.statSync(file).size > maxRecordBytes) return undefined;
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') throw new ParleyError('home_read_only', { home }, { cause: error });
    return undefined;
  }
  try {
    return recordShape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

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
