import { lstat, mkdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { homeFiles } from '../../contract/home';
import { brokerLog } from './brokerLog';
import { mcpConfigurations, type ClientFormat } from './mcpConfigurations';
import type { Prompts } from '../prompts';
import { words } from '../words';

export interface SetupOptions {
  readonly home: string;
  /** Absolute path of the launcher. */
  readonly launcher: () => string;
  readonly prompts: Prompts;
  readonly log: vscode.LogOutputChannel;
}

/** What the person does to set Parley up and to look after it. */
export class Setup {
  readonly #options: SetupOptions;

  constructor(options: SetupOptions) {
    this.#options = options;
  }

  async copyMcpConfiguration(): Promise<void> {
    const format = await this.#options.prompts.choose<ClientFormat>(words.ask.whichConfiguration, [
      { label: words.ask.standardClients, detail: words.ask.standardDetail, value: 'standard' },
      { label: words.ask.codex, detail: words.ask.codexDetail, value: 'codex' },
      { label: words.ask.openCode, detail: words.ask.openCodeDetail, value: 'openCode' },
    ]);
    if (!format) return;
    await vscode.env.clipboard.writeText(mcpConfigurations[format](this.#options.launcher()));
    void vscode.window.showInformationMessage(words.told.copied);
  }

  /** Puts `parley` where every terminal finds it: a link on Unix, a small batch file on Windows. */
  async installCommand(): Promise<void> {
    const launcher = this.#options.launcher();
    const isWindows = process.platform === 'win32';
    const folder = isWindows
      ? path.join(process.env['LOCALAPPDATA'] ?? homedir(), 'Microsoft', 'WindowsApps')
      : path.join(homedir(), '.local', 'bin');
    const file = path.join(folder, isWindows ? 'parley.cmd' : 'parley');
    await mkdir(folder, { recursive: true });
    if (isWindows) await writeFile(file, `@"${launcher}" %*\r\n`);
    else {
      if (!(await isOurs(file))) {
        void vscode.window.showErrorMessage(words.told.occupied(file));
        return;
      }
      await rm(file, { force: true });
      await symlink(launcher, file);
    }
    const isFound = (process.env['PATH'] ?? '').split(path.delimiter).includes(folder);
    const hint = isFound ? '' : ` ${words.told.notOnPath(folder)}`;
    void vscode.window.showInformationMessage(words.told.installed(file) + hint);
  }

  async showLog(): Promise<void> {
    const which = await this.#options.prompts.choose(words.ask.whichLog, [
      { label: words.ask.brokerLog, value: 'broker' as const },
      { label: words.ask.windowLog, value: 'window' as const },
    ]);
    if (which === 'window') this.#options.log.show();
    if (which !== 'broker') return;
    const file = brokerLog(this.#options.home);
    if (file === undefined) void vscode.window.showInformationMessage(words.told.noLog);
    else await vscode.window.showTextDocument(vscode.Uri.file(file), { preview: true });
  }
}

/** Whether the name is free, or a link of ours to a launcher. */
async function isOurs(file: string): Promise<boolean> {
  try {
    if (!(await lstat(file)).isSymbolicLink()) return false;
    return path.basename(path.dirname(await readlink(file))) === homeFiles.bin;
  } catch {
    return true;
  }
}
