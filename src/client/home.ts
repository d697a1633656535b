import * as os from 'node:os';
import * as path from 'node:path';

/** The home: `PARLEY_HOME`, else `~/.parley`. Always absolute. */
export function homeOf(env: NodeJS.ProcessEnv): string {
  const set = env['PARLEY_HOME'];
  if (set !== undefined && set !== '') return path.resolve(set);
  const user = env['HOME'] ?? env['USERPROFILE'];
  return path.join(user !== undefined && user !== '' ? user : os.homedir(), '.parley');
}
