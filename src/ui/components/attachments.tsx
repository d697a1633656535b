import type { JSX } from 'preact';
import type { MessageView, RefView } from '../../contract/views';
import { oneLine } from '../../core/text';
import { firstWords } from '../markdown';
import { words } from '../words';
import { useGround } from './context';

/** Characters of a message that a reply names. */
const quoted = 80;

interface AttachedProps {
  readonly refs: readonly RefView[];
  readonly onDetach: (index: number) => void;
}

/** The places that the message will point to. */
export function Attached({ refs, onDetach }: AttachedProps): JSX.Element | null {
  const { panel } = useGround();
  if (refs.length === 0) return null;
  return (
    <ul class="attached" aria-label={words.attached}>
      {refs.map((ref, index) => {
        const label = panel.label(ref);
        return (
          <li key={`${ref.uri} ${label}`} title={oneLine(ref.uri)}>
            <bdi>{label}</bdi>
            <button type="button" class="detach" aria-label={words.detach(label)} onClick={() => onDetach(index)}>
              ×
            </button>
          </li>
        );
      })}
    </ul>
  );
}

interface ReplyingProps {
  readonly message: MessageView | undefined;
  readonly you: string;
  readonly onStop: () => void;
}

/** The message that is replied to; one that is not loaded is only said to be there. */
export function Replying({ message, you, onStop }: ReplyingProps): JSX.Element {
  const short = firstWords(message?.content ?? '…', quoted);
  const said = message?.from === you ? words.replyingToYou(short) : words.replyingTo(message?.fromName ?? '', short);
  return (
    <div class="replying">
      <span class="quote">
        <bdi>{said}</bdi>
      </span>
      <button type="button" class="detach" aria-label={words.stopReplying} title={words.stopReplying} onClick={onStop}>
        ×
      </button>
    </div>
  );
}
