import { Component, type JSX } from 'preact';
import type { MessageView } from '../../contract/views';
import { oneLine } from '../../core/text';
import { initial } from '../avatars';
import { firstWords } from '../markdown';
import { words } from '../words';
import { GroundContext, useGround } from './context';
import { Markdown } from './markdown';
import { Receipts } from './receipts';
import { Refs } from './refs';
import { RowTabContext, useRowTab } from './rowFocus';

/** Characters of a message that a reply quotes. */
const quoted = 100;

/** What a message asks of the view that it stands in. The same object for all, so that no row is drawn for it. */
export interface MessageActs {
  readonly reply: (message: MessageView) => void;
  /** Shows the message of this id. */
  readonly goTo: (id: string) => void;
  /** The keyboard has come to the message of this id. */
  readonly activate: (id: string) => void;
}

export interface MessageRowProps {
  readonly message: MessageView;
  readonly you: string;
  readonly tint: string;
  /** Stands under the author's name of the message before. */
  readonly continues: boolean;
  readonly closed: boolean;
  /** What it replies to, when that is loaded. */
  readonly replied: MessageView | undefined;
  /** The keyboard is at this message, or comes to it next. */
  readonly active: boolean;
  /** It was just gone to. */
  readonly found: boolean;
  readonly acts: MessageActs;
  /** Messages in the thread. */
  readonly count: number;
}

const compared = ['message', 'you', 'tint', 'continues', 'closed', 'replied', 'active', 'found', 'acts'] as const;

/** One message. Drawn again only when something of it changed: updates touch few rows of many. */
export class MessageRow extends Component<MessageRowProps> {
  override shouldComponentUpdate(next: MessageRowProps): boolean {
    // Not for `count`: every new message would draw every row.
    return compared.some((name) => this.props[name] !== next[name]);
  }

  override render(): JSX.Element {
    const { message, you, tint, continues, closed, replied, count, active, found, acts } = this.props;
    const author = message.from === you ? words.you : message.fromName;
    const { replyTo } = message;
    return (
      <RowTabContext.Provider value={active ? 0 : -1}>
        <GroundContext.Consumer>
          {(ground) => (
            <article
              class={`message${continues ? ' continues' : ''}${found ? ' found' : ''}`}
              tabIndex={active ? 0 : -1}
              onFocusIn={() => acts.activate(message.id)}
              aria-label={words.message(author, ground?.times.clock(message.timestamp) ?? '')}
              aria-posinset={message.seq}
              aria-setsize={count}
            >
              <div class="gutter">
                {continues ? <Time at={message.timestamp} short /> : <Avatar name={author} tint={tint} />}
              </div>
              <div class="body">
                {!continues && <Byline message={message} author={author} />}
                {replyTo !== undefined && (
                  <Quote message={message} replied={replied} you={you} onGo={() => acts.goTo(replyTo)} />
                )}
                <div class="content">
                  <Markdown text={message.content} />
                  {message.cut !== undefined && <p class="note">{words.cut(message.cut)}</p>}
                </div>
                {message.refs.length > 0 && <Refs refs={message.refs} />}
                <Receipts receipts={message.receipts} you={you} closed={closed} />
                <Actions
                  message={message}
                  author={author}
                  isOwn={message.from === you}
                  canReply={!closed}
                  onReply={() => acts.reply(message)}
                />
              </div>
            </article>
          )}
        </GroundContext.Consumer>
      </RowTabContext.Provider>
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

interface QuoteProps {
  readonly message: MessageView;
  readonly replied: MessageView | undefined;
  readonly you: string;
  readonly onGo: () => void;
}

/** The message that this one replies to: its first words, and the way to it. */
function Quote({ message, replied, you, onGo }: QuoteProps): JSX.Element | null {
  const tabIndex = useRowTab();
  const excerpt = message.replyToExcerpt;
  const name = replied ? replied.fromName : excerpt?.from;
  if (name === undefined) return null;
  const short = firstWords(replied?.content ?? excerpt?.text ?? '', quoted);
  return (
    <button type="button" class="quote" tabIndex={tabIndex} title={words.goToReplied} onClick={onGo}>
      <bdi>{replied?.from === you ? words.inReplyToYou(short) : words.inReplyTo(name, short)}</bdi>
    </button>
  );
}

interface ActionsProps {
  readonly message: MessageView;
  readonly author: string;
  readonly isOwn: boolean;
  /** Replies can be written here. */
  readonly canReply: boolean;
  readonly onReply: () => void;
}

/** What can be done with a message; it shows where the pointer or the keyboard is. */
function Actions({ message, author, isOwn, canReply, onReply }: ActionsProps): JSX.Element {
  const { panel } = useGround();
  const tabIndex = useRowTab();
  return (
    <div class="message-actions">
      {canReply && (
        <button
          type="button"
          class="copy"
          tabIndex={tabIndex}
          aria-label={isOwn ? words.replyToYou : words.replyTo(author)}
          onClick={onReply}
        >
          {words.reply}
        </button>
      )}
      <button
        type="button"
        class="copy"
        tabIndex={tabIndex}
        aria-label={words.copyMessage}
        onClick={() => panel.copy(message.content)}
      >
        {words.copy}
      </button>
    </div>
  );
}
