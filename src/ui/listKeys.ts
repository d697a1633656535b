import type { Row } from './rows';

/** What a key means in the list: the row to go to, or something to do with the one that the keyboard is at. */
export type ListKey = { readonly key: string } | 'reply' | 'copy' | 'compose';

/** As much of a key event as is read here. */
export interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly target: unknown;
  readonly currentTarget: unknown;
}

/**
 * Reads a key that was pressed in the list. One that was pressed in something that is in a message is that thing's own.
 * @param active - the key of the message row that the keyboard is at, or comes to first
 */
export function keyInList(pressed: PressedKey, rows: readonly Row[], active: string | undefined): ListKey | undefined {
  const { key, target, currentTarget } = pressed;
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return undefined;
  const onList = target === currentTarget;
  if (!onList && !isMessage(target)) return undefined;
  const messages = rows.filter(({ kind }) => kind === 'message');
  const at = messages.findIndex((row) => row.key === active);
  const step = (by: number): ListKey | undefined => {
    // From the list itself one comes to the message where one was.
    const row = messages[onList ? at : Math.min(messages.length - 1, Math.max(0, at + by))];
    return row && { key: row.key };
  };
  switch (key) {
    case 'ArrowDown':
      return step(1);
    case 'ArrowUp':
      return step(-1);
    case 'Home':
      return messages[0] && { key: messages[0].key };
    case 'End':
      return lastOf(messages);
    case 'r':
      return onList ? undefined : 'reply';
    case 'c':
      return onList ? undefined : 'copy';
    case 'Escape':
      return 'compose';
    default:
      return undefined;
  }
}

/** The key of the last message's row. */
export function lastMessage(rows: readonly Row[]): string | undefined {
  return rows.findLast(({ kind }) => kind === 'message')?.key;
}

function lastOf(rows: readonly Row[]): ListKey | undefined {
  const last = rows.at(-1);
  return last && { key: last.key };
}

function isMessage(target: unknown): boolean {
  return typeof target === 'object' && target !== null && 'localName' in target && target.localName === 'article';
}
