import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { homeOf } from '../client/home';
import { settings, type Disturb, type SettingName } from './contributions';

/** The settings of Parley, typed as the table declares them. Values that do not fit are the default. */
export class Settings {
  get home(): string {
    return this.#text('home').trim();
  }

  get autoStart(): boolean {
    return this.#flag('autoStart');
  }

  get disturb(): Disturb {
    const value = this.#text('disturb');
    return value === 'all' || value === 'none' ? value : 'whenNeeded';
  }

  /** Threads open in the sidebar instead of the editor area. */
  get threadsInSidebar(): boolean {
    return this.#text('openThreads') === 'sidebar';
  }

  get agentName(): string {
    return this.#text('agentName').trim();
  }

  /** When the person wants to be left alone every week, as they wrote it. */
  get quietHours(): string {
    return this.#text('doNotDisturb.hours').trim();
  }

  get chatMayWake(): boolean {
    return this.#flag('chat.mayWake');
  }

  /** Whom the person lets ring by a typed line, as they wrote it. */
  get typedLine(): string {
    return this.#text('wake.typedLine');
  }

  /** Whose sessions the person lets bring back, as they wrote it. */
  get headless(): string {
    return this.#text('wake.headless');
  }

  onChange(listener: () => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('parley')) listener();
    });
  }

  #text(name: SettingName): string {
    const value: unknown = vscode.workspace.getConfiguration('parley').get(name);
    return typeof value === 'string' ? value : String(settings[name].default);
  }

  #flag(name: SettingName): boolean {
    const value: unknown = vscode.workspace.getConfiguration('parley').get(name);
    return typeof value === 'boolean' ? value : settings[name].default === true;
  }
}

/** The home: `PARLEY_HOME` from the environment, else the setting, else `~/.parley`. Absolute. */
export function chooseHome(env: NodeJS.ProcessEnv, setting: string): string {
  if ((env['PARLEY_HOME'] ?? '') !== '' || setting === '') return homeOf(env);
  const expanded = setting.replace(/^~(?=$|[/\\])/, homedir());
  return path.resolve(homedir(), expanded);
}
