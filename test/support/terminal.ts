import { createRequire } from 'node:module';
import path from 'node:path';
import { equipment } from './provision';

/** The size of the terminal; wide, so that few lines break. */
const size = { cols: 160, rows: 50 };

/** A pseudo-terminal and what is drawn on it, by the node-pty and xterm that VS Code's server ships (`codeServer`). */
export class Terminal {
  readonly #pty: Pty;
  readonly #xterm: Xterm;

  constructor(command: string, args: string[], env: Record<string, string>, cwd: string) {
    const load = createRequire(path.join(equipment.codeServerModules, 'package.json'));
    const { spawn } = load('node-pty') as { spawn(command: string, args: string[], options: object): Pty };
    const { Terminal: Screen } = load('@xterm/headless') as { Terminal: new (options: object) => Xterm };
    this.#xterm = new Screen({ ...size, allowProposedApi: true });
    this.#pty = spawn(command, args, { ...size, env, cwd, name: 'xterm-256color' });
    this.#pty.onData((data) => this.#xterm.write(data));
    // Programs ask the terminal for its size, colours and cursor; the answers go back as if typed.
    this.#xterm.onData((data) => this.#pty.write(data));
  }

  screen(): string {
    const { active } = this.#xterm.buffer;
    const lines = Array.from(
      { length: size.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    );
    return lines.join('\n').trimEnd();
  }

  write(data: string): void {
    this.#pty.write(data);
  }

  kill(): void {
    try {
      this.#pty.kill();
    } catch {
      // it ended by itself
    }
  }
}

/** The part of node-pty that is used. */
interface Pty {
  onData(listener: (data: string) => void): unknown;
  write(data: string): void;
  kill(): void;
}

/** The part of the headless xterm that is used. */
interface Xterm {
  readonly buffer: {
    readonly active: {
      readonly baseY: number;
      getLine(row: number): { translateToString(trim: boolean): string } | undefined;
    };
  };
  write(data: string): void;
  onData(listener: (data: string) => void): unknown;
}
