import '../ui/withoutEval';
import { render } from 'preact';
import type { PanelRequest } from '../contract/panel';
import type { Clock } from '../ui/clock';
import { App } from '../ui/components/app';
import '../ui/styles/page.css';
import { LazyHighlighter, type Highlighter } from '../ui/highlighting';
import { ThreadPanel } from '../ui/threadPanel';
import { Times } from '../ui/times';
import { bundleOf, tongue } from '../ui/words';

/** What VS Code gives every webview, once. */
declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

const vscode = acquireVsCodeApi();
// This script's own address; it is known while the script first runs, and not later.
const ownScript = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : '';
const highlighter = new LazyHighlighter(async () => {
  const address = new URL('highlighter.js', ownScript).href;
  const module = (await import(address)) as { highlighter: Highlighter };
  return module.highlighter;
});
const clock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, action) => {
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  },
};
const panel = new ThreadPanel({
  host: {
    post: (request: PanelRequest) => vscode.postMessage(request),
    saved: () => vscode.getState(),
    save: (state) => vscode.setState(state),
  },
  clock,
  isFocused: () => document.visibilityState === 'visible' && document.hasFocus(),
  newKey: () => crypto.randomUUID(),
});

window.addEventListener('message', (event: MessageEvent<unknown>) => panel.receive(event.data));
window.addEventListener('focus', () => panel.focusChanged());
window.addEventListener('blur', () => panel.focusChanged());
document.addEventListener('visibilitychange', () => {
  panel.focusChanged();
  // A hidden webview is told nothing: what it missed comes with a new snapshot.
  if (document.visibilityState === 'visible') panel.start();
});

const root = document.getElementById('root');
tongue.speak(document.documentElement.lang, bundleOf(root?.dataset['words']));
if (root) render(<App panel={panel} times={new Times(tongue.language)} highlighter={highlighter} />, root);
panel.start();
