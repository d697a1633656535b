import * as vscode from 'vscode';
import { readBrokerRecord } from '../client/brokerRecord';
import type { Client } from '../client/client';
import type { Owned } from '../extension/disposable';
import { McpDefinitions, type McpDoor } from '../extension/upkeep/mcpDefinitions';
import type { WindowAgent } from '../extension/window/windowAgent';

interface Tools {
  readonly home: string;
  readonly person: Client;
  readonly agent: WindowAgent;
}

/** Parley's tools for this window's own agent. */
export function offerTools(owned: Owned, { home, person, agent }: Tools): McpDefinitions {
  let door: McpDoor | undefined;
  const look = (): McpDoor | undefined => {
    const { identity } = agent;
    const record = readBrokerRecord(home);
    // While the broker is away the door stays where it was: asking for it starts the broker.
    if (identity && record && person.state.kind === 'connected') {
      const { version, build } = person.state.welcome;
      door = { socket: record.socket, token: identity.token, version: `${version}+${build}` };
    }
    return door;
  };
  const open = async (): Promise<McpDoor | undefined> => {
    if (!vscode.workspace.isTrusted) return undefined;
    if (person.state.kind !== 'connected') {
      person.retry();
      await person.ready();
    }
    await agent.signOn();
    return look();
  };
  const definitions = owned.own(new McpDefinitions({ door: look, open }));
  owned.own(agent.changes.on(() => definitions.look()));
  owned.ending(person.onState(() => definitions.look()));
  return definitions;
}
