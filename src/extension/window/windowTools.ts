import path from 'node:path';
import type { OfferedTool } from '../../client/options';
import type { ToolAnswer } from '../../contract/wire';

/** Entries in one answer; the rest is counted. */
const mostEntries = 200;
/** Characters of one message or name. */
const longestText = 500;
/** Characters of a selection. */
const longestSelection = 16 * 1024;

export const severities = ['error', 'warning', 'information', 'hint'] as const;

/** One-based, as people count. */
interface Place {
  readonly file: string;
  readonly line: number;
}

export interface Problem extends Place {
  readonly severity: (typeof severities)[number];
  readonly message: string;
  readonly source?: string | undefined;
}

export interface FoundSymbol extends Place {
  readonly name: string;
  readonly kind: string;
  readonly container?: string | undefined;
}

export interface Selection extends Place {
  readonly endLine: number;
  readonly text: string;
}

/** What a window can be asked for. Files are absolute paths. */
export interface EditorWindow {
  readonly isTrusted: boolean;
  /** The workspace's folders on this machine. */
  readonly folders: readonly string[];
  /** The path with every link resolved. @throws when there is no such file */
  realPath(file: string): Promise<string>;
  /** Of one file, or of all that the editor knows. */
  problems(file: string | undefined): readonly Problem[];
  /** Shows it beside what the person does; the keyboard stays where it is. */
  show(file: string, line: number): Promise<void>;
  symbolsOf(file: string): Promise<readonly FoundSymbol[]>;
  findSymbols(query: string): Promise<readonly FoundSymbol[]>;
  selection(): Selection | undefined;
}

const file = { type: 'string', description: 'path, absolute or from the workspace folder' };
const line = { type: 'integer', minimum: 1 };
const schema = (properties: object, required: readonly string[] = []): object => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/**
 * The tools that every window offers to other agents: problems, symbols and the selection are read, a file is shown. Only
 * within the workspace's folders, and not in an untrusted one.
 */
export function windowTools(window: EditorWindow): OfferedTool[] {
  const tool = (
    name: string,
    description: string,
    input: object,
    run: (args: Readonly<Record<string, unknown>>) => Promise<ToolAnswer>,
  ): OfferedTool => ({
    name,
    description,
    input,
    run: async ({ args }) => {
      if (!window.isTrusted) throw new Error('The person does not trust this workspace yet.');
      return run(args);
    },
  });
  return [
    tool(
      'diagnostics',
      'Errors and warnings that the editor shows, of a file or of the whole workspace.',
      schema({ file, severity: { type: 'string', enum: severities, description: 'at least this bad' } }),
      async ({ file: wanted, severity }) => {
        const one = typeof wanted === 'string' ? await inside(window, wanted) : undefined;
        const worst = severities.indexOf((severity ?? 'hint') as (typeof severities)[number]);
        const found = window.problems(one).filter((problem) => severities.indexOf(problem.severity) <= worst);
        const problems = await within(window, found);
        problems.sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
        return listed('problems', problems, ({ severity: how, message, source, ...place }) => ({
          ...shown(window, place),
          severity: how,
          message: message.slice(0, longestText),
          ...(source !== undefined && { source: source.slice(0, longestText) }),
        }));
      },
    ),
    tool(
      'open_file',
      'Show a file of the workspace to the person, at a line.',
      schema({ file, line }, ['file']),
      async ({ file: wanted, line: at = 1 }) => {
        const absolute = await inside(window, String(wanted));
        await window.show(absolute, Number(at));
        const place = shown(window, { file: absolute, line: Number(at) });
        return { content: `The person is shown ${place.file}, line ${place.line}.`, structured: place };
      },
    ),
    tool(
      'symbols',
      'Functions, classes and the like: of a file, or of the workspace by name.',
      schema({ file, query: { type: 'string', description: 'part of a name', maxLength: 200 } }),
      async ({ file: wanted, query }) => {
        if ((wanted === undefined) === (query === undefined)) throw new Error('Name a file or give a query.');
        const found =
          typeof wanted === 'string'
            ? await window.symbolsOf(await inside(window, wanted))
            : await within(window, await window.findSymbols(String(query)));
        return listed('symbols', found, ({ name, kind, container, ...place }) => ({
          ...shown(window, place),
          name: name.slice(0, longestText),
          kind,
          ...(container !== undefined && container !== '' && { container: container.slice(0, longestText) }),
        }));
      },
    ),
    tool('selection', 'What the person has selected in the active editor.', schema({}), async () => {
      const selection = window.selection();
      const [mine] = selection ? await within(window, [selection]) : [];
      if (!mine) return { content: 'Nothing of the workspace is selected.', structured: null };
      const text = mine.text.slice(0, longestSelection);
      const cut = mine.text.length - text.length;
      const place = { ...shown(window, mine), endLine: mine.endLine, text, ...(cut > 0 && { cut }) };
      return { content: `${place.file}, lines ${place.line} to ${place.endLine}.`, structured: place };
    }),
  ];
}

/** The file's path, when it lies in a folder of the workspace, its links resolved. @throws an error for who asked */
async function inside(window: EditorWindow, wanted: string): Promise<string> {
  const candidates = path.isAbsolute(wanted) ? [wanted] : window.folders.map((folder) => path.join(folder, wanted));
  for (const candidate of candidates) {
    const real = await window.realPath(candidate).catch(() => undefined);
    if (real !== undefined && (await isWithin(window, real))) return path.normalize(candidate);
  }
  throw new Error('There is no such file in this workspace.');
}

/** Those that lie in the workspace, links resolved. */
async function within<T extends Place>(window: EditorWindow, places: readonly T[]): Promise<T[]> {
  const isIn = new Map<string, boolean>();
  for (const { file: one } of places) {
    if (isIn.has(one)) continue;
    const real = await window.realPath(one).catch(() => undefined);
    isIn.set(one, real !== undefined && (await isWithin(window, real)));
  }
  return places.filter((place) => isIn.get(place.file));
}

async function isWithin(window: EditorWindow, real: string): Promise<boolean> {
  for (const folder of window.folders) {
    const base = await window.realPath(folder).catch(() => folder);
    const relative = path.relative(base, real);
    if (relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative)) return true;
  }
  return false;
}

/** The place with its path from the workspace folder, where it has one there. */
function shown({ folders }: EditorWindow, { file: absolute, line: at }: Place): Place {
  const folder = folders.find((one) => absolute.startsWith(one + path.sep));
  return { file: folder === undefined ? absolute : path.relative(folder, absolute), line: at };
}

function listed<T>(name: string, found: readonly T[], entry: (one: T) => object): ToolAnswer {
  const entries = found.slice(0, mostEntries).map(entry);
  const more = found.length - entries.length;
  return {
    content: `${found.length} ${found.length === 1 ? name.slice(0, -1) : name}${more > 0 ? `, ${entries.length} of them here` : ''}.`,
    structured: { [name]: entries, ...(more > 0 && { more }) },
  };
}
