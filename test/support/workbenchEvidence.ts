import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach } from 'vitest';
import { equipment } from './provision';
import type { Workbench } from './workbench';

/** Lines of Parley's own log that a failed test shows with its error. */
const shownLines = 20;

/**
 * After each failed test of the file, adds the end of each window's Parley.log to the error, and keeps a picture of every window (test-output/screenshots/failed-*.png) and the
 * logs of VS Code and its extensions (test-output/logs/). Call it once, at the top of the file.
 */
export function keepEvidence(current: () => Workbench | undefined): void {
  afterEach(async ({ task }) => {
    const workbench = current();
    if (task.result?.state !== 'fail' || workbench === undefined) return;
    const name = task.name.replaceAll(/[^a-zA-Z0-9]+/g, '-').slice(0, 60);
    for (const [index, window] of workbench.windows.entries()) await window.screenshot(`failed-${name}-${index + 1}`);
    const folder = path.join(equipment.output, 'logs', name);
    await mkdir(folder, { recursive: true });
    await cp(path.join(workbench.userData, 'logs'), folder, { recursive: true });
    await cp(path.join(workbench.root, 'server.log'), path.join(folder, 'server.log'));
    const [error] = task.result.errors ?? [];
    if (error) error.message += await endOfLogs(folder);
  });
}

async function endOfLogs(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('Parley.log'));
  if (files.length === 0) return '\nParley has written no log: it was not activated.';
  const ends = files.map(async (file) => {
    const lines = (await readFile(path.join(folder, file), 'utf8')).trimEnd().split('\n').slice(-shownLines);
    return `\n${file} ends with\n${lines.join('\n')}`;
  });
  return (await Promise.all(ends)).join('');
}
