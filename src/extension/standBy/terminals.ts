import * as vscode from 'vscode';
import type { Clock } from '../../client/clock';
import type { Condition } from '../../connect/condition';
import type { AgentView } from '../../contract/views';
import { freeName } from '../../core/names';
import { contextKeys } from '../contributions';
import { Owned } from '../disposable';
import type { Lookout } from '../lookout';
import { plain } from '../plain';
import type { Prompts } from '../prompts';
import type { Target } from '../trees/row';
import { terminalPrograms, type TerminalClient } from './terminalClients';
import { words } from '../words';

/** How long an agent has to sign on before the person is told that it has not. A first start asks for trust. Milliseconds. */
const patience = 60_000;
/** The variable that gives an agent its name. */
const nameVariable = 'PARLEY_AGENT';

export interface TerminalsParts {
  readonly lookout: Pick<Lookout, 'picture' | 'pictures'>;
  readonly prompts: Prompts;
  readonly clock: Clock;
  /** Any number: where the search for a free name begins. */
  readonly random: () => number;
  /** Clients whose program is on the PATH. */
  readonly installed: () => readonly TerminalClient[];
  readonly titleOf: (client: TerminalClient) => string;
  readonly conditionOf: (client: TerminalClient) => Promise<Condition>;
  readonly connect: (client: TerminalClient) => Promise<void>;
}

/** How the wait for an agent came out. */
type Arrival =
  | { readonly kind: 'here'; readonly agent: AgentView }
  | { readonly kind: 'ended'; readonly code: number | undefined }
  | { readonly kind: 'late' | 'given-up' };

/** Agents that run in terminals of this window: starting them, and finding their terminals again. */
export class AgentTerminals extends Owned {
  readonly #parts: TerminalsParts;
  /** By the agent's id, so that a new name of the agent changes nothing. */
  readonly #terminals = new Map<string, vscode.Terminal>();

