import * as vscode from 'vscode';
import { FrontDesk, type Answering } from '../extension/frontDesk';
import type { ParleyWindow } from './extensionWindow';

let active: { readonly desk: FrontDesk; readonly window: Promise<ParleyWindow> } | undefined;

/**
 * Registers what VS Code may ask for and returns. All else of the extension is a program of its own, loaded as soon as the
 * extension host is through with what it was at: no editor's start waits for Parley.
 */
export function activate(context: vscode.ExtensionContext): void {
  const began = performance.now();
  let open: (window: Promise<ParleyWindow>) => void = () => undefined;
  const window = new Promise<ParleyWindow>((resolve) => (open = resolve));
  const desk = new FrontDesk(window.then((opened): Answering => opened.answering));
  active = { desk, window };
  const registered = performance.now() - began;
  setImmediate(() => open(load(context, desk, registered)));
  window.catch((error: unknown) => {
    void vscode.window.showErrorMessage(`Parley: ${error instanceof Error ? error.message : String(error)}`);
  });
}

async function load(context: vscode.ExtensionContext, desk: FrontDesk, registered: number): Promise<ParleyWindow> {
  const { openWindow } = await import('./extensionWindow.js');
  return openWindow(context, desk.trees, registered);
}

export async function deactivate(): Promise<void> {
  const { desk, window } = active ?? {};
  active = undefined;
  desk?.dispose();
  const opened = await window?.catch(() => undefined);
  await opened?.close();
}
