import { ParleyError } from '../contract/errors';
import type { Output } from '../contract/operations';
import { oneLine } from '../core/text';
import type { McpAsk, McpHost } from './host';
import { label, quoteLine } from './quote';
import { threadTemplate } from './resources';

/** What can be completed while it is typed. */
type Completable = 'agent' | 'thread' | 'call';

interface PromptArgument {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly completes?: Completable;
}

interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly PromptArgument[];
  /** What the user says by it. Arguments are the user's own words. */
  say(given: Readonly<Record<string, string>>): string;
}

/** Longest argument of a prompt, in characters. */
const longestArgument = 2000;
/** Most values of one completion, as the specification has it. */
const mostValues = 100;

const agent: PromptArgument = {
  name: 'agent',
  description: 'name of the other agent',
  required: true,
  completes: 'agent',
};

export const prompts: readonly Prompt[] = [
  {
    name: 'join',
    title: 'Join a Talk',
    description: 'Read a thread and take part in it.',
    arguments: [{ name: 'thread', description: 'id of the thread', required: true, completes: 'thread' }],
    say: ({ thread = '' }) =>
      `Join the thread ${thread} on Parley. Use read to see what was said, and open with join if you are not in it yet. Then say with send what you can contribute, and wait for the reply.`,
  },
  {
    name: 'answer',
    title: 'Answer the Phone',
    description: 'Answer a call that rings or was missed.',
    arguments: [
      { name: 'call', description: 'id of the call; default: the one that rings', required: false, completes: 'call' },
    ],
    say: ({ call }) =>
      `${call === undefined ? 'Somebody calls you on Parley. Use listen with inbox to see who, and' : `Use listen with inbox to look at the call ${call} on Parley, and`} answer it with answer. Then help as far as I would want it; ask me before you do anything that needs my permission.`,
  },
  {
    name: 'hand-over',
    title: 'Hand Work Over',
    description: 'Give what you are working on to another agent.',
    arguments: [agent, { name: 'task', description: 'what is to be done; default: what we do now', required: false }],
    say: ({ agent: name = '', task }) =>
      `Hand over to ${name} on Parley: ${task ?? 'what we are working on now'}. Say in the task what is done, what is left, which files matter (as refs), and what a good result looks like. Use delegate, then tell me whether it was taken.`,
  },
  {
    name: 'review-together',
    title: 'Review Together',
    description: 'Call another agent to review something with you.',
    arguments: [agent, { name: 'what', description: 'what to review; default: the latest changes', required: false }],
    say: ({ agent: name = '', what }) =>
      `Call ${name} on Parley to review ${what ?? 'my latest changes'} together. Say in the first message what to look at, with refs, and what worries you. Go through what ${name} finds one by one, do not agree for politeness, and tell me what you two decided and why.`,
  },
];

export const listedPrompts = prompts.map(({ name, title, description, arguments: taken }) => ({
  name,
  title,
  description,
  arguments: taken.map(({ name, description, required }) => ({ name, description, required })),
}));

/** @throws `unknown_prompt`, `bad_input` for arguments that are missing, unknown or too long */
export function getPrompt(name: string, given: Readonly<Record<string, string>> = {}): GottenPrompt {
  const prompt = prompts.find((one) => one.name === name);
  if (!prompt) throw new ParleyError('unknown_prompt', { name: oneLine(name).slice(0, 64) });
  const stranger = Object.keys(given).find((key) => !prompt.arguments.some((one) => one.name === key));
  if (stranger !== undefined) throw bad(`${name} takes no argument "${oneLine(stranger).slice(0, 64)}"`);
  const filled: Record<string, string> = {};
  for (const argument of prompt.arguments) {
    const value = oneLine(given[argument.name] ?? '').trim();
    if (value === '' && argument.required) throw bad(`${name} needs the argument "${argument.name}"`);
    if (value.length > longestArgument) throw bad(`"${argument.name}" is longer than ${longestArgument} characters`);
    if (value !== '') filled[argument.name] = value;
  }
  return {
    description: prompt.description,
    messages: [{ role: 'user', content: { type: 'text', text: prompt.say(filled) } }],
  };
}

export interface GottenPrompt {
  description: string;
  messages: { role: 'user'; content: { type: 'text'; text: string } }[];
}

/** What an argument of a prompt or of the template belongs to. */
export type CompletionRef =
  { readonly type: 'ref/prompt'; readonly name: string } | { readonly type: 'ref/resource'; readonly uri: string };

/**
 * Values that begin with what was typed; for threads, calls and agents also those whose topic or name holds it.
 * @throws `unknown_prompt`, `unknown_resource`, `bad_input` for what has no such argument
 */
export async function complete(
  host: McpHost,
  ref: CompletionRef,
  argument: { readonly name: string; readonly value: string },
  options: McpAsk,
): Promise<{ values: string[]; total: number; hasMore: boolean }> {
  const values = await candidates(host, completableOf(ref, argument.name), options);
  const typed = argument.value.toLowerCase().slice(0, longestArgument);
  const fitting = values.filter(({ value, about }) => value.toLowerCase().startsWith(typed) || holds(about, typed));
  return {
    values: fitting.slice(0, mostValues).map(({ value }) => value),
    total: fitting.length,
    hasMore: fitting.length > mostValues,
  };
}

function completableOf(ref: CompletionRef, name: string): Completable | undefined {
  if (ref.type === 'ref/resource') {
    if (ref.uri !== threadTemplate) throw new ParleyError('unknown_resource', { uri: ref.uri.slice(0, 256) });
    if (name !== 'id') throw bad(`${threadTemplate} has no argument "${oneLine(name).slice(0, 64)}"`);
    return 'thread';
  }
  const prompt = prompts.find((one) => one.name === ref.name);
  if (!prompt) throw new ParleyError('unknown_prompt', { name: oneLine(ref.name).slice(0, 64) });
  const argument = prompt.arguments.find((one) => one.name === name);
  if (!argument) throw bad(`${ref.name} takes no argument "${oneLine(name).slice(0, 64)}"`);
  return argument.completes;
}

/** `about`: agents' own words, to search in and not to show. */
async function candidates(
  host: McpHost,
  what: Completable | undefined,
  options: McpAsk,
): Promise<{ readonly value: string; readonly about: string }[]> {
  if (host.isKnown?.() === false) return [];
  switch (what) {
    case undefined:
      return [];
    case 'agent': {
      const { output } = await host.ask('who', {}, options);
      const { you, agents } = output as Output<'who'>;
      return agents.filter(({ name }) => name !== you).map(({ name }) => ({ value: label(name), about: '' }));
    }
    case 'thread': {
      const { output } = await host.ask('threads', { state: 'all', limit: 200 }, options);
      return (output as Output<'threads'>).threads.map(({ id, topic }) => ({ value: id, about: quoteLine(topic) }));
    }
    case 'call': {
      const { output } = await host.ask('inbox', {}, options);
      return (output as Output<'inbox'>).calls.map(({ id, topic }) => ({ value: id, about: quoteLine(topic) }));
    }
  }
}

const holds = (about: string, typed: string): boolean => typed !== '' && about.toLowerCase().includes(typed);

const bad = (problem: string): ParleyError => new ParleyError('bad_input', { problem });
