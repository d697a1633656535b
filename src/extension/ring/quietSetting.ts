import type { Client } from '../../client/client';
import { Owned } from '../disposable';
import type { Picture } from '../picture';
import { clockTime, words } from '../words';

export interface QuietSettingOptions {
  readonly line: Pick<Client, 'ask' | 'state' | 'onState'>;
  /** The setting as it is now. */
  readonly hours: () => string;
  /** What the person wrote cannot be used. */
  readonly onError: (error: unknown) => void;
}

/**
 * Tells the broker the hours in which the person wants to be left alone, as the setting has them: the home keeps them, so
 * that they hold when no window is open. An empty setting takes back only what a setting said in this window, so that a
 * window without one leaves alone what another window, or the command line, has said.
 */
export class QuietSetting extends Owned {
  readonly #options: QuietSettingOptions;
  #said = '';

  constructor(options: QuietSettingOptions) {
    super();
    this.#options = options;
    this.ending(options.line.onState(() => this.#tell()));
    this.#tell();
  }

  /** The setting may have changed. */
  look(): void {
    if (this.#options.hours().trim() !== this.#said) this.#tell();
  }

  #tell(): void {
    const { line, hours, onError } = this.#options;
    const wanted = hours().trim();
    if (line.state.kind !== 'connected' || (wanted === '' && this.#said === '')) return;
    this.#said = wanted;
    line.ask('doNotDisturb', { hours: wanted === '' ? null : wanted }).catch(onError);
  }
}

/** That the person is left alone, and until when; empty when they are not. */
export function quietText({ agents, you, quiet, now }: Picture): string {
  if (agents.get(you?.id ?? '')?.presence !== 'busy') return '';
  return quiet.until === undefined ? words.status.busy : words.status.quiet(clockTime(quiet.until, now));
}
