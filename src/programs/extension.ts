import * as vscode from 'vscode';
import { systemClock } from '../client/clock';
import { container } from '../extension/contributions';
import { FrontDesk, type Answering } from '../extension/frontDesk';
import type { Opening, ParleyWindow } from './extensionWindow';

interface Active {
  readonly desk: FrontDesk;
  readonly window: Promise<ParleyWindow>;
  readonly log: vscode.LogOutputChannel;
}

let active: Active | undefined;

/**
 * Registers what VS Code may ask for and returns. All else of the extension is a program of its own, loaded as soon as the
 * extension host is through with what it was at: no editor's start waits for Parley.
 */
export function activate(context: vscode.ExtensionContext): void {
  const began = performance.now();
  const log = vscode.window.createOutputChannel(container.title, { log: true });
  let open: (window: Promise<ParleyWindow>) => void = () => undefined;
  const window = new Promise<ParleyWindow>((resolve) => (open = resolve));
  const desk = new FrontDesk(
    window.then((opened): Answering => opened.answering),
    log,
    systemClock,
  );
  active = { desk, window, log };
  const registered = performance.now() - began;
  setImmediate(() => open(load({ context, trees: desk.trees, log, registered })));
}

async function load(opening: Opening): Promise<ParleyWindow> {
  const { openWindow } = await import('./extensionWindow.js');
  return openWindow(opening);
}

export async function deactivate(): Promise<void> {
  const { desk, window, log } = active ?? {};
  active = undefined;
  desk?.dispose();
  // One that could not be opened has told of it, and let go of what it had.
  const opened = await window?.catch(() => undefined);
  await opened?.close();
  log?.dispose();
}
