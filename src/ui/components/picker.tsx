import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { words } from '../words';

/** One thing that can be chosen. */
export interface Choice {
  readonly key: string;
  readonly label: string;
  readonly detail: string;
}

export interface PickerProps {
  readonly id: string;
  readonly kind: 'agent' | 'place';
  /** `undefined` while they are looked up for the first time. */
  readonly choices: readonly Choice[] | undefined;
  /** Index of the one that Enter chooses. */
  readonly active: number;
  readonly onChoose: (index: number) => void;
}

/** The id of a choice in the document. */
export function choiceId(picker: string, index: number): string {
  return `${picker}-${index}`;
}

/** The list over the composer. The keyboard stays in the composer, which names the active choice to screen readers. */
export function Picker({ id, kind, choices, active, onChoose }: PickerProps): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active, choices]);
  return (
    <div class="picker">
      <ul ref={list} id={id} role="listbox" aria-label={words.picker[kind]}>
        {choices?.map(({ key, label, detail }, index) => (
          <li
            key={key}
            id={choiceId(id, index)}
            role="option"
            aria-selected={index === active}
            class={index === active ? 'active' : undefined}
            // A press must not take the keyboard out of the composer.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onChoose(index)}
          >
            <bdi class="choice">{label}</bdi>
            <bdi class="detail">{detail}</bdi>
          </li>
        ))}
      </ul>
      {(choices === undefined || choices.length === 0) && (
        <p role="status">{choices === undefined ? words.searching : words.nothingFound}</p>
      )}
    </div>
  );
}
