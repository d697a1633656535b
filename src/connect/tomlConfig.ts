import { parse, stringify, type TomlTable } from 'smol-toml';
import type { ConfigEdit } from './configEdit';
import { ConfigProblem } from './jsonEdits';
import { sectionsOf, type TomlSection } from './tomlSections';

export interface TomlEntries {
  /** Name of the table that is ours alone, e.g. `mcp_servers.parley`. */
  readonly table: readonly [string, string];
  readonly value: Readonly<Record<string, unknown>>;
  /** Lists of tables that others use too, under one name: `[[hooks.Stop]]`. */
  readonly lists: {
    readonly name: string;
    readonly items: readonly TomlItem[];
    readonly isOurs: (text: string) => boolean;
  };
}

export interface TomlItem {
  readonly list: string;
  /** A group that holds a list of its own under the same name as the whole: `[[hooks.Stop.hooks]]`. */
  readonly value: Readonly<Record<string, unknown>>;
}

const begin = '# Parley: begin. `parley connect codex --remove` takes this out.';
const end = '# Parley: end.';

/**
 * What we put into a TOML file: a block at its end. TOML is not written anew, because that would lose comments and order;
 * the tables are found in the text, and the result is read again to prove that it says what it should.
 */
export function tomlEdit(entries: TomlEntries): ConfigEdit {
  const block = blockOf(entries);
  const add = (text: string): string => {
    read(text);
    const rest = withoutOurs(text, entries);
    const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
    const gap = rest === '' ? '' : rest.endsWith('\n') ? eol : eol + eol;
    const result = rest + gap + block.replaceAll('\n', eol);
    prove(result, wanted(read(rest), entries));
    return result;
  };
  const remove = (text: string, before: string): string => {
    const current = read(text);
    const rest = withoutOurs(text, entries);
    prove(rest, without(current, entries));
    const previous = sectionsOf(before).filter((section) => isOurTable(section, entries));
    if (previous.length === 0) return rest;
    const old = previous.map(({ start, end: stop }) => before.slice(start, stop)).join('');
    return `${rest}${rest === '' || rest.endsWith('\n') ? '' : '\n'}${old}`;
  };
  const clear = (text: string): string => {
    const [outer, inner] = entries.table;
    const value = (read(text)[outer] as TomlTable | undefined)?.[inner] as TomlTable | undefined;
    return value === undefined || value['command'] === entries.value['command'] ? remove(text, '') : text;
  };
  return { add, remove, clear, saysNothing: (text) => text.trim() === '' };
}

