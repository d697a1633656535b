/** What we put into a file that is a client's, as a change of its text. Pure: texts come without a byte order mark. */
export interface ConfigEdit {
  /** The text with our entries. @throws ConfigProblem when the file is not what the client reads */
  add(text: string): string;
  /**
   * The text without our entries, where others changed the file since; what stood in their place `before` is put back.
   * @throws ConfigProblem
   */
  remove(text: string, before: string): string;
  /** The text without whatever is ours, where nothing is known of how it was before. @throws ConfigProblem */
  clear(text: string): string;
  /** Nothing is left that is worth a file. */
  saysNothing(text: string): boolean;
}

/** A file that is ours as a whole. */
export function ownFile(content: string): ConfigEdit {
  return {
    add: () => content,
    // Called only for a file that somebody changed: it is theirs now.
    remove: (text) => text,
    clear: (text) => (text === content ? '' : text),
    saysNothing: (text) => text === '',
  };
}
