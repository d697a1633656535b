import { createScanner, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';

/** Why a configuration cannot be edited, in words that end a sentence about its file. */
export class ConfigProblem extends Error {}

/** Names of members, from the root down. */
export type JsonPath = readonly string[];

/** Of the library's SyntaxKind, a const enum that `isolatedModules` cannot read. */
const commaToken = 5;
const endOfText = 17;

/**
 * The document's root; undefined when it holds nothing but white space and comments. Comments and commas before a closing
 * bracket pass: whoever reads the file has the say about them.
 * @throws ConfigProblem when it is not JSON, or no object
 */
function rootOf(text: string): Node | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (isBlank(text)) return undefined;
  const [error] = errors;
  if (error) {
    const { line, column } = positionOf(text, error.offset);
    throw new ConfigProblem(`is not JSON: ${printParseErrorCode(error.error)} in line ${line}, column ${column}`);
  }
  if (root?.type !== 'object') throw new ConfigProblem('holds no JSON object');
  return root;
}

function isBlank(text: string): boolean {
  const kind: number = createScanner(text, true).scan();
  return kind === endOfText;
}

function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** @throws ConfigProblem when one of its members is there twice: clients differ in which one they take */
function nodeAt(root: Node | undefined, path: JsonPath): Node | undefined {
  let node = root;
  for (const [depth, key] of path.entries()) {
    if (!node) return undefined;
    if (node.type !== 'object')
      throw new ConfigProblem(`has something else than an object at ${shown(path.slice(0, depth))}`);
    const found = (node.children ?? []).filter((property) => property.children?.[0]?.value === key);
    if (found.length > 1) throw new ConfigProblem(`has ${shown(path.slice(0, depth + 1))} twice`);
    node = found[0]?.children?.[1];
  }
  return node;
}

const shown = (path: JsonPath): string => (path.length === 0 ? 'its top' : `"${path.join('.')}"`);

/** The text of the value there, as it stands; undefined when there is none. @throws ConfigProblem */
export function rawAt(text: string, path: JsonPath): string | undefined {
  const node = nodeAt(rootOf(text), path);
  return node && text.slice(node.offset, node.offset + node.length);
}

/** The value there; undefined when there is none. @throws ConfigProblem */
export function valueAt(text: string, path: JsonPath): unknown {
  const node = nodeAt(rootOf(text), path);
  return node && valueOf(node);
}

/** The values of the list there; none when there is no list. @throws ConfigProblem when it is something else */
export function itemsAt(text: string, path: JsonPath): unknown[] {
  const node = nodeAt(rootOf(text), path);
  if (!node) return [];
  if (node.type !== 'array') throw new ConfigProblem(`has something else than a list at ${shown(path)}`);
  return (node.children ?? []).map((child) => valueOf(child));
}

function valueOf(node: Node): unknown {
  const children = node.children ?? [];
  if (node.type === 'array') return children.map((child) => valueOf(child));
  if (node.type !== 'object') return node.value as unknown;
  return Object.fromEntries(
    children.flatMap(({ children: [key, value] = [] }) => (key && value ? [[String(key.value), valueOf(value)]] : [])),
  );
}

/** Sets the member, with the objects above it when they are missing; every other character stays. @throws ConfigProblem */
export function setAt(text: string, path: JsonPath, value: unknown): string {
  const root = rootOf(text);
  if (!root) return textOfNew(text, nested(path, value));
  const node = nodeAt(root, path);
  if (node) {
    if (JSON.stringify(valueOf(node)) === JSON.stringify(value)) return text;
    return spliced(text, node.offset, node.offset + node.length, written(text, value, lineIndent(text, node.offset)));
  }
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const parent = nodeAt(root, path.slice(0, depth));
    if (!parent) continue;
    if (parent.type !== 'object')
      throw new ConfigProblem(`has something else than an object at ${shown(path.slice(0, depth))}`);
    const member = nested(path.slice(depth + 1), value);
    return inserted(
      text,
      parent,
      (indent) => `${JSON.stringify(path[depth])}:${gap(text)}${written(text, member, indent)}`,
    );
  }
  return text;
}

/** Appends to the list there, which is made when it is missing. @throws ConfigProblem */
export function addItem(text: string, path: JsonPath, item: unknown): string {
  const node = nodeAt(rootOf(text), path);
  if (!node) return setAt(text, path, [item]);
  if (node.type !== 'array') throw new ConfigProblem(`has something else than a list at ${shown(path)}`);
  return inserted(text, node, (indent) => written(text, item, indent));
}

/** Puts this text in the place of the value there. */
export function setRaw(text: string, path: JsonPath, raw: string): string {
  const node = nodeAt(rootOf(text), path);
  return node ? spliced(text, node.offset, node.offset + node.length, raw) : text;
}

/** Takes the member out with its comma. Comments around it stay. */
export function removeAt(text: string, path: JsonPath): string {
  const root = rootOf(text);
  const parent = nodeAt(root, path.slice(0, -1));
  const property = nodeAt(root, path)?.parent;
  return parent && property ? without(text, parent, property) : text;
}

