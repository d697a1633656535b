import path from 'node:path';
import * as vscode from 'vscode';
import type { RefView } from '../../contract/views';
import { headAt } from './git';
import { fenced, type Parcel } from './parcel';
import { largestPeek, refTo } from '../thread/places';
import { plain } from '../plain';
import { words } from '../words';

/**
 * What the person wants to send, from where they stand; or, when there is nothing, what to tell them. What comes in as an argument is whatever the menu gave, or whoever ran the command.
 */
export const sources = { fromEditor, fromFiles, fromProblem, fromTerminal };

/** What is selected in the active editor, or its file when nothing is. */
async function fromEditor(): Promise<Parcel | string> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return words.send.nothingHere;
  const { document, selections } = editor;
  const chosen = selections.filter((one) => !one.isEmpty);
  const place = await placeOf(document.uri);
  const name = plain.toast(vscode.workspace.asRelativePath(place?.uri ?? document.uri, false), 80);
  if (!place) {
    // A document that is nowhere on disk goes along as text.
    const text = (chosen.length === 0 ? [document.getText()] : chosen.map((one) => document.getText(one))).join('\n');
    if (text.trim() === '') return words.send.nothingHere;
    return { name, refs: [], text: fenced(text, document.languageId), draft: words.send.lookAt(name), paths: [] };
  }
  const { git, uri } = place;
  const text = document.getText();
  const notes = [place.note, document.isDirty ? words.send.notSaved : undefined].filter((note) => note !== undefined);
  const extra = { ...git, ...(notes.length > 0 && { note: notes.join(', ') }) };
  const ranges = chosen.map((one) => toRange(one));
  const refs =
    ranges.length === 0
      ? [{ ...refTo(uri.toString(), text), ...extra }]
      : ranges.map((range) => ({ ...refTo(uri.toString(), text, range), ...extra }));
  const lines = ranges.map(linesOf).join(',');
  const called = lines === '' ? name : `${name}:${lines}`;
  return { name: called, refs, text: '', draft: words.send.lookAt(called), paths: [uri.fsPath] };
}

/** Files and folders: of the explorer, or of a source control's list. */
async function fromFiles(args: readonly unknown[]): Promise<Parcel | string> {
  const uris = urisOf(args);
  if (uris.length === 0) return words.send.noFile;
  const refs = await Promise.all(uris.map(fileRef));
  const [first] = uris;
  const called = plain.toast(first ? vscode.workspace.asRelativePath(first, false) : '', 80);
  const name = words.send.places(refs.length, called);
  return { name, refs, text: '', draft: words.send.lookAt(name), paths: uris.map(({ fsPath }) => fsPath) };
}

/** A problem that a language reported, from its quick fixes: `(uri, diagnostic)`. */
async function fromProblem([uri, diagnostic]: readonly unknown[]): Promise<Parcel | string> {
  if (!(uri instanceof vscode.Uri) || !(diagnostic instanceof vscode.Diagnostic)) return words.send.nothingHere;
  const document = await vscode.workspace.openTextDocument(uri);
  const { range, severity, message, source = '' } = diagnostic;
  const whole = range.isEmpty ? document.lineAt(range.start.line).range : range;
  const file = plain.toast(vscode.workspace.asRelativePath(uri, false), 80);
  const place = `${file}:${range.start.line + 1}`;
  const kinds = [words.send.severity.error, words.send.severity.warning, words.send.severity.information];
  const kind = kinds[severity] ?? words.send.severity.hint;
  const ref = { ...refTo(uri.toString(), document.getText(), toRange(whole)), ...(await headAt(uri)) };
  return {
    name: words.send.problem,
    refs: [{ ...ref, ...(document.isDirty && { note: words.send.notSaved }) }],
    text: fenced(words.send.problemSays(source === '' ? kind : `${kind} (${source})`, place, message)),
    draft: words.send.problemAt(place),
    paths: [uri.fsPath],
  };
}

