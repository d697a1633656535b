import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import lua from 'highlight.js/lib/languages/lua';
import makefile from 'highlight.js/lib/languages/makefile';
import markdown from 'highlight.js/lib/languages/markdown';
import php from 'highlight.js/lib/languages/php';
import powershell from 'highlight.js/lib/languages/powershell';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import shell from 'highlight.js/lib/languages/shell';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';
import type { Highlighter, Token, TokenKind } from '../ui/highlighting';

type Tree = ReturnType<ReturnType<typeof createLowlight>['highlight']>;
type Child = Tree['children'][number];

const lowlight = createLowlight({
  bash, c, cpp, csharp, css, diff, dockerfile, go, ini, java, javascript, json, kotlin, lua, makefile, markdown, php,
  powershell, python, ruby, rust, shell, sql, swift, typescript, xml, yaml,
}); // prettier-ignore
// Ends of file names and names of VS Code's that the grammars do not have.
lowlight.registerAlias({
  typescript: ['mts', 'cts', 'typescriptreact'],
  javascript: ['javascriptreact'],
  shell: ['console'],
});

/** The grammars' names for what stretches are, by what they are here; those that are not named have no colour. */
const kinds: Readonly<Record<string, TokenKind>> = {
  'hljs-keyword': 'keyword',
  'hljs-operator': 'keyword',
  'hljs-selector-pseudo': 'keyword',
  'hljs-string': 'string',
  'hljs-regexp': 'string',
  'hljs-link': 'string',
  'hljs-number': 'number',
  'hljs-comment': 'comment',
  'hljs-quote': 'comment',
  'hljs-doctag': 'comment',
  'hljs-title': 'function',
  'hljs-section': 'function',
  'hljs-built_in': 'type',
  'hljs-type': 'type',
  'hljs-class': 'type',
  'hljs-variable': 'variable',
  'hljs-template-variable': 'variable',
  'hljs-attr': 'property',
  'hljs-attribute': 'property',
  'hljs-property': 'property',
  'hljs-literal': 'constant',
  'hljs-symbol': 'constant',
  'hljs-bullet': 'constant',
  'hljs-name': 'tag',
  'hljs-tag': 'tag',
  'hljs-selector-tag': 'tag',
  'hljs-selector-class': 'tag',
  'hljs-selector-id': 'tag',
  'hljs-meta': 'meta',
  'hljs-addition': 'added',
  'hljs-deletion': 'removed',
};

function flatten(children: readonly Child[], kind: TokenKind | undefined, into: Token[]): Token[] {
  for (const child of children) {
    if (child.type === 'text') into.push({ text: child.value, kind });
    else if (child.type === 'element') {
      const names = child.properties['className'];
      const classes = Array.isArray(names) ? names.map(String) : [];
      const isType = classes.includes('hljs-title') && classes.includes('class_');
      const [own] = classes.flatMap((name) => (Object.hasOwn(kinds, name) ? [kinds[name]] : []));
      flatten(child.children, isType ? 'type' : (own ?? kind), into);
    }
  }
  return into;
}

/** The page imports this by its address; see `LazyHighlighter`. */
export const highlighter: Highlighter = {
  tokens: (code, language) =>
    lowlight.registered(language) ? flatten(lowlight.highlight(language, code).children, undefined, []) : undefined,
};
