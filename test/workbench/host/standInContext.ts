import path from 'node:path';
import type * as vscode from 'vscode';

export interface StandIn {
  /** Has what Parley's activation uses, and no more. */
  readonly context: vscode.ExtensionContext;
  /** The names of the variables that terminals would be given. */
  readonly variables: ReadonlySet<string>;
}

/** A context for activating an extension once more: the editor hands its own out only once. */
export function standInContext(extension: vscode.Extension<unknown>): StandIn {
  const memory = new Map<string, unknown>();
  const variables = new Set<string>();
  const add = (name: string): void => void variables.add(name);
  const context = {
    extension,
    extensionUri: extension.extensionUri,
    asAbsolutePath: (file: string) => path.join(extension.extensionPath, file),
    workspaceState: {
      keys: () => [...memory.keys()],
      get: (key: string) => memory.get(key),
      update: (key: string, value: unknown) => Promise.resolve(void memory.set(key, value)),
    },
    environmentVariableCollection: {
      prepend: add,
      replace: add,
      delete: (name: string) => void variables.delete(name),
    },
  };
  return { context: context as unknown as vscode.ExtensionContext, variables };
}
