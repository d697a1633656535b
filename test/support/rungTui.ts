import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ConnectedHome } from './connectedHome';
import { provide } from './provision';
import { Terminal } from './terminal';
import { until } from './until';
import { endProcessesAtExit, endProcessesOf } from './workbenchProcesses';

/** How long a client may take to show something, in milliseconds. */
const patience = 60_000;

/** A real client with a terminal, in a home where it was connected with Parley. */
export class RungTui {
  readonly #terminal: Terminal;
  readonly #name: string;
  /** Stands in the environment of whatever it starts. */
  readonly #mark: string;

  private constructor(name: string, mark: string, terminal: Terminal) {
    this.#name = name;
    this.#mark = mark;
    this.#terminal = terminal;
  }

  /** Starts it in the home's project and waits until its screen matches `ready`. */
  static async start(
    home: ConnectedHome,
    program: string,
    {
      args = [],
      env,
      ready,
    }: { readonly args?: readonly string[]; readonly env: Record<string, string>; readonly ready: RegExp },
  ): Promise<RungTui> {
    await provide('codeServer');
    const mark = `rung-tui-${randomUUID()}`;
    endProcessesAtExit(mark);
    const all = home.env({ TERM: 'xterm-256color', SHELL: '/bin/bash', RUNG_TUI: mark, ...env });
    const tui = new RungTui(path.basename(program), mark, new Terminal(program, [...args], all, home.project));
    try {
      await tui.shows(ready);
    } catch (error) {
      await tui.stop();
      throw error;
    }
    return tui;
  }

  screen(): string {
    return this.#terminal.screen();
  }

  /** The error shows the screen. */
  async shows(pattern: RegExp, timeout = patience): Promise<void> {
    try {
      await until(`${this.#name} to show ${pattern}`, () => pattern.test(this.screen()), timeout);
    } catch (error) {
      throw new Error(`${(error as Error).message}; its screen:\n${this.screen()}`, { cause: error });
    }
  }

  press(keys: string): void {
    this.#terminal.write(keys);
  }

  /** Types a prompt and sends it. */
  async submit(text: string): Promise<void> {
    this.press(text);
    // Enter in the same burst would count as part of a paste.
    await this.shows(new RegExp(text.slice(0, 40)));
    this.press('\r');
  }

  /** Ends it and what it started; the home stays. */
  async stop(): Promise<void> {
    this.#terminal.kill();
    await endProcessesOf(this.#mark);
  }
}

/** Writes a file of the client's, by its path in HOME. */
export function writeInHome(home: ConnectedHome, file: string, text: string): void {
  const whole = path.join(home.user, file);
  fs.mkdirSync(path.dirname(whole), { recursive: true });
  fs.writeFileSync(whole, text);
}
