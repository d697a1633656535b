import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { oneLine } from '../../core/text';
import { tints } from '../avatars';
import type { OpenThread } from '../page';
import { rows } from '../rows';
import { list, words } from '../words';
import { Composer, type ComposerHandle } from './composer';
import { useGround } from './context';
import { Header } from './header';
import { RowList, type ListView } from './rowList';
import { RowView } from './rowView';

/** How long the reader's place must rest before it is kept, ms. */
const placeRests = 300;

/** Characters of a message that are read out when it comes. */
const readOut = 200;

const nothing = (): void => undefined;

/** A thread that is there: header, messages, composer. */
export function ThreadPage({ view, gone }: { readonly view: OpenThread; readonly gone: boolean }): JSX.Element {
  const { panel, times } = useGround();
  const { thread, messages } = view;
  const shown = useMemo(() => rows(view, panel.now(), times), [view, panel, times]);
  const colours = useMemo(() => tints(thread.participants, view.you.id), [thread.participants, view.you.id]);
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);
  const listBox = useRef<RowList>(null);
  const composer = useRef<ComposerHandle>(null);
  const [place, setPlace] = useState<ListView>();
  const start = useMemo(() => panel.place(), [panel]);

  const keepPlace = useRef(nothing);
  const onMove = (next: ListView): void => {
    panel.setVisible(next.visible);
    if (place && same(place, next)) return;
    setPlace(next);
    keepPlace.current();
    keepPlace.current = panel.clock.after(placeRests, () => panel.setPlace(next.anchor));
  };
  useEffect(() => () => keepPlace.current(), []);

  const isAtEnd = place === undefined || place.anchor === 'end';
  const unreadBelow = shown
    .slice(place?.below ?? shown.length)
    .filter((row) => row.kind === 'message' && view.divider !== undefined && row.first >= view.divider).length;
  const jump = (): void => {
    const divider = shown.findIndex(({ kind }) => kind === 'new');
    const isBelow = divider >= 0 && divider >= (place?.below ?? 0);
    listBox.current?.goTo(isBelow ? { key: 'new', delta: 0 } : 'end');
  };

  return (
    <div class="thread">
      <Header view={view} gone={gone} />
      <main>
        <RowList
          handle={listBox}
          rows={shown}
          label={words.log(oneLine(thread.topic))}
          draw={(row) => <RowView row={row} view={view} tints={colours} byId={byId} />}
          start={start}
          onMove={onMove}
          onTop={() => panel.loadOlder()}
        />
        {!shown.some(({ kind }) => kind === 'message' || kind === 'outgoing') && <p class="empty">{words.empty}</p>}
        {!isAtEnd && (
          <button type="button" class="jump" onClick={jump}>
            {unreadBelow > 0 ? words.newBelow(unreadBelow) : words.toLatest}
          </button>
        )}
      </main>
      {view.typing.length > 0 && (
        <div class="typing">{words.typing(view.typing.length, list(view.typing.map(({ name }) => name)))}</div>
      )}
      <Announcer view={view} />
      <Composer view={view} gone={gone} byId={byId} handle={composer} onSaid={() => listBox.current?.goTo('end')} />
    </div>
  );
}

/**
 * Reads new messages out. The list itself is silent: its rows come and go as one scrolls, which is nothing to be told.
 */
function Announcer({ view: { messages, you } }: { readonly view: OpenThread }): JSX.Element {
  const [heard, setHeard] = useState(messages.at(-1)?.seq ?? 0);
  const [text, setText] = useState('');
  useEffect(() => {
    const fresh = messages.filter(({ seq, type, from }) => seq > heard && type === 'message' && from !== you.id);
    const last = messages.at(-1)?.seq ?? 0;
    if (last > heard) setHeard(last);
    if (fresh.length > 0)
      setText(
        fresh.map(({ fromName, content }) => words.said(fromName, oneLine(content).slice(0, readOut))).join('\n'),
      );
  }, [messages, heard, you.id]);
  return (
    <div class="heard" aria-live="polite">
      {text}
    </div>
  );
}

function same(one: ListView, other: ListView): boolean {
  const [a, b] = [one.anchor, other.anchor];
  const sameAnchor = a === b || (a !== 'end' && b !== 'end' && a.key === b.key && a.delta === b.delta);
  return sameAnchor && one.below === other.below;
}
