import type { Client } from '../../src/client/client';
import { ReceiptBook } from './receiptBook';
import type { ToolName } from './toolModel';
import { until } from './until';

/** A request of a client to its model that nobody has answered yet. */
export interface AskedModel {
  /** When the model had it whole, by `performance.now()`. */
  readonly at: number;
  /** The whole of it, with all that was said before. */
  readonly body: string;
  /** The client uses this tool of Parley's, and asks its model again. */
  use(tool: string, args: object): Promise<void>;
  /** The client uses any tool, by the name that its model knows. */
  run(tool: ToolName, args: object): Promise<void>;
  /** Ends the client's turn. */
  say(words: string): Promise<void>;
}

/** A real client's process with a model of ours. */
export interface RungProcess {
  /** As in the printed line, with its version. */
  readonly name: string;
  /** Takes the oldest request of its model that holds these words and is not answered yet. */
  take(words: string): AskedModel | undefined;
  /** Whether these words stood in a request to its model, answered or not. */
  hasHeard(words: string): boolean;
  /** Whether it waits for its user, with nothing under way. */
  isIdle(): boolean | Promise<boolean>;
  /** Puts the words before the idle client by the bare door, as its makers meant it, without Parley. */
  bare(words: string): Promise<void>;
  /** Has it begin and end a turn as its user would, where it needs that after a ring that its model did not hear. */
  speak?(): Promise<void>;
}

export interface RingPlan {
  readonly rings: number;
  /** Rings by the bare door in between, for comparison. */
  readonly bare: number;
  /** Who calls. */
  readonly caller: Client;
  /** The person, who lets the agent be woken as often as that. */
  readonly person: Client;
  /** The name of the agent in the process. */
  readonly callee: string;
}

export interface RingFigures {
  readonly rings: number;
  /** Rings whose text came before the client's model. */
  readonly answered: number;
  /** What of that the broker took until the call was on disk and its caller had the answer (ms). */
  readonly placedP50: number;
  /** From the caller's request to the client's own request to its model (ms). */
  readonly p50: number;
  readonly p95: number;
  /** Rings by the bare door that did not come before the model either. */
  readonly bareLost: number;
  /** From the call of the bare door to the client's own request to its model (ms). */
  readonly bareP50: number;
  /** What the receipt said of each ring that was not answered. */
  readonly told: readonly string[];
  /** Receipts that said `seen` of what an answer of Parley's or a hook had not brought before the model. */
  readonly falseSeen: number;
}

/** How long a ring may take to come before the model (ms): far beyond what any client takes. */
const ringPatience = 30_000;
/** How long a client may take to end a turn (ms). */
const turnPatience = 60_000;

/**
 * Calls the agent in an idle real process again and again: every second call is declined by its model, the others are heard
 * and left alone, and taken back. Prints and answers what came of it.
 */
export async function hundredRings(process: RungProcess, plan: RingPlan): Promise<RingFigures> {
  const { caller, person, callee, rings } = plan;
  await person.ask('govern', { agent: callee, wakesPerHour: 10 * rings });
  const book = new ReceiptBook(person);
  const times: number[] = [];
  const placed: number[] = [];
  const bareTimes: (number | undefined)[] = [];
  const told: string[] = [];
  let falseSeen = 0;
  for (let ring = 0; ring < rings; ring++) {
    if (bareTimes.length < plan.bare && ring * plan.bare >= bareTimes.length * rings) {
      bareTimes.push(await bareRing(process, `bare ring ${ring} of ${rings}`));
    }
    await idle(process);
    const began = performance.now();
    const { call } = await caller.ask('call', { to: [callee], topic: `Ring ${ring} of ${rings}`, wait: 0 });
    placed.push(performance.now() - began);
    const asked = await comes(process, call.id);
    if (!asked) {
      told.push(book.reportOf(call.id) ?? 'nothing');
      if (book.seenBy(call.id) !== undefined) falseSeen++;
      await caller.ask('cancel', { call: call.id }).catch(() => undefined);
      await process.speak?.();
      continue;
    }
    times.push(asked.at - began);
    // Only a hook hands it over unasked: one at the end of the turn before may have been faster than the ring.
    if (![undefined, 'hook'].includes(book.seenBy(call.id))) falseSeen++;
    if (ring % 2 === 0) {
      await asked.use('answer', { call: call.id, answer: 'decline', reason: 'Only counting' });
      await (await comes(process, call.id))?.say('Declined.');
    } else {
      await asked.say('Not now.');
    }
    await idle(process, call.id);
    if (book.seenBy(call.id) === 'hook' && !(await heardFromHook(process, call.id))) falseSeen++;
    if (ring % 2 !== 0) await caller.ask('cancel', { call: call.id });
  }
  book.end();
  const bare = bareTimes.filter((time) => time !== undefined);
  const figures = {
    rings,
    answered: times.length,
    placedP50: percentile(placed, 0.5),
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    bareLost: bareTimes.length - bare.length,
    bareP50: percentile(bare, 0.5),
    told,
    falseSeen,
  };
  console.log(lineOf(process.name, figures));
  return figures;
}

