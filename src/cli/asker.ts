import { createInterface } from 'node:readline';
import { ParleyError } from '../contract/errors';
import type { Session } from './session';

/** Asks the person at the terminal; with `--yes` nobody is asked. */
export class Asker {
  readonly #session: Session;
  readonly #isYes: boolean;
  readonly #isTerminal: boolean;
  #lines: AsyncIterator<string> | undefined;
  #close: () => void = () => undefined;

  constructor(session: Session, isYes: boolean) {
    this.#session = session;
    this.#isYes = isYes;
    this.#isTerminal = session.surroundings.isTerminal;
  }

  /** @throws `bad_input` when the answer is no, or nobody can be asked */
  async confirm(question: string): Promise<void> {
    if (this.#isYes) return;
    if (!this.#isTerminal)
      throw new ParleyError('bad_input', { problem: 'nothing was changed; say --yes to change it' });
    if (!(await this.#ask(question)))
      throw new ParleyError('bad_input', { problem: 'nothing was changed, as you said' });
  }

  /** An offer that is declined where nobody is asked. */
  async offer(question: string): Promise<boolean> {
    return !this.#isYes && this.#isTerminal && !this.#session.isJson && (await this.#ask(question));
  }

  /** A question that is answered no where nobody can be asked, and yes with `--yes`. */
  async agrees(question: string): Promise<boolean> {
    return this.#isYes || (this.#isTerminal && !this.#session.isJson && (await this.#ask(question)));
  }

  close(): void {
    this.#close();
  }

  async #ask(question: string): Promise<boolean> {
    const { stdin, stdout } = this.#session.options;
    if (!this.#lines) {
      const lines = createInterface({ input: stdin });
      this.#lines = lines[Symbol.asyncIterator]();
      this.#close = () => lines.close();
    }
    stdout.write(`${question} [y/N] `);
    const answer = await this.#lines.next();
    return answer.done !== true && /^y(?:es)?$/i.test(answer.value.trim());
  }
}