function read(text: string): TomlTable {
  try {
    return parse(text);
  } catch (error) {
    const [problem = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new ConfigProblem(`is not TOML: ${problem.replace(/^Invalid TOML document: /, '')}`);
  }
}

function blockOf({ table, value, lists }: TomlEntries): string {
  const parts = [stringify({ [table[0]]: { [table[1]]: value } })];
  for (const item of lists.items) parts.push(stringify({ [lists.name]: { [item.list]: [item.value] } }));
  // The library writes the table above ours too where it would be empty; ours needs none.
  const text = parts.map((part) => part.trim().replaceAll(/\n\n+/g, '\n')).join('\n\n');
  return `${begin}\n${text}\n${end}\n`;
}

function isOurTable({ path }: TomlSection, { table }: TomlEntries): boolean {
  return path[0] === table[0] && path[1] === table[1];
}

/** The text without our tables, our items of lists, and the lines around our block. */
function withoutOurs(text: string, entries: TomlEntries): string {
  const sections = sectionsOf(text);
  const cuts = sections.filter((section) => isOurTable(section, entries));
  const { name, isOurs } = entries.lists;
  for (const [index, group] of sections.entries()) {
    if (!group.isItem || group.path.length !== 2 || group.path[0] !== name) continue;
    const members = membersOf(sections, index);
    const own = members.filter(({ start, end: stop }) => isOurs(text.slice(start, stop)));
    cuts.push(...own);
    // A group of ours holds nothing else.
    const isBare = !/\n[^\n]*\S/.test(text.slice(group.start, group.end).trimEnd());
    if (own.length > 0 && own.length === members.length && isBare) cuts.push(group);
  }
  let result = text;
  for (const { start, end: stop } of cuts.sort((a, b) => b.start - a.start)) result = cut(result, start, stop);
  for (const line of [begin, end]) {
    const at = lineOf(result, line);
    if (at !== undefined)
      result = cut(result, at, Math.min(result.length, at + line.length + eolLength(result, at + line.length)));
  }
  return result;
}

/** The tables inside the group. */
function membersOf(sections: readonly TomlSection[], index: number): TomlSection[] {
  const rest = sections.slice(index + 1);
  const next = rest.findIndex(({ path }) => path.length <= 2 || path[0] !== sections[index]?.path[0]);
  return rest.slice(0, next < 0 ? undefined : next);
}

/** Without these characters, and without the blank line that would then stand beside another, or at the end. */
function cut(text: string, start: number, stop: number): string {
  const above = text.slice(0, start);
  const below = text.slice(stop);
  const blank = /(?:^|\n)(\r?\n)$/.exec(above);
  return blank && (below === '' || /^\r?\n/.test(below))
    ? above.slice(0, -(blank[1]?.length ?? 0)) + below
    : above + below;
}

function lineOf(text: string, line: string): number | undefined {
  if (text.startsWith(line)) return 0;
  const at = text.indexOf(`\n${line}`);
  return at < 0 ? undefined : at + 1;
}

function eolLength(text: string, at: number): number {
  return text[at] === '\r' ? 2 : 1;
}

/** What the file says, with our entries. */
function wanted(table: TomlTable, { table: [outer, inner], value, lists }: TomlEntries): unknown {
  const result = structuredClone(table) as Record<string, Record<string, unknown>>;
  result[outer] = { ...result[outer], [inner]: value };
  for (const item of lists.items) {
    const group = (result[lists.name] ??= {});
    group[item.list] = [...((group[item.list] as unknown[] | undefined) ?? []), item.value];
  }
  return result;
}

/** What the file says, without our entries. */
function without(table: TomlTable, { table: [outer, inner], lists }: TomlEntries): unknown {
  const result = structuredClone(table) as Record<string, Record<string, unknown>>;
  if (result[outer]) {
    result[outer] = Object.fromEntries(Object.entries(result[outer]).filter(([name]) => name !== inner));
    if (Object.keys(result[outer]).length === 0) result[outer] = undefined as never;
  }
  for (const [list, groups] of Object.entries(result[lists.name] ?? {})) {
    if (!Array.isArray(groups)) continue;
    const kept = (groups as Record<string, unknown>[]).flatMap((group) => {
      const hooks = group[lists.name];
      if (!Array.isArray(hooks)) return [group];
      const others = hooks.filter((hook) => !lists.isOurs(stringify(hook as TomlTable)));
      if (others.length === hooks.length) return [group];
      return others.length === 0 && Object.keys(group).length === 1 ? [] : [{ ...group, [lists.name]: others }];
    });
    (result[lists.name] ??= {})[list] = kept.length === 0 ? undefined : kept;
  }
  return result;
}

/** @throws ConfigProblem when the text says something else: its own form of writing is beyond us */
function prove(text: string, expected: unknown): void {
  if (canonical(read(text)) === canonical(expected)) return;
  throw new ConfigProblem('writes this in a form that cannot be edited safely; edit it by hand');
}

/** The same for the same content, whatever its order; what is undefined or an empty object does not count. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner) || inner instanceof Date) return inner;
    const entries = Object.entries(inner).filter(([, one]) => one !== undefined && !isEmptyTable(one));
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function isEmptyTable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    Object.values(value).every((one) => one === undefined || isEmptyTable(one))
  );
}
