import { ParleyError } from '../../contract/errors';
import type { RefView } from '../../contract/views';
import { defaultLimits } from '../../core/limits';
import { utf8Length } from '../../core/text';

/** Something that the person wants to give to an agent. */
export interface Parcel {
  /** What it is called in a question, e.g. `src/parser.ts`. Plain already. */
  readonly name: string;
  readonly refs: readonly RefView[];
  /** What goes along as text, besides the person's own words; may be empty. */
  readonly text: string;
  /** Words that the person may begin with. */
  readonly draft: string;
  /** Paths that it is about, absolute. */
  readonly paths: readonly string[];
  /** What the agent should be good at. */
  readonly capability?: string;
}

/** Bytes that are left for the person's own words beside a text. */
const ownWords = 4 * 1024;

/**
 * Says that a parcel is too large before the person has written anything. The bounds are the defaults: a home with lower
 * ones refuses by itself.
 * @throws `too_many_refs`, `message_too_long`
 */
export function checkParcel({ refs, text }: Parcel): void {
  const { refsPerMessage, messageBytes } = defaultLimits;
  if (refs.length > refsPerMessage)
    throw new ParleyError('too_many_refs', { count: refs.length, limit: refsPerMessage });
  const bytes = utf8Length(text);
  if (bytes > messageBytes - ownWords)
    throw new ParleyError('message_too_long', { bytes, limit: messageBytes - ownWords });
}

/** Text as a block of code that no line of it can end. */
export function fenced(text: string, language = ''): string {
  const runs = text.match(/`{3,}/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map(({ length }) => length + 1)));
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`;
}

/** The person's words and what goes along, as one message. */
export function messageOf(own: string, text: string): string {
  return text === '' ? own : `${own}\n\n${text}`;
}
