import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

export interface MenuItem {
  readonly key: string;
  readonly label: string;
  readonly title: string;
  readonly onChoose: () => void;
}

export interface MenuButtonProps {
  /** What the button is called; it shows three dots. */
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly disabled: boolean;
}

/** A button that opens a menu, with the keys that menus have. */
export function MenuButton({ label, items, disabled }: MenuButtonProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) (menu.current?.firstElementChild as HTMLElement | null)?.focus();
  }, [open]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const focusAt = (step: (at: number, count: number) => number): void => {
    const all = [...(menu.current?.children ?? [])] as HTMLElement[];
    const at = all.findIndex((item) => item === document.activeElement);
    all[(step(at, all.length) + all.length) % all.length]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') focusAt((at) => at + 1);
    else if (event.key === 'ArrowUp') focusAt((at) => at - 1);
    else if (event.key === 'Home') focusAt(() => 0);
    else if (event.key === 'End') focusAt((_, count) => count - 1);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
  };
  const onFocusOut = ({ relatedTarget }: FocusEvent): void => {
    const isWithin = relatedTarget === button.current || menu.current?.contains(relatedTarget as Node | null);
    if (!isWithin) setOpen(false);
  };
  return (
    <span class="menu-holder" onFocusOut={onFocusOut}>
      <button
        ref={button}
        type="button"
        class="text-button"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={id}
        disabled={disabled}
        onClick={() => setOpen(!open)}
      >
        ⋯
      </button>
      <div ref={menu} id={id} class="menu" role="menu" aria-label={label} hidden={!open} onKeyDown={onKeyDown}>
        {items.map(({ key, label: text, title, onChoose }) => (
          <button
            key={key}
            type="button"
            role="menuitem"
            tabIndex={-1}
            title={title}
            onClick={() => {
              close();
              onChoose();
            }}
          >
            {text}
          </button>
        ))}
      </div>
    </span>
  );
}
