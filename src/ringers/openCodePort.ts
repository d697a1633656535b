import * as z from 'zod';
import type { RingAnswer } from '../contract/wire';
import { DoorClosed, type Door, type DoorTest, type Ring } from './ringer';

export interface OpenCodePortParts {
  /** The command lines of the processes above us, nearest first. */
  readonly commands: () => readonly (readonly string[])[];
  /** Its environment, for the name and password of its server. */
  readonly env: NodeJS.ProcessEnv;
  /** The folder that OpenCode works in. */
  readonly workspace: string;
}

/** The name that its server asks for beside the password, unless it was given another. */
const defaultUser = 'opencode';
/** OpenCode's server listens on this machine unless it was told another address, which is none of ours. */
const ownHosts: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '0.0.0.0', '::1', '::']);

const health = z.object({ healthy: z.literal(true), version: z.string().optional() });
const sessions = z.array(
  z.object({
    id: z.string().regex(/^\w{1,64}$/),
    directory: z.string().optional(),
    parentID: z.string().nullish(),
    time: z.object({ updated: z.number() }),
  }),
);

/** OpenCode's own server, where the session was started with `--port`: `prompt_async` of its documented HTTP interface. */
export class OpenCodePortDoor implements Door {
  readonly name = 'opencode-port';
  readonly #parts: OpenCodePortParts;

  constructor(parts: OpenCodePortParts) {
    this.#parts = parts;
  }

  look(): Promise<void> {
    return this.#port() === undefined
      ? Promise.reject(new DoorClosed('OpenCode was started without --port'))
      : Promise.resolve();
  }

  async test(signal: AbortSignal): Promise<DoorTest> {
    const { version } = health.parse(await (await this.#ask('GET', '/global/health', signal)).json());
    return { did: 'asked its port whether it is well', version };
  }

  async ring({ text }: Ring, signal: AbortSignal): Promise<RingAnswer> {
    const session = await this.#session(signal);
    const body = { parts: [{ type: 'text', text }] };
    await this.#ask('POST', `/session/${session}/prompt_async`, signal, body);
    return { result: 'written' };
  }

  /** The session in our folder that something happened in last; subagents' are nobody's to talk with. */
  async #session(signal: AbortSignal): Promise<string> {
    const all = sessions.parse(await (await this.#ask('GET', '/session', signal)).json());
    const { workspace } = this.#parts;
    const ours = all.filter(
      ({ directory, parentID }) => (directory ?? workspace) === workspace && (parentID ?? '') === '',
    );
    const [latest] = ours.sort((a, b) => b.time.updated - a.time.updated);
    if (!latest) throw new DoorClosed('OpenCode has no session open yet');
    return latest.id;
  }

  /** @throws when it does not answer with success */
  async #ask(method: string, path: string, signal: AbortSignal, body?: object): Promise<Response> {
    const { env } = this.#parts;
    const password = env['OPENCODE_SERVER_PASSWORD'] ?? '';
    const user = env['OPENCODE_SERVER_USERNAME'] ?? defaultUser;
    const response = await fetch(`http://127.0.0.1:${this.#port() ?? 0}${path}`, {
      method,
      signal,
      redirect: 'error',
      headers: {
        ...(password !== '' && { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`its port answered ${response.status}`);
    return response;
  }

  /** As it stands in the command line of the nearest process above us that has it. */
  #port(): number | undefined {
    for (const words of this.#parts.commands()) {
      const host = flag(words, '--hostname');
      const port = Number(flag(words, '--port'));
      if (Number.isInteger(port) && port > 0 && port < 65536) {
        return host === undefined || ownHosts.has(host) ? port : undefined;
      }
    }
    return undefined;
  }
}

/** The value of a flag, `--flag value` or `--flag=value`. */
function flag(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  if (at >= 0) return words[at + 1];
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}
