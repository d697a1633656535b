import * as vscode from 'vscode';
import type { Client } from '../client/client';
import { systemClock } from '../client/clock';
import type { Owned } from '../extension/disposable';
import type { Lookout } from '../extension/lookout';
import { RingNotices } from '../extension/ring/ringNotices';
import type { Telephone } from '../extension/ring/telephone';
import { InboxReceipts } from '../extension/trees/inboxReceipts';
import type { Windows } from '../extension/window/windows';

interface Ringing {
  /** The windows of this home; ours is written there, and removed by whoever closes it. */
  readonly windows: Windows;
  readonly lookout: Lookout;
  readonly person: Client;
  readonly telephone: Telephone;
  readonly inbox: vscode.TreeView<unknown>;
  readonly onError: (error: unknown) => void;
}

/** Notifications of rings, which window shows them, and what the person has seen of them. */
export function watchRings(owned: Owned, { windows, lookout, person, telephone, inbox, onError }: Ringing): void {
  let focusedAt = vscode.window.state.focused ? systemClock.now() : 0;
  const describe = (): void => {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    void windows.write({ folders: folders.map(({ uri }) => uri.fsPath), focusedAt });
  };
  describe();
  const notices = owned.own(
    new RingNotices({
      lookout,
      isOurs: (folder) => windows.isOurs(folder),
      onShown: ({ call, agent }) => {
        receipts.look();
        if (agent !== lookout.picture.you?.id) return;
        const report = { subject: call.id, agent, ringer: 'notification', result: 'written' } as const;
        person.ask('ringReport', report).catch(onError);
      },
      later: ({ call, agent }) => telephone.later({ call: call.id, agent }),
      onError,
    }),
  );
  const receipts = owned.own(
    new InboxReceipts({
      line: person,
      lookout,
      clock: systemClock,
      isInboxSeen: () => vscode.window.state.focused && inbox.visible,
      isNoticeSeen: (call) => vscode.window.state.focused && notices.shows(call, lookout.picture.you?.id ?? ''),
      onError,
    }),
  );
  owned.own(inbox.onDidChangeVisibility(() => receipts.look()));
  owned.own(vscode.workspace.onDidChangeWorkspaceFolders(describe));
  owned.own(
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused) focusedAt = systemClock.now();
      if (focused) describe();
      receipts.look();
    }),
  );
}
