import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Client } from '../client/client';
import { systemClock } from '../client/clock';
import type { Place } from '../connect/clients';
import type { ConnectDesk } from '../extension/upkeep/connectDesk';
import type { Owned } from '../extension/disposable';
import type { Lookout } from '../extension/lookout';
import type { Prompts } from '../extension/prompts';
import { SendDesk } from '../extension/send/send';
import { ShareDesk } from '../extension/upkeep/shareDesk';
import type { Telephone } from '../extension/ring/telephone';
import { installedClients, terminalTitles } from '../extension/standBy/terminalClients';
import { AgentTerminals } from '../extension/standBy/terminals';
import { Uris } from '../extension/window/uris';

interface EditorParts {
  readonly home: string;
  readonly launcher: () => string;
  /** This extension's id. */
  readonly extension: string;
  readonly line: Client;
  readonly lookout: Lookout;
  readonly prompts: Prompts;
  readonly telephone: Telephone;
  readonly connect: ConnectDesk;
  readonly openThread: (thread: string) => void;
  readonly onFailure: (error: unknown) => void;
}

/** What begins in the editor, a terminal or a link. */
export function editorDesks(
  owned: Owned,
  { home, launcher, extension, line, lookout, prompts, telephone, connect, openThread, onFailure }: EditorParts,
): { readonly send: SendDesk; readonly share: ShareDesk; readonly terminals: AgentTerminals; readonly uris: Uris } {
  const place = (): Place => ({
    launcher: launcher(),
    env: process.env,
    userFolder: homedir(),
    platform: process.platform,
    exists: existsSync,
  });
  return {
    send: owned.own(
      new SendDesk({ line, lookout, prompts, openThread, call: (callee, said) => telephone.place(callee, said) }),
    ),
    share: new ShareDesk({ line, prompts, lookout, env: process.env, userFolder: homedir() }),
    terminals: owned.own(
      new AgentTerminals({
        lookout,
        prompts,
        clock: systemClock,
        random: Math.random,
        installed: () => installedClients(place()),
        titleOf: (client) => terminalTitles[client],
        conditionOf: async (client) => {
          // Evaluated only here: no window needs it to start.
          const { Connector } = await import('../connect/connector');
          const { conditionOf } = await import('../connect/condition');
          const connector = new Connector({ home, place: place(), now: () => Date.now(), newId: randomUUID });
          return conditionOf(connector, client, place());
        },
        connect: (client) => connect.connect(client),
      }),
    ),
    uris: new Uris({
      line,
      lookout,
      prompts,
      extension,
      openThread,
      call: (agent) => telephone.call({ agent }),
      onFailure,
    }),
  };
}
