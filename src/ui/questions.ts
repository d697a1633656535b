import type { PanelUpdate } from '../contract/panelUpdates';

/** An update that answers a question. */
export type Answer = Extract<PanelUpdate, { readonly id: string }>;

/** Questions to the host that wait for their answers. One that is given up is answered by nothing. */
export class Questions {
  readonly #newId: () => string;
  readonly #waiting = new Map<string, { readonly type: string; readonly settle: (answer?: Answer) => void }>();

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** Asks by `post`, which gets the question's id. Resolves with the answer, or without one when it was given up. */
  ask<T extends Answer['type']>(
    type: T,
    post: (id: string) => void,
  ): Promise<Extract<Answer, { type: T }> | undefined> {
    const id = this.#newId();
    return new Promise((resolve) => {
      // Only an answer of that type is let through to it.
      const settle = (answer?: Answer): void => resolve(answer as Extract<Answer, { type: T }> | undefined);
      this.#waiting.set(id, { type, settle });
      post(id);
    });
  }

  answered(answer: Answer): void {
    const question = this.#waiting.get(answer.id);
    if (question?.type !== answer.type) return;
    this.#waiting.delete(answer.id);
    question.settle(answer);
  }

  /** Gives all up: the page was hidden, and what was told meanwhile is lost. */
  giveUp(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { settle } of all) settle();
  }
}
