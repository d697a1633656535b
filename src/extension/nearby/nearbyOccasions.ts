import * as vscode from 'vscode';
import { Owned, type Disposable } from '../disposable';
import type { Lookout } from '../lookout';
import type { NearbyAround } from './nearbyAround';

/**
 * What says that sessions nearby may have come or gone, besides the clients' own folders: the window gets the focus, an agent
 * signs on or off, a command in a terminal begins or ends. Until the object returned is disposed of.
 */
export function nearbyOccasions(
  around: Pick<NearbyAround, 'occasion'>,
  { events }: Pick<Lookout, 'events'>,
): Disposable {
  const occasions = new Owned();
  const look = (): void => around.occasion();
  occasions.own(vscode.window.onDidChangeWindowState(({ focused }) => (focused ? look() : undefined)));
  occasions.own(vscode.window.onDidCloseTerminal(look));
  // OpenCode is known by its process alone, and most sessions begin in a terminal of the editor.
  occasions.own(vscode.window.onDidStartTerminalShellExecution(look));
  occasions.own(vscode.window.onDidEndTerminalShellExecution(look));
  occasions.own(
    events.on((event) => {
      const isGone = event.type === 'agent.retired' || (event.type === 'presence' && event.presence === 'offline');
      if (isGone || event.type === 'agent.registered') look();
    }),
  );
  return occasions;
}