/** Takes those values out of the list there. */
export function removeItems(text: string, path: JsonPath, isOurs: (item: unknown) => boolean): string {
  for (;;) {
    const list = nodeAt(rootOf(text), path);
    const found = list?.type === 'array' && list.children?.find((child) => isOurs(valueOf(child)));
    if (!list || !found) return text;
    text = without(text, list, found);
  }
}

/** Whether nothing stands in the object or list there, not even a comment. */
export function isEmptyAt(text: string, path: JsonPath): boolean {
  const raw = rawAt(text, path);
  return raw !== undefined && /^(?:\{\s*\}|\[\s*\])$/.test(raw);
}

/** Whether the whole document says nothing. */
export function saysNothing(text: string): boolean {
  return text.trim() === '' || isEmptyAt(text, []);
}

function nested(path: JsonPath, value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

/** What stands there stays: it can only be comments. */
function textOfNew(text: string, value: unknown): string {
  const eol = eolOf(text);
  const above = text.trimEnd() === '' ? '' : text.trimEnd() + eol;
  return `${above}${JSON.stringify(value, undefined, 2).replaceAll('\n', eol)}${eol}`;
}

/** Adds a last child, in the way in which the others are written. */
function inserted(text: string, parent: Node, write: (indent: string) => string): string {
  const end = parent.offset + parent.length - 1;
  const eol = eolOf(text);
  const base = lineIndent(text, parent.offset);
  const last = parent.children?.at(-1);
  if (last) {
    const at = last.offset + last.length;
    if (!text.slice(parent.offset, last.offset).includes('\n')) {
      return spliced(text, at, at, `,${gap(text)}${write(base)}`);
    }
    const startsLine = text.slice(lineStart(text, last.offset), last.offset).trim() === '';
    const indent = startsLine ? lineIndent(text, last.offset) : base + unitOf(text);
    return spliced(text, at, at, `,${eol}${indent}${write(indent)}`);
  }
  if (isOneLine(text)) return spliced(text, end, end, write(base));
  const at = parent.offset + 1 + text.slice(parent.offset + 1, end).trimEnd().length;
  const indent = base + unitOf(text);
  return spliced(text, at, end, `${eol}${indent}${write(indent)}${eol}${base}`);
}

/** Takes a child out with the comma after it, or before it when it is the last, and with its line when nothing else is on it. */
function without(text: string, parent: Node, child: Node): string {
  const end = child.offset + child.length;
  const siblings = parent.children ?? [];
  const previous = siblings[siblings.indexOf(child) - 1];
  const after = commaAfter(text, end);
  const before = previous && commaAfter(text, previous.offset + previous.length);
  const cuts: [number, number][] = [[child.offset, after !== undefined && after === end ? end + 1 : end]];
  if (after !== undefined && after !== end) cuts.push([after, after + 1]);
  if (after === undefined && before !== undefined) cuts.push([before, before + 1]);
  let result = text;
  for (const [from, to] of cuts.sort((a, b) => b[0] - a[0])) result = spliced(result, from, to, '');
  const at = child.offset - (after === undefined && before !== undefined ? 1 : 0);
  const start = lineStart(result, at);
  const stop = result.indexOf('\n', at);
  const line = result.slice(start, stop < 0 ? undefined : stop);
  if (line.trim() !== '') return trimmedAt(result, at, previous === undefined && after === undefined);
  // The first line of the file stays where it is; every other goes with the line end before it.
  if (start === 0) return result;
  return spliced(result, start - (result[start - 2] === '\r' ? 2 : 1), start + line.replace(/\r$/, '').length, '');
}

/** Within a line: no two gaps where the child was. */
function trimmedAt(text: string, at: number, wasOnly: boolean): string {
  if (wasOnly) return text;
  const isGap = (index: number): boolean => text[index] === ' ' || text[index] === '\t';
  if (isGap(at - 1) && (isGap(at) || text[at] === '}' || text[at] === ']')) return spliced(text, at - 1, at, '');
  return text;
}

function commaAfter(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  const kind: number = scanner.scan();
  return kind === commaToken ? scanner.getTokenOffset() : undefined;
}

function written(text: string, value: unknown, indent: string): string {
  if (isOneLine(text)) return JSON.stringify(value);
  return JSON.stringify(value, undefined, unitOf(text)).replaceAll('\n', `${eolOf(text)}${indent}`);
}

/** A document that was written without line breaks gets none. */
function isOneLine(text: string): boolean {
  const trimmed = text.trim();
  return !trimmed.includes('\n') && !/^\{\s*\}$/.test(trimmed);
}

/** What follows a colon or comma within a line. */
function gap(text: string): string {
  return isOneLine(text) && !/[:,] /.test(text) ? '' : ' ';
}

function eolOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}

/** One step of indentation: that of the first line which has any. */
function unitOf(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function lineIndent(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? '';
}

function spliced(text: string, from: number, to: number, middle: string): string {
  return text.slice(0, from) + middle + text.slice(to);
}
