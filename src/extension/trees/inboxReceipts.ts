import type { Client } from '../../client/client';
import type { Clock } from '../../client/clock';
import type { Disposable } from '../disposable';
import type { Lookout } from '../lookout';

export interface InboxReceiptsOptions {
  readonly line: Pick<Client, 'receive' | 'confirm'>;
  readonly lookout: Pick<Lookout, 'picture' | 'pictures'>;
  readonly clock: Clock;
  /** The window has the focus and the Inbox is open in it. */
  readonly isInboxSeen: () => boolean;
  /** The window has the focus and this call's notification stands in it. */
  readonly isNoticeSeen: (call: string) => boolean;
  readonly onError: (error: unknown) => void;
}

/** What was before the person for this long counts as seen. Milliseconds. */
const visibleFor = 1_000;

/**
 * Tells the broker which calls the person has seen: all that it told us were visible in a focused window for a second, in
 * the Inbox or as a notification. Threads are the thread view's business.
 */
export class InboxReceipts implements Disposable {
  readonly #options: InboxReceiptsOptions;
  readonly #stop: Disposable;
  readonly #confirmed = new Set<string>();
  #cancelTimer: (() => void) | undefined;

  constructor(options: InboxReceiptsOptions) {
    this.#options = options;
    this.#stop = options.lookout.pictures.on(() => this.look());
  }

  /** Focus, visibility or a notification has changed. */
  look(): void {
    if (!this.#isAnythingNewVisible()) {
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
      return;
    }
    this.#cancelTimer ??= this.#options.clock.after(visibleFor, () => {
      this.#cancelTimer = undefined;
      if (this.#isAnythingNewVisible()) void this.#confirm().catch(this.#options.onError);
    });
  }

  dispose(): void {
    this.#cancelTimer?.();
    this.#stop.dispose();
  }

  #isAnythingNewVisible(): boolean {
    const { calls } = this.#options.lookout.picture;
    return calls.some(({ id }) => !this.#confirmed.has(id)) && this.#areVisible(calls.map(({ id }) => id));
  }

  /** One delivery holds all calls of the inbox, so all of them have to be before the person. */
  #areVisible(calls: readonly string[]): boolean {
    const { isInboxSeen, isNoticeSeen } = this.#options;
    return isInboxSeen() || calls.every((call) => this.#confirmed.has(call) || isNoticeSeen(call));
  }

  async #confirm(): Promise<void> {
    const shown = new Set(this.#options.lookout.picture.calls.map(({ id }) => id));
    const { output, delivery } = await this.#options.line.receive('inbox', {});
    const calls = output.calls.map(({ id }) => id);
    if (delivery === undefined || !calls.every((call) => shown.has(call)) || !this.#areVisible(calls)) return;
    await this.#options.line.confirm([delivery], 'vscode');
    for (const call of calls) this.#confirmed.add(call);
  }
}
