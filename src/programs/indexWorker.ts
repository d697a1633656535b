import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { parentPort } from 'node:worker_threads';
import initSqlJs from 'sql.js';
import type { IndexRequest } from '../store/index/protocol';
import { IndexSession } from '../store/index/session';
import { nodeFiles } from '../store/nodeFiles';

/** The worker of the index: sql.js beside it, questions in, answers out. */
async function main(): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('this program runs as a worker of the broker');
  // The optimising compiler would make queries a third faster, and take about 15 MiB that stay with the broker.
  setFlagsFromString('--liftoff-only');
  const wasm = readFileSync(path.join(__dirname, 'sql-wasm.wasm'));
  const sql = await initSqlJs({ wasmBinary: new Uint8Array(wasm).buffer });
  const session = new IndexSession(nodeFiles, sql, (reply) => port.postMessage(reply));
  port.on('message', (request: IndexRequest) => session.take(request));
}

void main();
