import path from 'node:path';
import * as vscode from 'vscode';
import type { Client } from '../../client/client';
import type { MessageView, ThreadView } from '../../contract/views';
import type { Lookout } from '../lookout';
import { plain } from '../plain';
import type { Prompts } from '../prompts';
import type { Target } from './row';
import { threadMarkdown } from './threadMarkdown';
import { words } from '../words';

/** Messages that one question brings. */
const page = 200;
/** Characters of a topic that a file's name keeps. */
const nameLength = 60;

/** Writes one thread into a Markdown file. */
export class ThreadExport {
  readonly #line: Pick<Client, 'receive'>;
  readonly #lookout: Pick<Lookout, 'picture'>;
  readonly #prompts: Prompts;

  constructor(parts: {
    readonly line: Pick<Client, 'receive'>;
    readonly lookout: Pick<Lookout, 'picture'>;
    readonly prompts: Prompts;
  }) {
    this.#line = parts.line;
    this.#lookout = parts.lookout;
    this.#prompts = parts.prompts;
  }

  async export({ thread: target }: Target): Promise<void> {
    const id = target ?? (await this.#prompts.thread());
    if (id === undefined) return;
    const topic = this.#lookout.picture.threads.find((one) => one.id === id)?.topic ?? '';
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const name = fileName(topic);
    const file = await vscode.window.showSaveDialog({
      title: words.ask.exportThread,
      filters: { Markdown: ['md'] },
      defaultUri: folder
        ? vscode.Uri.joinPath(folder, name)
        : vscode.Uri.file(path.join(process.env['HOME'] ?? '/', name)),
    });
    if (!file) return;
    const options = { location: vscode.ProgressLocation.Window, title: words.ask.exportThread };
    await vscode.window.withProgress(options, async () => {
      const { thread, messages } = await this.#read(id);
      await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(threadMarkdown(thread, messages)));
    });
    const said = words.told.exported(plain.toast(path.basename(file.path)));
    const choice = await vscode.window.showInformationMessage(said, words.ask.open);
    if (choice === words.ask.open) await vscode.window.showTextDocument(file);
  }

  /** All of the thread. What is read here counts as seen by nobody: it is written to a file. */
  async #read(id: string): Promise<{ readonly thread: ThreadView; readonly messages: readonly MessageView[] }> {
    const messages: MessageView[] = [];
    for (;;) {
      const after = messages.at(-1)?.seq ?? 0;
      const { output } = await this.#line.receive('read', { thread: id, after, limit: page });
      messages.push(...output.messages);
      if (output.messages.length === 0 || output.more === 0) return { thread: output.thread, messages };
    }
  }
}

/** A name that every file system takes, e.g. `parser-review.md`. */
function fileName(topic: string): string {
  const words =
    topic
      .normalize('NFKD')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  const name = words.join('-').slice(0, nameLength).replace(/-+$/, '');
  return `${name === '' ? 'thread' : name}.md`;
}
