import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { LazyHighlighter } from '../highlighting';
import type { ThreadPanel } from '../threadPanel';
import type { Times } from '../times';

/** What every part of the page is built on. */
export interface Ground {
  readonly panel: ThreadPanel;
  readonly times: Times;
  readonly highlighter: LazyHighlighter;
}

export const GroundContext = createContext<Ground | undefined>(undefined);

export function useGround(): Ground {
  const ground = useContext(GroundContext);
  if (!ground) throw new Error('a part of the page stands outside it');
  return ground;
}

/** The broker's time, read anew every `every` ms while `runs`: for clocks and ages that a person sees. Nothing is asked for. */
export function useNow(runs: boolean, every = 1000): number {
  const { panel } = useGround();
  const [, setTick] = useState(0);
  useEffect(() => {
    if (!runs) return undefined;
    let cancel: () => void = () => undefined;
    const tick = (): void => {
      setTick((count) => count + 1);
      cancel = panel.clock.after(every, tick);
    };
    cancel = panel.clock.after(every, tick);
    return () => cancel();
  }, [panel, runs, every]);
  return panel.now();
}
