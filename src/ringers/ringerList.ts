import type { RingAnswer, RingerTest, RingRequest } from '../contract/wire';
import type { Ringer } from './ringer';

/**
 * The ringers of one agent, best first. The broker has their names and asks for one after the other until one was written,
 * so that the next stands ready for a door that is closed, not known in this version, or fails.
 */
export class RingerList {
  readonly #ringers: readonly Ringer[];

  constructor(ringers: readonly Ringer[]) {
    this.#ringers = ringers;
  }

  /** Best first. */
  get names(): readonly string[] {
    return this.#ringers.map(({ name }) => name);
  }

  /** Whether any has a chance of getting through now. */
  async available(): Promise<boolean> {
    const states = await Promise.all(this.#ringers.map((ringer) => ringer.available()));
    return states.some(({ available }) => available);
  }

  /** Never rejects: a ringer that is not among them fails. */
  ring(request: RingRequest): Promise<RingAnswer> {
    const ringer = this.#ringers.find(({ name }) => name === request.ringer);
    return ringer?.ring(request) ?? Promise.resolve({ result: 'failed', detail: 'no such ringer here' });
  }

  /** Tests one after the other, best first, until one works: the next would be rung only when that fails. */
  async selfTests(): Promise<RingerTest[]> {
    const tests: RingerTest[] = [];
    for (const ringer of this.#ringers) {
      const test = await ringer.selfTest();
      tests.push(test);
      if (test.works) break;
    }
    return tests;
  }

  /** As a ringer's, for all of them. */
  watch(changed: () => void): () => void {
    const ends = this.#ringers.map((ringer) => ringer.watch?.(changed));
    return () => {
      for (const end of ends) end?.();
    };
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#ringers.map((ringer) => ringer.dispose()));
  }
}
