import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pluginSocket } from '../../../src/ringers/pluginSocket';
import { TakenRings } from './takenRings';

/** A plugin of ours inside a client, as far as its socket goes: JSON lines, each with an answer. */
export class FakePlugin {
  readonly rings = new TakenRings();
  readonly home: string;
  readonly #server: Server;
  #socket = '';
  readonly #connections = new Set<Socket>();

  private constructor(home: string, tested: object, rung: () => object) {
    this.home = home;
    this.#server = createServer((socket) => {
      this.#connections.add(socket);
      socket.on('error', () => undefined);
      let rest = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const asked = JSON.parse(line) as { readonly test?: true; readonly ring: string };
          if (asked.test) socket.write(`${JSON.stringify(tested)}\n`);
          else void this.rings.take(asked.ring).then(() => socket.write(`${JSON.stringify(rung())}\n`));
        }
      });
    });
  }

  /** @param tested what it says to a test; `rung`: to a ring */
  static async start(client: string, session: string, tested: object, rung: () => object): Promise<FakePlugin> {
    const home = await mkdtemp(path.join(tmpdir(), 'parley-plugin-'));
    await mkdir(path.join(home, 'ringers'), { mode: 0o700 });
    const plugin = new FakePlugin(home, tested, rung);
    plugin.#socket = pluginSocket(home, client, session);
    await plugin.listen();
    return plugin;
  }

  /** It is there again. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#socket, resolve));
    await chmod(this.#socket, 0o600);
  }

  /** Says something unasked to everybody who is connected. */
  say(value: object): void {
    for (const socket of this.#connections) socket.write(`${JSON.stringify(value)}\n`);
  }

  /** It ends, with whatever it was doing. */
  async vanish(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async stop(): Promise<void> {
    await this.vanish();
    await rm(this.home, { recursive: true, force: true });
  }
}
