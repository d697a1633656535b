import * as vscode from 'vscode';
import type { Input } from '../../contract/operations';

/** Editors by the name they give themselves, as people call them. Everything else is a VS Code by another name. */
const editors: readonly (readonly [RegExp, string])[] = [
  [/cursor/i, 'Cursor'],
  [/windsurf/i, 'Windsurf'],
  [/codium/i, 'VSCodium'],
];

/** What this window's own agent says of itself. `name`: wanted by the person; empty for a given one. */
export function windowCard(name: string): Input<'register'> {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  return {
    ...(name !== '' && { name }),
    description: `The agent of the ${folder ? `window on ${folder.name}` : 'empty window'}`.slice(0, 1000),
    platform: editors.find(([pattern]) => pattern.test(vscode.env.appName))?.[1] ?? 'VS Code',
    version: vscode.version,
    workspace: folder?.uri.fsPath ?? '',
  };
}
