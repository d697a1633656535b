import * as vscode from 'vscode';
import type { Client } from '../../client/client';
import type { Lookout } from '../lookout';
import { plain } from '../plain';
import type { Prompts } from '../prompts';
import { mcpServersIn, shareNameOf, wordsOf, type McpServerEntry } from './mcpServers';
import type { Target } from '../trees/row';
import { words } from '../words';

export interface ShareDeskParts {
  readonly line: Pick<Client, 'ask'>;
  readonly prompts: Prompts;
  readonly lookout: Pick<Lookout, 'picture'>;
  readonly env: NodeJS.ProcessEnv;
  /** The user's home folder, absolute. */
  readonly userFolder: string;
}

type Wish = NonNullable<McpServerEntry['wish']>;

/** The MCP servers that the person shares with the roster. */
export class ShareDesk {
  readonly #parts: ShareDeskParts;

  constructor(parts: ShareDeskParts) {
    this.#parts = parts;
  }

  /**
   * Shares a server that this window's `.vscode/mcp.json` names, or a command line, after showing what that is.
   * @throws what `share` refuses: `name_taken`, `bad_input`, …
   */
  async share(): Promise<void> {
    const chosen = await this.#which();
    if (!chosen) return;
    const name = await this.#name(shareNameOf(chosen.name));
    if (name === undefined) return;
    const { wish } = chosen;
    const question = words.share.sure(name);
    const options = { modal: true, detail: words.share.sureDetail(described(wish)) };
    const answer = await vscode.window.showWarningMessage(question, options, words.share.yes);
    if (answer !== words.share.yes) return;
    // The broker starts it to see that it works, and waits up to a minute for its first answer.
    const progress = { location: vscode.ProgressLocation.Notification, title: words.share.starting(name) };
    const { share } = await vscode.window.withProgress(progress, () =>
      this.#parts.line.ask('share', { name, ...wish }),
    );
    void vscode.window.showInformationMessage(words.share.shared(share.tools, plain.toast(share.name, 40)));
  }

  /** Shares one no more; the person says which. @throws what `unshare` refuses */
  /** `agent`: the server that is meant; else the person is asked. */
  async stop({ agent }: Target = {}): Promise<void> {
    const { line, prompts, lookout } = this.#parts;
    const { shares } = await line.ask('shares', {});
    if (shares.length === 0) {
      void vscode.window.showInformationMessage(words.share.none);
      return;
    }
    const choices = shares.map((one) => ({
      label: plain.label(one.name),
      detail: plain.label(one.command?.join(' ') ?? one.url ?? ''),
      value: one.name,
    }));
    const meant = lookout.picture.agents.get(agent ?? '')?.name;
    const name = meant ?? (await prompts.choose(words.share.whichToStop, choices));
    if (name === undefined) return;
    await line.ask('unshare', { name });
    void vscode.window.showInformationMessage(words.share.stopped(plain.toast(name, 40)));
  }

  async #which(): Promise<{ readonly name: string; readonly wish: Wish } | undefined> {
    const { prompts } = this.#parts;
    const servers = await this.#servers();
    const own = { label: words.share.commandLine, detail: words.share.commandLineDetail, value: 'line' as const };
    const listed = servers.map((value) => ({
      label: plain.label(value.name),
      detail: value.wish ? plain.label(commandOf(value.wish)) : words.share.cannot,
      value,
    }));
    const choices = [...listed, own];
    const chosen =
      servers.length === 0 ? 'line' : await prompts.choose<McpServerEntry | 'line'>(words.share.which, choices);
    if (chosen === undefined) return undefined;
    if (chosen !== 'line') {
      const { name, wish } = chosen;
      if (wish) return { name, wish };
      void vscode.window.showInformationMessage(words.share.cannotShare(plain.toast(name, 60)));
      return undefined;
    }
    const command = wordsOf((await prompts.line(words.share.line, words.share.lineMissing)) ?? '');
    const [program = ''] = command;
    return program === '' ? undefined : { name: program.split(/[/\\]/).at(-1) ?? '', wish: { command } };
  }

  /** Nothing of an untrusted workspace runs: what its files name is not offered. */
  async #servers(): Promise<McpServerEntry[]> {
    const folders = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : [];
    const { valueAt } = await import('../../connect/jsonEdits');
    const found = await Promise.all(
      folders.map(async ({ uri }) => {
        try {
          const file = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(uri, '.vscode', 'mcp.json'));
          const { env, userFolder: userHome } = this.#parts;
          const variables = { workspaceFolder: uri.fsPath, userHome, env };
          return mcpServersIn(valueAt(Buffer.from(file).toString('utf8'), ['servers']), variables);
        } catch {
          return []; // none, or none that can be read
        }
      }),
    );
    return found.flat();
  }

  #name(before: string): Promise<string | undefined> {
    return Promise.resolve(
      vscode.window.showInputBox({
        prompt: words.share.name,
        value: before,
        ignoreFocusOut: true,
        validateInput: (value) => {
          if (!/^[A-Za-z][A-Za-z0-9_-]{0,31}$/.test(value)) return words.share.badName;
          return this.#isTaken(value) ? words.share.taken(value) : undefined;
        },
      }),
    );
  }

  /** As far as it is known here: the broker has the last word. */
  #isTaken(name: string): boolean {
    const { agents } = this.#parts.lookout.picture;
    return [...agents.values()].some((agent) => agent.name.toLowerCase() === name.toLowerCase());
  }
}

const commandOf = ({ command, url }: Wish): string => command?.join(' ') ?? url ?? '';

/** What is run, where, and the names (never the values) of what it is given. */
function described(wish: Wish): string {
  const names = Object.keys({ ...wish.environment, ...wish.headers });
  return [
    plain.toast(commandOf(wish), 400),
    ...(wish.folder === undefined ? [] : [words.share.inFolder(plain.toast(wish.folder, 200))]),
    ...(names.length === 0 ? [] : [words.share.withVariables(plain.toast(names.join(', '), 200))]),
  ].join('\n');
}
