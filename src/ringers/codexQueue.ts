import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { RingAnswer } from '../contract/wire';
import { DoorClosed, type Door, type DoorTest, type Ring } from './ringer';

const notFound = 'the program codex is not found';

export interface CodexQueueParts {
  /** Codex's own program: an absolute path, or a name to be found on the PATH. */
  readonly program: string;
  /** Its environment. */
  readonly env: NodeJS.ProcessEnv;
  /** The thread that calls us, once it has. */
  readonly thread: () => string | undefined;
}

/** `codex queue`: Codex's own command for a message to a session. A running turn ends first; then it is a turn of its own. */
export class CodexQueueDoor implements Door {
  readonly name = 'codex-queue';
  readonly #parts: CodexQueueParts;

  constructor(parts: CodexQueueParts) {
    this.#parts = parts;
  }

  /** Whether a name stands for a program on the PATH shows only when it is run. */
  async look(): Promise<void> {
    const { program, thread } = this.#parts;
    if (thread() === undefined) throw new DoorClosed('which of its threads is ours shows with the first use of Parley');
    if (!path.isAbsolute(program)) return;
    await access(program, constants.X_OK).catch(() => {
      throw new DoorClosed(notFound);
    });
  }

  /** The queue cannot be asked whether it would take something: that the command runs is all that can be known. */
  async test(signal: AbortSignal): Promise<DoorTest> {
    const said = await this.#run(['--version'], signal);
    return { did: 'ran codex for its version', version: /(\d+\.\d+\.\d+\S*)/.exec(said)?.[1] };
  }

  async ring({ text }: Ring, signal: AbortSignal): Promise<RingAnswer> {
    await this.#run(['queue', `--thread=${this.#parts.thread() ?? ''}`, `--message=${text}`], signal);
    return { result: 'written' };
  }

  /** What it printed. @throws with its last line when it fails */
  #run(args: readonly string[], signal: AbortSignal): Promise<string> {
    const { program, env } = this.#parts;
    return new Promise((resolve, reject) => {
      execFile(program, args, { env, signal, windowsHide: true, maxBuffer: 64 * 1024 }, (error, stdout, stderr) => {
        if (!error) resolve(stdout);
        else if (error.code === 'ENOENT') reject(new DoorClosed(notFound));
        else reject(new Error(stderr.trim().split('\n').at(-1) ?? error.message, { cause: error }));
      });
    });
  }
}
