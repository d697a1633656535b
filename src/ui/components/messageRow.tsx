import { Component, type JSX } from 'preact';
import type { MessageView } from '../../contract/views';
import { oneLine } from '../../core/text';
import { initial } from '../avatars';
import { refLabel } from '../refs';
import { words } from '../words';
import { GroundContext, useGround } from './context';
import { Markdown } from './markdown';
import { Receipts } from './receipts';

/** Characters of a message that a reply quotes. */
const quoted = 100;

export interface MessageRowProps {
  readonly message: MessageView;
  readonly you: string;
  readonly tint: string;
  /** Stands under the author's name of the message before. */
  readonly continues: boolean;
  readonly closed: boolean;
  /** What it replies to, when that is loaded. */
  readonly replied: MessageView | undefined;
  /** Messages in the thread. */
  readonly count: number;
}

const compared = ['message', 'you', 'tint', 'continues', 'closed', 'replied'] as const;

/** One message. Drawn again only when something of it changed: updates touch few rows of many. */
export class MessageRow extends Component<MessageRowProps> {
  override shouldComponentUpdate(next: MessageRowProps): boolean {
    // Not for `count`: every new message would draw every row.
    return compared.some((name) => this.props[name] !== next[name]);
  }

  override render(): JSX.Element {
    const { message, you, tint, continues, closed, replied, count } = this.props;
    const author = message.from === you ? words.you : message.fromName;
    return (
      <GroundContext.Consumer>
        {(ground) => (
          <article
            class={continues ? 'message continues' : 'message'}
            aria-label={words.message(author, ground?.times.clock(message.timestamp) ?? '')}
            aria-posinset={message.seq}
            aria-setsize={count}
          >
            <div class="gutter">
              {continues ? <Time at={message.timestamp} short /> : <Avatar name={author} tint={tint} />}
            </div>
            <div class="body">
              {!continues && <Byline message={message} author={author} />}
              {replied && <Quote message={replied} you={you} />}
              <div class="content">
                <Markdown text={message.content} />
                {message.cut !== undefined && <p class="note">{words.cut(message.cut)}</p>}
              </div>
              {message.refs.length > 0 && <Refs message={message} />}
              <Receipts receipts={message.receipts} you={you} closed={closed} />
            </div>
          </article>
        )}
      </GroundContext.Consumer>
    );
  }
}

export function Avatar({ name, tint }: { readonly name: string; readonly tint: string }): JSX.Element {
  return (
    <span class={`avatar ${tint}`} aria-hidden="true">
      {initial(name)}
    </span>
  );
}

interface BylineProps {
  readonly message: MessageView;
  readonly author: string;
}

function Byline({ message, author }: BylineProps): JSX.Element {
  return (
    <div class="byline">
      <bdi class="author">{author}</bdi>
      <bdi class="platform">{oneLine(message.fromPlatform)}</bdi>
      <Time at={message.timestamp} />
    </div>
  );
}

/** A time of day; `short`: without its seconds. */
function Time({ at, short = false }: { readonly at: number; readonly short?: boolean }): JSX.Element {
  const { times } = useGround();
  const clock = times.clock(at);
  return (
    <time dateTime={new Date(at).toISOString()} title={times.full(at)}>
      {short ? clock.slice(0, clock.lastIndexOf(':')) : clock}
    </time>
  );
}

function Quote({ message, you }: { readonly message: MessageView; readonly you: string }): JSX.Element {
  const text = oneLine(message.content);
  const short = text.length > quoted ? `${text.slice(0, quoted)}…` : text;
  return <div class="quote">{words.inReplyTo(message.from === you ? words.you : message.fromName, short)}</div>;
}

function Refs({ message }: { readonly message: MessageView }): JSX.Element {
  const { panel } = useGround();
  return (
    <div class="refs">
      {message.refs.map((ref, index) => {
        const label = refLabel(ref);
        const note = oneLine(ref.note ?? '');
        const uri = oneLine(ref.uri);
        const title = note === '' ? words.openRef(uri) : words.openRefNoted(uri, note);
        return (
          <button key={index} type="button" class="ref" title={title} onClick={() => panel.openRef(ref)}>
            <bdi>{label}</bdi>
          </button>
        );
      })}
    </div>
  );
}
