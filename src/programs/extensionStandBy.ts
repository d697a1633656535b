import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Client } from '../client/client';
import { systemClock } from '../client/clock';
import { IdentityStore } from '../client/identityStore';
import { machineProcesses } from '../client/processes';
import type { AgentView } from '../contract/views';
import type { Owned } from '../extension/disposable';
import type { Lookout } from '../extension/lookout';
import { nameOf } from '../extension/picture';
import { plain } from '../extension/plain';
import { findResumable, mayResume, resumeEnvironment, type ResumableParts } from '../extension/standBy/resumable';
import type { Settings } from '../extension/settings';
import { StandByDesk } from '../extension/standBy/standBy';
import type { AgentTerminals } from '../extension/standBy/terminals';
import { TypedTerminals } from '../extension/standBy/typedTerminal';
import { words } from '../extension/words';
import { DoorRinger } from '../ringers/doorRinger';
import { HeadlessResumeDoor } from '../ringers/headlessResume';
import { DoorClosed, type Ringer } from '../ringers/ringer';
import { TypedLineDoor } from '../ringers/typedLine';

interface StandByGiven {
  readonly home: string;
  readonly person: Client;
  readonly lookout: Lookout;
  readonly settings: Settings;
  readonly terminals: AgentTerminals;
  readonly isOurs: (folder: string) => Promise<boolean>;
  readonly log: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

/** The ringers that this window runs for other agents, where the person allows them. */
export function standByDesk(
  owned: Owned,
  { home, person, lookout, settings, terminals, isOurs, log, onError }: StandByGiven,
): StandByDesk {
  const store = new IdentityStore(home);
  const typed = owned.own(
    new TypedTerminals({
      terminals,
      store,
      processes: machineProcesses,
      clock: systemClock,
      changed: () => desk.look(),
    }),
  );
  const resumable: ResumableParts = {
    identities: () => store.list(),
    folders: () => {
      const open = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : [];
      return open.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
    },
    isOurs,
    place: () => ({ env: process.env, platform: process.platform, exists: existsSync }),
    running: async () => {
      // Evaluated only here: no window needs it to start.
      const { lookAround } = await import('../nearby/lookAround');
      const { ownFiles } = await import('../nearby/files');
      const { machineTable } = await import('../nearby/processTable');
      const parts = { files: ownFiles(), table: machineTable(), env: process.env, home: homedir() };
      return lookAround({ ...parts, identities: () => [] });
    },
  };
  const view = (id: string): AgentView => {
    const agent = lookout.picture.agents.get(id);
    if (!agent) throw new DoorClosed('it is not on the roster');
    return agent;
  };
  const ringers = (id: string): readonly Ringer[] => [
    new DoorRinger({
      door: new TypedLineDoor({ terminal: async () => typed.line(view(id)), clock: systemClock }),
      clock: systemClock,
    }),
    new DoorRinger({
      door: new HeadlessResumeDoor({
        find: async () => findResumable(view(id), resumable),
        env: resumeEnvironment(process.env, home, nameOf(lookout.picture, id)),
        clock: systemClock,
        report: (report) => void person.ask('ringReport', report).catch(onError),
        note: log,
        began: ({ client, folder, ended }) => {
          const who = plain.label(nameOf(lookout.picture, id), 40);
          const title = words.inTerminal.broughtBack(client, who, plain.label(path.basename(folder), 40));
          void vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, async () => ended);
        },
      }),
      clock: systemClock,
    }),
  ];
  const desk: StandByDesk = owned.own(
    new StandByDesk({
      line: person,
      lookout,
      permissions: () => ({ 'typed-line': settings.typedLine, 'headless-resume': settings.headless }),
      ringers,
      isOurs: async (agent, ringer) =>
        ringer === 'typed-line' ? (await typed.line(agent)) !== undefined : mayResume(agent, resumable),
      closed: async (agent, ringer) => (ringer === 'typed-line' ? (await typed.line(agent))?.obstacle() : undefined),
      onError,
    }),
  );
  owned.own(settings.onChange(() => desk.look()));
  owned.own(vscode.workspace.onDidChangeWorkspaceFolders(() => desk.look()));
  owned.own(vscode.workspace.onDidGrantWorkspaceTrust(() => desk.look()));
  return desk;
}
