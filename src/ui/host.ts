import type { PanelRequest } from '../contract/panel';

/** The side that the page is shown by: VS Code's webview, or a test. */
export interface Host {
  post(request: PanelRequest): void;
  /** What `save` was given last, in this webview or in the one before a reload. */
  saved(): unknown;
  save(state: unknown): void;
}
