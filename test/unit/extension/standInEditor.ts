type Listener<T> = (value: T) => unknown;

/** As much of VS Code's as an event of ours needs. */
class EventEmitter<T> {
  readonly #listeners = new Set<Listener<T>>();
  readonly event = (listener: Listener<T>): { dispose: () => void } => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };
  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

interface Notice {
  readonly text: string;
  readonly buttons: readonly string[];
  /** The person chooses a button, or closes it with none. */
  readonly choose: (button?: string) => void;
}

interface View {
  message?: string;
  badge?: unknown;
  dispose(): void;
}

/**
 * VS Code as the front desk meets it: keeps what was registered, shown and run. For `vi.mock('vscode', …)`; a test that
 * needs more of VS Code belongs into the extension host.
 */
export class StandInEditor {
  /** By id. */
  readonly commands = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  readonly views = new Map<string, View>();
  readonly notices: Notice[] = [];
  /** Commands of VS Code's own that were run, with their arguments. */
  readonly ran: unknown[][] = [];
  /** What `vscode.l10n.t` says in place of a text. */
  readonly bundle: Record<string, string> = {};
  /** What was given to each `register…` but that of commands, by its name. */
  readonly providers: Record<string, unknown> = {};

  /** The module `vscode`. */
  module(): object {
    const register =
      (name: string) =>
      (...given: unknown[]): { dispose: () => void } => {
        this.providers[name] = given.at(-1);
        return { dispose: () => void delete this.providers[name] };
      };
    const notify = (text: string, ...buttons: string[]): Promise<string | undefined> =>
      new Promise<string | undefined>((choose) => this.notices.push({ text, buttons, choose }));
    return {
      EventEmitter,
      l10n: { t: (text: string) => this.bundle[text] ?? text },
      commands: {
        registerCommand: (id: string, run: (...args: unknown[]) => Promise<unknown>) => {
          this.commands.set(id, run);
          return { dispose: () => void this.commands.delete(id) };
        },
        executeCommand: (...command: unknown[]) => {
          this.ran.push(command);
          return Promise.resolve();
        },
      },
      lm: { registerMcpServerDefinitionProvider: register('tools') },
      window: {
        createTreeView: (id: string) => {
          const view: View = { dispose: () => void this.views.delete(id) };
          this.views.set(id, view);
          return view;
        },
        registerWebviewViewProvider: register('conversation'),
        registerWebviewPanelSerializer: register('panels'),
        registerUriHandler: register('links'),
        showErrorMessage: notify,
        showWarningMessage: notify,
      },
    };
  }

  /** As it was at first. */
  clear(): void {
    for (const kept of [this.commands, this.views]) kept.clear();
    for (const kept of [this.notices, this.ran]) kept.length = 0;
    for (const kept of [this.bundle, this.providers]) for (const name of Object.keys(kept)) delete kept[name];
  }

  /** Everything that stands registered now; empty when all was let go of. */
  registered(): string[] {
    return [...this.commands.keys(), ...this.views.keys(), ...Object.keys(this.providers)];
  }
}
