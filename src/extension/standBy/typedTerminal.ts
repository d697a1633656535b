import * as vscode from 'vscode';
import type { Clock } from '../../client/clock';
import type { IdentityStore } from '../../client/identityStore';
import { ancestors, stillRuns, type Processes } from '../../client/processes';
import type { AgentView } from '../../contract/views';
import type { LineTerminal } from '../../ringers/typedLine';
import { Owned } from '../disposable';
import { Hands, lineObstacle } from './lineObstacle';
import { terminalPrograms, terminalTitles, type TerminalClient } from './terminalClients';
import type { AgentTerminals } from './terminals';

export interface TypedTerminalsParts {
  readonly terminals: Pick<AgentTerminals, 'terminalOf'>;
  readonly store: Pick<IdentityStore, 'list'>;
  /** The machine's processes, looked at anew with each call. */
  readonly processes: () => Processes;
  readonly clock: Clock;
  /** Told when a terminal came or went. */
  readonly changed: () => void;
}

/** The terminals of this window in which agents run, as far as a line may be typed into them. */
export class TypedTerminals extends Owned {
  readonly #parts: TypedTerminalsParts;
  readonly #hands: Hands<vscode.Terminal>;

  constructor(parts: TypedTerminalsParts) {
    super();
    this.#parts = parts;
    this.#hands = new Hands(parts.clock);
    const held = (): void => {
      this.#hands.hold(vscode.window.state.focused ? vscode.window.activeTerminal : undefined);
    };
    held();
    this.own(vscode.window.onDidChangeWindowState(held));
    this.own(vscode.window.onDidChangeActiveTerminal(held));
    this.own(vscode.window.onDidOpenTerminal(() => parts.changed()));
    this.own(vscode.window.onDidCloseTerminal(() => parts.changed()));
  }

  /**
   * The terminal that the agent's client runs in: one that we opened for it, or one above the process that registered.
   * Undefined when there is none in this window.
   */
  async find(agent: Pick<AgentView, 'id' | 'name'>): Promise<vscode.Terminal | undefined> {
    const known = this.#parts.terminals.terminalOf(agent);
    if (known) return known;
    const mark = this.#parts.store.list().find(({ id }) => id === agent.id)?.process;
    const processes = this.#parts.processes();
    if (!mark || !stillRuns(processes, mark)) return undefined;
    const above = new Set(ancestors({ ...processes, parent: mark.pid }).map(({ pid }) => pid));
    for (const terminal of vscode.window.terminals) {
      const shell = await terminal.processId;
      if (shell !== undefined && above.has(shell)) return terminal;
    }
    return undefined;
  }

  /** The same, to be typed into. */
  async line(agent: AgentView): Promise<LineTerminal | undefined> {
    const terminal = await this.find(agent);
    return (
      terminal && {
        obstacle: () => this.#obstacle(terminal, agent.platform),
        type: (text) => terminal.sendText(text, false),
      }
    );
  }

  async #obstacle(terminal: vscode.Terminal, platform: string): Promise<string | undefined> {
    if (terminal.exitStatus !== undefined) return 'its terminal is closed';
    const shell = await terminal.processId;
    // Evaluated only here: no window needs it to start.
    const { foregroundProgram } = await import('../../nearby/foreground');
    return lineObstacle({
      front: shell === undefined ? undefined : await foregroundProgram(shell),
      wanted: programFor(platform),
      isInHand: this.#hands.isHeld(terminal),
      leftAt: this.#hands.leftAt(terminal),
      now: this.#parts.clock.now(),
    });
  }
}

/** The program of the client that cards name so. */
function programFor(platform: string): string | undefined {
  const clients = Object.keys(terminalTitles) as TerminalClient[];
  const client = clients.find((one) => terminalTitles[one] === platform);
  return client && terminalPrograms[client];
}
