import DOMPurify from 'dompurify';
import { Fragment, h, type ComponentChild, type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { isWebAddress, toHtml } from '../markdown';
import { words } from '../words';
import { CodeBlock } from './codeBlock';
import { useGround } from './context';
import { useRowTab } from './rowFocus';

/** Elements that an agent's text can become; their attributes are dropped, but for those that `toNode` reads. */
const elements = ['p', 'br', 'hr', 'strong', 'em', 's', 'code', 'ul', 'ol', 'li', 'blockquote', 'table', 'thead', 'tbody', 'tr', 'th', 'td']; // prettier-ignore
const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];
const known: ReadonlySet<string> = new Set(elements);

/**
 * What an agent wrote, as elements of ours: Markdown to HTML, HTML through the sanitiser, and what is left of it made anew,
 * element by element from the list above. No HTML of an agent's is ever put into the page.
 */
export function Markdown({ text }: { readonly text: string }): JSX.Element {
  const nodes = useMemo(() => childrenOf(sanitise(toHtml(text))), [text]);
  return (
    <div class="markdown" dir="auto">
      {nodes}
    </div>
  );
}

function sanitise(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: [...elements, ...headings, 'pre', 'a'],
    ALLOWED_ATTR: ['href', 'start', 'class'],
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    ALLOWED_URI_REGEXP: /^https:\/\//i,
    RETURN_DOM_FRAGMENT: true,
  });
}

/** The language that a block of code was said to be in, as the parser puts it into a class; no other class is read. */
function languageOf(block: Element): string {
  const name = block.querySelector('code')?.getAttribute('class') ?? '';
  return /^language-([A-Za-z0-9+#_.-]{1,20})$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

function childrenOf(parent: ParentNode): ComponentChild[] {
  return [...parent.childNodes].map((node, index) => toNode(node, index));
}

function toNode(node: ChildNode, key: number): ComponentChild {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element)) return null;
  const name = node.localName;
  if (name === 'pre')
    return <CodeBlock key={key} code={node.textContent.replace(/\n$/, '')} language={languageOf(node)} />;
  if (name === 'a') return <WebLink key={key} url={node.getAttribute('href') ?? ''} label={node.textContent} />;
  const children = childrenOf(node);
  // A heading of an agent's is none in the outline of the page.
  if (headings.includes(name)) return h('p', { key, class: 'heading' }, children);
  if (name === 'table') return h('div', { key, class: 'table' }, h('table', {}, children));
  if (!known.has(name)) return h(Fragment, { key }, children);
  const start = name === 'ol' ? Number(node.getAttribute('start') ?? 1) : 1;
  return h(name, start > 1 ? { key, start } : { key }, children);
}

interface WebLinkProps {
  readonly url: string;
  readonly label: string;
}

/** A web address that an agent named. Not a link to the webview, which would open it unasked: the host asks first. */
function WebLink({ url, label }: WebLinkProps): JSX.Element {
  const { panel } = useGround();
  const tabIndex = useRowTab();
  if (!isWebAddress(url)) return <Fragment>{label}</Fragment>;
  const open = (): void => panel.openLink(url);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') open();
  };
  // The label is the agent's word; where it leads is ours.
  const address = label === url ? '' : ` (${new URL(url).host})`;
  return (
    <span class="link" role="link" tabIndex={tabIndex} title={words.openLink(url)} onClick={open} onKeyDown={onKeyDown}>
      {label}
      {address !== '' && <span class="address">{address}</span>}
    </span>
  );
}
