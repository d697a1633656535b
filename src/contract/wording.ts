/**
 * Tables of what is said to people, in whatever language they read. A table holds the English sentences, which are the keys
 * of every translation; `worded` makes of it an object of the same shape that says them in the language of the moment.
 *
 * A sentence is whole: `{0}`, `{1}` … stand where values go, in any order, so that a translation may turn it around.
 */

type Value = string | number;
type Values<Text extends string> = Text extends `${string}{4}${string}`
  ? [Value, Value, Value, Value, Value]
  : Text extends `${string}{3}${string}`
    ? [Value, Value, Value, Value]
    : Text extends `${string}{2}${string}`
      ? [Value, Value, Value]
      : Text extends `${string}{1}${string}`
        ? [Value, Value]
        : Text extends `${string}{0}${string}`
          ? [Value]
          : [];
type AfterFirst<All extends unknown[]> = All extends [unknown, ...infer Rest] ? Rest : [];

/** A sentence about a number, which is its `{0}`. A translation has a line for each of the two. */
export interface Plural<One extends string = string, Other extends string = string> {
  readonly one: One;
  readonly other: Other;
}

export interface Texts {
  readonly [name: string]: string | Plural | Texts;
}

/** The table as it is used: a text without a place for a value is a string, every other a function of its values. */
export type Words<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends string
    ? Values<Table[Name]> extends []
      ? string
      : (...values: Values<Table[Name]>) => string
    : Table[Name] extends Plural<infer One, infer Other>
      ? (many: number, ...values: AfterFirst<Values<`{0}${One}${Other}`>>) => string
      : Words<Table[Name]>;
};

/** English text to the same in another language. A text that is not in it is said in English. */
export type Bundle = Readonly<Record<string, string>>;

/** Says a text of a table, with its values, in the language of whoever reads. */
export type Speech = Pick<Tongue, 'say'>;

/** For doors that speak English alone: the command line, and what models read. */
export const inEnglish: Speech = { say: (text, ...values) => fill(text, values) };

/** The language that is spoken: English until `speak` was called. */
export class Tongue {
  #language = 'en';
  #bundle: Bundle = {};
  #plurals = new Intl.PluralRules('en');

  /** `language`: a BCP 47 tag, e.g. `de`; one that is none is taken for English. */
  speak(language: string, bundle: Bundle = {}): void {
    this.#language = isLanguage(language) ? language : 'en';
    this.#bundle = bundle;
    // What is not translated is English, and English alone has English plurals.
    this.#plurals = new Intl.PluralRules(Object.keys(bundle).length === 0 ? 'en' : this.#language);
  }

  /** For `Intl`: dates are written in it even where the words have no translation. */
  get language(): string {
    return this.#language;
  }

  say(text: string, ...values: readonly Value[]): string {
    return fill(Object.hasOwn(this.#bundle, text) ? (this.#bundle[text] ?? text) : text, values);
  }

  count({ one, other }: Plural, many: number, ...values: readonly Value[]): string {
    return this.say(this.#plurals.select(many) === 'one' ? one : other, many, ...values);
  }
}

/** `{0}` is how many; what is said of one may leave it out. */
export function plural<const One extends string, const Other extends string>(
  one: One,
  other: Other,
): Plural<One, Other> {
  return { one, other };
}

/** The table, spoken: each text is looked up when it is read, so that the language may be set after this. */
export function worded<const Table extends Texts>(table: Table, tongue: Tongue): Words<Table> {
  const words: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(table)) {
    if (isPlural(text)) words[name] = (many: number, ...values: Value[]) => tongue.count(text, many, ...values);
    else if (typeof text !== 'string') words[name] = worded(text, tongue);
    else if (/\{\d\}/.test(text)) words[name] = (...values: Value[]) => tongue.say(text, ...values);
    else Object.defineProperty(words, name, { get: () => tongue.say(text), enumerable: true });
  }
  return words as Words<Table>;
}

/** Every text of a table that says anything, in order. */
export function textsOf(table: Texts): string[] {
  return Object.values(table).flatMap((text) => {
    if (typeof text === 'string') return text === '' ? [] : [text];
    return isPlural(text) ? [text.one, text.other] : textsOf(text);
  });
}

/** Values are put in once: what looks like a place in a value stays as it is. */
function fill(text: string, values: readonly Value[]): string {
  return text.replace(/\{(\d)\}/g, (place, index: string) => String(values[Number(index)] ?? place));
}

function isPlural(text: string | Plural | Texts): text is Plural {
  return typeof text === 'object' && typeof text['one'] === 'string' && typeof text['other'] === 'string';
}

function isLanguage(language: string): boolean {
  try {
    return Intl.PluralRules.supportedLocalesOf(language).length > 0;
  } catch {
    return false;
  }
}