/** What a run must show: 95 of 100 answered, the others told with the reason, nothing claimed that was not so. */
export function problemsOf({ rings, answered, told, falseSeen, p50, bareP50 }: RingFigures): string[] {
  const problems: string[] = [];
  if (answered < Math.ceil(rings * 0.95)) problems.push(`only ${answered} of ${rings} rings were answered`);
  for (const report of told) if (!/: (failed|held|refused) \w/.test(report)) problems.push(`not told why: ${report}`);
  if (falseSeen > 0) problems.push(`${falseSeen} receipts said seen too early`);
  if (!(p50 <= 2 * bareP50)) problems.push(`p50 is ${p50.toFixed(0)} ms, the bare door has ${bareP50.toFixed(0)} ms`);
  return problems;
}

function lineOf(name: string, figures: RingFigures): string {
  const { rings, answered, placedP50, p50, p95, bareLost, bareP50, told, falseSeen } = figures;
  const lost = bareLost === 0 ? '' : ` (${bareLost} lost)`;
  const others = told.length === 0 ? '' : `; not answered: ${told.join(', ')}`;
  return (
    `${name}: ${answered} of ${rings} rings answered, ring to model p50 ${p50.toFixed(0)} ms p95 ${p95.toFixed(0)} ms (on disk after ${placedP50.toFixed(0)} ms), ` +
    `bare door p50 ${bareP50.toFixed(0)} ms${lost}, ${falseSeen} false seen${others}`
  );
}

/** How long it took (ms); undefined when the client lost it. */
async function bareRing(process: RungProcess, words: string): Promise<number | undefined> {
  await idle(process);
  const began = performance.now();
  await process.bare(words);
  const asked = await comes(process, words);
  if (!asked) {
    await process.speak?.();
    return undefined;
  }
  await asked.say('Heard.');
  await idle(process, words);
  return asked.at - began;
}

/** The model's request with these words; undefined when none comes. */
function comes(process: RungProcess, words: string): Promise<AskedModel | undefined> {
  return until('the ring', () => process.take(words), ringPatience).catch(() => undefined);
}

/** Waits until nothing is under way; what still comes with these words is ended at once. */
export async function idle(process: RungProcess, words = 'Parley'): Promise<void> {
  await until(
    `${process.name} to be idle`,
    async () => {
      const asked = process.take(words);
      if (!asked) return process.isIdle();
      await asked.say('Not now.');
      return false;
    },
    turnPatience,
  );
}

/** Whether the words of a hook about this call stood in a request to the model; a ring names it otherwise. */
async function heardFromHook(process: RungProcess, call: string): Promise<boolean> {
  const heard = until('the words of the hook', () => process.hasHeard(`call ${call} from`), ringPatience);
  return heard.catch(() => false);
}

/** The value that this share of the times is not above; NaN without any. */
function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
