import { existsSync } from 'node:fs';
import path from 'node:path';
import { connect, type Client } from '../../src/client/client';
import type { Input } from '../../src/contract/operations';
import { equipment } from './provision';
import { until } from './until';
import { startWorkbench, type Workbench, type WorkbenchOptions } from './workbench';
import type { WorkbenchWindow } from './workbenchWindow';

/** What a start, a connection and a redraw may take together on a busy machine, in milliseconds. */
export const patience = 60_000;

/** A workbench with Parley as a user has it. An unpacked build can stand in for the VSIX while one works on the extension. */
export function startParley(options: WorkbenchOptions = {}): Promise<Workbench> {
  const unpacked = process.env['PARLEY_UNPACKED'];
  const extension = unpacked === undefined ? { vsix: equipment.vsix } : { extension: unpacked };
  return startWorkbench({ ...extension, ...options });
}

/** The home that the extension of a workbench has unless it is told otherwise. */
export function homeIn(workbench: Workbench): string {
  return path.join(workbench.home, '.parley');
}

/** Shows Parley's views and waits until the broker runs and the Roster says who is there. */
export async function showParley(window: WorkbenchWindow, home: string): Promise<void> {
  await window.container('Parley').waitFor({ timeout: patience });
  await window.openContainer('Parley');
  await until('the broker', () => existsSync(path.join(home, 'broker.json')), patience);
  // Alone the person stands in no row; where other agents run on this machine, they stand there as nearby.
  const empty = window.page.locator('.welcome-view-content', { hasText: 'parley register' });
  await empty.or(window.page.getByRole('treeitem')).first().waitFor({ timeout: patience });
}

/** Signs an agent on that is a program, and is there until it is closed. */
export async function signOn(home: string, name: string, card: Omit<Input<'register'>, 'name'> = {}): Promise<Client> {
  const options = { home, client: 'test', version: '0' };
  const nobody = await connect(options);
  const { token } = await nobody.ask('register', { name, platform: 'Script', ...card });
  nobody.close();
  return connect({ ...options, token, present: true });
}
