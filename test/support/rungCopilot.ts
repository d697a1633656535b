import { connect } from 'node:net';
import * as path from 'node:path';
import versions from '../../scripts/equipment.json';
import type { ConnectedHome } from './connectedHome';
import type { AskedModel, RungProcess } from './hundredRings';
import { provideClient } from './otherClients';
import { RungTui, writeInHome } from './rungTui';
import type { ToolModel } from './toolModel';
import { until } from './until';

/**
 * An extension without Parley, for comparison: it hands what comes over its socket to the session as the SDK's makers meant
 * it, and says whether the session is idle.
 */
const bareExtension = (socket: string): string => `
import { joinSession } from '@github/copilot-sdk/extension';
import { createServer } from 'node:net';
const session = await joinSession({});
let idle = true;
session.on(({ type }) => {
  if (type === 'session.idle') idle = true;
  if (type === 'user.message' || type === 'assistant.turn_start') idle = false;
});
createServer((socket) => {
  let rest = '';
  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', async (chunk) => {
    rest += chunk;
    if (!rest.endsWith('\\n')) return;
    const asked = JSON.parse(rest);
    rest = '';
    if (asked.prompt !== undefined) await session.send({ prompt: asked.prompt, mode: 'immediate' });
    socket.end(JSON.stringify({ idle }) + '\\n');
  });
}).listen(${JSON.stringify(socket)});
`;

/** What Copilot CLI needs to ask a model of ours, offline. */
export const copilotEnv = (model: ToolModel): Record<string, string> => ({
  COPILOT_OFFLINE: 'true',
  COPILOT_PROVIDER_BASE_URL: `${model.url}/v1`,
  COPILOT_MODEL: 'scripted',
  COPILOT_PROVIDER_API_KEY: 'x',
  COPILOT_AUTO_UPDATE: 'false',
});

/** The real Copilot CLI, interactive, connected with Parley. */
export class RungCopilot implements RungProcess {
  readonly name = `Copilot CLI ${versions.copilot}`;
  readonly tui: RungTui;
  readonly #model: ToolModel;
  readonly #socket: string;

  private constructor(tui: RungTui, model: ToolModel, socket: string) {
    this.tui = tui;
    this.#model = model;
    this.#socket = socket;
  }

  /** @param args more of its command line, e.g. `--allow-all-tools` */
  static async start(home: ConnectedHome, model: ToolModel, args: readonly string[] = []): Promise<RungCopilot> {
    const program = await provideClient('copilot');
    const socket = path.join(home.user, 'bare.sock');
    writeInHome(home, '.copilot/config.json', JSON.stringify({ trustedFolders: [home.project] }));
    writeInHome(home, '.copilot/extensions/bare/extension.mjs', bareExtension(socket));
    const ready = /Interactive[\s\S]*scripted/;
    const tui = await RungTui.start(home, program, { args, env: copilotEnv(model), ready });
    return new RungCopilot(tui, model, socket);
  }

  take(words: string): AskedModel | undefined {
    const turn = this.#model.take(words);
    return (
      turn && {
        at: turn.at,
        body: turn.body,
        use: (tool, args) => turn.use({ name: `parley-${tool}` }, args),
        run: (tool, args) => turn.use(tool, args),
        say: (text) => turn.say(text),
      }
    );
  }

  hasHeard(words: string): boolean {
    return this.#model.hasHeard(words);
  }

  /** Its bare extension is up. */
  async isUp(): Promise<void> {
    await until('the bare extension', () => this.isIdle().catch(() => false), 60_000);
  }

  async isIdle(): Promise<boolean> {
    return (await this.#ask({})).includes('"idle":true');
  }

  async bare(words: string): Promise<void> {
    await this.#ask({ prompt: words });
  }

  #ask(question: object): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#socket);
      let answer = '';
      socket.on('error', reject);
      socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
      socket.on('end', () => resolve(answer));
      socket.write(`${JSON.stringify(question)}\n`);
    });
  }
}
