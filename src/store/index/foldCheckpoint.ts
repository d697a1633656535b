import { apply } from '../../core/apply';
import { type Checkpoint, fromCheckpoint, toCheckpoint } from '../../core/checkpoint';
import { sweep } from '../../core/due';
import type { DurableEvent } from '../../core/events';
import { type State, emptyState } from '../../core/state';
import { encodeCheckpoint, readCheckpoint, writeCheckpoint } from '../checkpoint';
import { StoreError } from '../errors';
import type { Files } from '../files';
import { layoutOf } from '../layout';
import type { CoverEntry } from '../manifest';
import { JournalTail } from './journalTail';
import type { FoldAsk } from './protocol';

/**
 * Makes the checkpoint at `ask.offset` out of the one before and the journal since: the state that the broker had at that
 * offset, without the broker having to stand still for it. What nothing can ask for any more is left out, as the broker
 * lets go of it too.
 *
 * @throws StoreError `storage_damaged` when the checkpoint before or an event cannot be read.
 */
export async function foldCheckpoint(
  files: Files,
  home: string,
  ask: FoldAsk,
  segments: readonly string[],
): Promise<CoverEntry> {
  const layout = layoutOf(home);
  let state = await before(files, layout.checkpoints, ask.base);
  const tail = new JournalTail(files, layout.journal, (ask.base?.offset ?? 0) + 1);
  for await (const events of tail.read(ask.offset, segments)) {
    for (const event of events as unknown as DurableEvent[]) {
      state ??= emptyState(event.origin);
      apply(state, event);
    }
  }
  if (!state) throw new StoreError('storage_damaged', `There is nothing before offset ${ask.offset}.`);
  sweep(state, ask, ask.now);
  const data = encodeCheckpoint({ offset: ask.offset, state: toCheckpoint(state) });
  return writeCheckpoint(files, layout.checkpoints, ask.offset, data);
}

async function before(files: Files, folder: string, base: CoverEntry | undefined): Promise<State | undefined> {
  if (!base) return undefined;
  const read = await readCheckpoint(files, folder, base);
  const state = read && fromCheckpoint(read.state as Checkpoint);
  if (!state) throw new StoreError('storage_damaged', `The checkpoint ${base.name} cannot be read.`);
  return state;
}
