import { expect } from 'vitest';
import type { Client } from '../../src/client/client';
import { idle, type AskedModel, type RungProcess } from './hundredRings';
import { ReceiptBook } from './receiptBook';
import { until } from './until';

/** How long two real clients may take for a step on a busy machine (ms). */
const patience = 60_000;

/** A real client, and the name of its agent. */
export interface Talker {
  readonly process: RungProcess;
  readonly agent: string;
}

/** The client's next request to its model. */
function next({ process, agent }: Talker): Promise<AskedModel> {
  return until(`${agent} to ask its model`, () => process.take(''), patience);
}

/** Its next request in which these words stand: until then it listens to whatever it is rung for, and ends its turns. */
async function hears(talker: Talker, words: string): Promise<AskedModel> {
  for (let turns = 0; turns < 6; turns++) {
    const asked = await next(talker);
    if (asked.body.includes(words)) return asked;
    await asked.use('listen', { wait: 0 });
    const told = await next(talker);
    if (told.body.includes(words)) return told;
    await told.say('Nothing for me.');
  }
  throw new Error(`${talker.agent} never heard "${words}"`);
}

/** Uses a tool of Parley's, and ends its turn with what came of it. */
async function does(talker: Talker, asked: AskedModel, tool: string, args: object): Promise<void> {
  await asked.use(tool, args);
  await (await next(talker)).say('Done.');
}

/**
 * The first, rung while idle by a message, calls the second, which is rung while idle and accepts; they say two things each,
 * and the first hangs up. Everything must then stand in the closed thread, and what a hook is said to have handed over have come
 * before its model.
 */
export async function talk(first: Talker, second: Talker, caller: Client, person: Client): Promise<void> {
  const topic = `${first.agent} asks ${second.agent}`;
  const said = ['Which file?', 'The first one', 'And the second?', 'Is fine as it is'].map(
    (line) => `${topic}: ${line}`,
  );
  const [question = '', answer = '', more = '', last = ''] = said;
  await idle(first.process);
  await idle(second.process);
  const book = new ReceiptBook(person);

  const errand = `Please ask ${second.agent} which`;
  await caller.ask('message', { to: first.agent, text: errand });
  const begin = { to: second.agent, topic, message: question, wait: 0 };
  await does(first, await hears(first, errand), 'call', begin);

  const rung = await hears(second, topic);
  // What came last stands last.
  const call = [...rung.body.matchAll(/\bcall (?:\\+")?([0-9A-Z]{26})/g)].at(-1)?.[1];
  expect(call, 'the call in what it was rung with').toBeDefined();
  await does(second, rung, 'answer', { call, answer: 'accept', message: answer, wait: 0 });

  await does(first, await hears(first, answer), 'send', { text: more, wait: 0 });
  await does(second, await hears(second, more), 'send', { text: last, wait: 0 });
  await does(first, await hears(first, last), 'leave', {});
  await idle(first.process);
  await idle(second.process);

  const { threads } = await person.ask('threads', { state: 'all' });
  const { id } = threads.find((thread) => thread.topic === topic) ?? { id: '' };
  const { messages: all, thread } = await person.ask('read', { thread: id, limit: 50 });
  const messages = all.filter(({ type }) => type === 'message');
  expect(thread.state).toBe('closed');
  book.end();
  for (const { id: message, fromName, content } of messages) {
    const { process } = fromName === first.agent ? second : first;
    if (book.seenBy(message) === 'hook') expect(process.hasHeard(content), `${content}, by a hook`).toBe(true);
  }
  expect(messages.map(({ fromName, content }) => `${fromName} ${content}`)).toEqual([
    `${first.agent} ${question}`,
    `${second.agent} ${answer}`,
    `${first.agent} ${more}`,
    `${second.agent} ${last}`,
  ]);
}
