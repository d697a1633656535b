import path from 'node:path';
import * as vscode from 'vscode';
import type { Clock } from '../../client/clock';
import { panelFinds, panelPeekLines, panelRefs, selectionPrint } from '../../contract/panel';
import type { PanelPeek, PanelPlace } from '../../contract/panelUpdates';
import type { RefView, ThreadView } from '../../contract/views';
import { compareNames, oneLine } from '../../core/text';
import { Owned, Signal, type Disposable } from '../disposable';
import { textAtCommit } from '../send/gitTexts';
import type { Found, PageQuestions, Selected } from './pageQuestions';
import type { Picture } from '../picture';
import type { PlaceFiles } from './placeFiles';
import { fileGlob, fileRank, hasChanged, largestPeek, peekAt, refTo, textIn } from './places';
import { joined } from '../trees/row';
import { words } from '../words';

/** Files that a search for names looks at; the best of them are shown. */
const mostFiles = 200;
/** How long symbols are waited for: a language's first answer can take as long as it takes to read the project. */
const symbolsTake = 3_000;
/** How long a selection rests before pages are told of it. Milliseconds. */
const selectionRests = 150;
/** Characters of a selection that becomes a ref when it is pasted; a longer one is pasted as text. */
const longestSelection = 256 * 1024;

export interface EditorQuestionsParts {
  readonly picture: () => Picture;
  readonly files: PlaceFiles;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Answers what a thread's page asks about files, symbols, agents and the selection. */
export class EditorQuestions extends Owned implements PageQuestions {
  readonly #parts: EditorQuestionsParts;
  readonly #changes: Signal<Selected>;
  #selected: Selected | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(parts: EditorQuestionsParts) {
    super();
    this.#parts = parts;
    this.#changes = new Signal(parts.onError);
    this.own(
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        this.#cancelTimer?.();
        this.#cancelTimer = parts.clock.after(selectionRests, () => this.#look(textEditor));
      }),
    );
    this.ending(() => this.#cancelTimer?.());
  }

  get folders(): readonly string[] {
    return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.path);
  }

  get selected(): Selected | undefined {
    return this.#selected;
  }

  onSelected(listener: (selected: Selected) => void): Disposable {
    return this.#changes.on(listener);
  }

  async peek(ref: RefView, thread: ThreadView): Promise<PanelPeek> {
    const file = await this.#parts.files.find(ref.uri, thread);
    if (!file) return { state: 'missing' };
    if (!(await exists(file))) return { state: 'missing' };
    if (!(await this.#parts.files.isInside(file, thread))) return { state: 'outside' };
    const text = await read(file);
    if (text === undefined) return { state: 'unreadable' };
    const peek = peekAt(text, ref, panelPeekLines, path.extname(file.path).slice(1));
    if (peek.state !== 'shown' || peek.changed !== 'unknown' || ref.commit === undefined) return peek;
    return { ...peek, changed: await changedSince(file, ref, text, ref.commit) };
  }

  async find(kind: 'agent' | 'place', query: string, thread: ThreadView, signal: AbortSignal): Promise<Found> {
    if (kind === 'agent') return { agents: this.#agents(query, thread), places: [] };
    if (query === '') return { agents: [], places: openFiles().slice(0, panelFinds) };
    const [files, symbols] = await Promise.all([findFiles(query, signal), this.#symbols(query, signal)]);
    // Both have their share of the list.
    const half = panelFinds / 2;
    const some = files.slice(0, Math.max(half, panelFinds - symbols.length));
    return { agents: [], places: [...some, ...symbols.slice(0, panelFinds - some.length)] };
  }

  async take(dropped: Parameters<PageQuestions['take']>[0]): Promise<{ refs: RefView[]; refused: string[] }> {
    const refs: RefView[] = [];
    const refused: string[] = [];
    for (const address of dropped.uris) {
      const ref = await refOf(address);
      if (ref) refs.push(ref);
      else refused.push(oneLine(path.posix.basename(address)).slice(0, 255));
    }
    for (const { name, size } of dropped.files) {
      const file = await findBySize(name, size);
      if (file) refs.push({ uri: file.toString() });
      else refused.push(oneLine(name));
    }
    return { refs: refs.slice(0, panelRefs), refused };
  }

  /** What stands at the person's refs when they are sent, for others to tell whether it has changed since. */
  async fill(refs: readonly RefView[]): Promise<RefView[]> {
    const filled: RefView[] = [];
    for (const ref of refs) {
      const uri = ref.hash === undefined && /^[a-z]+:/.test(ref.uri) ? vscode.Uri.parse(ref.uri) : undefined;
      const text = uri && vscode.workspace.getWorkspaceFolder(uri) ? await read(uri) : undefined;
      filled.push(text === undefined ? ref : { ...refTo(ref.uri, text, ref.range), ...ref });
    }
    return filled;
  }

  #look({ document, selection }: vscode.TextEditor): void {
    if (selection.isEmpty || vscode.workspace.getWorkspaceFolder(document.uri) === undefined) return;
    const text = document.getText(selection);
    if (text.trim() === '' || text.length > longestSelection) return;
    const ref = refTo(document.uri.toString(), document.getText(), toRange(selection));
    this.#selected = { print: selectionPrint(text), ref };
    this.#changes.tell(this.#selected);
  }

  /** Who is in the thread first, then everyone else whose name begins with the query, then whose name has it. */
  #agents(query: string, thread: ThreadView): Found['agents'] {
    const { agents, you } = this.#parts.picture();
    const wanted = query.toLowerCase();
    const inside = new Set(thread.participants.filter(({ left }) => !left).map(({ agent }) => agent));
    const rank = (name: string): number => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
    return [...agents.values()]
      .filter(({ id, name }) => id !== you?.id && name.toLowerCase().includes(wanted))
      .sort(
        (a, b) =>
          Number(inside.has(b.id)) - Number(inside.has(a.id)) ||
          rank(a.name) - rank(b.name) ||
          compareNames(a.name, b.name),
      )
      .slice(0, panelFinds)
      .map(({ name, platform, presence }) => ({
        name,
        detail: joined(' · ', oneLine(platform).slice(0, 60), words.presence[presence]),
      }));
  }

  async #symbols(query: string, signal: AbortSignal): Promise<PanelPlace[]> {
    const asked = Promise.resolve(
      vscode.commands.executeCommand<readonly vscode.SymbolInformation[] | undefined>(
        'vscode.executeWorkspaceSymbolProvider',
        query,
      ),
    );
    let cancel: (() => void) | undefined;
    const late = new Promise<undefined>((resolve) => {
      cancel = this.#parts.clock.after(symbolsTake, () => resolve(undefined));
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    const found = await Promise.race([asked.catch(() => undefined), late]);
    cancel?.();
    return (found ?? [])
      .filter(({ location }) => vscode.workspace.getWorkspaceFolder(location.uri) !== undefined)
      .slice(0, panelFinds)
      .map(({ name, location }) => ({
        label: oneLine(name).slice(0, 200),
        detail: `${pathOf(location.uri)}:${location.range.start.line + 1}`.slice(-400),
        kind: 'symbol',
        ref: { uri: location.uri.toString(), range: toRange(location.range) },
      }));
  }
}

/** A ref without a hash speaks of its commit: what stood there then is compared with what stands there now. */
async function changedSince(
  file: vscode.Uri,
  { range }: RefView,
  now: string,
  commit: string,
): Promise<'yes' | 'no' | 'unknown'> {
  const then = await textAtCommit(file, commit);
  if (then === undefined) return 'unknown';
  const part = (text: string): string => (range ? textIn(text.split(/(?<=\n)/), range) : text);
  return part(then) === part(now) ? 'no' : hasChanged(part(now), undefined, part(then));
}

/** Files whose path has the query, the best first. */
async function findFiles(query: string, signal: AbortSignal): Promise<PanelPlace[]> {
  const cancelling = new vscode.CancellationTokenSource();
  const cancel = (): void => cancelling.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const found = await vscode.workspace.findFiles(fileGlob(query), undefined, mostFiles, cancelling.token);
    return found
      .map((uri) => ({ uri, path: pathOf(uri) }))
      .sort((a, b) => fileRank(a.path, query) - fileRank(b.path, query))
      .slice(0, panelFinds)
      .map(({ uri }) => filePlace(uri));
  } finally {
    signal.removeEventListener('abort', cancel);
    cancelling.dispose();
  }
}

/** The files that stand open, of the open folders. */
function openFiles(): PanelPlace[] {
  const uris = vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri] : []))
    .filter((uri) => vscode.workspace.getWorkspaceFolder(uri) !== undefined);
  return [...new Map(uris.map((uri) => [uri.toString(), uri])).values()].map(filePlace);
}

