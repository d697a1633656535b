import { hookMoments, type HookMoment } from '../contract/hooks';
import { hookTimeout } from './hookCommands';
import { skill } from './skill';

/** Where the launcher is, as the clients' shells find it: `PARLEY_HOME`, else the usual place. */
const launcher = '"${PARLEY_HOME:-$HOME/.parley}/bin/parley"';

/** Runs a hook of ours unless Parley is gone; `plugin` lets it find out which client asks. */
function command(moment: HookMoment): string {
  return `[ ! -x ${launcher} ] || exec ${launcher} hook ${moment} plugin`;
}

const events: Readonly<Record<HookMoment, string>> = {
  'session-start': 'SessionStart',
  'after-tool': 'PostToolUse',
  stop: 'Stop',
};

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

/**
 * The plugin for Claude Code, VS Code and Copilot CLI, by path in its folder: server, hooks and skill in one. `plugin/` in
 * the package holds exactly this (`npm run contributions` writes it).
 */
export function pluginFiles(version: string): Readonly<Record<string, string>> {
  const hooks = hookMoments.map((moment) => [
    events[moment],
    [{ hooks: [{ type: 'command', command: command(moment), timeout: hookTimeout }] }],
  ]);
  return {
    '.claude-plugin/plugin.json': json({
      name: 'parley',
      version,
      description:
        'The phone between the coding agents on this machine: call each other by name, talk, leave messages.',
      license: 'MIT',
    }),
    '.mcp.json': json({
      mcpServers: { parley: { command: 'sh', args: ['-c', `exec ${launcher} mcp`] } },
    }),
    'hooks/hooks.json': json({ hooks: Object.fromEntries(hooks) as object }),
    'skills/parley/SKILL.md': skill,
  };
}
