import * as fs from 'node:fs';
import * as path from 'node:path';
import * as z from 'zod';
import { ParleyError } from '../contract/errors';
import { homeFiles } from '../contract/home';
import type { BrokerRecord } from '../contract/wire';

export { checkSocket } from './checkSocket';

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
