import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';

/** A new empty folder under the system's temporary one. */
export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'parley-store-'));
}

/** Bundles a test program, so that a plain Node can run it; answers its path. */
export async function bundleProgram(source: string): Promise<string> {
  const outfile = path.join(temporaryFolder(), 'program.cjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  return outfile;
}

/** A running test program: lines in, lines out. */
export class TestProgram {
  readonly process: ChildProcess;
  readonly lines: string[] = [];
  /** Resolves with the signal or exit code that ended it. */
  readonly ended: Promise<string>;
  readonly #errors: string[] = [];
  #read = 0;
  #waiting: (() => void)[] = [];

  constructor(program: string, input: object, options: { uid?: number; gid?: number } = {}) {
    this.process = spawn(process.execPath, [program, JSON.stringify(input)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...options,
    });
    if (this.process.stdout) {
      createInterface({ input: this.process.stdout }).on('line', (line) => {
        this.lines.push(line);
        for (const wake of this.#waiting.splice(0)) wake();
      });
    }
    this.process.stderr?.on('data', (data: Buffer) => this.#errors.push(data.toString()));
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        resolve(signal ?? String(code));
        for (const wake of this.#waiting.splice(0)) wake();
      });
    });
  }

  /** What it wrote to its error stream. */
  get complaints(): string {
    return this.#errors.join('');
  }

  say(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  /** The next line that was not read yet, once it is there. */
  async next(): Promise<string> {
    const index = this.#read++;
    while (this.lines.length <= index) {
      if (this.process.exitCode !== null || this.process.signalCode !== null) throw new Error(this.complaints);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.lines[index] ?? '';
  }

  kill(): Promise<string> {
    this.process.kill('SIGKILL');
    return this.ended;
  }
}
