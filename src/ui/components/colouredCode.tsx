import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Token } from '../highlighting';
import { useGround } from './context';

export interface ColouredCodeProps {
  readonly code: string;
  readonly language: string;
}

/** Code in the colours of the theme, where its language is known; plain until then. */
export function ColouredCode({ code, language }: ColouredCodeProps): JSX.Element {
  const { highlighter } = useGround();
  const [, setReady] = useState(false);
  const known = language === '' ? undefined : highlighter.now(code, language);
  useEffect(() => {
    let stands = true;
    if (language !== '' && !known)
      void highlighter.ready().then(() => {
        if (stands) setReady(true);
      });
    return () => {
      stands = false;
    };
  }, [highlighter, language, known]);
  return <code>{known ? known.map(span) : code}</code>;
}

function span({ text, kind }: Token, index: number): JSX.Element | string {
  return kind === undefined ? (
    text
  ) : (
    <span key={index} class={`token-${kind}`}>
      {text}
    </span>
  );
}
