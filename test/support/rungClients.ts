import * as fs from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import * as path from 'node:path';
import { CodexTalk } from '../../src/ringers/codexTalk';
import type { ConnectedHome } from './connectedHome';
import type { AskedModel, RungProcess } from './hundredRings';
import { openCodeConfig, provideClient } from './otherClients';
import { equipment } from './provision';
import { Terminal } from './terminal';
import type { ModelTurn, ToolModel, ToolName } from './toolModel';
import { until } from './until';

/** How long a client may take to come up on a busy machine (ms); OpenCode fetches a package of its own at its first start. */
const startPatience = 90_000;

/** A real client in a terminal, set up by `parley connect`, with a scripted model. */
export interface RungClient extends RungProcess {
  readonly terminal: Terminal;
  /** Parley's tool as its model names it. */
  readonly tool: (name: string) => ToolName;
  /** Writes into its terminal what a person would, and Enter. */
  type(words: string): Promise<void>;
  /** What it leaves running is ended with its home. */
  stop(): void;
}

interface Start {
  readonly home: ConnectedHome;
  readonly model: ToolModel;
  /** Its agent's name. */
  readonly agent: string;
}

function asked(turn: ModelTurn | undefined, tool: (name: string) => ToolName): AskedModel | undefined {
  if (!turn) return undefined;
  const { at, body } = turn;
  return {
    at,
    body,
    use: (name, args) => turn.use(tool(name), args),
    run: (any, args) => turn.use(any, args),
    say: (words) => turn.say(words),
  };
}

/** As `until`; when that fails, with what the client shows. */
async function shown<T>(
  terminal: Terminal,
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  try {
    return await until(what, look, startPatience);
  } catch (error) {
    throw new Error(`${String(error)}; its screen:\n${terminal.screen()}`, { cause: error });
  }
}

async function typeInto(terminal: Terminal, words: string): Promise<void> {
  terminal.write(words);
  await until('the words on the screen', () => terminal.screen().includes(words));
  terminal.write('\r');
}

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

export async function startCodex({ home, model, agent }: Start, version: string): Promise<RungClient> {
  const program = await provideClient('codex');
  const folder = path.join(home.user, '.codex');
  write(
    path.join(folder, 'config.toml'),
    `model = "scripted"\nmodel_provider = "lab"\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\n` +
      `check_for_update_on_startup = false\n[model_providers.lab]\nname = "lab"\nbase_url = "${model.url}/v1"\n` +
      `wire_api = "responses"\nrequires_openai_auth = false\nsupports_websockets = false\n[analytics]\nenabled = false\n` +
      `[projects."${home.project}"]\ntrust_level = "trusted"\n`,
  );
  await home.parley('connect', 'codex', '--yes', '--allow');
  const env = home.env({ TERM: 'xterm-256color', PARLEY_AGENT: agent });
  const terminal = new Terminal(program, [], env, home.project);
  await trustHooks(terminal);
  const socket = path.join(folder, 'app-server-control/app-server-control.sock');
  await shown(terminal, 'the server of Codex', () => fs.existsSync(socket));
  const talk = await CodexTalk.open(socket, new AbortController().signal);
  const thread = await shown(terminal, 'the thread of Codex', async () => (await talk.loadedThreads())[0]);
  const tool = (name: string): ToolName => ({ namespace: 'mcp__parley', name });
  return {
    name: `Codex ${version}`,
    terminal,
    tool,
    take: (words) => asked(model.take(words), tool),
    hasHeard: (words) => model.hasHeard(words),
    isIdle: async () => !(await talk.thread(thread)).isRunning,
    bare: (words) => talk.startTurn(thread, words),
    type: (words) => typeInto(terminal, words),
    stop: () => {
      talk.close();
      terminal.kill();
    },
  };
}

/** Chooses `Trust all and continue`. Keys that come before the question is ready are lost, so they are pressed again. */
async function trustHooks(terminal: Terminal): Promise<void> {
  const asks = (): boolean => /hooks need review/i.test(terminal.screen());
  await shown(terminal, 'Codex to ask for its hooks', asks);
  let looks = 0;
  await shown(terminal, 'Codex to take the answer', () => {
    if (!asks()) return true;
    if (looks++ % 40 === 0) terminal.write(/›\s*2\./.test(terminal.screen()) ? '\r' : '2');
    return false;
  });
}

export async function startOpenCode({ home, model, agent }: Start, version: string): Promise<RungClient> {
  const program = await provideClient('opencode');
  const folder = path.join(home.user, '.config/opencode');
  write(path.join(folder, 'opencode.json'), JSON.stringify(openCodeConfig(model.url, 1_000_000)));
  // Its package for plugins, which it fetches when it finds a plugin: kept from the first time.
  const kept = path.join(equipment.root, '.cache', `client-opencode-${version}`, 'plugins');
  if (fs.existsSync(kept)) fs.cpSync(kept, folder, { recursive: true });
  await home.parley('connect', 'opencode', '--yes');
  const password = 'secret';
  const port = await freePort();
  const env = home.env({
    TERM: 'xterm-256color',
    PARLEY_AGENT: agent,
    OPENCODE_SERVER_PASSWORD: password,
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_AUTOUPDATE: '1',
  });
  const began = performance.now();
  const terminal = new Terminal(program, ['--port', String(port)], env, home.project);
  const ask = (method: string, where: string, body?: object): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${where}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`opencode:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  const sockets = path.join(home.user, '.parley/ringers');
  await shown(
    terminal,
    'OpenCode to load our plugin',
    () => fs.existsSync(sockets) && fs.readdirSync(sockets).length > 0,
  );
  if (!fs.existsSync(kept)) {
    for (const name of ['node_modules', 'package.json', 'package-lock.json', 'bun.lock']) {
      if (fs.existsSync(path.join(folder, name)))
        fs.cpSync(path.join(folder, name), path.join(kept, name), { recursive: true });
    }
  }
  console.log(`opencode ${version}: ready after ${((performance.now() - began) / 1000).toFixed(0)} s`);
  const tool = (name: string): ToolName => ({ name: `parley_${name}` });
  const latest = async (): Promise<string> => {
    const all = (await (await ask('GET', '/session')).json()) as { id: string; time: { updated: number } }[];
    return all.sort((a, b) => b.time.updated - a.time.updated)[0]?.id ?? '';
  };
  return {
    name: `OpenCode ${version}`,
    terminal,
    tool,
    take: (words) => asked(model.take(words), tool),
    hasHeard: (words) => model.hasHeard(words),
    isIdle: async () => {
      const states = (await (await ask('GET', '/session/status')).json()) as Record<string, { readonly type: string }>;
      return Object.values(states).every(({ type }) => type === 'idle');
    },
    bare: async (words) => {
      const parts = [{ type: 'text', text: words }];
      const { ok, status } = await ask('POST', `/session/${await latest()}/prompt_async`, { parts });
      if (!ok) throw new Error(`OpenCode answered ${status}`);
    },
    type: (words) => typeInto(terminal, words),
    stop: () => terminal.kill(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
