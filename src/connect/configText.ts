import { ParleyError } from '../contract/errors';
import type { ConfigEdit } from './configEdit';
import { ConfigProblem } from './jsonEdits';

const mark = '\ufeff';

/** The text of a file without its byte order mark. @throws `config_malformed` when it is not UTF-8 */
function decoded(file: string, bytes: Buffer): { readonly text: string; readonly hasMark: boolean } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text: text.startsWith(mark) ? text.slice(1) : text, hasMark: text.startsWith(mark) };
  } catch (error) {
    throw new ParleyError('config_malformed', { file, problem: 'is not UTF-8 text' }, { cause: error });
  }
}

/** Runs an edit of text on bytes; a byte order mark stays. */
function edited(file: string, bytes: Buffer, edit: (text: string) => string): Buffer {
  const { text, hasMark } = decoded(file, bytes);
  try {
    const result = edit(text);
    return result === text ? bytes : Buffer.from((hasMark ? mark : '') + result);
  } catch (error) {
    if (error instanceof ConfigProblem) {
      throw new ParleyError('config_malformed', { file, problem: error.message }, { cause: error });
    }
    throw error;
  }
}

const nothing = Buffer.alloc(0);

/** The file with our entries. @throws `config_malformed` */
export function withEntries(file: string, before: Buffer | undefined, edit: ConfigEdit): Buffer {
  return edited(file, before ?? nothing, (text) => edit.add(text));
}

/** The file without whatever in it is ours; undefined when nothing is left. @throws `config_malformed` */
export function cleared(file: string, now: Buffer, edit: ConfigEdit): Buffer | undefined {
  const rest = edited(file, now, (text) => edit.clear(text));
  return rest !== now && edit.saysNothing(decoded(file, rest).text) ? undefined : rest;
}

/**
 * The file without our entries, where others changed it since; undefined when it was not there before and nothing is left.
 * @throws `config_malformed`
 */
export function withoutEntries(
  file: string,
  now: Buffer,
  before: Buffer | undefined,
  edit: ConfigEdit,
): Buffer | undefined {
  const old = before ? decoded(file, before).text : '';
  const rest = edited(file, now, (text) => edit.remove(text, old));
  return before === undefined && edit.saysNothing(decoded(file, rest).text) ? undefined : rest;
}
