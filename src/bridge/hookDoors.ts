import * as fs from 'node:fs';
import * as path from 'node:path';
import { homeFiles } from '../contract/home';
import type { HookClientName } from './hookClients';

/** Whether the session has a bridge that can ring it, and therefore signs it on at this very moment. */
export function isRungByItsBridge(client: HookClientName, env: NodeJS.ProcessEnv): boolean {
  if ((env['CLAUDE_CODE_MESSAGING_SOCKET'] ?? '') !== '') return true;
  if (client !== 'copilot') return false;
  const own = env['COPILOT_HOME'] ?? '';
  const folder = own === '' ? path.join(env['HOME'] ?? env['USERPROFILE'] ?? '', '.copilot') : own;
  return fs.existsSync(path.join(folder, 'extensions', 'parley', 'extension.mjs'));
}

/**
 * What tells an agent how to be woken where only a command in its client's background does that, and the client's settings
 * let it; '' everywhere else. The settings are looked at, not read: a hook loads no parser.
 */
export function waitingAdvice(
  client: HookClientName,
  { home, env, cwd }: { readonly home: string; readonly env: NodeJS.ProcessEnv; readonly cwd: string },
): string {
  if (client !== 'gemini') return '';
  const user = [env['GEMINI_CLI_HOME'], env['HOME'], env['USERPROFILE']].find((one) => (one ?? '') !== '') ?? cwd;
  const settings = [user, cwd].map((folder) => textOf(path.join(folder, '.gemini', 'settings.json'))).join('\n');
  const wakes =
    /"backgroundCompletionBehavior"\s*:\s*"inject"/.test(settings) && /"modelSteering"\s*:\s*true/.test(settings);
  if (!wakes) return '';
  return (
    `To be woken by calls while you are idle, run this in the background (is_background) before you end a turn, ` +
    `unless it runs already: ${waitCommand(home)}`
  );
}

/** The command line that waits for the next ring. */
function waitCommand(home: string): string {
  const launcher = path.join(home, homeFiles.bin, process.platform === 'win32' ? 'parley.cmd' : 'parley');
  const program = fs.existsSync(launcher) ? launcher : 'parley';
  return `${/^[\w./:\\-]+$/.test(program) ? program : JSON.stringify(program)} await`;
}

function textOf(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
