import { runHook } from '../bridge/hook';
import { systemClock } from '../client/clock';
import { homeOf } from '../client/home';
import { machineProcesses } from '../client/processes';

declare const PARLEY_VERSION: string;

const { env, argv, stdin, stdout } = process;

// A program of its own: it runs after every tool of every agent, and must start at once. `hook` may stand before its words.
void runHook({
  argv: argv.slice(argv[2] === 'hook' ? 3 : 2),
  home: homeOf(env),
  env,
  stdin,
  stdout,
  cwd: process.cwd(),
  version: PARLEY_VERSION,
  clock: systemClock,
  processes: machineProcesses(),
}).finally(() => process.exit(0));