/** What is selected in the active terminal. The editor gives it away over the clipboard only, which is put back. */
async function fromTerminal(): Promise<Parcel | string> {
  const terminal = vscode.window.activeTerminal;
  const before = await vscode.env.clipboard.readText();
  let text: string;
  try {
    await vscode.env.clipboard.writeText('');
    await vscode.commands.executeCommand('workbench.action.terminal.copySelection');
    text = await vscode.env.clipboard.readText();
  } finally {
    await vscode.env.clipboard.writeText(before);
  }
  if (!terminal || text.trim() === '') return words.send.noTerminalSelection;
  const from = words.send.fromTerminal(plain.toast(terminal.name, 40));
  const folder = terminal.shellIntegration?.cwd?.fsPath;
  return {
    name: words.send.terminal,
    refs: [],
    text: fenced(text.trimEnd()),
    draft: from,
    paths: folder === undefined ? [] : [folder],
  };
}

interface Place {
  readonly uri: vscode.Uri;
  readonly git: Pick<RefView, 'commit' | 'worktree'>;
  readonly note?: string;
}

/** The file that a document shows: itself, or for git's side of a diff the file at that commit. */
async function placeOf(uri: vscode.Uri): Promise<Place | undefined> {
  if (uri.scheme === 'file') return { uri, git: await headAt(uri) };
  if (uri.scheme !== 'git') return undefined;
  const shown = gitSide(uri);
  if (!shown) return undefined;
  const file = vscode.Uri.file(shown.path);
  const head = await headAt(file);
  // `~` and the empty one are the index.
  if (shown.ref === '' || shown.ref === '~') return { uri: file, git: head, note: words.send.asStaged };
  const commit = shown.ref === 'HEAD' ? head.commit : /^[0-9a-f]{7,40}$/.test(shown.ref) ? shown.ref : undefined;
  const git = {
    ...(head.worktree !== undefined && { worktree: head.worktree }),
    ...(commit !== undefined && { commit }),
  };
  return { uri: file, git, note: words.send.asAt((commit ?? shown.ref).slice(0, 12)) };
}

/** What git's own documents say of themselves, in their query. */
function gitSide({ query }: vscode.Uri): { readonly path: string; readonly ref: string } | undefined {
  try {
    const said = JSON.parse(query) as unknown;
    if (typeof said !== 'object' || said === null) return undefined;
    const { path: file, ref } = said as Readonly<Record<string, unknown>>;
    return typeof file === 'string' && path.isAbsolute(file) && typeof ref === 'string'
      ? { path: file, ref }
      : undefined;
  } catch {
    return undefined;
  }
}

/** `(uri, uris)` of the explorer, or one or more rows of a source control. */
function urisOf(args: readonly unknown[]): vscode.Uri[] {
  const [first, second] = args;
  const given = Array.isArray(second) && second.length > 0 ? (second as unknown[]) : first === undefined ? [] : args;
  const uris = given.flatMap((one) => {
    if (one instanceof vscode.Uri) return [one];
    const uri = typeof one === 'object' && one !== null ? (one as { resourceUri?: unknown }).resourceUri : undefined;
    return uri instanceof vscode.Uri ? [uri] : [];
  });
  const files =
    uris.length > 0 ? uris : vscode.window.activeTextEditor ? [vscode.window.activeTextEditor.document.uri] : [];
  const known = new Map(files.filter(({ scheme }) => scheme === 'file').map((uri) => [uri.toString(), uri]));
  return [...known.values()];
}

/** A ref to a file with what is in it; to a folder, or to what is no text, without. */
async function fileRef(uri: vscode.Uri): Promise<RefView> {
  const git = await headAt(uri);
  try {
    const { type, size } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.File) === 0 || size > largestPeek) return { uri: uri.toString(), ...git };
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(uri));
    return text.includes('\0') ? { uri: uri.toString(), ...git } : { ...refTo(uri.toString(), text), ...git };
  } catch {
    // A source control lists what was deleted too.
    return { uri: uri.toString(), ...git, note: words.send.deleted };
  }
}

function toRange({ start, end }: vscode.Range): NonNullable<RefView['range']> {
  return {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
}

/** `12` or `12-20`, counted from 1 as editors do. */
function linesOf({ start, end }: NonNullable<RefView['range']>): string {
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  return last === start.line + 1 ? String(last) : `${start.line + 1}-${last}`;
}
