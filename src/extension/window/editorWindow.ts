import { realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import { severities, type EditorWindow, type FoundSymbol, type Problem, type Selection } from './windowTools';

/** This window, as its tools see it. */
export class VscodeWindow implements EditorWindow {
  get isTrusted(): boolean {
    return vscode.workspace.isTrusted;
  }

  get folders(): readonly string[] {
    return (vscode.workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ uri }) => uri.fsPath);
  }

  realPath(file: string): Promise<string> {
    return realpath(file);
  }

  problems(file: string | undefined): readonly Problem[] {
    const all: (readonly [vscode.Uri, readonly vscode.Diagnostic[]])[] =
      file === undefined
        ? vscode.languages.getDiagnostics()
        : [[vscode.Uri.file(file), vscode.languages.getDiagnostics(vscode.Uri.file(file))]];
    return all
      .filter(([uri]) => uri.scheme === 'file')
      .flatMap(([uri, diagnostics]) =>
        diagnostics.map(({ range, severity, message, source }) => ({
          file: uri.fsPath,
          line: range.start.line + 1,
          // The editor counts them in this order.
          severity: severities[severity],
          message,
          source,
        })),
      );
  }

  async show(file: string, line: number): Promise<void> {
    const at = new vscode.Position(line - 1, 0);
    await vscode.window.showTextDocument(vscode.Uri.file(file), {
      preserveFocus: true,
      preview: true,
      selection: new vscode.Range(at, at),
    });
  }

  async symbolsOf(file: string): Promise<readonly FoundSymbol[]> {
    const uri = vscode.Uri.file(file);
    const found = await vscode.commands.executeCommand<
      readonly (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined
    >('vscode.executeDocumentSymbolProvider', uri);
    const flat: FoundSymbol[] = [];
    const add = (symbol: vscode.DocumentSymbol | vscode.SymbolInformation, container?: string): void => {
      const range = 'location' in symbol ? symbol.location.range : symbol.selectionRange;
      const { name, kind } = symbol;
      flat.push({ file, line: range.start.line + 1, name, kind: kindOf(kind), container });
      if ('children' in symbol) for (const child of symbol.children) add(child, name);
    };
    for (const symbol of found ?? []) add(symbol, 'containerName' in symbol ? symbol.containerName : undefined);
    return flat;
  }

  async findSymbols(query: string): Promise<readonly FoundSymbol[]> {
    const found = await vscode.commands.executeCommand<readonly vscode.SymbolInformation[] | undefined>(
      'vscode.executeWorkspaceSymbolProvider',
      query,
    );
    return (found ?? [])
      .filter(({ location }) => location.uri.scheme === 'file')
      .map(({ name, kind, containerName, location }) => ({
        file: location.uri.fsPath,
        line: location.range.start.line + 1,
        name,
        kind: kindOf(kind),
        container: containerName,
      }));
  }

  selection(): Selection | undefined {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.uri.scheme !== 'file') return undefined;
    const { document, selection } = editor;
    return {
      file: document.uri.fsPath,
      line: selection.start.line + 1,
      endLine: selection.end.line + 1,
      text: document.getText(selection),
    };
  }
}

function kindOf(kind: vscode.SymbolKind): string {
  return vscode.SymbolKind[kind].toLowerCase();
}