function filePlace(uri: vscode.Uri): PanelPlace {
  const whole = pathOf(uri);
  const name = path.posix.basename(whole);
  return {
    label: name.slice(0, 200),
    detail: whole === name ? '' : whole.slice(-400),
    kind: 'file',
    ref: { uri: uri.toString() },
  };
}

/** The path from its folder, as one line. */
function pathOf(uri: vscode.Uri): string {
  return oneLine(vscode.workspace.asRelativePath(uri));
}

/** A ref to a file or folder of the open folders, by its address; `#L3` and `#L3-L5` name lines. */
async function refOf(address: string): Promise<RefView | undefined> {
  try {
    const uri = vscode.Uri.parse(address, true);
    const file = uri.with({ fragment: '', query: '' });
    if (vscode.workspace.getWorkspaceFolder(file) === undefined || !(await exists(file))) return undefined;
    const [, from, to] = /^L(\d{1,7})(?:,\d+)?(?:-L?(\d{1,7}))?/.exec(uri.fragment) ?? [];
    if (from === undefined) return { uri: file.toString() };
    const start = { line: Math.max(0, Number(from) - 1), character: 0 };
    const end = { line: Math.max(Number(to ?? from), start.line + 1), character: 0 };
    return { uri: file.toString(), range: { start, end } };
  } catch {
    return undefined;
  }
}

/** A file of the open folders with that name and size, where there is exactly one. */
async function findBySize(name: string, size: number): Promise<vscode.Uri | undefined> {
  const glob = `**/${name.replace(/[*?[\]{}!,/\\]/g, '?')}`;
  const found = await vscode.workspace.findFiles(glob, undefined, mostFiles);
  const fitting: vscode.Uri[] = [];
  for (const uri of found) if ((await sizeOf(uri)) === size) fitting.push(uri);
  return fitting.length === 1 ? fitting[0] : undefined;
}

async function sizeOf(file: vscode.Uri): Promise<number | undefined> {
  try {
    return (await vscode.workspace.fs.stat(file)).size;
  } catch {
    return undefined;
  }
}

async function exists(file: vscode.Uri): Promise<boolean> {
  return (await sizeOf(file)) !== undefined;
}

/** The text of a file that is one, and not too large. */
async function read(file: vscode.Uri): Promise<string | undefined> {
  try {
    const { type, size } = await vscode.workspace.fs.stat(file);
    if ((type & vscode.FileType.File) === 0 || size > largestPeek) return undefined;
    // Marks at the beginning are part of what was hashed.
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(file));
  } catch {
    return undefined;
  }
}

function toRange({ start, end }: vscode.Range): NonNullable<RefView['range']> {
  return {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
}
