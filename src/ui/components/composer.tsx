import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { OpenThread } from '../page';
import { list, words } from '../words';
import { useGround } from './context';
import { isLimited } from './header';

export interface ComposerProps {
  readonly view: OpenThread;
  readonly gone: boolean;
  /** Something went out. */
  readonly onSaid: () => void;
}

/** Where the person writes. Enter sends, Shift+Enter begins a line; the draft outlives a reload. */
export function Composer({ view, gone, onSaid }: ComposerProps): JSX.Element {
  const { panel } = useGround();
  const [text, setText] = useState(() => panel.draft());
  const box = useRef<HTMLTextAreaElement>(null);
  const note = useId();
  const { thread, you } = view;
  const closed = thread.state === 'closed';
  const reason = gone
    ? words.goneNote
    : thread.state === 'paused'
      ? words.pausedNote
      : isLimited(thread)
        ? words.limitedNote
        : '';

  useEffect(() => {
    // Whoever comes to the view by keyboard lands where one writes.
    const onFocus = (): void => {
      if (document.activeElement === document.body) box.current?.focus();
    };
    window.addEventListener('focus', onFocus);
    return () => window.removeEventListener('focus', onFocus);
  }, []);

  const write = (next: string): void => {
    setText(next);
    panel.setDraft(next);
    if (next !== '') panel.typed();
  };
  const send = (): void => {
    if (gone || !panel.say(text)) return;
    setText('');
    onSaid();
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  const others = thread.participants.filter(({ agent, left }) => agent !== you.id && !left).map(({ name }) => name);

  if (closed)
    return (
      <footer class="closed">
        <span role="status">{words.closedNote}</span>
      </footer>
    );
  return (
    <footer>
      <textarea
        ref={box}
        rows={1}
        aria-label={words.composer}
        aria-describedby={reason === '' ? undefined : note}
        placeholder={others.length === 0 ? words.writeHere : words.writeTo(list(others))}
        value={text}
        disabled={gone}
        dir="auto"
        onInput={({ currentTarget }) => write(currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div class="foot">
        <span id={note} class="reason" role="status">
          {reason}
        </span>
        {reason === '' && <span class="as-you">{words.asYou}</span>}
        <button type="button" class="send" title={words.sendTitle} disabled={gone || text.trim() === ''} onClick={send}>
          {words.send}
        </button>
      </div>
    </footer>
  );
}
