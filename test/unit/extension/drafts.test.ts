import { expect, test } from 'vitest';
import { Drafts, draftsKept, draftsLength, type DraftMemory } from '../../../src/extension/thread/drafts';

class Memory implements DraftMemory {
  kept: unknown;
  get(): unknown {
    return this.kept;
  }
  set(drafts: unknown): Promise<void> {
    this.kept = structuredClone(drafts);
    return Promise.resolve();
  }
}

const draft = (text: string) => ({ text, refs: [{ uri: 'src/a.ts' }], replyTo: 'm1', at: 1 });

test('a draft outlives the window, with what it points and replies to, until it is said', async () => {
  const memory = new Memory();
  await new Drafts(memory).keep('t1', draft('half a thought'));
  const drafts = new Drafts(memory);
  expect(drafts.of('t1')).toEqual(draft('half a thought'));
  expect(drafts.of('t2')).toBeUndefined();
  await drafts.keep('t1', { text: '', refs: [], at: 2 });
  expect(new Drafts(memory).of('t1')).toEqual({ text: '', refs: [], at: 2 });
});

test('what was kept in another form is none', () => {
  const memory = new Memory();
  memory.kept = [['t1', 'only text']];
  expect(new Drafts(memory).of('t1')).toBeUndefined();
});

test('the latest are kept, by number and by length', async () => {
  const drafts = new Drafts(new Memory());
  for (let many = 0; many <= draftsKept; many++) await drafts.keep(`t${many}`, draft('x'));
  expect(drafts.of('t0')).toBeUndefined();
  expect(drafts.of('t1')).toBeDefined();
  await drafts.keep('long', draft('x'.repeat(draftsLength)));
  expect(drafts.of('long')).toBeDefined();
  expect(drafts.of('t1')).toBeUndefined();
});
