import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { words } from '../words';
import { useGround } from './context';

/** How long "Copied" stands, ms. */
const copiedHolds = 2000;

export function CodeBlock({ code }: { readonly code: string }): JSX.Element {
  const { panel } = useGround();
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    panel.copy(code);
    setCopied(true);
    panel.clock.after(copiedHolds, () => setCopied(false));
  };
  return (
    <div class="code-block">
      {/* A scrollable box must be reachable by keyboard. */}
      <pre tabIndex={0} dir="ltr">
        <code>{code}</code>
      </pre>
      <button type="button" class="copy" aria-label={copied ? words.copied : words.copyCode} onClick={copy}>
        {copied ? words.copied : words.copy}
      </button>
    </div>
  );
}
