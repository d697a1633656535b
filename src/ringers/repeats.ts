import type { RingRequest } from '../contract/wire';

/** Subjects whose rings are counted; of more the oldest are forgotten. */
const mostCounted = 500;

/** Makes a ring for what was rung for before another text: clients drop, or their models overlook, the same text again. */
export class Repeats {
  readonly #rings = new Map<string, number>();

  distinct({ subject, text }: Pick<RingRequest, 'subject' | 'text'>): string {
    const times = (this.#rings.get(subject) ?? 0) + 1;
    this.#rings.delete(subject);
    this.#rings.set(subject, times);
    for (const oldest of this.#rings.keys()) {
      if (this.#rings.size <= mostCounted) break;
      this.#rings.delete(oldest);
    }
    return times === 1 ? text : `${text}\n(Parley says this for the ${ordinal(times)} time: ${subject})`;
  }
}

function ordinal(number: number): string {
  return { 2: '2nd', 3: '3rd' }[number] ?? `${number}th`;
}
