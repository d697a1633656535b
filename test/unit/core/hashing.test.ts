import { afterEach, expect, it, vi } from 'vitest';
import { hash } from '../../../src/core/text';
import { Office } from './office';

afterEach(() => vi.restoreAllMocks());

/** How often numbers are multiplied meanwhile: hashing does it twice for each character, and nothing else here does. */
function rounds(work: () => unknown): number {
  const multiply = vi.spyOn(Math, 'imul');
  work();
  const count = multiply.mock.calls.length;
  multiply.mockRestore();
  return count;
}

it('a text is hashed once, though its key, the limit of repeats and the thread ask for it', () => {
  const office = new Office();
  const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
  office.talk(ada, bea);
  // Whoever said the same twice is looked at for a third time.
  for (const key of ['one', 'two']) office.send(ada, 'again', undefined, { key });
  const text = 'a text of some length, which nobody said before; '.repeat(100);
  const once = rounds(() => hash(text));
  expect(once).toBeGreaterThan(text.length);
  const sent = rounds(() => office.send(ada, text, undefined, { key: 'three' }));
  expect(sent).toBeGreaterThanOrEqual(once);
  expect(sent, 'the text, and the little that its key is made of').toBeLessThan(once * 1.2);
  const repeated = rounds(() => office.send(ada, text, undefined, { key: 'three' }));
  expect(repeated, 'the last text that was hashed is known').toBeLessThan(once * 0.2);
});
