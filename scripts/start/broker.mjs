import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * The client that Parley's own programs use, for the person who watches: bundled from its source into the run's folder.
 * @returns {Promise<{ connect: Function, readAdminToken: Function }>}
 */
async function loadClient(root, places) {
  const { build } = await import('esbuild');
  const outfile = path.join(places.programs, 'client.cjs');
  const contents = `
    export { connect } from './src/client/client';
    export { readAdminToken } from './src/client/identityStore';`;
  const stdin = { contents, resolveDir: root, loader: 'ts' };
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
  return createRequire(import.meta.url)(outfile);
}

/** The broker of a run's home, seen as the person. */
export class Broker {
  #client;

  constructor(client) {
    this.#client = client;
  }

  /** Starts the broker as anyone would, by `parley broker start`, and connects to it as the person. */
  static async start({ root, places, launcher, env }) {
    const parley = path.join(places.programs, 'parley.js');
    await launcher.run(process.execPath, [parley, 'broker', 'start'], { env, cwd: places.project });
    const { connect, readAdminToken } = await loadClient(root, places);
    const token = () => readAdminToken(places.home);
    return new Broker(await connect({ home: places.home, token, client: 'parley-start', version: '0.0.0' }));
  }

  /** Everybody on the roster. */
  async agents() {
    return (await this.#client.ask('who', {})).agents;
  }

  /** Hands every event on from now on; `gone` is called when the broker cannot be reached any more. */
  watch(take, gone) {
    this.#client.onState((state) => {
      if (state.kind === 'failed') gone(state.error);
    });
    this.#client.watch(take);
  }

  /** Asks the broker to stop; whether it does is for others to see. */
  async stop() {
    await this.#client.ask('stop', { reason: 'npm start has ended' }).catch(() => undefined);
    this.#client.close();
  }
}
