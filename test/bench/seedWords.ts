/** So many different words stand one in each message of a seeded home, besides those that all have. */
export const rareWords = 5000;

/** The word of this message: the messages share them in turn, in an order of their own. */
export function rareWord(message: number): string {
  return `word${(message * 7919) % rareWords}`;
}
