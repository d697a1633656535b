import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { oneLine } from '../../core/text';
import { tints } from '../avatars';
import type { OpenThread } from '../page';
import { keyInList, lastMessage } from '../listKeys';
import { rows } from '../rows';
import { list, topicText, words } from '../words';
import { Composer, type ComposerHandle } from './composer';
import { useGround } from './context';
import { Header } from './header';
import { Jump, type JumpHandle } from './jump';
import { leadIn, RowList, type ListView } from './rowList';
import { RowView, type RowActs } from './rowView';

/** How long the reader's place must rest before it is kept, ms. */
const placeRests = 300;

/** How long a message that was gone to stands out, ms. */
const foundHolds = 2000;

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
  const jumper = useRef<JumpHandle>(null);
  const [chosen, setChosen] = useState<string>();
  const start = useMemo(() => panel.place(), [panel]);
  const { seeking, found, seek } = useSeeking(view, gone, byId, listBox);

  const keepPlace = useRef(nothing);
  const onMove = ({ anchor, visible, below }: ListView): void => {
    panel.setVisible(visible);
    jumper.current?.moved(anchor === 'end', below);
    keepPlace.current();
    keepPlace.current = panel.clock.after(placeRests, () => panel.setPlace(anchor));
  };
  useEffect(() => () => keepPlace.current(), []);

  const acts = useMemo<RowActs>(
    () => ({
      reply: (message) => composer.current?.reply(message),
      goTo: seek,
      activate: setChosen,
      edit: (outgoing) => {
        composer.current?.edit(outgoing);
        panel.discard(outgoing);
      },
    }),
    [panel, seek],
  );
  const active = chosen !== undefined && byId.has(chosen) ? chosen : lastMessage(shown);
  const onKey = (event: KeyboardEvent): void => {
    const next = keyInList(event, shown, active);
    if (next === undefined) return;
    event.preventDefault();
    if (next === 'compose') composer.current?.focus();
    else if (next === 'reply' || next === 'copy') {
      const message = byId.get(active ?? '');
      if (message && next === 'copy') panel.copy(message.content);
      else if (message && thread.state !== 'closed') acts.reply(message);
    } else {
      setChosen(next.key);
      listBox.current?.focusRow(next.key);
    }
  };

  return (
    <div class="thread">
      <Header view={view} gone={gone} />
      <main>
        <RowList
          handle={listBox}
          rows={shown}
          label={words.log(topicText(thread.topic))}
          draw={(row) => (
            <RowView row={row} view={view} tints={colours} byId={byId} active={active} found={found} acts={acts} />
          )}
          start={start}
          onMove={onMove}
          onTop={() => panel.loadOlder()}
          onKey={onKey}
        />
        {!shown.some(({ kind }) => kind === 'message' || kind === 'outgoing') && (
          <p class="empty">{thread.state === 'closed' ? words.emptyArchived : words.empty}</p>
        )}
        <Jump view={view} rows={shown} handle={jumper} onJump={(anchor) => listBox.current?.goTo(anchor)} />
      </main>
      {view.typing.length > 0 && (
        <div class="typing">{words.typing(view.typing.length, list(view.typing.map(({ name }) => name)))}</div>
      )}
      <div class="heard" role="status">
        {seeking ? words.seeking : ''}
      </div>
      <Announcer view={view} />
      <Composer view={view} gone={gone} byId={byId} handle={composer} onSaid={() => listBox.current?.goTo('end')} />
    </div>
  );
}

interface Seeking {
  readonly seeking: boolean;
  /** The message that was just gone to. */
  readonly found: string | undefined;
  readonly seek: (id: string) => void;
}

/** Goes to a message, and loads older ones until it is there. */
function useSeeking(
  view: OpenThread,
  gone: boolean,
  byId: ReadonlyMap<string, unknown>,
  listBox: { readonly current: RowList | null },
): Seeking {
  const { panel } = useGround();
  const [seeking, seek] = useState<string>();
  const [found, setFound] = useState<string>();
  useEffect(() => {
    if (seeking === undefined) return;
    if (byId.has(seeking)) {
      setFound(seeking);
      listBox.current?.goTo({ key: seeking, delta: leadIn });
      listBox.current?.focusRow(seeking);
    } else if (view.older > 0 && !gone) {
      panel.loadOlder();
      return;
    }
    seek(undefined);
  }, [panel, seeking, byId, view, gone, listBox]);
  useEffect(() => {
    if (found === undefined) return undefined;
    return panel.clock.after(foundHolds, () => setFound(undefined));
  }, [panel, found]);
  return { seeking: seeking !== undefined, found, seek };
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
