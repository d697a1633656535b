import type { JSX } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { panelRefs, selectionPrint, type PanelDraft } from '../../contract/panel';
import type { MessageView, RefView } from '../../contract/views';
import { defaultLimits } from '../../core/limits';
import { utf8Length } from '../../core/text';
import { named, namingAt, signed, type Naming, type Written } from '../composing';
import { canDrop, dropped } from '../drops';
import type { OpenThread, Outgoing } from '../page';
import { list, tongue, words } from '../words';
import { Attached, Replying } from './attachments';
import { useGround } from './context';
import { isLimited } from './header';
import { Picker } from './picker';
import { usePicker, type Chosen } from './usePicker';

/** How long a word about what was attached stands, ms. */
const noticeHolds = 6000;

type Draft = Omit<PanelDraft, 'at'>;

/** What others may ask of the composer. */
export interface ComposerHandle {
  reply(message: MessageView): void;
  /** Takes back what was refused, to be changed. */
  edit(outgoing: Outgoing): void;
  focus(): void;
}

export interface ComposerProps {
  readonly view: OpenThread;
  readonly gone: boolean;
  readonly byId: ReadonlyMap<string, MessageView>;
  readonly handle: { current: ComposerHandle | null };
  /** Something went out. */
  readonly onSaid: () => void;
}

/** Where the person writes. Enter sends, Shift+Enter begins a line; the draft outlives a reload. */
export function Composer(props: ComposerProps): JSX.Element {
  if (props.view.thread.state !== 'closed') return <OpenComposer {...props} />;
  return (
    <footer class="closed">
      <span role="status">{words.closedNote}</span>
    </footer>
  );
}

