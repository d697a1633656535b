import * as vscode from 'vscode';
import { connect, type Client } from '../../client/client';
import type { ConnectOptions } from '../../client/options';
import { words } from '../words';

/** Starts and stops the broker by the person's word. */
export class BrokerControl {
  readonly #person: Client;
  readonly #starting: ConnectOptions;

  /** @param starting - a connection that may start the broker, even where the setting says that none starts by itself */
  constructor(person: Client, starting: ConnectOptions) {
    this.#person = person;
    this.#starting = starting;
  }

  /** @throws ParleyError when it does not start */
  async start(): Promise<void> {
    if (this.#person.state.kind === 'connected') return;
    const starter = await connect(this.#starting);
    starter.close();
    this.#person.retry();
    await this.#person.ready();
  }

  async stop(): Promise<void> {
    const options = { modal: true, detail: words.ask.stopBrokerDetail };
    const answer = await vscode.window.showWarningMessage(words.ask.stopBroker, options, words.ask.stop);
    if (answer !== words.ask.stop) return;
    await this.#person.ask('stop', { reason: 'the person stopped it in VS Code' });
    vscode.window.setStatusBarMessage(words.told.brokerStopped, 5_000);
  }
}
