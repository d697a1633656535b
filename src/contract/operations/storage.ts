import * as z from 'zod';
import { messageView, waitingView } from '../views';
import { agentName, key, operation } from './operation';

const time = z.number().optional();
const id = z.string().max(64);

/** Where a search found its words. */
export const searchHit = z.object({
  thread: z.string(),
  topic: z.string(),
  message: messageView
    .omit({ receipts: true })
    .optional()
    .describe('the message that has the words; without one the topic has them'),
  snippet: z.string().describe('the words with some of what stands around them, on one line'),
  marks: z
    .array(z.object({ start: z.number(), length: z.number() }))
    .describe('the words in the snippet, in characters'),
  at: z.number().describe('when it was said'),
});

export const storage = {
  search: operation({
    description:
      'Find what was said: topics, messages and refs, archived threads too. All words must be there, each may be the ' +
      'beginning of a longer one; "words in quotes" stand together as they are; everything else is ignored. ' +
      'Best first. You find what is in your own threads; the person in all.',
    input: z.object({
      query: z.string().max(65_536).describe('words, "phrases in quotes"; the first 32 count'),
      agent: agentName.optional().describe('only what this agent said'),
      thread: id.optional().describe('only in this thread'),
      after: time.describe('only what was said at or after this time (ms)'),
      before: time.describe('only what was said before this time (ms)'),
      workspace: z.string().max(4096).optional().describe('only what agents of this folder said'),
      limit: z.number().int().min(1).max(50).optional().describe('default 20'),
      cursor: z.number().int().min(0).max(1000).optional().describe('hits to pass over: that of the page before'),
    }),
    output: z.object({
      hits: z.array(searchHit),
      words: z.array(z.string()).describe('how the query was understood; none: it has no word, and finds nothing'),
      cursor: z.number().int().optional().describe('where the next page begins, when there is one'),
      unreadable: z.array(z.string()).describe('archive files that could not be searched: they are missing or damaged'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  erase: operation({
    description:
      'Erase an archived thread for good: its words are taken out of every file of the home before this answers. ' +
      'An open thread has to be closed first.',
    input: z.object({ thread: id, key }),
    output: z.object({
      thread: z.string(),
      messages: z.number().int().describe('how many messages are gone'),
    }),
    permission: 'admin',
    doors: ['cli'],
  }),
  export: operation({
    description:
      'Everything that was said and every task that is kept, as JSON lines, page by page: the first without a cursor, each further one with the ' +
      'cursor of the page before, until an answer has none. The pages one after the other are the file.',
    input: z.object({ cursor: z.string().max(4096).optional() }),
    output: z.object({
      lines: z.string().describe('whole lines, each ended by a line feed; about 1 MiB'),
      cursor: z.string().optional().describe('for the next page; none after the last'),
    }),
    permission: 'admin',
    doors: ['cli'],
  }),
  import: operation({
    description:
      'Take in a file that export made: its threads are added as archived ones, those that are here already are ' +
      'passed over, and so are its tasks. Hand the text over piece by piece (cut it anywhere): the first without an upload, each further ' +
      'one with that of the answer before, the last with `end`. Nothing changes before the last piece was checked.',
    input: z.object({
      upload: z.string().max(64).optional(),
      position: z
        .number()
        .int()
        .min(0)
        .optional()
        .describe('bytes handed over before this piece (UTF-8); a piece that came twice is taken once'),
      text: z.string().max(1024 * 1024),
      end: z.boolean().optional().describe('this was the last piece: check all of it, then take it in'),
    }),
    output: z.object({
      upload: z.string(),
      position: z.number().int().describe('bytes taken so far: where the next piece goes'),
      done: z
        .object({
          threads: z.number().int().describe('threads added'),
          messages: z.number().int().describe('messages added'),
          tasks: z.number().int().describe('tasks added, as over'),
          known: z.number().int().describe('threads that were here already, or were erased here: passed over'),
        })
        .optional()
        .describe('with `end`'),
    }),
    permission: 'admin',
    doors: ['cli'],
  }),
  sql: operation({
    description:
      'Ask with SQL (SQLite): one SELECT, WITH, VALUES or EXPLAIN over the views agents, conversations, participants, ' +
      'messages, requests and tasks, archived threads included. It runs on a copy: nothing can be changed.',
    input: z.object({
      query: z.string().min(1).max(100_000),
      limit: z.number().int().min(1).max(10_000).optional().describe('most rows; default 1,000'),
      after: time.describe('only archived threads with messages at or after this time (ms)'),
      before: time.describe('only archived threads with messages before this time (ms)'),
    }),
    output: z.object({
      columns: z.array(z.string()),
      rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))).describe('blobs as hexadecimal digits'),
      more: z.boolean().describe('there are more rows than the limit'),
    }),
    permission: 'admin',
    doors: ['cli'],
  }),
} as const;