function OpenComposer({ view, gone, byId, handle, onSaid }: ComposerProps): JSX.Element {
  const { panel } = useGround();
  const { thread, you } = view;
  const [draft, setDraft] = useState<Draft>(() => panel.draft());
  const [caret, setCaret] = useState(draft.text.length);
  const [dismissed, setDismissed] = useState<number>();
  const [notice, setNotice] = useState('');
  const [dropping, setDropping] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const caretTo = useRef<number | undefined>(undefined);
  const note = useId();

  const write = (next: Partial<Draft>): void => {
    const whole = { ...draft, ...next };
    setDraft(whole);
    panel.setDraft(whole);
  };
  const type = ({ text, caret: at }: Written, more: Partial<Draft> = {}): void => {
    write({ text, ...more });
    setCaret(at);
    caretTo.current = at;
    if (text !== '') panel.typed();
  };
  useLayoutEffect(() => {
    if (caretTo.current === undefined) return;
    box.current?.setSelectionRange(caretTo.current, caretTo.current);
    caretTo.current = undefined;
  });
  useEffect(() => {
    if (notice === '') return undefined;
    return panel.clock.after(noticeHolds, () => setNotice(''));
  }, [panel, notice]);

  /** The refs with more: each place once, and no more than a message holds. */
  const attached = (more: readonly RefView[]): RefView[] => {
    const known = new Set(draft.refs.map(place));
    const all = [...draft.refs, ...more.filter((ref) => !known.has(place(ref)))];
    if (all.length > panelRefs) setNotice(words.tooManyRefs(panelRefs));
    return all.slice(0, panelRefs);
  };

  const naming = gone ? undefined : namingAt(draft.text, caret);
  const open: Naming | undefined = naming && naming.start !== dismissed ? naming : undefined;
  const onChosen = (chosen: Chosen): void => {
    if (!open) return;
    if ('agent' in chosen) type(named(draft.text, open, `@${chosen.agent}`));
    else {
      const { detail, label, ref } = chosen.place;
      type(named(draft.text, open, detail || label), { refs: attached([ref]) });
    }
  };
  const picker = usePicker(open, onChosen, () => setDismissed(open?.start));

  useEffect(() => {
    const focus = (): void => box.current?.focus();
    handle.current = {
      focus,
      reply: ({ id }) => {
        write({ replyTo: id });
        focus();
      },
      edit: ({ text, refs, replyTo }) => {
        const before = draft.text === '' ? '' : `${draft.text}\n`;
        type({ text: before + text, caret: before.length + text.length }, { refs: attached(refs), replyTo });
        focus();
      },
    };
    return () => {
      handle.current = null;
    };
  });
  useEffect(() => {
    // Whoever comes to the view by keyboard lands where one writes.
    const onFocus = (): void => {
      if (document.activeElement === document.body) box.current?.focus();
    };
    window.addEventListener('focus', onFocus);
    return () => window.removeEventListener('focus', onFocus);
  }, []);
  const takeDropped = (event: DragEvent): void => {
    event.preventDefault();
    setDropping(false);
    if (!event.dataTransfer) return;
    void panel.take(dropped(event.dataTransfer, panelRefs)).then((taken) => {
      if (!taken) return;
      if (taken.refs.length > 0) write({ refs: attached(taken.refs) });
      if (taken.refused.length > 0) setNotice(words.cannotAttach(list(taken.refused)));
      box.current?.focus();
    });
  };
  const latestDrop = useRef(takeDropped);
  latestDrop.current = takeDropped;
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer || !canDrop(event.dataTransfer)) return;
      event.preventDefault();
      setDropping(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setDropping(false);
    };
    const drop = (event: DragEvent): void => latestDrop.current(event);
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, []);

  const bytes = utf8Length(draft.text);
  const isTooLong = bytes > defaultLimits.messageBytes;
  const canSend = !gone && !isTooLong && draft.text.trim() !== '';
  const send = (): void => {
    if (!canSend || !panel.say(draft)) return;
    setDraft({ text: '', refs: [] });
    setCaret(0);
    onSaid();
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes, the keys are its own.
    if (event.isComposing) return;
    if (open && picker.onKey(event.key)) event.preventDefault();
    else if (event.key === 'Escape' && draft.replyTo !== undefined) {
      event.preventDefault();
      write({ replyTo: undefined });
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };
  const onPaste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    const ref = text.trim() === '' ? undefined : panel.selected(selectionPrint(text));
    // Who pastes it once more wants the text itself.
    if (!ref || draft.refs.some((one) => place(one) === place(ref))) return;
    event.preventDefault();
    write({ refs: attached([ref]) });
    setNotice(words.selectionAttached(panel.label(ref)));
  };
  const sign = (which: '@' | '#'): void => {
    setDismissed(undefined);
    type(signed(draft.text, box.current?.selectionStart ?? caret, which));
    box.current?.focus();
  };

  const others = thread.participants.filter(({ agent, left }) => agent !== you.id && !left).map(({ name }) => name);
  const number = (count: number): string => count.toLocaleString(tongue.language);
  const reason = gone
    ? words.goneNote
    : isTooLong
      ? words.tooLong(number(bytes), number(defaultLimits.messageBytes))
      : notice !== ''
        ? notice
        : thread.state === 'paused'
          ? words.pausedNote
          : isLimited(thread)
            ? words.limitedNote
            : '';
  return (
    <footer class={dropping ? 'dropping' : undefined}>
      {picker.shown && <Picker {...picker.shown} />}
      {draft.replyTo !== undefined && (
        <Replying message={byId.get(draft.replyTo)} you={you.id} onStop={() => write({ replyTo: undefined })} />
      )}
      <textarea
        ref={box}
        rows={1}
        aria-label={words.composer}
        aria-describedby={reason === '' ? undefined : note}
        aria-autocomplete="list"
        aria-controls={picker.shown?.id}
        aria-activedescendant={picker.activeId}
        aria-invalid={isTooLong}
        placeholder={dropping ? words.dropHere : words.writeTo(list(others))}
        value={draft.text}
        disabled={gone}
        dir="auto"
        onInput={({ currentTarget }) => {
          const { value: text, selectionStart } = currentTarget;
          if (naming === undefined) setDismissed(undefined);
          write({ text });
          setCaret(selectionStart);
          if (text !== '') panel.typed();
        }}
        onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      <Attached
        refs={draft.refs}
        onDetach={(index) => {
          write({ refs: draft.refs.filter((_, at) => at !== index) });
          box.current?.focus();
        }}
      />
      <div id={note} class={isTooLong ? 'reason tone-bad' : 'reason'} role="status">
        {reason}
      </div>
      <div class="foot">
        <button
          type="button"
          class="text-button"
          title={words.pickAgentTitle}
          disabled={gone}
          onClick={() => sign('@')}
        >
          {words.pickAgent}
        </button>
        <button
          type="button"
          class="text-button"
          title={words.pickPlaceTitle}
          disabled={gone}
          onClick={() => sign('#')}
        >
          {words.pickPlace}
        </button>
        <span class="as-you">{words.asYou}</span>
        <button type="button" class="send" title={words.sendTitle} disabled={!canSend} onClick={send}>
          {words.send}
        </button>
      </div>
    </footer>
  );
}

/** What tells two places apart. */
function place({ uri, range }: RefView): string {
  return range ? `${uri} ${range.start.line}:${range.start.character}-${range.end.line}:${range.end.character}` : uri;
}
