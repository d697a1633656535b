// `npm start`: installs and builds what is missing, opens a VS Code with Parley in it, and lets two example agents talk
// there. `npm start -- --headless` opens nothing and prints the conversation; it exits 0 when the thread is archived,
// else with the reason. Everything of a run lives in one temporary folder that is removed at its end; nothing keeps
// running. Imports only what needs no installation.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runAgents } from './start/agents.mjs';
import { Broker } from './start/broker.mjs';
import { Conversation } from './start/conversation.mjs';
import { InstalledCommand } from './start/installedCommand.mjs';
import { makePlaces, removePlaces } from './start/places.mjs';
import { Preparation } from './start/prepare.mjs';
import { endProcessesOf, environment, Launcher } from './start/processes.mjs';
import { bold, dim, green, red, tell } from './start/tell.mjs';
import { openWindow } from './start/windows.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const oldestNode = 20;

/** How long the two agents may take from their start until the thread is archived, in milliseconds, besides their pace. */
const conversationTimeout = 120_000;
/** How often each agent pauses at most. */
const pauses = 8;
/** How often we look whether the window has come, and how long the person then has to look around. Milliseconds. */
const lookInterval = 500;
const settling = 8_000;

const usage = `Usage: npm start -- [--headless] [--pace SECONDS]
  --headless       open nothing; print the conversation and exit when it is over
  --pace SECONDS   how long each agent thinks before it speaks (default 2, headless 0)`;

/** As shells have it for a program that a signal ended. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

function readOptions() {
  const { values } = parseArgs({
    options: { headless: { type: 'boolean' }, pace: { type: 'string' }, help: { type: 'boolean' } },
  });
  const pace = Number(values.pace ?? (values.headless ? 0 : 2));
  if (!(pace >= 0 && pace <= 60)) throw new Error('--pace takes 0 to 60 seconds');
  return { headless: values.headless === true, pace, help: values.help === true };
}

/** One run, from the build to the archived thread. The caller ends its processes and removes its folders. */
async function run({ headless, pace }, stopping, keep) {
  const launcher = new Launcher(stopping.signal);
  const preparation = new Preparation(root, launcher);
  await preparation.install();
  const vsix = headless ? await preparation.build() : await preparation.pack();
  stopping.signal.throwIfAborted();
  const places = keep.places = makePlaces(root); // prettier-ignore
  const env = environment({ PARLEY_HOME: places.home });
  const parts = { root, places, launcher, env };
  keep.broker = await Broker.start(parts);
  const conversation = new Conversation(await keep.broker.agents());
  const gone = new Promise((_resolve, reject) => keep.broker.watch((event) => conversation.take(event), reject));
  tell(dim(`Everything of this run lives in ${places.folder} and is removed at its end.`));
  const talk = () => Promise.race([converse(parts, conversation, pace), gone]);
  if (headless) return talk();
  const window = await openWindow({ ...parts, vsix });
  await Promise.race([window.closed, showTo(keep.broker, talk)]);
  if (!stopping.signal.aborted) tell('The window has closed.');
  return undefined;
}

/** Waits for the window, lets the agents talk, and stays until the window closes or Ctrl-C ends the run. */
async function showTo(broker, talk) {
  tell('Two agents talk soon after the window has opened. Ctrl-C ends everything.');
  tell();
  while (!(await isWindowThere(broker))) await pause(lookInterval);
  await pause(settling);
  await talk();
  tell();
  tell('Call an agent of your own, or look around. Ctrl-C ends everything.');
  await new Promise(() => undefined);
}

/** Before our two agents come, the only one that can be there is the window's own. */
async function isWindowThere(broker) {
  return (await broker.agents()).some(({ kind, presence }) => kind === 'agent' && presence !== 'offline');
}

/** The agents talk. Resolves when their thread is archived and both have gone. */
async function converse(parts, conversation, pace) {
  const limit = conversationTimeout + 2 * pauses * pace * 1000;
  const timeout = pause(limit, undefined, { ref: false }).then(() => {
    throw new Error(`the thread was not archived within ${limit / 1000} s (conversationTimeout)`);
  });
  const agents = runAgents({ ...parts, pace });
  const counts = await Promise.race([Promise.all([conversation.over, agents]).then(([said]) => said), timeout]);
  tell(green(bold(`The conversation is whole: ${counts}.`)));
}

/** Ends what a run started and removes what it made. */
async function cleanUp({ broker, places, installed }) {
  await Promise.race([broker?.stop(), pause(2000, undefined, { ref: false })]);
  if (places === undefined) return;
  await endProcessesOf(places.folder);
  installed.restore(places.folder);
  removePlaces(places);
}

async function main() {
  if (Number(process.versions.node.split('.')[0]) < oldestNode) {
    throw new Error(`Parley needs Node ${oldestNode} or newer; this is ${process.version}`);
  }
  const options = readOptions();
  if (options.help) return tell(usage);
  const stopping = new AbortController();
  const interrupted = new Promise((resolve) => {
    for (const name of Object.keys(exitCodes)) process.on(name, () => resolve(name));
  });
  const keep = { installed: new InstalledCommand() };
  try {
    const name = await Promise.race([run(options, stopping, keep), interrupted]);
    if (name === undefined) return;
    tell(`\n${name}: ending everything …`);
    process.exitCode = exitCodes[name];
  } finally {
    stopping.abort();
    await cleanUp(keep);
  }
}

main().then(
  // Sockets and timers of a run that was cut short must not keep us.
  () => process.exit(),
  (error) => {
    process.stderr.write(`${red('npm start failed:')} ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
