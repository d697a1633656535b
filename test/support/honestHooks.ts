import type { Client } from '../../src/client/client';
import { idle, type AskedModel } from './hundredRings';
import type { Talker } from './realTalk';
import { ReceiptBook } from './receiptBook';
import type { ToolName } from './toolModel';
import { until } from './until';

/** How long a client may take for a step on a busy machine (ms). */
const patience = 30_000;

export interface HookFigures {
  /** Messages that a hook handed over, by its receipt. */
  readonly byHook: number;
  /** What receipts claimed of a hook, and no request to the model held. */
  readonly falseSeen: readonly string[];
}

/**
 * Leaves a message for the client before each of these tools runs in one turn, so that a hook may hand it over behind the
 * tool, and looks whether what then counts as seen by a hook came before the model.
 * @param turn the request to its model with which the turn began
 * @param tools its own, by name and arguments: some that work and some that fail
 */
export async function honestHooks(
  { process, agent }: Talker,
  turn: AskedModel,
  tools: readonly (readonly [ToolName, object])[],
  { caller, person }: { readonly caller: Client; readonly person: Client },
): Promise<HookFigures> {
  const book = new ReceiptBook(person);
  const left: { readonly id: string; readonly words: string }[] = [];
  let asked = turn;
  for (const [tool, args] of tools) {
    const words = `Left before ${tool.name}, number ${left.length + 1} of ${tools.length}`;
    const { message } = await caller.ask('message', { to: agent, text: words });
    left.push({ id: message.id, words });
    await asked.run(tool, args);
    asked = await until(`${agent} to ask again`, () => process.take(''), patience);
  }
  await asked.say('Done.');
  await idle(process);
  book.end();
  const byHook = left.filter(({ id }) => book.seenBy(id) === 'hook');
  return {
    byHook: byHook.length,
    falseSeen: byHook.filter(({ words }) => !process.hasHeard(words)).map(({ words }) => words),
  };
}
