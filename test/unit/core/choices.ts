/** One number as a source of choices; zero is always the first choice. */
export class Choices {
  #rest: number;

  constructor(number: number) {
    this.#rest = number;
  }

  take(count: number): number {
    const taken = this.#rest % count;
    this.#rest = Math.floor(this.#rest / count);
    return taken;
  }

  of<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : items[this.take(items.length)];
  }
}

/** Each as often as its weight says. */
export function weigh<T extends string>(weights: Readonly<Record<T, number>>): readonly T[] {
  return (Object.entries(weights) as [T, number][]).flatMap(([command, weight]) => Array<T>(weight).fill(command));
}
