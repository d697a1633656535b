import * as vscode from 'vscode';
import type { Client } from '../../client/client';
import type { Clock } from '../../client/clock';
import type { QuietView } from '../../contract/operations/roster';
import type { Lookout } from '../lookout';
import type { Prompts } from '../prompts';
import type { Target } from './row';
import { clockTime, words } from '../words';

/** How long a passing word stands in the status bar. Milliseconds. */
const passing = 6_000;
/** The hour at which tomorrow begins for who wants to be left alone until then. */
const morning = 8;

/** For how long; `undefined` seconds: until the person says otherwise. */
type Choice =
  { readonly do: 'on'; readonly seconds: number | undefined } | { readonly do: 'off' } | { readonly do: 'hours' };

/** What the person does with their Inbox as a whole: what counts as read, and when nothing may ring. */
export class InboxDesk {
  readonly #line: Pick<Client, 'ask'>;
  readonly #lookout: Pick<Lookout, 'picture'>;
  readonly #prompts: Prompts;
  readonly #clock: Clock;

  constructor(parts: {
    readonly line: Pick<Client, 'ask'>;
    readonly lookout: Pick<Lookout, 'picture'>;
    readonly prompts: Prompts;
    readonly clock: Clock;
  }) {
    this.#line = parts.line;
    this.#lookout = parts.lookout;
    this.#prompts = parts.prompts;
    this.#clock = parts.clock;
  }

  /** The person's word that they have read a thread, up to what is in it now. */
  async markRead({ thread }: Target): Promise<void> {
    const { unread } = this.#lookout.picture;
    if (unread.length === 0 && thread === undefined) {
      this.#say(words.told.nothingUnread);
      return;
    }
    const isUnread = new Set(unread.map(({ id }) => id));
    const id = thread ?? (await this.#prompts.thread((one) => isUnread.has(one.id), words.ask.whichUnread));
    const one = this.#thread(id);
    if (one) await this.#line.ask('seen', { thread: one.id, seq: one.messages });
  }

  async markAllRead(): Promise<void> {
    const { unread } = this.#lookout.picture;
    for (const { id, messages } of unread) await this.#line.ask('seen', { thread: id, seq: messages });
    this.#say(unread.length === 0 ? words.told.nothingUnread : words.told.allRead(unread.length));
  }

  /** Asks for how long the person wants to be left alone. It holds whether a window is open or not. */
  async doNotDisturb(): Promise<void> {
    const { quiet } = this.#lookout.picture;
    const chosen = await this.#prompts.choose(words.ask.quiet, this.#choices(quiet));
    if (!chosen) return;
    if (chosen.do === 'hours') {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'parley.doNotDisturb.hours');
      return;
    }
    const on = chosen.do === 'on';
    const seconds = chosen.do === 'on' ? chosen.seconds : undefined;
    const { doNotDisturb } = await this.#line.ask('doNotDisturb', {
      on,
      ...(seconds !== undefined && { for: seconds }),
    });
    const { until } = doNotDisturb;
    if (!doNotDisturb.on) this.#say(words.told.disturbed);
    else if (until === undefined) this.#say(words.told.quietOpen);
    else this.#say(words.told.quietUntil(clockTime(until, this.#clock.now())));
  }

  #choices(quiet: QuietView) {
    const now = this.#clock.now();
    const tomorrow = new Date(now);
    tomorrow.setDate(tomorrow.getDate() + 1);
    tomorrow.setHours(morning, 0, 0, 0);
    const until = (label: string, seconds: number) => ({
      label,
      detail: words.status.until(clockTime(now + seconds * 1000, now)),
      value: { do: 'on', seconds } as Choice,
    });
    const hours = quiet.hours === undefined ? words.ask.quietHoursDetail : words.ask.quietHoursNow(quiet.hours);
    return [
      ...(quiet.on ? [{ label: words.ask.quietOff, value: { do: 'off' } as Choice }] : []),
      until(words.ask.quietHalfHour, 30 * 60),
      until(words.ask.quietHour, 60 * 60),
      until(words.ask.quietTomorrow, Math.ceil((tomorrow.getTime() - now) / 1000)),
      {
        label: words.ask.quietOpen,
        detail: words.ask.quietOpenDetail,
        value: { do: 'on', seconds: undefined } as Choice,
      },
      { label: words.ask.quietHours, detail: hours, value: { do: 'hours' } as Choice },
    ];
  }

  #thread(id: string | undefined) {
    const { unread, threads } = this.#lookout.picture;
    return unread.find((one) => one.id === id) ?? threads.find((one) => one.id === id);
  }

  #say(text: string): void {
    vscode.window.setStatusBarMessage(text, passing);
  }
}
