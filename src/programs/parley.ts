import * as path from 'node:path';
import { systemClock } from '../client/clock';
import { homeOf } from '../client/home';
import { machineProcesses } from '../client/processes';
import { compileSoon } from './tiers';

declare const PARLEY_VERSION: string;
declare const PARLEY_BUILD: number;

async function main(): Promise<number> {
  const { env, argv, stdin, stdout, stderr } = process;
  const words = argv.slice(2);
  const [command] = words;
  const wantsHelp = words.includes('--help') || words.includes('-h');
  // The launcher runs the program for hooks by itself; it is small. Here it is for those who name this one.
  if (command === 'hook' && !wantsHelp) {
    await import('./hook');
    return 0;
  }
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ended.abort());
  const given = {
    home: homeOf(env),
    env,
    stdin,
    stdout,
    stderr,
    cwd: process.cwd(),
    version: PARLEY_VERSION,
    clock: systemClock,
    processes: machineProcesses(),
    autostart: { program: path.join(__dirname, 'broker.js'), env, version: PARLEY_VERSION, build: PARLEY_BUILD },
    signal: ended.signal,
  };
  // Each is evaluated only when it is wanted: the command line starts for every word that an agent says.
  if (command === 'mcp' && !wantsHelp) {
    compileSoon();
    return (await import('../bridge/bridge')).runBridge(given);
  }
  const code = await (await import('../cli/cli')).runCli({ ...given, argv: words });
  // The shell waits for this process after a Tab: nothing that still hangs, like a dead broker's socket, may hold it.
  if (command === 'completion') process.exit(code);
  return code;
}

main().then(
  // What is on its way to a pipe is written out before the process ends by itself; `exit` would cut it off.
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`parley: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 70;
  },
);
