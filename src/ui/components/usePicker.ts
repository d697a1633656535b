import { useEffect, useId, useState } from 'preact/hooks';
import type { PanelPlace } from '../../contract/panelUpdates';
import type { Naming } from '../composing';
import { useGround } from './context';
import { choiceId, type PickerProps } from './picker';

/** How long typing rests before the host is asked. Milliseconds. */
const typingRests = 120;

/** What was chosen: an agent's name, or a place to point to. */
export type Chosen = { readonly agent: string } | { readonly place: PanelPlace };

interface Found {
  readonly kind: Naming['kind'];
  readonly agents: readonly { readonly name: string; readonly detail: string }[];
  readonly places: readonly PanelPlace[];
}

export interface PickerState {
  /** What the list shows; `undefined` while nothing is named. */
  readonly shown: PickerProps | undefined;
  /** For the composer's `aria-activedescendant`. */
  readonly activeId: string | undefined;
  /** Takes a key that is the list's; answers whether it did. */
  readonly onKey: (key: string) => boolean;
}

/** Looks up what is being named, and lets the keyboard choose. */
export function usePicker(
  naming: Naming | undefined,
  onChosen: (chosen: Chosen) => void,
  onDismiss: () => void,
): PickerState {
  const { panel } = useGround();
  const id = useId();
  const [found, setFound] = useState<Found>();
  const [active, setActive] = useState(0);
  const kind = naming?.kind;
  const query = naming?.query ?? '';

  useEffect(() => {
    setActive(0);
    if (kind === undefined) {
      setFound(undefined);
      return undefined;
    }
    let current = true;
    const cancel = panel.clock.after(typingRests, () => {
      void panel.find({ kind, query }).then((answer) => {
        if (current && answer) setFound({ kind, agents: answer.agents, places: answer.places });
      });
    });
    return () => {
      current = false;
      cancel();
    };
  }, [panel, kind, query]);

  if (kind === undefined) return { shown: undefined, activeId: undefined, onKey: () => false };
  const fresh = found?.kind === kind ? found : undefined;
  const choices = fresh && (kind === 'agent' ? fresh.agents.map(agentChoice) : fresh.places.map(placeChoice));
  const count = choices?.length ?? 0;
  const choose = (index: number): void => {
    const place = fresh?.places[index];
    const agent = fresh?.agents[index];
    if (kind === 'agent' && agent) onChosen({ agent: agent.name });
    if (kind === 'place' && place) onChosen({ place });
  };
  const onKey = (key: string): boolean => {
    if (key === 'Escape') onDismiss();
    else if (count === 0) return false;
    else if (key === 'ArrowDown') setActive((active + 1) % count);
    else if (key === 'ArrowUp') setActive((active + count - 1) % count);
    else if (key === 'Enter' || key === 'Tab') choose(active);
    else return false;
    return true;
  };
  return {
    shown: { id, kind, choices, active, onChoose: choose },
    activeId: count === 0 ? undefined : choiceId(id, active),
    onKey,
  };
}

function agentChoice({ name, detail }: Found['agents'][number]) {
  return { key: name, label: name, detail };
}

function placeChoice({ label, detail, ref, kind }: PanelPlace) {
  return { key: `${kind} ${ref.uri} ${ref.range?.start.line ?? ''} ${label}`, label, detail };
}
