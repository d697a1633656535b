import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commandNames } from '../../src/cli/cli';
import { IdentityStore } from '../../src/client/identityStore';
import { machineProcesses } from '../../src/client/processes';
import { errorTexts, type ErrorCode } from '../../src/contract/errors';
import { BrokerProcess, bundlePrograms, temporaryHome } from '../support/brokerProcess';
import { run } from '../unit/cli/run';

let programs: string;
let broker: BrokerProcess;
let folder: string;

beforeAll(async () => {
  programs = await bundlePrograms();
  broker = new BrokerProcess(programs, temporaryHome());
  await broker.start();
  for (const name of ['Atlas', 'Nova', 'Echo']) await signOn(name);
  folder = fs.mkdtempSync(path.join(broker.home, 'work-'));
  fs.mkdirSync(path.join(folder, 'src'));
  fs.writeFileSync(path.join(folder, 'src/parser.ts'), 'one line\n'.repeat(60));
}, 60_000);

afterAll(async () => {
  await broker.dispose();
  fs.rmSync(programs, { recursive: true, force: true });
});

async function signOn(name: string): Promise<void> {
  const agent = await broker.agent(name);
  const { id, token } = agent;
  await agent.ask('profile', { capabilities: ['coding', 'review'] });
  new IdentityStore(broker.home).add({ id, name, token, sessions: [], savedAt: 1 });
}

/** What may become of an example that names an id which is not there, or needs what went before. */
const lacking: readonly ErrorCode[] = [
  'unknown_thread',
  'unknown_call',
  'unknown_task',
  'unknown_tool',
  'no_current_thread',
  'not_participant',
];

/** The words of a line, as a shell splits them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}

/** Nobody waits in a test: not for a reply, and what waits until it is ended has ended before it begins. */
function hastened(words: readonly string[]): string[] {
  return words.map((word, index) => (words[index - 1] === '--wait' ? '0' : word));
}

/** Run by the program before the command line (tried as processes elsewhere), and what changes the files of clients. */
const elsewhere: ReadonlySet<string> = new Set(['mcp', 'hook', 'connect']);

it.each(commandNames().filter((name) => !elsewhere.has(name)))(
  'the example of %s runs as it stands in the help',
  async (name) => {
    // The example before may have renamed her, or signed her off.
    const roster = await (await broker.person()).ask('who', {});
    if (!roster.agents.some((agent) => agent.name === 'Nova')) await signOn('Nova');
    const autostart = { program: path.join(programs, 'broker.js'), env: {} };
    const around = { cwd: folder, env: { PARLEY_AGENT: 'Atlas' }, processes: machineProcesses(), autostart };
    const help = await run(broker.home, [name, '--help'], around);
    const [, line = ''] = /\nExample:\n {2}parley (.+)\n/.exec(help.stdout) ?? [];
    // What follows a | or > is the shell's.
    const words = hastened(wordsOf(line.split(/ (?:\||>>) /)[0] ?? ''));
    expect(words[0]).toBe(name);
    const ended = new AbortController();
    if (name === 'watch' || name === 'await') ended.abort();
    const asAgent = await run(broker.home, words, { ...around, signal: ended.signal });
    // What only the person may do, the person does.
    const ran =
      asAgent.code === errorTexts.forbidden.exit
        ? await run(broker.home, words, { ...around, env: {}, terminal: true })
        : asAgent;
    const allowed = [0, ...lacking.map((code) => errorTexts[code].exit)];
    expect(allowed, `${ran.stderr}${ran.stdout}`).toContain(ran.code);
  },
);
