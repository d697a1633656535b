import path from 'node:path';
import type { ClientName } from '../../connect/clientNames';
import type { Place } from '../../connect/clients';

/** Clients that run in a terminal, by the program that starts them. */
export const terminalPrograms = {
  'claude-code': 'claude',
  codex: 'codex',
  opencode: 'opencode',
  gemini: 'gemini',
  copilot: 'copilot',
} as const satisfies Partial<Record<ClientName, string>>;

/** As people know them. */
export const terminalTitles: Readonly<Record<keyof typeof terminalPrograms, string>> = {
  'claude-code': 'Claude Code',
  codex: 'Codex',
  opencode: 'OpenCode',
  gemini: 'Gemini CLI',
  copilot: 'Copilot CLI',
};

export type TerminalClient = keyof typeof terminalPrograms;

/** Those whose program is on the PATH, in the order of the table. */
export function installedClients(place: Place): TerminalClient[] {
  return (Object.keys(terminalPrograms) as TerminalClient[]).filter(
    (client) => programOnPath(place, terminalPrograms[client]) !== undefined,
  );
}

/** The absolute path of the program that a shell would run by this name; undefined when there is none on the PATH. */
export function programOnPath(
  { env, platform, exists }: Pick<Place, 'env' | 'platform' | 'exists'>,
  program: string,
): string | undefined {
  const folders = (env['PATH'] ?? env['Path'] ?? '')
    .split(platform === 'win32' ? ';' : ':')
    .filter((one) => one !== '');
  const endings = platform === 'win32' ? ['.exe', '.cmd', '.ps1'] : [''];
  return folders.flatMap((folder) => endings.map((ending) => path.join(folder, program + ending))).find(exists);
}
