import type { PanelRequest } from '../../contract/panel';
import type { PanelPeek, PanelPlace } from '../../contract/panelUpdates';
import type { RefView, ThreadView } from '../../contract/views';
import type { Disposable } from '../disposable';

/** What is selected in the editor, or was last: the print of its text, and the place. */
export interface Selected {
  readonly print: string;
  readonly ref: RefView;
}

export interface Found {
  readonly agents: { readonly name: string; readonly detail: string }[];
  readonly places: PanelPlace[];
}

/** What a page may ask of the editor and gets an answer to. Each answer is bounded as the panel's contract says. */
export interface PageQuestions {
  peek(ref: RefView, thread: ThreadView): Promise<PanelPeek>;
  /** Gives up, with what it has, when `signal` is aborted. */
  find(kind: 'agent' | 'place', query: string, thread: ThreadView, signal: AbortSignal): Promise<Found>;
  take(dropped: Pick<Extract<PanelRequest, { type: 'take' }>, 'uris' | 'files'>): Promise<{
    readonly refs: RefView[];
    readonly refused: string[];
  }>;
  /** What stands at the person's refs now, for others to tell whether it has changed since. */
  fill(refs: readonly RefView[]): Promise<RefView[]>;
  /** Paths of the window's folders. */
  readonly folders: readonly string[];
  readonly selected: Selected | undefined;
  onSelected(listener: (selected: Selected) => void): Disposable;
}
