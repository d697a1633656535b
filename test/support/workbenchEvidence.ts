import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach } from 'vitest';
import { equipment } from './provision';
import type { Workbench } from './workbench';

/**
 * After each failed test of the file, keeps a picture of every window (test-output/screenshots/failed-*.png) and the
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
  });
}
