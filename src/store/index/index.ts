import { Worker } from 'node:worker_threads';
import type { Clock } from '../clock';
import type { Store } from '../store';
import { IndexClient } from './client';
import type { IndexPort, IndexReply } from './protocol';

export interface IndexOptions {
  readonly store: Store;
  /** Absolute path of the home. */
  readonly home: string;
  /** Path of the worker's program. */
  readonly program: string;
  readonly clock: Clock;
  readonly log: (what: string, facts: object) => void;
}

/** The index of a home, in a worker that starts when it is needed. */
export function openIndex({ store, home, program, clock, log }: IndexOptions): IndexClient {
  return new IndexClient({ store, home, clock, log, startWorker: () => workerPort(program) });
}

/** A channel to a worker thread of its own. */
export function workerPort(program: string): IndexPort {
  // A small young generation: the worker's objects live for one batch, and the default of 16 MiB and more stays resident.
  const worker = new Worker(program, { resourceLimits: { maxYoungGenerationSizeMb: 8 } });
  worker.unref();
  let stopped = false;
  return {
    post: (request) => worker.postMessage(request),
    onReply: (take) => void worker.on('message', (reply: IndexReply) => take(reply)),
    onGone(take) {
      let why = '';
      worker.on('error', (error) => (why = String(error)));
      worker.on('exit', (code) => {
        if (!stopped) take(why || `exit ${code}`);
      });
    },
    async stop() {
      stopped = true;
      await worker.terminate();
    },
  };
}
