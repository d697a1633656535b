import type { JSX } from 'preact';
import { ownTint } from '../avatars';
import { callLine } from '../callLine';
import { oneLine } from '../../core/text';
import type { OpenThread, Outgoing } from '../page';
import type { Row } from '../rows';
import { words } from '../words';
import { useGround } from './context';
import { Avatar, MessageRow, type MessageActs } from './messageRow';

export interface RowViewProps {
  readonly row: Row;
  readonly view: OpenThread;
  readonly tints: ReadonlyMap<string, string>;
  readonly byId: ReadonlyMap<string, OpenThread['messages'][number]>;
  /** The message that the keyboard is at. */
  readonly active: string | undefined;
  /** The message that was just gone to. */
  readonly found: string | undefined;
  readonly acts: RowActs;
}

/** What rows ask of the view that they stand in. */
export interface RowActs extends MessageActs {
  /** Takes back what was refused, to be changed. */
  readonly edit: (outgoing: Outgoing) => void;
}

/** One row of the list, of whichever kind. */
export function RowView({ row, view, tints, byId, active, found, acts }: RowViewProps): JSX.Element {
  const { times, panel } = useGround();
  switch (row.kind) {
    case 'older':
      return (
        <div class="line older">
          <button type="button" class="text-button" onClick={() => panel.loadOlder()}>
            {row.loading ? words.loadingOlder : words.older(row.count)}
          </button>
        </div>
      );
    case 'day':
      return <div class="line day">{times.day(row.at, panel.now())}</div>;
    case 'call':
      return <SystemLine text={callLine(row.call, view.you, view.thread.openedAt)} at={row.call.placedAt} />;
    case 'passage':
      return <SystemLine text={row.text} at={row.at} />;
    case 'system':
      return <SystemLine text={row.message.content} at={row.message.timestamp} />;
    case 'archived':
      return <SystemLine text={words.archivedAt(row.messages, times.moment(row.at, panel.now()))} at={row.at} />;
    case 'new':
      return (
        <div class="line new" role="separator" aria-label={words.newMessages}>
          {words.newMessages}
        </div>
      );
    case 'outgoing':
      return <OutgoingRow outgoing={row.outgoing} onEdit={() => acts.edit(row.outgoing)} />;
    case 'message':
      return (
        <MessageRow
          message={row.message}
          you={view.you.id}
          tint={row.message.from === view.you.id ? ownTint : (tints.get(row.message.from) ?? 'tint-0')}
          continues={row.continues}
          closed={view.thread.state === 'closed'}
          replied={row.message.replyTo === undefined ? undefined : byId.get(row.message.replyTo)}
          count={view.thread.messages}
          active={row.key === active}
          found={row.key === found}
          acts={acts}
        />
      );
  }
}

/** What the broker says of the thread. Its place and its look are its own: no message can take them. */
function SystemLine({ text, at }: { readonly text: string; readonly at: number }): JSX.Element {
  const { times } = useGround();
  return (
    <div class="line system" title={times.full(at)}>
      <bdi>{oneLine(text)}</bdi>
    </div>
  );
}

interface OutgoingRowProps {
  readonly outgoing: Outgoing;
  readonly onEdit: () => void;
}

function OutgoingRow({ outgoing, onEdit }: OutgoingRowProps): JSX.Element {
  const { panel } = useGround();
  const waits = panel.page.broker.state === 'gone';
  return (
    <div class="message outgoing">
      <div class="gutter">
        <Avatar name={words.you} tint={ownTint} />
      </div>
      <div class="body">
        <div class="byline">
          <span class="author">{words.you}</span>
        </div>
        <div class="content plain" dir="auto">
          {outgoing.text}
        </div>
        {outgoing.error === undefined ? (
          <div class="note">{waits ? words.waiting : words.sending}</div>
        ) : (
          <div class="note" role="alert">
            <span class="tone-bad">{words.notSent}</span> · {outgoing.error}{' '}
            <button type="button" class="text-button" onClick={() => panel.retry(outgoing)}>
              {words.tryAgain}
            </button>{' '}
            <button type="button" class="text-button" onClick={onEdit}>
              {words.edit}
            </button>{' '}
            <button type="button" class="text-button" onClick={() => panel.discard(outgoing)}>
              {words.discard}
            </button>
          </div>
        )}
      </div>
    </div>
  );
}
