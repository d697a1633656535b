import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toParleyError } from '../../src/contract/errors';
import type { RefView } from '../../src/contract/views';
import { largestFile } from '../../src/operations/refs';
import { testExchange, type Party } from '../support/testExchange';

const commit = 'a'.repeat(39) + '1';
const lines = ['one', 'two', 'three', ''].join('\n');

let folder: string;
let workspace: string;

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'parley-refs-')));
  workspace = path.join(folder, 'workspace');
  fs.mkdirSync(path.join(workspace, '.git', 'refs', 'heads'), { recursive: true });
  fs.mkdirSync(path.join(workspace, 'src'));
  fs.writeFileSync(path.join(workspace, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  fs.writeFileSync(path.join(workspace, '.git', 'refs', 'heads', 'main'), `${commit}\n`);
  fs.writeFileSync(path.join(workspace, 'src', 'parser.ts'), lines);
  fs.writeFileSync(path.join(folder, 'secret.txt'), 'secret');
});

afterEach(() => fs.rmSync(folder, { recursive: true }));

async function two(card: { workspace?: string } = { workspace }): Promise<readonly [Party, Party]> {
  const { join } = testExchange();
  const [atlas, nova] = [await join('Atlas'), await join('Nova')];
  if (card.workspace !== undefined) await atlas.ask('profile', card);
  return [atlas, nova];
}

/** The ref as the recipient is shown it. */
async function sent(ref: RefView, card?: { workspace?: string }): Promise<RefView | undefined> {
  const [atlas, nova] = await two(card);
  await atlas.ask('message', { to: 'Nova', text: 'look', refs: [ref] });
  const event = (await nova.ask('listen', {})).events.find(({ what }) => what === 'message');
  for (const one of (await nova.ask('inbox', {})).threads) expect(one.unread).toBe(0);
  const { messages } = await nova.ask('read', { thread: event?.what === 'message' ? event.message.thread : '' });
  return messages.at(-1)?.refs[0];
}

async function problem(ref: RefView, card?: { workspace?: string }): Promise<string> {
  try {
    await sent(ref, card);
  } catch (error) {
    const { code, facts } = toParleyError(error);
    return `${code}: ${String(facts['problem'])}`;
  }
  return 'taken';
}

const span = (line: number, character: number, endLine: number, endCharacter: number) => ({
  start: { line, character },
  end: { line: endLine, character: endCharacter },
});
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const uriOf = (...parts: string[]): string => pathToFileURL(path.join(...parts)).href;

describe('a ref into the sender’s workspace', () => {
  it('is made absolute and filled with what stands there, its hash, the commit and the worktree', async () => {
    expect(await sent({ uri: 'src/parser.ts', range: span(1, 0, 2, 0) })).toEqual({
      uri: uriOf(workspace, 'src', 'parser.ts'),
      range: span(1, 0, 2, 0),
      excerpt: 'two\n',
      hash: sha('two\n'),
      commit,
      worktree: workspace,
    });
  });

  it('may begin and end within lines; beyond the end of a line is its end', async () => {
    expect(await sent({ uri: 'src/parser.ts', range: span(0, 1, 2, 3) })).toMatchObject({ excerpt: 'ne\ntwo\nthr' });
    expect(await sent({ uri: 'src/parser.ts', range: span(1, 1, 1, 99) })).toMatchObject({ excerpt: 'wo' });
    expect(await sent({ uri: 'src/parser.ts', range: span(2, 0, 3, 0) })).toMatchObject({ excerpt: 'three\n' });
  });

  it('keeps what the sender gave', async () => {
    const given = {
      uri: 'src/parser.ts',
      range: span(1, 0, 2, 0),
      excerpt: 'as I saw it',
      hash: sha('then'),
      note: 'n',
    };
    expect(await sent(given)).toEqual({ ...given, uri: uriOf(workspace, 'src', 'parser.ts') });
    const half = { uri: 'src/parser.ts', range: span(1, 0, 2, 0), excerpt: 'as I saw it' };
    expect(await sent(half)).toMatchObject({ excerpt: 'as I saw it', hash: sha('two\n') });
  });

  it('to a whole file has its hash and no excerpt', async () => {
    const ref = await sent({ uri: 'src/parser.ts' });
    expect(ref).toMatchObject({ hash: sha(lines) });
    expect(ref).not.toHaveProperty('excerpt');
  });

  it('holds at most 4 KiB of a long range, and the hash of all of it', async () => {
    const long = 'ä'.repeat(4000);
    fs.writeFileSync(path.join(workspace, 'long.txt'), long);
    const ref = await sent({ uri: 'long.txt', range: span(0, 0, 0, 4000) });
    expect(ref?.excerpt).toBe('ä'.repeat(2048));
    expect(ref?.hash).toBe(sha(long));
  });

  it('to a file over 1 MiB is taken without a look into it', async () => {
    fs.writeFileSync(path.join(workspace, 'large.txt'), 'x'.repeat(largestFile + 1));
    const ref = await sent({ uri: 'large.txt', range: span(0, 0, 0, 1) });
    expect(ref).toMatchObject({ uri: uriOf(workspace, 'large.txt'), commit });
    expect(ref).not.toHaveProperty('hash');
  });

  it('to a file or a line that is not there is refused with what to do', async () => {
    expect(await problem({ uri: 'src/lexer.ts' })).toBe(
      'bad_ref: there is no such file. Give the path from your workspace, or an absolute one.',
    );
    expect(await problem({ uri: 'src/parser.ts', range: span(4, 0, 5, 0) })).toBe(
      'bad_ref: the file has 3 lines. Look again where it is.',
    );
    expect(await problem({ uri: 'src', range: span(0, 0, 1, 0) })).toBe('bad_ref: it is no file with text.');
    expect(await sent({ uri: 'src' })).toEqual({ uri: uriOf(workspace, 'src') });
  });

  it('finds the commit of packed refs and of a detached head, and leaves it out of a linked worktree', async () => {
    const ref = { uri: 'src/parser.ts', range: span(0, 0, 1, 0) };
    fs.rmSync(path.join(workspace, '.git', 'refs', 'heads', 'main'));
    fs.writeFileSync(
      path.join(workspace, '.git', 'packed-refs'),
      `# pack-refs with: peeled\n${commit} refs/heads/main\n`,
    );
    expect(await sent(ref)).toMatchObject({ commit, worktree: workspace });
    fs.writeFileSync(path.join(workspace, '.git', 'HEAD'), 'b'.repeat(40));
    expect(await sent(ref)).toMatchObject({ commit: 'b'.repeat(40) });
    fs.rmSync(path.join(workspace, '.git'), { recursive: true });
    fs.writeFileSync(path.join(workspace, '.git'), 'gitdir: /somewhere/else');
    const linked = await sent(ref);
    expect(linked).toMatchObject({ worktree: workspace, excerpt: 'one\n' });
    expect(linked).not.toHaveProperty('commit');
  });
});

