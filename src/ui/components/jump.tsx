import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { OpenThread } from '../page';
import type { Anchor } from '../rowLayout';
import type { Row } from '../rows';
import { words } from '../words';

export interface JumpHandle {
  /** `below`: index of the first row below the view. */
  moved(isAtEnd: boolean, below: number): void;
}

export interface JumpProps {
  readonly view: OpenThread;
  readonly rows: readonly Row[];
  /** Told of every move. The place is this component's own, so that scrolling draws nothing else. */
  readonly handle: { current: JumpHandle | null };
  readonly onJump: (anchor: Anchor) => void;
}

/** The way to the latest message, with how many are new below. */
export function Jump({ view, rows, handle, onJump }: JumpProps): JSX.Element | null {
  const [place, setPlace] = useState({ isAtEnd: true, below: rows.length });
  useEffect(() => {
    handle.current = {
      moved: (isAtEnd, below) =>
        setPlace((before) => (before.isAtEnd === isAtEnd && before.below === below ? before : { isAtEnd, below })),
    };
    return () => {
      handle.current = null;
    };
  }, [handle]);
  const last = view.messages.at(-1)?.seq ?? 0;
  const [readTo, setReadTo] = useState(last);
  useEffect(() => {
    if (place.isAtEnd) setReadTo(last);
  }, [place.isAtEnd, last]);
  if (place.isAtEnd) return null;
  const isNew = (row: Row): boolean =>
    row.kind === 'message' &&
    row.message.from !== view.you.id &&
    (row.first > readTo || (view.divider !== undefined && row.first >= view.divider));
  const fresh = rows.slice(place.below).filter(isNew).length;
  const jump = (): void => {
    const divider = rows.findIndex(({ kind }) => kind === 'new');
    onJump(divider >= 0 && divider >= place.below ? { key: 'new', delta: 0 } : 'end');
  };
  return (
    <button type="button" class="jump" onClick={jump}>
      {fresh > 0 ? words.newBelow(fresh) : words.toLatest}
    </button>
  );
}
