import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { bestFirst } from '../../../src/extension/trees/agentRank';
import { hunksOf } from '../../../src/extension/send/diffHunks';
import { checkParcel, fenced, messageOf, type Parcel } from '../../../src/extension/send/parcel';
import { reviewRefs, type ChangedFile } from '../../../src/extension/send/reviewRefs';
import type { AgentView } from '../../../src/contract/views';
import { agent } from './support';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const lines = (...all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

describe('the places where two texts differ', () => {
  test('are lines that came, that changed, and where lines went', () => {
    const before = lines('a', 'b', 'c', 'd', 'e', 'f');
    const after = lines('new', 'a', 'b', 'C', 'd', 'f');
    expect(hunksOf(before, after)).toEqual([
      { line: 0, lines: 1, removed: 0 },
      { line: 3, lines: 1, removed: 1 },
      { line: 5, lines: 0, removed: 1 },
    ]);
  });

  test('are none where nothing differs, and one where all was taken away', () => {
    expect(hunksOf('a\n', 'a\n')).toEqual([]);
    expect(hunksOf('a\nb\n', '')).toEqual([{ line: 0, lines: 0, removed: 2 }]);
  });

  test('are not sought when the texts have next to nothing in common', () => {
    const many = (word: string): string => lines(...Array.from({ length: 4_000 }, (_, index) => `${word} ${index}`));
    expect(hunksOf(many('old'), many('new'))).toBeUndefined();
  });
});

describe('what is to be reviewed', () => {
  const file = (path: string, before: string | undefined, after: string | undefined): ChangedFile => ({
    uri: `file:///w/${path}`,
    path,
    state: before === undefined ? 'added' : after === undefined ? 'deleted' : 'changed',
    before,
    after,
  });
  const git = { commit: 'c'.repeat(40), worktree: '/w' };

  test('is pointed to place by place, with what stands there and how much changed', () => {
    const after = lines('a', 'B', 'c');
    const { refs, left } = reviewRefs([file('x.ts', lines('a', 'b', 'c'), after)], git);
    expect(left).toEqual([]);
    expect(refs).toEqual([
      {
        uri: 'file:///w/x.ts',
        range: { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } },
        excerpt: 'B\n',
        hash: sha256('B\n'),
        note: '+1 −1',
        ...git,
      },
    ]);
  });

  test('has a line for what was only taken away, also at the end of a file', () => {
    const { refs } = reviewRefs([file('x.ts', lines('a', 'b', 'c'), lines('a', 'b'))], git);
    expect(refs[0]).toMatchObject({ range: { start: { line: 1, character: 0 } }, note: '+0 −1' });
  });

  test('is a file as a whole when it is new, gone, or no text', () => {
    const { refs } = reviewRefs(
      [
        file('new.ts', undefined, 'x\n'),
        file('gone.ts', 'x\n', undefined),
        { ...file('p.png', '', ''), before: undefined, after: undefined },
      ],
      git,
    );
    expect(refs).toEqual([
      { uri: 'file:///w/new.ts', hash: sha256('x\n'), note: 'new file', ...git },
      { uri: 'file:///w/gone.ts', note: 'deleted', ...git },
      { uri: 'file:///w/p.png', ...git },
    ]);
  });

  test('is pointed to file by file when there are more places than a message holds', () => {
    const scattered = file('x.ts', lines('a', 'b', 'c', 'd', 'e'), lines('A', 'b', 'C', 'd', 'E'));
    const { refs, left } = reviewRefs([scattered, file('y.ts', 'a\n', 'b\n')], git, 3);
    expect(refs.map(({ uri, range, note }) => [uri, range, note])).toEqual([
      ['file:///w/x.ts', undefined, '+3 −3'],
      ['file:///w/y.ts', undefined, '+1 −1'],
    ]);
    expect(left).toEqual([]);
  });

  test('names the files that there is no room for', () => {
    const files = ['a', 'b', 'c'].map((name) => file(`${name}.ts`, 'x\n', 'y\n'));
    const { refs, left } = reviewRefs(files, git, 2);
    expect(refs).toHaveLength(2);
    expect(left).toEqual(['c.ts']);
  });
});

describe('who is offered first', () => {
  const names = (
    agents: readonly (Partial<AgentView> & { readonly name: string })[],
    wish: Partial<Parameters<typeof bestFirst>[1]> = {},
  ): string[] =>
    bestFirst(
      agents.map((one) => agent(one.name, one)),
      { paths: [], ownAgent: undefined, ...wish },
    ).map(({ name }) => name);

  test('is who is good at it, then who hears of it soonest', () => {
    const agents = [
      { name: 'Asks', reach: { state: 'when-it-asks' } },
      { name: 'Listens', reach: { state: 'listening' } },
      { name: 'Reviews', reach: { state: 'when-it-asks' }, capabilities: ['code-Review'] },
    ] satisfies readonly Partial<AgentView>[];
    expect(names(agents, { capability: 'review' })).toEqual(['Reviews', 'Listens', 'Asks']);
    expect(names(agents)).toEqual(['Listens', 'Asks', 'Reviews']);
  });

  test('is never who is away, however good', () => {
    const agents = [
      { name: 'Away', presence: 'offline', capabilities: ['review'], reach: { state: 'offline' } },
      { name: 'Here', reach: { state: 'when-it-asks' } },
    ] satisfies readonly Partial<AgentView>[];
    expect(names(agents, { capability: 'review' })).toEqual(['Here', 'Away']);
  });

  test('among equals is who works where the thing is, and the agent of this window last', () => {
    const reach: AgentView['reach'] = { state: 'wakes' };
    const agents = [
      { name: 'Own', id: 'own', reach, workspace: '/w' },
      { name: 'Near', reach, workspace: '/w/' },
      { name: 'Aside', reach, workspace: '/wide' },
    ];
    expect(names(agents, { paths: ['/w/src/a.ts'], ownAgent: 'own' })).toEqual(['Near', 'Own', 'Aside']);
  });
});

describe('a parcel', () => {
  const parcel: Parcel = { name: 'x', refs: [], text: '', draft: '', paths: [] };
  const code = (run: () => void): string => {
    try {
      run();
    } catch (error) {
      return (error as { code: string }).code;
    }
    return '';
  };

  test('that is too large says so before the person has written anything', () => {
    const refs = Array.from({ length: 51 }, () => ({ uri: 'file:///x' }));
    expect(code(() => checkParcel({ ...parcel, refs: refs.slice(1) }))).toBe('');
    expect(code(() => checkParcel({ ...parcel, refs }))).toBe('too_many_refs');
    expect(code(() => checkParcel({ ...parcel, text: 'ä'.repeat(30 * 1024) }))).toBe('');
    expect(code(() => checkParcel({ ...parcel, text: 'ä'.repeat(31 * 1024) }))).toBe('message_too_long');
  });

  test('has text in a block that no line of it can end', () => {
    expect(fenced('a\n')).toBe('```\na\n```');
    expect(fenced('```\n````', 'md')).toBe('`````md\n```\n````\n`````');
  });

  test('stands below the person’s own words', () => {
    expect(messageOf('Look', '')).toBe('Look');
    expect(messageOf('Look', 'text')).toBe('Look\n\ntext');
  });
});