  constructor(parts: TerminalsParts) {
    super();
    this.#parts = parts;
    this.own(
      vscode.window.onDidCloseTerminal((closed) => {
        for (const [id, terminal] of this.#terminals) if (terminal === closed) this.#terminals.delete(id);
        this.#setKey();
      }),
    );
    this.own(vscode.window.onDidOpenTerminal(() => this.#setKey()));
    this.#setKey();
  }

  /** Asks which client and under which name, and starts it; stays until it has signed on or something says that it will not. */
  async start(): Promise<void> {
    const client = await this.#which();
    if (!client) return;
    const title = this.#parts.titleOf(client);
    if (!(await this.#isReady(client, title))) return;
    const name = await this.#name();
    if (name === undefined) return;
    const before = new Set(this.#parts.lookout.picture.agents.keys());
    const terminal = vscode.window.createTerminal({
      name,
      env: { [nameVariable]: name },
      iconPath: new vscode.ThemeIcon('hubot'),
    });
    terminal.show();
    terminal.sendText(terminalPrograms[client]);
    this.#setKey();
    const options = {
      location: vscode.ProgressLocation.Notification,
      cancellable: true,
      title: words.inTerminal.waiting(name),
    };
    const arrival = await vscode.window.withProgress(options, (_progress, cancelled) =>
      this.#arrival(name, { terminal, before, cancelled }),
    );
    await this.#tell(arrival, { name, title, terminal });
  }

  /** Shows the terminal that an agent runs in. */
  async show({ agent: id }: Target): Promise<void> {
    const { agents } = this.#parts.lookout.picture;
    const known = [...agents.values()].filter((agent) => this.terminalOf(agent) !== undefined);
    if (id === undefined && known.length === 0) {
      void vscode.window.showInformationMessage(words.inTerminal.noneAtAll);
      return;
    }
    const has = ({ id: one }: AgentView): boolean => known.some((agent) => agent.id === one);
    const agent = id === undefined ? await this.#parts.prompts.agent(words.inTerminal.whose, has) : agents.get(id);
    if (!agent) return;
    const terminal = this.terminalOf(agent);
    if (terminal) terminal.show();
    else void vscode.window.showInformationMessage(words.inTerminal.none(plain.toast(agent.name, 40)));
  }

  async #which(): Promise<TerminalClient | undefined> {
    const { installed, titleOf, conditionOf, prompts } = this.#parts;
    const clients = installed();
    if (clients.length === 0) {
      const all = (Object.keys(terminalPrograms) as TerminalClient[]).map(titleOf).join(', ');
      void vscode.window.showWarningMessage(words.inTerminal.noClient(all));
      return undefined;
    }
    const choices = await Promise.all(
      clients.map(async (client) => ({
        label: titleOf(client),
        detail: isSetUp(await conditionOf(client)) ? words.inTerminal.installed : words.inTerminal.notConnected,
        value: client,
      })),
    );
    return prompts.choose(words.inTerminal.whichClient, choices);
  }

  /** Offers to set the client up first; false when the person thinks better of it. */
  async #isReady(client: TerminalClient, title: string): Promise<boolean> {
    const { conditionOf, connect } = this.#parts;
    if (isSetUp(await conditionOf(client))) return true;
    const { connect: yes, startAnyway } = words.inTerminal;
    const options = { modal: true, detail: words.inTerminal.connectFirstDetail };
    const question = words.inTerminal.connectFirst(title);
    const answer = await vscode.window.showInformationMessage(question, options, yes, startAnyway);
    if (answer === yes) await connect(client);
    return answer !== undefined;
  }

  #name(): Promise<string | undefined> {
    const taken = (lower: string): boolean =>
      [...this.#parts.lookout.picture.agents.values()].some(({ name }) => name.toLowerCase() === lower);
    return Promise.resolve(
      vscode.window.showInputBox({
        prompt: words.inTerminal.name,
        value: freeName(Math.floor(this.#parts.random() * 1_000), taken),
        ignoreFocusOut: true,
        validateInput: (value) => {
          if (!/^[A-Za-z][A-Za-z0-9_-]{0,31}$/.test(value)) return words.inTerminal.badName;
          return taken(value.toLowerCase()) ? words.inTerminal.takenName : undefined;
        },
      }),
    );
  }

  /** What comes first: the agent, the end of its program or terminal, the person's word, or the end of patience. */
  async #arrival(
    name: string,
    wait: {
      readonly terminal: vscode.Terminal;
      readonly before: ReadonlySet<string>;
      readonly cancelled: vscode.CancellationToken;
    },
  ): Promise<Arrival> {
    const { lookout, clock } = this.#parts;
    const ends = new Owned();
    try {
      return await new Promise<Arrival>((resolve) => {
        const look = (): void => {
          const agent = [...lookout.picture.agents.values()].find(
            (one) => one.presence !== 'offline' && isNamed(one, name) && !wait.before.has(one.id),
          );
          if (agent) resolve({ kind: 'here', agent });
        };
        ends.own(lookout.pictures.on(look));
        ends.own(
          vscode.window.onDidCloseTerminal((closed) => {
            if (closed === wait.terminal) resolve({ kind: 'ended', code: closed.exitStatus?.code });
          }),
        );
        ends.own(
          vscode.window.onDidEndTerminalShellExecution(({ terminal, exitCode }) => {
            if (terminal === wait.terminal) resolve({ kind: 'ended', code: exitCode });
          }),
        );
        ends.own(wait.cancelled.onCancellationRequested(() => resolve({ kind: 'given-up' })));
        ends.ending(clock.after(patience, () => resolve({ kind: 'late' })));
        look();
      });
    } finally {
      ends.dispose();
    }
  }

  async #tell(
    arrival: Arrival,
    { name, title, terminal }: { readonly name: string; readonly title: string; readonly terminal: vscode.Terminal },
  ): Promise<void> {
    const { inTerminal } = words;
    switch (arrival.kind) {
      case 'here':
        this.#terminals.set(arrival.agent.id, terminal);
        this.#setKey();
        void vscode.window.showInformationMessage(inTerminal.here(plain.toast(arrival.agent.name, 40)));
        return;
      case 'ended': {
        const { code } = arrival;
        const text = code === undefined ? inTerminal.ended(name) : inTerminal.endedWith(title, code);
        void vscode.window.showWarningMessage(text);
        return;
      }
      case 'late':
        if ((await vscode.window.showWarningMessage(inTerminal.late(name, title), inTerminal.show)) === inTerminal.show)
          terminal.show();
        return;
      case 'given-up':
        return;
    }
  }

  /** Of this session by its id; of one before a reload by the name that it was given, in its environment or its title. */
  terminalOf(agent: Pick<AgentView, 'id' | 'name'>): vscode.Terminal | undefined {
    const known = this.#terminals.get(agent.id);
    if (known) return known;
    return vscode.window.terminals.find((terminal) => {
      const given = nameIn(terminal);
      return given !== undefined && isNamed(agent, given);
    });
  }

  #setKey(): void {
    const has = this.#terminals.size > 0 || vscode.window.terminals.some((one) => nameIn(one) !== undefined);
    void vscode.commands.executeCommand('setContext', contextKeys.terminals, has);
  }
}

/** The name that a terminal of ours gave its agent. */
function nameIn({ creationOptions }: vscode.Terminal): string | undefined {
  // Those that an extension writes into itself have no environment.
  const { env } = creationOptions as vscode.TerminalOptions;
  return env?.[nameVariable] ?? undefined;
}

function isNamed({ name }: Pick<AgentView, 'name'>, wanted: string): boolean {
  return name.toLowerCase() === wanted.toLowerCase();
}

function isSetUp({ kind }: Condition): boolean {
  return kind === 'whole' || kind === 'stale';
}
