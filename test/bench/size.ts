import { stat } from 'node:fs/promises';
import { equipment } from '../support/provision';
import { goal, line } from './report';

/** Most that the package may weigh, in MB (10⁶ bytes). */
const mostSize = 2.5;

/** The package, as `npm run package` left it. */
export async function size(): Promise<void> {
  line('Size of the VSIX.\n');
  const file = await stat(equipment.vsix).catch(() => undefined);
  if (!file) {
    line('  not measured: there is no parley.vsix; `npm run package` makes it.');
    return;
  }
  line(`  parley.vsix: ${file.size} bytes, packaged ${file.mtime.toISOString()}`);
  goal('VSIX', file.size / 1e6, mostSize, 'MB');
}
