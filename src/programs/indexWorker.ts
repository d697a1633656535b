import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import initSqlJs from 'sql.js';
import type { IndexReply, IndexRequest } from '../store/index/protocol';
import { IndexSession } from '../store/index/session';
import { nodeFiles } from '../store/nodeFiles';

/** The worker of the index: sql.js beside it, questions in, answers out. Ends with the broker that started it. */
async function main(): Promise<void> {
  if (!process.send) throw new Error('this program runs as a worker of the broker');
  process.on('disconnect', () => process.exit(0));
  const wasm = readFileSync(path.join(__dirname, 'sql-wasm.wasm'));
  const sql = await initSqlJs({ wasmBinary: new Uint8Array(wasm).buffer });
  const session = new IndexSession(nodeFiles, sql, (reply: IndexReply) => process.send?.(reply, () => undefined));
  process.on('message', (request: IndexRequest) => session.take(request));
}

void main();
