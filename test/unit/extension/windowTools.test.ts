import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { windowTools, type EditorWindow } from '../../../src/extension/window/windowTools';
import { isJson } from '../../../src/contract/json';
import { ToolSchemas } from '../../../src/broker/toolSchemas';
import { defaultLimits } from '../../../src/core/limits';

let root: string;
let folder: string;
let outside: string;

beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'parley-window-')));
  folder = path.join(root, 'work');
  outside = path.join(root, 'work-not');
  await mkdir(folder);
  await mkdir(outside);
  await writeFile(path.join(folder, 'a.ts'), 'const a = 1;\n');
  await writeFile(path.join(outside, 'secret.ts'), 'const secret = 1;\n');
  await symlink(path.join(outside, 'secret.ts'), path.join(folder, 'link.ts'));
});
afterAll(() => rm(root, { recursive: true }));

/** A window on one folder in which everything is at `a.ts` and at a file outside. */
function office(change: Partial<EditorWindow> = {}) {
  const shown: [string, number][] = [];
  const a = path.join(folder, 'a.ts');
  const secret = path.join(outside, 'secret.ts');
  const window: EditorWindow = {
    isTrusted: true,
    folders: [folder],
    realPath: (file) => realpath(file),
    problems: (file) =>
      [
        { file: a, line: 1, severity: 'warning' as const, message: 'unused', source: 'lint' },
        { file: a, line: 2, severity: 'error' as const, message: 'x'.repeat(1000) },
        { file: a, line: 3, severity: 'hint' as const, message: 'nicer' },
        { file: secret, line: 1, severity: 'error' as const, message: 'secret' },
        { file: path.join(folder, 'link.ts'), line: 1, severity: 'error' as const, message: 'secret' },
      ].filter((problem) => file === undefined || problem.file === file),
    show: (file, line) => Promise.resolve(void shown.push([file, line])),
    symbolsOf: (file) => Promise.resolve([{ file, line: 1, name: 'a', kind: 'variable' }]),
    findSymbols: (query) =>
      Promise.resolve([
        { file: a, line: 1, name: query, kind: 'variable', container: 'module' },
        { file: secret, line: 1, name: 'secret', kind: 'variable' },
      ]),
    selection: () => ({ file: a, line: 1, endLine: 2, text: 'const a' }),
    ...change,
  };
  const tools = windowTools(window);
  const use = async (name: string, args: object = {}) => {
    const tool = tools.find((one) => one.name === name);
    if (!tool) throw new Error(`no tool ${name}`);
    const request = {
      use: 'u',
      tool: name,
      args: { ...args },
      timeout: 1000,
      by: 'b',
      byName: 'B',
      byKind: 'agent' as const,
    };
    const answer = await tool.run(request, { signal: new AbortController().signal, progress: () => undefined });
    expect(isJson(answer)).toBe(true);
    return answer;
  };
  return { tools, use, shown };
}

describe("a window's tools", () => {
  it('are four, and the broker takes them', async () => {
    const { tools } = office();
    expect(tools.map(({ name }) => name)).toEqual(['diagnostics', 'open_file', 'symbols', 'selection']);
    const cards = await new ToolSchemas().offered(tools, defaultLimits);
    expect(cards).toHaveLength(4);
  });

  it('tell problems, the worst first, of the workspace alone', async () => {
    const { use } = office();
    const { content, structured } = await use('diagnostics');
    expect(content).toBe('3 problems.');
    expect(structured).toEqual({
      problems: [
        { file: 'a.ts', line: 2, severity: 'error', message: 'x'.repeat(500) },
        { file: 'a.ts', line: 1, severity: 'warning', message: 'unused', source: 'lint' },
        { file: 'a.ts', line: 3, severity: 'hint', message: 'nicer' },
      ],
    });
    expect((await use('diagnostics', { severity: 'error' })).content).toBe('1 problem.');
    expect((await use('diagnostics', { file: 'a.ts', severity: 'warning' })).content).toBe('2 problems.');
  });

  it('count what is beyond two hundred', async () => {
    const problems = Array.from({ length: 250 }, (_, line) => ({
      file: path.join(folder, 'a.ts'),
      line,
      severity: 'error' as const,
      message: 'no',
    }));
    const { use } = office({ problems: () => problems });
    const { content, structured } = await use('diagnostics');
    expect(content).toBe('250 problems, 200 of them here.');
    expect(structured).toMatchObject({ more: 50 });
  });

  it('show a file of the workspace at a line', async () => {
    const { use, shown } = office();
    expect(await use('open_file', { file: 'a.ts', line: 7 })).toEqual({
      content: 'The person is shown a.ts, line 7.',
      structured: { file: 'a.ts', line: 7 },
    });
    await use('open_file', { file: path.join(folder, 'a.ts') });
    expect(shown).toEqual([
      [path.join(folder, 'a.ts'), 7],
      [path.join(folder, 'a.ts'), 1],
    ]);
  });

  it.each([
    ['beside the workspace', () => path.join(outside, 'secret.ts')],
    ['above it', () => '../work-not/secret.ts'],
    ['behind a link', () => 'link.ts'],
    ['that is the folder itself', () => '.'],
    ['that is not there', () => 'nothing.ts'],
    ['of the system', () => '/etc/passwd'],
  ])('touch no file %s', async (_where, wanted) => {
    const { use, shown } = office();
    for (const name of ['open_file', 'symbols', 'diagnostics']) {
      await expect(use(name, { file: wanted() })).rejects.toThrow('There is no such file in this workspace.');
    }
    expect(shown).toEqual([]);
  });

  it('find symbols, of a file or by name', async () => {
    const { use } = office();
    expect((await use('symbols', { file: 'a.ts' })).structured).toEqual({
      symbols: [{ file: 'a.ts', line: 1, name: 'a', kind: 'variable' }],
    });
    expect((await use('symbols', { query: 'par' })).structured).toEqual({
      symbols: [{ file: 'a.ts', line: 1, name: 'par', kind: 'variable', container: 'module' }],
    });
    await expect(use('symbols')).rejects.toThrow('Name a file or give a query.');
    await expect(use('symbols', { file: 'a.ts', query: 'a' })).rejects.toThrow('Name a file or give a query.');
  });

  it('tell the selection, cut when it is long, and none of a file outside', async () => {
    const { use } = office();
    expect(await use('selection')).toEqual({
      content: 'a.ts, lines 1 to 2.',
      structured: { file: 'a.ts', line: 1, endLine: 2, text: 'const a' },
    });
    const long = { file: path.join(folder, 'a.ts'), line: 1, endLine: 9, text: 'x'.repeat(20_000) };
    expect((await office({ selection: () => long }).use('selection')).structured).toMatchObject({ cut: 3616 });
    const nothing = { content: 'Nothing of the workspace is selected.', structured: null };
    expect(await office({ selection: () => undefined }).use('selection')).toEqual(nothing);
    const elsewhere = { ...long, file: path.join(outside, 'secret.ts') };
    expect(await office({ selection: () => elsewhere }).use('selection')).toEqual(nothing);
  });

  it('do nothing in a workspace that the person does not trust', async () => {
    const { tools, use } = office({ isTrusted: false });
    for (const { name } of tools) await expect(use(name, { file: 'a.ts' })).rejects.toThrow('does not trust');
  });
});
