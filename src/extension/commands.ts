import * as vscode from 'vscode';
import type { BrokerControl } from './brokerControl';
import { commands, type CommandName } from './contributions';
import { Owned } from './disposable';
import { targetOf } from './links';
import type { Target } from './row';
import type { Setup } from './setup';
import { isTooLate, type Telephone } from './telephone';

/** One handler for each command of the table: TypeScript says when one is missing. */
export type Handlers = Readonly<Record<CommandName, (target: Target) => Promise<void>>>;

export function handlers(telephone: Telephone, setup: Setup, broker: BrokerControl): Handlers {
  return {
    callAgent: (target) => telephone.call(target),
    answer: (target) => telephone.answer(target),
    letAgentAnswer: (target) => telephone.letAgentAnswer(target),
    decline: (target) => telephone.decline(target),
    later: (target) => telephone.later(target),
    sendMessage: (target) => telephone.message(target),
    openThread: (target) => telephone.openThread(target),
    setPresence: () => telephone.setPresence(),
    startBroker: () => broker.start(),
    stopBroker: () => broker.stop(),
    showLog: () => setup.showLog(),
    copyMcpConfiguration: () => setup.copyMcpConfiguration(),
    installCommand: () => setup.installCommand(),
  };
}

/** Registers every command of the table; what fails is told to the person once. */
export function registerCommands(table: Handlers, onFailure: (error: unknown) => void): Owned {
  const owned = new Owned();
  for (const name of Object.keys(commands) as CommandName[]) {
    const run = async (argument?: unknown): Promise<void> => {
      try {
        await table[name](targetOf(argument));
      } catch (error) {
        if (!isTooLate(error)) onFailure(error);
      }
    };
    owned.own(vscode.commands.registerCommand(`parley.${name}`, run));
  }
  return owned;
}
