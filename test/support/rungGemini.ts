import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import versions from '../../scripts/equipment.json';
import type { ConnectedHome } from './connectedHome';
import type { AskedModel, RungProcess } from './hundredRings';
import { provideClient } from './otherClients';
import { RungTui, writeInHome } from './rungTui';
import type { ModelTurn, ToolModel } from './toolModel';
import { until } from './until';

/** What Gemini CLI needs to ask a model of ours, and no dialog at its start. */
export const geminiSettings = {
  security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
};

/** How long a step of its turn may take (ms). */
const patience = 60_000;

/**
 * The real Gemini CLI, interactive, connected with Parley so that a command in its background wakes it. Its model does what
 * it is told at the begin of a session: before it ends a turn it waits in the background, unless it waits already.
 */
export class RungGemini implements RungProcess {
  readonly name = `Gemini CLI ${versions.gemini}`;
  readonly tui: RungTui;
  readonly #home: ConnectedHome;
  readonly #model: ToolModel;
  readonly #isArmed: () => Promise<boolean>;
  readonly #fifo: string;
  /** Requests behind the arming of a wait in which a ring or a hook had something to say: its model heeds that first. */
  readonly #told: ModelTurn[] = [];
  #isBareArmed = false;
  #spoken = 0;
  #isThinking = false;

  private constructor(tui: RungTui, home: ConnectedHome, model: ToolModel, isArmed: () => Promise<boolean>) {
    this.tui = tui;
    this.#home = home;
    this.#model = model;
    this.#isArmed = isArmed;
    this.#fifo = path.join(home.user, 'bare.fifo');
    execFileSync('mkfifo', [this.#fifo]);
    // Without Parley: a shell that waits for a line and prints it.
    fs.writeFileSync(path.join(home.user, 'bare.sh'), `read line < ${this.#fifo}; echo "$line"\n`);
  }

  /** The command that it waits with is allowed by `parley connect gemini --allow --wake`; the bare one by `-y`. */
  static async start(
    home: ConnectedHome,
    model: ToolModel,
    isArmed: () => Promise<boolean>,
    args: readonly string[] = ['-y'],
  ): Promise<RungGemini> {
    const program = await provideClient('gemini');
    const env = { GEMINI_API_KEY: 'x', GOOGLE_GEMINI_BASE_URL: model.url };
    const all = ['-m', 'gemini-2.5-flash', ...args];
    const tui = await RungTui.start(home, program, { args: all, env, ready: /Type your message/ });
    return new RungGemini(tui, home, model, isArmed);
  }

  /** Its settings before it is connected. */
  static prepare(home: ConnectedHome): void {
    writeInHome(home, '.gemini/settings.json', JSON.stringify(geminiSettings));
  }

  /** Has it say something; answers the request to its model. */
  async begin(words: string): Promise<AskedModel & { readonly body: string }> {
    await this.tui.submit(words);
    const turn = await this.#model.asked(words, patience);
    this.#isThinking = true;
    return { ...this.#asked(turn), body: turn.body };
  }

  take(words: string): AskedModel | undefined {
    const at = this.#told.findIndex(({ body }) => body.includes(words));
    const turn = at < 0 ? this.#model.take(words) : this.#told.splice(at, 1)[0];
    if (!turn) return undefined;
    this.#isThinking = true;
    return this.#asked(turn);
  }

  hasHeard(words: string): boolean {
    return this.#model.hasHeard(words);
  }

  async isIdle(): Promise<boolean> {
    const isWorking = this.#isThinking || /esc to cancel/.test(this.tui.screen());
    return !isWorking && this.#isBareArmed && (await this.#isArmed());
  }

  async bare(words: string): Promise<void> {
    this.#isBareArmed = false;
    // Without a reader this fails at once instead of waiting for one.
    const pipe = await fs.promises.open(this.#fifo, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
    await pipe.write(`${words}\n`);
    await pipe.close();
  }

  /** It waits in the background again after that. */
  async speak(): Promise<void> {
    await (await this.begin(`Go on ${++this.#spoken}`)).say('I wait.');
  }

  #asked(turn: ModelTurn): AskedModel {
    return {
      at: turn.at,
      body: turn.body,
      use: (tool, args) => turn.use({ name: `mcp_parley_${tool}` }, args),
      run: (tool, args) => turn.use(tool, args),
      say: (words) => this.#end(turn, words),
    };
  }

  /** Ends its turn, once both commands wait in the background; or stops before when it was told something meanwhile. */
  async #end(turn: ModelTurn, words: string): Promise<void> {
    let last = turn;
    const isTold = (): boolean => last !== turn && isNews(last);
    if (!(await this.#isArmed())) last = await this.#run(last, `${this.#home.launcher} await`);
    if (!this.#isBareArmed && !isTold()) {
      last = await this.#run(last, `sh ${path.join(this.#home.user, 'bare.sh')}`);
      this.#isBareArmed = true;
    }
    if (isTold()) {
      this.#told.push(last);
      return;
    }
    await last.say(words);
    this.#isThinking = false;
  }

  /** A command in the background; answers the request that follows it. */
  async #run(turn: ModelTurn, command: string): Promise<ModelTurn> {
    const before = this.#model.count;
    await turn.use({ name: 'run_shell_command' }, { command, is_background: true, description: 'Waits' });
    await until('its next request', () => this.#model.count > before, patience);
    return this.#model.asked('moved to background', patience);
  }
}

/** Whether something of Parley's stands behind what the model said last. */
function isNews({ body }: ModelTurn): boolean {
  const { contents } = JSON.parse(body) as { readonly contents: readonly { readonly role: string }[] };
  const last = contents.findLastIndex(({ role }) => role === 'model');
  return /Parley, the phone between|Parley: /.test(JSON.stringify(contents.slice(last + 1)));
}
