/** Bytes of the UTF-8 form, without a host's encoder. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && index + 1 < text.length) {
      bytes += 4;
      index++;
    } else bytes += 3;
  }
  return bytes;
}

/** Bytes that one UTF-16 unit takes at most in UTF-8. */
const mostBytesPerUnit = 3;

/** The bytes of the UTF-8 form when they are more than `limit`, else undefined. A text that is short anyway is not counted. */
export function bytesBeyond(text: string, limit: number): number | undefined {
  if (text.length * mostBytesPerUnit <= limit) return undefined;
  const bytes = utf8Length(text);
  return bytes > limit ? bytes : undefined;
}

/** As much of the beginning of the text as has at most so many bytes, without half a character at the end. */
export function firstBytes(text: string, bytes: number): string {
  let low = 0;
  let high = Math.min(text.length, bytes);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (utf8Length(text.slice(0, middle)) <= bytes) low = middle;
    else high = middle - 1;
  }
  return /[\ud800-\udbff]$/.test(text.slice(0, low)) ? text.slice(0, low - 1) : text.slice(0, low);
}

/**
 * What can hide or reorder text: control characters, bidi controls, invisible characters, line separators, halves of
 * characters, and the tags and variation selectors that smuggle text past a reader. The joiner stays where it holds an emoji together.
 */
const unprintable =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]|\p{Surrogate}|(?<!\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d/gu;

/** A topic or other one-line text as it may be shown: unprintable characters become spaces, runs of spaces one. */
export function oneLine(text: string): string {
  return text.replace(unprintable, ' ').replace(/\s+/g, ' ').trim();
}

/** What a name may look like. */
export const namePattern = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

/** The last text that was hashed: a message is asked for by its key, by the limit of repeats and when it is applied. */
let hashed = { text: '', print: '' };

/**
 * The order of names in a list, whatever their case. They are ASCII (`namePattern`): a language's own order would change
 * nothing, and takes a program over 10 ms to load.
 */
export function compareNames(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * A short fingerprint (64 bits, as two signed numbers) that tells texts of one sender apart. Not for secrets: it guards
 * against a key used for two texts by mistake. It is on the way of every message: whole numbers all through, and in base 10,
 * because any other base takes longer than the rest.
 */
export function fingerprint(text: string): string {
  if (text !== hashed.text) hashed = { text, print: hash(text) };
  return hashed.print;
}

/** As {@link fingerprint}, of a text that nobody asks for again. */
export function hash(text: string): string {
  let high = 0xdeadbeef | 0;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return `${high}.${low}`;
}
