import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { homeFiles, type Identity } from '../../src/contract/home';
import { BenchBroker, makeHome } from './home';
import { goal, line, table } from './report';
import { median } from './statistics';

/** What a hook may cost: this many times an empty script on the same runtime. */
const most = 3;
const session = 'bench';

/** A hook as a client runs it, cold, beside an empty script: they take turns, so that both see the same machine. */
export async function hook({ rounds }: { readonly rounds: number }): Promise<void> {
  const runs = rounds * 4;
  line(`Hook: from its start to its end as a process of its own, in ms; median of ${runs} each, taking turns.\n`);
  const home = await makeHome('fsync');
  const { broker, client } = await BenchBroker.start(home);
  const { agent, token } = await client.ask('register', { name: 'Nova' });
  await client.signIn((await client.ask('register', { name: 'Atlas' })).token);
  const identity: Identity = {
    id: agent.id,
    name: agent.name,
    token,
    sessions: [`claude-code:${session}`],
    savedAt: 1,
  };
  fs.mkdirSync(path.join(home, homeFiles.identities), { recursive: true });
  fs.writeFileSync(path.join(home, homeFiles.identities, `${agent.id}.json`), JSON.stringify(identity));
  const empty = path.join(home, 'empty.js');
  fs.writeFileSync(empty, '');
  const program = path.join(import.meta.dirname, 'hook.js');
  const cases: readonly (readonly [string, () => Promise<number>])[] = [
    ['empty script', () => run(empty, home)],
    ['no broker', () => run(program, path.join(home, 'nowhere'))],
    ['after a tool, nothing new', () => run(program, home)],
    [
      'after a tool, a message',
      async () => {
        await client.ask('message', { to: 'Nova', text: `Have you seen this? ${performance.now()}` });
        return run(program, home);
      },
    ],
  ];
  const took = new Map<string, number[]>(cases.map(([name]) => [name, []]));
  for (let round = 0; round <= runs; round++) {
    // The first of each fills the disk's cache.
    for (const [name, measure] of cases) {
      const time = await measure();
      if (round > 0) took.get(name)?.push(time);
    }
  }
  client.close();
  await broker.stop();
  const of = (name: string): number => median(took.get(name) ?? []);
  const base = of('empty script');
  table(
    ['', 'median', 'times an empty script'],
    cases.map(([name]) => [name, of(name).toFixed(1), (of(name) / base).toFixed(2)]),
  );
  for (const [name] of cases.slice(1)) goal(`hook, ${name}`, of(name) / base, most, 'times');
}

function run(program: string, home: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const env = { PATH: process.env['PATH'], PARLEY_HOME: home };
    const child = spawn(process.execPath, [program, 'after-tool', 'claude-code'], {
      env,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify({ session_id: session, hook_event_name: 'PostToolUse', tool_name: 'Bash' }));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(performance.now() - began) : reject(new Error(`it ended with ${code}`)),
    );
  });
}
