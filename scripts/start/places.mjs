import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * The folders of one run, all in one temporary folder: `home` (PARLEY_HOME), `data` and `extensions` (the editor's),
 * `project` (a copy of examples/project) and `programs` (a copy of dist, so that a build meanwhile disturbs nothing).
 */
export function makePlaces(root) {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'parley-start-'));
  const places = { folder };
  for (const name of ['home', 'data', 'extensions', 'project', 'programs']) {
    places[name] = path.join(folder, name);
    mkdirSync(places[name], { mode: 0o700 });
  }
  cpSync(path.join(root, 'examples/project'), places.project, { recursive: true });
  cpSync(path.join(root, 'dist'), places.programs, { recursive: true });
  return places;
}

export function removePlaces(places) {
  rmSync(places.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
