import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownFiles } from '../../../src/nearby/files';
import { FolderWatch, mostWatched, watchFolder } from '../../../src/nearby/folderWatch';
import { recordFolders } from '../../../src/nearby/recordFolders';
import { nearbyClients } from '../../../src/nearby/session';
import { place } from '../../support/nearbyFixtures';
import { until } from '../../support/until';

let root: string;
let watch: FolderWatch;
let changes: number;
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'parley-fw-')));
  changes = 0;
  watch = new FolderWatch(watchFolder, () => (changes += 1));
});
afterEach(() => {
  watch.dispose();
  fs.rmSync(root, { recursive: true, force: true });
});

const at = (...names: string[]): string => path.join(root, ...names);

/** Waits until the watch has told of something that it had not told of before. */
async function told(what: string, act: () => void): Promise<void> {
  const before = changes;
  act();
  await until(what, () => changes > before);
}

describe('a folder', () => {
  it('tells of a file that is made, written or removed in it', async () => {
    watch.set([root]);
    await told('the new file', () => fs.writeFileSync(at('a'), '1'));
    await told('the change', () => fs.appendFileSync(at('a'), '2'));
    await told('the end', () => fs.rmSync(at('a')));
  });

  it('that is not there yet is watched from its first file on, wherever the path to it begins', async () => {
    watch.set([at('x/y/records')]);
    expect(watch.folders).toEqual([root]);
    await told('the folder', () => fs.mkdirSync(at('x/y/records'), { recursive: true }));
    await until('the watch to be in it', () => watch.folders[0] === at('x/y/records'));
    await told('the file', () => fs.writeFileSync(at('x/y/records/1.json'), '{}'));
  });

  it('tells of nothing that happens beside the path to it', async () => {
    fs.mkdirSync(at('other'));
    let others = 0;
    const other = new FolderWatch(watchFolder, () => (others += 1));
    watch.set([at('records')]);
    other.set([at('other')]);
    fs.writeFileSync(at('beside'), '1');
    fs.writeFileSync(at('other/file'), '1');
    // The system tells in order: with this one told, the one before it was not.
    await until('the other to be told', () => others > 0);
    other.dispose();
    expect([changes, watch.folders]).toEqual([0, [root]]);
  });

  it('that was removed is watched again when it is back', async () => {
    fs.mkdirSync(at('records'));
    watch.set([at('records')]);
    await told('its end', () => fs.rmdirSync(at('records')));
    await until('the watch to be above it', () => watch.folders[0] === root);
    await told('its return', () => fs.mkdirSync(at('records')));
    await until('the watch to be in it', () => watch.folders[0] === at('records'));
    await told('its file', () => fs.writeFileSync(at('records/a'), '1'));
  });

  it('is let go of when it is wanted no more', () => {
    fs.mkdirSync(at('a'));
    fs.mkdirSync(at('b'));
    watch.set([at('a'), at('b')]);
    watch.set([at('b')]);
    expect(watch.folders).toEqual([at('b')]);
    watch.dispose();
    expect(watch.folders).toEqual([]);
  });
});

it('takes no more of the system’s watches than it may, and no error when the system gives none', () => {
  const open = new Set<string>();
  const many = new FolderWatch(
    (folder) => {
      open.add(folder);
      return () => open.delete(folder);
    },
    () => undefined,
  );
  many.set(Array.from({ length: 2 * mostWatched }, (_, index) => `/f${index}`));
  expect(open.size).toBe(mostWatched);
  many.dispose();
  expect(open.size).toBe(0);
  const none = new FolderWatch(
    () => {
      throw new Error('ENOSPC');
    },
    () => undefined,
  );
  expect(() => none.set(['/a/b'])).not.toThrow();
  expect(none.folders).toEqual([]);
});

describe('the folders of the clients’ records', () => {
  it.each(nearbyClients.filter((client) => client !== 'opencode'))(
    'hold what a real %s wrote last, so that the watch on them tells of it',
    async (client) => {
      const fixture = place(client);
      try {
        const { files, env, home } = fixture.given();
        // Of Codex those of the day on which its session began.
        const now = new Date(2026, 10, 21, 12).getTime();
        const folders = await recordFolders({ files, env, home, now });
        const written = fs
          .readdirSync(home, { recursive: true, encoding: 'utf8', withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => entry.parentPath);
        expect(written.length).toBeGreaterThan(0);
        expect(written.some((folder) => folders.includes(folder))).toBe(true);
      } finally {
        fixture.dispose();
      }
    },
  );

  it('are those that the variables of the clients name', async () => {
    const env = { CLAUDE_CONFIG_DIR: '/c', CODEX_HOME: '/x', COPILOT_HOME: '/p', GEMINI_CLI_HOME: '/g' };
    const now = new Date(2026, 0, 2).getTime();
    expect(await recordFolders({ files: ownFiles(), env, home: '/home/me', now })).toEqual([
      '/c/sessions',
      '/x/thread-writer-locks',
      '/x/sessions/2026/01/02',
      '/p',
      '/p/session-state',
      '/g/.gemini',
    ]);
  });
});
