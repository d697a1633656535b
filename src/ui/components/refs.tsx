import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { PanelPeek } from '../../contract/panelUpdates';
import type { RefView } from '../../contract/views';
import { oneLine } from '../../core/text';
import { words } from '../words';
import { ColouredCode } from './colouredCode';
import { useGround } from './context';
import { useRowTab } from './rowFocus';

/** The places that a message points to; each opens in the editor, or beneath. */
export function Refs({ refs }: { readonly refs: readonly RefView[] }): JSX.Element {
  const [open, setOpen] = useState<readonly number[]>([]);
  const group = useId();
  const toggle = (index: number): void =>
    setOpen(open.includes(index) ? open.filter((one) => one !== index) : [...open, index]);
  return (
    <>
      <div class="refs">
        {refs.map((ref, index) => (
          <Ref
            key={index}
            refView={ref}
            peek={`${group}-${index}`}
            isOpen={open.includes(index)}
            onToggle={() => toggle(index)}
          />
        ))}
      </div>
      {refs.map((ref, index) => (
        <div key={index} id={`${group}-${index}`} hidden={!open.includes(index)}>
          {open.includes(index) && <Peek refView={ref} />}
        </div>
      ))}
    </>
  );
}

interface RefProps {
  readonly refView: RefView;
  /** The id of what opens beneath. */
  readonly peek: string;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function Ref({ refView, peek, isOpen, onToggle }: RefProps): JSX.Element {
  const { panel } = useGround();
  const tabIndex = useRowTab();
  const label = panel.label(refView);
  const note = oneLine(refView.note ?? '');
  const uri = oneLine(refView.uri);
  const title = note === '' ? words.openRef(uri) : words.openRefNoted(uri, note);
  return (
    <span class="ref-item">
      <button type="button" class="ref" tabIndex={tabIndex} title={title} onClick={() => panel.openRef(refView)}>
        <bdi>{label}</bdi>
      </button>
      <button
        type="button"
        class="peek-button"
        tabIndex={tabIndex}
        aria-expanded={isOpen}
        aria-controls={peek}
        aria-label={`${isOpen ? words.peekClose : words.peek}: ${label}`}
        title={isOpen ? words.peekClose : words.peek}
        onClick={onToggle}
      />
    </span>
  );
}

type Shown = Extract<PanelPeek, { state: 'shown' }>;

/** What stands at the place now, and what stood there when it was written if that is something else. */
function Peek({ refView }: { readonly refView: RefView }): JSX.Element {
  const peek = usePeek(refView);
  const { panel } = useGround();
  const label = panel.label(refView);
  const note = oneLine(refView.note ?? '');
  return (
    <div class="peek" role="group" aria-label={label} aria-busy={peek === undefined}>
      {note !== '' && (
        <p class="note">
          <bdi>{note}</bdi>
        </p>
      )}
      {peek?.state === 'shown' ? (
        <ShownPeek peek={peek} refView={refView} />
      ) : (
        <p class="note" role="status">
          {peek ? whyNot(peek) : words.peeking}
        </p>
      )}
    </div>
  );
}

function ShownPeek({ peek, refView }: { readonly peek: Shown; readonly refView: RefView }): JSX.Element {
  const { range, excerpt } = refView;
  const isChanged = peek.changed === 'yes';
  const marked = (line: number): boolean => {
    if (!range) return false;
    const last = range.end.character === 0 && range.end.line > range.start.line ? range.end.line - 1 : range.end.line;
    return line >= range.start.line && line <= last;
  };
  return (
    <>
      {isChanged && <p class="changed tone-wait">{words.changedSince}</p>}
      {isChanged && excerpt !== undefined && (
        <PeekCode
          title={words.peekThen}
          lines={excerpt.replace(/\r?\n$/, '').split(/\r?\n/)}
          first={range?.start.line ?? 0}
          language={peek.language}
          marked={() => false}
        />
      )}
      <PeekCode
        title={isChanged ? words.peekNow : ''}
        lines={peek.lines}
        first={peek.first}
        language={peek.language}
        marked={marked}
      />
      {peek.more > 0 && <p class="note">{words.peekMore(peek.more)}</p>}
    </>
  );
}

interface PeekCodeProps {
  readonly title: string;
  readonly lines: readonly string[];
  /** The number of the first line, from 0. */
  readonly first: number;
  readonly language: string;
  /** Whether the ref spans the line of this number. */
  readonly marked: (line: number) => boolean;
}

function PeekCode({ title, lines, first, language, marked }: PeekCodeProps): JSX.Element {
  const tabIndex = useRowTab();
  return (
    <>
      {title !== '' && <p class="note">{title}</p>}
      <div class="peek-code" tabIndex={tabIndex} dir="ltr" role="group" aria-label={title || words.code}>
        <table role="presentation">
          <tbody>
            {lines.map((line, index) => (
              <tr key={index} class={marked(first + index) ? 'marked' : undefined}>
                <td class="number">{first + index + 1}</td>
                <td>
                  <ColouredCode code={line} language={language} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** Asks the host when it is opened: what stands there may be another each time. */
function usePeek(ref: RefView): PanelPeek | undefined {
  const { panel } = useGround();
  const [peek, setPeek] = useState<PanelPeek>();
  const asked = useRef(ref);
  // A message that comes again, with another receipt, has the same refs.
  if (JSON.stringify(asked.current) !== JSON.stringify(ref)) asked.current = ref;
  const { current } = asked;
  useEffect(() => {
    let stands = true;
    void panel.peek(current).then((answer) => {
      if (stands) setPeek(answer?.peek ?? { state: 'unreadable' });
    });
    return () => {
      stands = false;
    };
  }, [panel, current]);
  return peek;
}

function whyNot(peek: Exclude<PanelPeek, Shown>): string {
  switch (peek.state) {
    case 'missing':
      return words.peekMissing;
    case 'short':
      return words.peekShort(peek.lines);
    case 'outside':
      return words.peekOutside;
    case 'unreadable':
      return words.peekUnreadable;
  }
}
