import {
  addItem,
  isEmptyAt,
  itemsAt,
  rawAt,
  removeAt,
  removeItems,
  saysNothing,
  setAt,
  setRaw,
  valueAt,
  type JsonPath,
} from './jsonEdits';
import type { ConfigEdit } from './configEdit';

/** A member that is ours alone. */
export interface OwnMember {
  readonly at: JsonPath;
  readonly value: unknown;
  /** Whether a value under this name came from us. */
  readonly isOurs: (value: unknown) => boolean;
}

/** A value in a list that others use too. */
export interface OwnItem {
  readonly at: JsonPath;
  readonly item: unknown;
  /** Knows it again when it was written by another version of ours. */
  readonly isOurs: (item: unknown) => boolean;
}

/** A member that the client wants to be there and that others use too: made when it is missing, never changed. */
export interface NeededMember {
  readonly at: JsonPath;
  readonly value: unknown;
}

export interface JsonEntries {
  readonly members?: readonly OwnMember[];
  readonly items?: readonly OwnItem[];
  readonly needed?: readonly NeededMember[];
}

/** What we put into a JSON file, with comments or without. */
export function jsonEdit({ members = [], items = [], needed = [] }: JsonEntries): ConfigEdit {
  const add = (text: string): string => {
    let result = text;
    for (const { at, value } of needed) if (rawAt(result, at) === undefined) result = setAt(result, at, value);
    for (const { at, value } of members) result = setAt(result, at, value);
    for (const { at, item, isOurs } of items) {
      const own = itemsAt(result, at).filter(isOurs);
      if (own.length === 1 && JSON.stringify(own[0]) === JSON.stringify(item)) continue;
      result = addItem(removeItems(result, at, isOurs), at, item);
    }
    return result;
  };
  const remove = (text: string, before: string): string => {
    let result = text;
    for (const { at } of members) {
      const previous = rawAt(before, at);
      if (rawAt(result, at) === undefined) continue;
      result = previous === undefined ? tidied(removeAt(result, at), before, at) : setRaw(result, at, previous);
    }
    for (const { at, isOurs } of items) {
      itemsAt(result, at);
      const had = itemsAt(before, at).filter(isOurs);
      result = tidied(removeItems(result, at, isOurs), before, [...at, '']);
      for (const item of had) result = addItem(result, at, item);
    }
    const made = needed.filter(({ at }) => rawAt(before, at) === undefined);
    const rest = made.reduce((left, { at }) => removeAt(left, at), result);
    // What the client needs stays for as long as somebody has an entry beside it.
    if (saysNothing(rest)) result = rest;
    return result;
  };
  const clear = (text: string): string => {
    const own = members.filter(({ at, isOurs }) => isOurs(valueAt(text, at)));
    return jsonEdit({ members: own, items, needed }).remove(text, '');
  };
  return { add, remove, clear, saysNothing };
}

/** Takes out what is empty above the member that was removed, unless it was there before. */
function tidied(text: string, before: string, at: JsonPath): string {
  let result = text;
  for (let depth = at.length - 1; depth > 0; depth--) {
    const above = at.slice(0, depth);
    if (!isEmptyAt(result, above)) break;
    const previous = rawAt(before, above);
    if (previous === undefined) result = removeAt(result, above);
    else if (isEmptyAt(before, above)) return setRaw(result, above, previous);
    else break;
  }
  return result;
}
