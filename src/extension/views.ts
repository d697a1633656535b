import { hostname } from 'node:os';
import * as vscode from 'vscode';
import { contextKeys } from './contributions';
import { Owned } from './disposable';
import { failureText } from './errorWords';
import { badgeOf, inboxRows } from './inboxRows';
import type { Lookout } from './lookout';
import type { Picture } from './picture';
import { plain } from './plain';
import { rosterRows } from './rosterRows';
import { RowTree } from './rowTree';
import { StatusItem } from './statusItem';
import { threadRows } from './threadRows';
import { words } from './words';

/** Changes within this time are drawn together. Milliseconds: one frame. */
const frame = 16;

/** The trees, the badge and the status bar: all drawn from the picture, and from nothing else. */
export class Views extends Owned {
  readonly inbox = this.own(new RowTree('parley.inbox'));
  readonly #roster = this.own(new RowTree('parley.roster'));
  readonly threads = this.own(new RowTree('parley.threads'));
  readonly #status = this.own(new StatusItem());
  readonly #keys = new Map<string, unknown>();
  #timer: NodeJS.Timeout | undefined;

  constructor(lookout: Pick<Lookout, 'picture' | 'pictures'>) {
    super();
    // Under Remote-SSH, WSL or in a container broker and agents are on the machine where this runs.
    if (vscode.env.remoteName !== undefined) this.#roster.view.description = words.roster.machine(hostname());
    this.own(lookout.pictures.on(() => (this.#timer ??= setTimeout(() => this.#draw(lookout.picture), frame))));
    this.ending(() => clearTimeout(this.#timer));
    this.#draw(lookout.picture);
  }

  #draw(picture: Picture): void {
    this.#timer = undefined;
    this.#roster.set(rosterRows(picture));
    this.inbox.set(inboxRows(picture));
    this.threads.set(threadRows(picture));
    this.inbox.view.badge = badgeOf(picture);
    // A broker that is merely away needs no more words than the welcome has.
    const { broker } = picture;
    const why = broker.state === 'gone' && broker.error.code !== 'broker_gone' ? failureText(broker.error) : '';
    this.#roster.view.message = plain.toast(why, 600);
    this.#status.show(picture);
    this.#setKey(contextKeys.broker, picture.broker.state);
    this.#setKey(contextKeys.paused, picture.paused);
    this.#setKey(
      contextKeys.ringing,
      inboxRows(picture).some((row) => row.target.call !== undefined),
    );
  }

  #setKey(key: string, value: unknown): void {
    if (this.#keys.get(key) === value) return;
    this.#keys.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
