export type ClientFormat = 'standard' | 'codex' | 'openCode';

/** The entry that gives a client Parley's tools: it runs the launcher, which survives updates. */
export const mcpConfigurations: Readonly<Record<ClientFormat, (launcher: string) => string>> = {
  standard: (launcher) => json({ mcpServers: { parley: { command: launcher, args: ['mcp'] } } }),
  // A TOML basic string takes the same escapes as JSON's.
  codex: (launcher) => `[mcp_servers.parley]\ncommand = ${JSON.stringify(launcher)}\nargs = ["mcp"]\n`,
  openCode: (launcher) => json({ mcp: { parley: { type: 'local', command: [launcher, 'mcp'] } } }),
};

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
