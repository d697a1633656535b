import type { Input } from '../../contract/operations';

/** An MCP server as it can be shared; `problem`: why it cannot be, for a person's eyes in a list. */
export interface McpServerEntry {
  readonly name: string;
  readonly wish: Omit<Input<'share'>, 'name' | 'key'> | undefined;
}

/** What the variables of a `mcp.json` stand for. */
export interface McpVariables {
  readonly workspaceFolder: string;
  readonly userHome: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The servers that the `servers` of a `.vscode/mcp.json` name. One that needs what only VS Code can ask for (`${input:…}`), or
 * that is not of the form, comes without a wish.
 */
export function mcpServersIn(servers: unknown, variables: McpVariables): McpServerEntry[] {
  if (typeof servers !== 'object' || servers === null) return [];
  return Object.entries(servers).map(([name, entry]) => ({ name, wish: wishOf(entry, variables) }));
}

/** A name for the roster made of a server's: letters, digits, `_` and `-`, a letter first. */
export function shareNameOf(name: string): string {
  const plain = name
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z]+/, '')
    .replace(/-+$/, '');
  return plain.slice(0, 32);
}

/** The words of a command line: blanks part them, except between double quotes. No shell reads it. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''));
}

function wishOf(entry: unknown, variables: McpVariables): McpServerEntry['wish'] {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { command, args = [], env = {}, cwd, url, headers = {} } = entry as Readonly<Record<string, unknown>>;
  const isUnresolved = { is: false };
  const fill = (text: string): string =>
    text.replaceAll(/\$\{([^}]*)\}/g, (whole, variable: string) => {
      const value = valueOf(variable, variables);
      isUnresolved.is ||= value === undefined;
      return value ?? whole;
    });
  const [environment, sent] = [filled(env, fill), filled(headers, fill)];
  const words = typeof command === 'string' && Array.isArray(args) ? [command, ...(args as unknown[])] : undefined;
  const folder = typeof cwd === 'string' ? fill(cwd) : variables.workspaceFolder;
  if (!environment || !sent) return undefined;
  let wish: McpServerEntry['wish'];
  if (typeof url === 'string') wish = { url: fill(url), ...(Object.keys(sent).length > 0 && { headers: sent }) };
  else if (words?.every((word) => typeof word === 'string'))
    wish = {
      command: words.map(fill),
      ...(folder !== '' && { folder }),
      ...(Object.keys(environment).length > 0 && { environment }),
    };
  return isUnresolved.is ? undefined : wish;
}

function filled(pairs: unknown, fill: (text: string) => string): Record<string, string> | undefined {
  if (typeof pairs !== 'object' || pairs === null) return undefined;
  const entries = Object.entries(pairs as Readonly<Record<string, unknown>>);
  if (!entries.every(([, value]) => typeof value === 'string' || typeof value === 'number')) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name, fill(String(value))]));
}

function valueOf(variable: string, { workspaceFolder, userHome, env }: McpVariables): string | undefined {
  if (variable === 'workspaceFolder') return workspaceFolder === '' ? undefined : workspaceFolder;
  if (variable === 'userHome') return userHome;
  return variable.startsWith('env:') ? (env[variable.slice('env:'.length)] ?? '') : undefined;
}
