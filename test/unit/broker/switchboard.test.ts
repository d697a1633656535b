import { describe, expect, it } from 'vitest';
import { Switchboard } from '../../../src/broker/switchboard';
import { defaultLimits } from '../../../src/core/limits';
import { emptyState } from '../../../src/core/state';
import type { Step } from '../../../src/core/step';
import { ManualClock } from '../../support/manualClock';

/** A disk that syncs when the test says so: what was appended until then. */
class Disk {
  durableOffset = 0;
  readonly refusal = undefined;
  readonly busy = undefined;
  #waiting: { readonly offset: number; readonly go: () => void; readonly fail: (error: Error) => void }[] = [];
  #appended = 0;
  #isBroken = false;

  append(events: readonly unknown[]): void {
    this.#appended += events.length;
  }

  durable(offset: number): Promise<void> {
    if (offset <= this.durableOffset) return Promise.resolve();
    if (this.#isBroken) return Promise.reject(new Error('the disk is gone'));
    return new Promise((go, fail) => this.#waiting.push({ offset, go, fail }));
  }

  async sync(upTo = this.#appended): Promise<void> {
    this.durableOffset = upTo;
    const ready = this.#waiting.filter(({ offset }) => offset <= upTo);
    this.#waiting = this.#waiting.filter(({ offset }) => offset > upTo);
    for (const { go } of ready) go();
    await new Promise((resolve) => setImmediate(resolve));
  }

  async break(): Promise<void> {
    this.#isBroken = true;
    for (const { fail } of this.#waiting.splice(0)) fail(new Error('the disk is gone'));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function open(): { board: Switchboard; disk: Disk; told: string[]; failures: unknown[] } {
  const clock = new ManualClock();
  const disk = new Disk();
  const failures: unknown[] = [];
  const told: string[] = [];
  const board = new Switchboard({
    state: emptyState('broker'),
    record: disk,
    world: { limits: defaultLimits, isConnected: () => false, offlineSince: () => 0, rates: new Map() },
    clock,
    newId: () => 'id',
    onFailure: (error) => failures.push(error),
  });
  board.onPublished(({ offset }) => told.push(`told ${offset}`));
  return { board, disk, told, failures };
}

/** Any command that makes one event. */
function one(step: Step): void {
  step.emit({ type: 'receipt.refused', payload: { subject: 'none', agent: 'nobody', code: 'x' } });
}

describe('the switchboard', () => {
  it('tells what became durable before those go on who waited for it, also in the groups after the first', async () => {
    const { board, disk, told } = open();
    const give = (name: string): void => void board.change(one).then(() => told.push(name));
    give('a');
    give('b');
    await disk.sync(1);
    expect(told).toEqual(['told 1', 'a']);
    give('c');
    await disk.sync();
    give('d');
    expect(told).toEqual(['told 1', 'a', 'told 2', 'told 3', 'b', 'c']);
    await disk.sync();
    expect(told.slice(6)).toEqual(['told 4', 'd']);
  });

  it('lets nobody go on when the disk fails, and says so once', async () => {
    const { board, disk, told, failures } = open();
    const given = [board.change(one), board.change(one)];
    const settled = Promise.allSettled(given);
    await disk.break();
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(board.durable(), 'whoever asks later').rejects.toThrow('the disk is gone');
    expect(failures).toHaveLength(1);
    expect(told).toEqual([]);
    expect(board.isFailed).toBe(true);
  });
});
