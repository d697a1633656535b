import { hostname } from 'node:os';
import * as vscode from 'vscode';
import type { Client } from '../../client/client';
import type { Clock } from '../../client/clock';
import { contextKeys } from '../contributions';
import { Owned } from '../disposable';
import type { Trees } from '../frontDesk';
import { failureText } from '../errorWords';
import { badgeOf, inboxRows, ringClock } from './inboxRows';
import type { Lookout } from '../lookout';
import type { NearbySessions } from '../nearby/nearbySessions';
import type { Picture } from '../picture';
import { plain } from '../plain';
import { quietText } from '../ring/quietSetting';
import { pastCallsTooltip } from './rosterRow';
import { filtered, RosterRows } from './rosterRows';
import type { Row } from './row';
import { StatusItem } from '../statusItem';
import { threadRows } from './threadRows';
import { words } from '../words';

/** Changes within this time are drawn together. Milliseconds: one frame. */
const frame = 16;
/** How often the clocks of what rings move on, in milliseconds. */
const tick = 1_000;
/** Calls that the tooltip of an agent tells of. */
const callsInTooltip = 5;

/** One drawing of all views. */
export interface Drawn {
  /** Of our own time. */
  readonly milliseconds: number;
  /** Rows that the editor was told to draw anew, in all trees. */
  readonly rows: number;
}

export interface ViewsOptions {
  readonly trees: Trees;
  readonly lookout: Pick<Lookout, 'picture' | 'pictures'>;
  readonly line: Pick<Client, 'ask'>;
  readonly nearby: NearbySessions;
  readonly clock: Clock;
  readonly onDrawn: (drawn: Drawn) => void;
}

/** The trees, the badge and the status bar: all drawn from the picture, the filter and who is nearby. */
export class Views extends Owned {
  readonly #status = this.own(new StatusItem());
  readonly #options: ViewsOptions;
  readonly #rosterRows = new RosterRows();
  readonly #keys = new Map<string, unknown>();
  #filter = '';
  #timer: NodeJS.Timeout | undefined;
  #stopTick: (() => void) | undefined;

  constructor(options: ViewsOptions) {
    super();
    this.#options = options;
    const { trees, lookout, nearby } = options;
    trees.roster.more = (row) => this.#pastCalls(row);
    // Under Remote-SSH, WSL or in a container broker and agents are on the machine where this runs.
    if (vscode.env.remoteName !== undefined) trees.roster.view.description = words.roster.machine(hostname());
    this.own(lookout.pictures.on(() => this.#drawSoon()));
    this.own(nearby.onDidChange(() => this.#drawSoon()));
    this.own(trees.roster.view.onDidChangeVisibility(({ visible }) => nearby.look(visible)));
    nearby.look(trees.roster.view.visible);
    this.own(trees.inbox.view.onDidChangeVisibility(() => this.#keepTime()));
    this.ending(() => {
      clearTimeout(this.#timer);
      this.#stopTick?.();
    });
    this.#draw();
  }

  /** What the Roster is filtered by; empty: by nothing. */
  get filter(): string {
    return this.#filter;
  }

  set filter(filter: string) {
    this.#filter = filter.trim();
    this.#drawSoon();
  }

  #drawSoon(): void {
    this.#timer ??= setTimeout(() => this.#draw(), frame);
  }

  #draw(): void {
    const began = performance.now();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { trees, lookout, nearby, onDrawn } = this.#options;
    const { picture } = lookout;
    const { sessions } = nearby;
    let rows = trees.roster.set(this.#rosterRows.rows(picture, { filter: this.#filter, nearby: sessions }));
    const inbox = inboxRows(picture);
    rows += trees.inbox.set(inbox) + trees.threads.set(threadRows(picture));
    trees.inbox.view.badge = badgeOf(picture);
    trees.roster.view.message = this.#rosterMessage(picture);
    trees.inbox.view.message = picture.paused ? words.status.paused : quietText(picture);
    this.#status.show(picture);
    this.#setKey(contextKeys.broker, picture.broker.state);
    this.#setKey(contextKeys.paused, picture.paused);
    this.#setKey(
      contextKeys.othersHere,
      [...picture.agents.keys()].some((id) => id !== picture.you?.id && id !== picture.ownAgent),
    );
    this.#setKey(contextKeys.quiet, picture.quiet.on);
    this.#setKey(contextKeys.filtered, this.#filter !== '');
    this.#setKey(contextKeys.unread, picture.unread.length > 0);
    this.#setKey(
      contextKeys.ringing,
      inbox.some((row) => row.target.call !== undefined),
    );
    this.#keepTime();
    onDrawn({ milliseconds: performance.now() - began, rows });
  }

  #rosterMessage(picture: Picture): string {
    const { broker } = picture;
    // A broker that is merely away needs no more words than the welcome has.
    if (broker.state === 'gone' && broker.error.code !== 'broker_gone')
      return plain.toast(failureText(broker.error), 600);
    if (this.#filter === '' || broker.state !== 'connected') return '';
    const { shown, all } = filtered(picture, this.#filter);
    // A message would stand in the place of what an empty view says and offers.
    return shown === 0 ? '' : words.roster.filtered(plain.toast(this.#filter, 60), shown, all);
  }

  /** While something rings before the person's eyes its clock runs, in the view's title: one timer, however much rings. */
  #keepTime(): void {
    const { trees, clock, lookout } = this.#options;
    const picture = { ...lookout.picture, now: clock.now() };
    const shown = trees.inbox.view.visible ? ringClock(picture) : undefined;
    trees.inbox.view.description = shown ?? '';
    if (shown === undefined) {
      this.#stopTick?.();
      this.#stopTick = undefined;
      return;
    }
    this.#stopTick ??= clock.after(tick, () => {
      this.#stopTick = undefined;
      trees.inbox.set(inboxRows({ ...lookout.picture, now: clock.now() }));
      this.#keepTime();
    });
  }

  async #pastCalls({ target: { agent } }: Row): Promise<string> {
    const { picture } = this.#options.lookout;
    if (agent === undefined || agent === picture.you?.id) return '';
    const { calls } = await this.#options.line.ask('pastCalls', { agent, limit: callsInTooltip });
    return pastCallsTooltip(agent, calls, picture);
  }

  #setKey(key: string, value: unknown): void {
    if (this.#keys.get(key) === value) return;
    this.#keys.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
