import { spawn } from 'node:child_process';
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

/** Of what a worker says on stderr before it ends, this much is kept (characters). */
const lastWordsKept = 500;

/**
 * A channel to a worker process of its own. A process and not a thread: what a thread took (a heap, the compiled SQLite)
 * stays with the broker for as long as it lives. The worker ends when the channel does, so it never outlives the broker.
 */
export function workerPort(program: string): IndexPort {
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    windowsHide: true,
  });
  child.unref();
  child.channel?.unref();
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-lastWordsKept);
  });
  let stopped = false;
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(lastWords.trim() || (signal ?? `exit code ${code}`)));
  });
  return {
    post(request) {
      // What cannot be sent any more is answered by `onGone`.
      if (child.connected) child.send(request, () => undefined);
    },
    onReply: (take) => void child.on('message', (reply) => take(reply as IndexReply)),
    onGone(take) {
      void gone.then((why) => {
        if (!stopped) take(why);
      });
    },
    async stop() {
      stopped = true;
      // At any instant: `state.db` is replaced in a way that bears it.
      child.kill('SIGKILL');
      await gone;
    },
  };
}
