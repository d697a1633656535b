/** What a stretch of code is. The stylesheet has a class for each, `token-` and its name. */
export const tokenKinds = [
  'keyword', 'string', 'number', 'comment', 'function', 'type', 'variable', 'property', 'constant', 'tag', 'meta',
  'added', 'removed',
] as const; // prettier-ignore

export type TokenKind = (typeof tokenKinds)[number];

export interface Token {
  readonly text: string;
  readonly kind: TokenKind | undefined;
}

/** Tells what the stretches of a code are; `undefined` for a language that it does not know. */
export interface Highlighter {
  tokens(code: string, language: string): readonly Token[] | undefined;
}

/** Longer code is not coloured, characters: it would hold up the page. */
export const longestColoured = 40_000;

/** Loads the highlighter when it is first needed, once. Code stays plain when it cannot be had. */
export class LazyHighlighter {
  readonly #load: () => Promise<Highlighter>;
  #loading: Promise<Highlighter | undefined> | undefined;
  #loaded: Highlighter | undefined;

  constructor(load: () => Promise<Highlighter>) {
    this.#load = load;
  }

  /** The tokens, if they can be told at once. */
  now(code: string, language: string): readonly Token[] | undefined {
    return code.length > longestColoured ? undefined : this.#loaded?.tokens(code, language);
  }

  /** Resolves when `now` can tell, or never will. */
  async ready(): Promise<void> {
    this.#loading ??= this.#load().catch(() => undefined);
    this.#loaded = await this.#loading;
  }
}
