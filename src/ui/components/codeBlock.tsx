import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { words } from '../words';
import { ColouredCode } from './colouredCode';
import { useGround } from './context';
import { useRowTab } from './rowFocus';

/** How long "Copied" stands, ms. */
const copiedHolds = 2000;

export interface CodeBlockProps {
  readonly code: string;
  /** As the agent named it; empty when it did not. */
  readonly language: string;
}

export function CodeBlock({ code, language }: CodeBlockProps): JSX.Element {
  const { panel } = useGround();
  const [copied, setCopied] = useState(false);
  const tabIndex = useRowTab();
  const copy = (): void => {
    panel.copy(code);
    setCopied(true);
    panel.clock.after(copiedHolds, () => setCopied(false));
  };
  return (
    <div class="code-block">
      {/* A scrollable box must be reachable by keyboard. */}
      <pre
        tabIndex={tabIndex}
        dir="ltr"
        role="group"
        aria-label={language === '' ? words.code : words.codeIn(language)}
      >
        <ColouredCode code={code} language={language} />
      </pre>
      <div class="code-actions">
        <button
          type="button"
          class="copy"
          tabIndex={tabIndex}
          aria-label={words.insertCode}
          onClick={() => panel.insert(code)}
        >
          {words.insert}
        </button>
        <button
          type="button"
          class="copy"
          tabIndex={tabIndex}
          aria-label={copied ? words.copied : words.copyCode}
          onClick={copy}
        >
          {copied ? words.copied : words.copy}
        </button>
      </div>
    </div>
  );
}