describe('a ref out of the sender’s workspace', () => {
  it('is taken as it is and not read, whether the file is there or not', async () => {
    const outside = { uri: uriOf(folder, 'secret.txt'), range: span(0, 0, 0, 3) };
    expect(await sent(outside)).toEqual(outside);
    const missing = { uri: uriOf(folder, 'missing.txt') };
    expect(await sent(missing)).toEqual(missing);
    expect(await sent({ uri: '../secret.txt' })).toEqual({ uri: uriOf(folder, 'secret.txt') });
  });

  it('is not read through a link that leads out of it', async () => {
    fs.symlinkSync(path.join(folder, 'secret.txt'), path.join(workspace, 'link.txt'));
    fs.symlinkSync(folder, path.join(workspace, 'up'));
    for (const uri of ['link.txt', 'up/secret.txt']) {
      expect(await sent({ uri, range: span(0, 0, 0, 3) })).toEqual({
        uri: uriOf(workspace, uri),
        range: span(0, 0, 0, 3),
      });
    }
  });

  it('must be absolute when no workspace is known, or name the commit that its path belongs to', async () => {
    expect(await problem({ uri: 'src/parser.ts' }, {})).toMatch(/^bad_ref: it is relative, and your workspace/);
    const placed = { uri: 'src/parser.ts', commit: 'abc1234', range: span(900, 0, 901, 0) };
    expect(await sent(placed, {})).toEqual(placed);
    expect(await sent(placed)).toEqual(placed);
    expect(await sent({ uri: '/elsewhere/a.ts' }, {})).toEqual({ uri: 'file:///elsewhere/a.ts' });
  });
});

describe('a ref', () => {
  it('with a part that cannot be is refused', async () => {
    expect(await problem({ uri: 'a.ts', range: span(2, 0, 1, 0) })).toMatch(/ends before it begins/);
    expect(await problem({ uri: 'a.ts', range: span(2, 5, 2, 4) })).toMatch(/ends before it begins/);
    expect(await problem({ uri: 'a.ts', hash: 'short' })).toMatch(/SHA-256/);
    expect(await problem({ uri: 'a.ts', commit: 'main' })).toMatch(/7 to 40 hexadecimal/);
    expect(await problem({ uri: 'https://example.org/a.ts' })).toMatch(/only files/);
    expect(await problem({ uri: 'file://host/a.ts' })).toMatch(/no file: uri of this machine/);
  });

  it('goes through call, send, open and broadcast alike', async () => {
    const [atlas, nova] = await two();
    const refs = [{ uri: 'src/parser.ts', range: span(0, 0, 1, 0) }];
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Parser', message: 'look', refs });
    expect(call.refs[0]).toMatchObject({ hash: sha('one\n') });
    await nova.ask('answer', { answer: 'accept' });
    await atlas.ask('send', { text: 'and here', refs });
    const { sent: copies } = await atlas.ask('broadcast', { text: 'all look', to: ['Nova'], refs });
    const { thread } = await atlas.ask('open', { topic: 'Room', message: 'in here', refs });
    const shown: unknown[] = [];
    for (const id of [call.id, copies[0]?.thread, thread.id]) {
      const read =
        id === call.id ? (await atlas.ask('threads', {})).threads.find(({ topic }) => topic === 'Parser')?.id : id;
      const { messages } = await atlas.ask('read', { thread: read ?? '' });
      shown.push(...messages.flatMap((message) => message.refs.map(({ hash }) => hash)));
    }
    expect(shown).toEqual([sha('one\n'), sha('one\n'), sha('one\n'), sha('one\n')]);
  });

  it('is not looked for again when a message is repeated with its key', async () => {
    const [atlas] = await two();
    const message = { to: 'Nova', text: 'look', refs: [{ uri: 'src/parser.ts', range: span(0, 0, 1, 0) }], key: 'k' };
    const first = await atlas.ask('message', message);
    fs.writeFileSync(path.join(workspace, 'src', 'parser.ts'), 'changed\n');
    expect((await atlas.ask('message', message)).message.id).toBe(first.message.id);
    fs.rmSync(path.join(workspace, 'src', 'parser.ts'));
    expect((await atlas.ask('message', message)).message.id).toBe(first.message.id);
  });
});
