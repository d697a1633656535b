import * as vscode from 'vscode';
import type { Clock } from '../../client/clock';
import type { IdentityStore } from '../../client/identityStore';
import { ancestors, stillRuns, type Processes } from '../../client/processes';
import type { AgentView } from '../../contract/views';
import type { LineTerminal } from '../../ringers/typedLine';
import { Owned } from '../disposable';
import { Hands, handsOff, lineObstacle, obstacles } from './lineObstacle';
import { terminalPrograms, terminalTitles, type TerminalClient } from './terminalClients';
import type { AgentTerminals } from './terminals';

export interface TypedTerminalsParts {
  readonly terminals: Pick<AgentTerminals, 'terminalOf'>;
  readonly store: Pick<IdentityStore, 'list'>;
  /** The machine's processes, looked at anew with each call. */
  readonly processes: () => Processes;
  readonly clock: Clock;
  /** Told when a terminal came or went, when somebody comes to one or has been away from it long enough, or its program changes. */
  readonly changed: () => void;
}

/** The terminals of this window in which agents run, as far as a line may be typed into them. */
export class TypedTerminals extends Owned {
  readonly #parts: TypedTerminalsParts;
  readonly #hands: Hands<vscode.Terminal>;
  #stopWaiting: () => void = () => undefined;

  constructor(parts: TypedTerminalsParts) {
    super();
    this.#parts = parts;
    this.#hands = new Hands(parts.clock);
    this.#isOtherHeld();
    const held = (): void => {
      if (this.#isOtherHeld()) parts.changed();
    };
    this.ending(() => this.#stopWaiting());
    this.own(vscode.window.onDidChangeWindowState(held));
    this.own(vscode.window.onDidChangeActiveTerminal(held));
    this.own(vscode.window.onDidStartTerminalShellExecution(() => parts.changed()));
    this.own(vscode.window.onDidEndTerminalShellExecution(() => parts.changed()));
    this.own(vscode.window.onDidOpenTerminal(() => parts.changed()));
    this.own(vscode.window.onDidCloseTerminal(() => parts.changed()));
  }

  /** Looks at which terminal is in the person's hands now. */
  #isOtherHeld(): boolean {
    const isOther = this.#hands.hold(vscode.window.state.focused ? vscode.window.activeTerminal : undefined);
    if (!isOther) return false;
    this.#stopWaiting();
    this.#stopWaiting = this.#parts.clock.after(handsOff + 1, this.#parts.changed);
    return true;
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

  /** The same, to be typed into; undefined too for a client that is not one of terminals, e.g. a script in a shell. */
  async line(agent: AgentView): Promise<LineTerminal | undefined> {
    const wanted = programFor(agent.platform);
    const terminal = wanted === undefined ? undefined : await this.find(agent);
    if (wanted === undefined || !terminal) return undefined;
    return {
      obstacle: () => this.#obstacle(terminal, wanted),
      type: (text) => terminal.sendText(text, false),
    };
  }

  async #obstacle(terminal: vscode.Terminal, wanted: string): Promise<string | undefined> {
    if (terminal.exitStatus !== undefined) return obstacles.closed;
    const shell = await terminal.processId;
    // Evaluated only here: no window needs it to start.
    const { foregroundProgram } = await import('../../nearby/foreground');
    return lineObstacle({
      front: shell === undefined ? undefined : await foregroundProgram(shell),
      wanted,
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
