import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../client/clock';
import type { Processes } from '../client/processes';
import { hookMoments, hookTaken, hookTakes } from '../contract/hooks';
import { clientOfHook, isUnheard, readHookInput } from './hookClients';
import { HookHome } from './hookHome';

export interface HookOptions {
  /** After `hook`: the moment, and the client. */
  readonly argv: readonly string[];
  /** Absolute path of the home. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly cwd: string;
  readonly version: string;
  readonly clock: Clock;
  readonly processes: Processes;
}

/** How long a hook may take before it gives up in silence (ms). */
export const hookDeadline = 3000;
/** The most that is read of what the client says (bytes): a tool's whole result may be in it. */
const longestInput = 16 * 1024 * 1024;

/**
 * `parley hook <moment> <client>`: tells the agent what came in, in the form that its client takes from a hook. Says nothing,
 * and never fails, when there is no broker, no agent, nothing to say, or anything wrong. What it told counts as seen when
 * the client's end has taken all of it; whoever runs it MUST then end with exit code 0.
 */
export async function runHook(options: HookOptions): Promise<void> {
  let stop = (): void => undefined;
  const late = new Promise<void>((resolve) => (stop = options.clock.after(hookDeadline, resolve)));
  try {
    await Promise.race([run(options), late]);
  } catch {
    // A hook must never be in its client's way.
  } finally {
    stop();
  }
}

async function run(options: HookOptions): Promise<void> {
  const [first, named] = options.argv;
  const moment = hookMoments.find((one) => one === first);
  const home = new HookHome(options.home);
  // Without a broker there is nothing to say, and no reason to read what the client says.
  if (moment === undefined || !home.broker()) return;
  const takes = options.env[hookTakes] === '1' ? new Lines(options.stdin) : undefined;
  const input = readHookInput(takes ? await takes.next() : await readAll(options.stdin));
  const client = clientOfHook(named, input, options.env);
  if (client === undefined || (moment === 'stop' && input.isRepeat)) return;
  // A result of ours says by itself what waits.
  if (moment === 'after-tool' && /parley/i.test(input.tool ?? '')) return;
  if (isUnheard(client, moment, input)) return;
  // Loading what talks to the broker takes longer than all else that a hook does.
  const { HookTalk } = await import('./hookTalk');
  const taken = takes && (async () => (await takes.next()).trim() === hookTaken);
  await new HookTalk(options, home, { moment, client, input, ...(taken && { taken }) }).run();
}

/** Standard input line by line; the rest of it where there is no whole line. */
class Lines {
  readonly #parts: AsyncIterator<unknown>;
  #rest = '';

  constructor(stdin: Readable) {
    stdin.setEncoding('utf8');
    this.#parts = stdin[Symbol.asyncIterator]();
  }

  async next(): Promise<string> {
    while (!this.#rest.includes('\n') && this.#rest.length <= longestInput) {
      const part: IteratorResult<unknown, unknown> = await this.#parts.next();
      if (part.done === true) break;
      this.#rest += String(part.value);
    }
    const [line = '', ...rest] = this.#rest.split('\n');
    this.#rest = rest.join('\n');
    return line;
  }
}

async function readAll(stdin: HookOptions['stdin']): Promise<string> {
  if (stdin.isTTY === true) return '';
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stdin) {
    const bytes = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    length += bytes.length;
    if (length <= longestInput) parts.push(bytes);
  }
  return length > longestInput ? '' : Buffer.concat(parts).toString();
}
