import { ParleyError } from '../../src/contract/errors';
import { Refusal } from '../../src/core/refusal';

/** The code of a refusal; else `done`. */
export async function codeOf(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask();
    return 'done';
  } catch (error) {
    if (error instanceof Refusal || error instanceof ParleyError) return error.code;
    throw error;
  }
}

/** Lets everything run that waits for nothing but promises. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await Promise.resolve();
}
