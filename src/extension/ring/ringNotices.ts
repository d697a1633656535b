import * as vscode from 'vscode';
import type { Disposable } from '../disposable';
import { commandLink } from '../window/links';
import type { Lookout } from '../lookout';
import { nameOf } from '../picture';
import { plain } from '../plain';
import type { Ring } from './ringBook';
import { words } from '../words';

export interface RingNoticesOptions {
  readonly lookout: Pick<Lookout, 'picture' | 'rings'>;
  /** Whether a ring for an agent in this folder is this window's to show; empty: an agent without one, or the person. */
  readonly isOurs: (folder: string) => Promise<boolean>;
  /** The notification stands. */
  readonly onShown: (ring: Ring) => void;
  /** The person put it off. */
  readonly later: (ring: Ring) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/**
 * A progress notification for each ring that is worth one: it stays while the call rings, and has its answers as links in
 * its message, because its only button is Cancel, which means Later here. When the ring ends, however it does, so does
 * the notification, in every window.
 */
export class RingNotices implements Disposable {
  readonly #options: RingNoticesOptions;
  readonly #stop: Disposable;
  /** Ends the notification of each ring; undefined where another window shows it. */
  readonly #shown = new Map<string, (() => void) | undefined>();

  constructor(options: RingNoticesOptions) {
    this.#options = options;
    this.#stop = options.lookout.rings.changes.on(() => this.#look());
  }

  /** Whether the ring of this call stands before the person here. */
  shows(call: string, agent: string): boolean {
    return this.#shown.get(`${call}/${agent}`) !== undefined;
  }

  dispose(): void {
    this.#stop.dispose();
    for (const end of this.#shown.values()) end?.();
    this.#shown.clear();
  }

  #look(): void {
    const rings = new Map(
      this.#options.lookout.rings.disturbing().map((ring) => [`${ring.call.id}/${ring.agent}`, ring]),
    );
    for (const [id, end] of [...this.#shown]) {
      if (rings.has(id)) continue;
      this.#shown.delete(id);
      end?.();
    }
    for (const [id, ring] of rings) {
      if (this.#shown.has(id)) continue;
      this.#shown.set(id, undefined);
      void this.#show(id, ring).catch(this.#options.onError);
    }
  }

  async #show(id: string, ring: Ring): Promise<void> {
    const { lookout, isOurs, onShown, later } = this.#options;
    const isMine = ring.agent === lookout.picture.you?.id;
    const folder = isMine ? '' : (lookout.picture.agents.get(ring.agent)?.workspace ?? '');
    if (!(await isOurs(folder)) || !this.#shown.has(id)) return;
    const options = {
      location: vscode.ProgressLocation.Notification,
      cancellable: true,
      title: this.#message(ring, isMine),
    };
    void vscode.window.withProgress(options, (_progress, cancelled) => {
      return new Promise<void>((resolve) => {
        this.#shown.set(id, resolve);
        cancelled.onCancellationRequested(() => {
          resolve();
          later(ring).catch(this.#options.onError);
        });
      });
    });
    onShown(ring);
  }

  #message({ call, agent }: Ring, isMine: boolean): string {
    const { picture } = this.#options.lookout;
    const from = plain.toast(nameOf(picture, call.from), 40);
    const topic = plain.toast(call.topic);
    const platform = plain.toast(picture.agents.get(call.from)?.platform ?? '', 40);
    const mine = platform === '' ? words.ring.title(from, topic) : words.ring.titleWithPlatform(from, topic, platform);
    const text = isMine ? mine : words.ring.titleFor(from, plain.toast(nameOf(picture, agent), 40), topic);
    const target = { call: call.id, agent };
    const links = [
      commandLink(words.ring.answer, 'answer', target),
      ...(isMine ? [] : [commandLink(words.ring.letAgentAnswer, 'letAgentAnswer', target)]),
      commandLink(words.ring.decline, 'decline', target),
    ];
    return `${text}  ${links.join(' · ')}`;
  }
}
