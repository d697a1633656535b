import * as fs from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { agentEnvironment } from '../client/agentEnvironment';
import { ParleyError } from '../contract/errors';
import { homeFiles } from '../contract/home';
import { ringers } from '../contract/ringers';
import type { RingAnswer, RingRequest } from '../contract/wire';
import type { Session } from './session';
import { plain } from './terminal';

const ringer = 'background-shell';

/** Most characters that are printed: clients cut what a background command says, Gemini CLI at 5000. */
const longestWords = 4000;

/**
 * Waits until somebody rings, prints what for, and ends: run in the background of a client that wakes its model when such a
 * command ends. While it waits, others see the agent as one that can be woken. A second one beside it ends at once.
 * @throws `background_unheard` where the client would not wake, `forbidden` for the person, `who_are_you`
 */
export async function awaitRing(session: Session): Promise<void> {
  const { isPerson, token } = session.speaker();
  if (isPerson) throw new ParleyError('forbidden', { needs: 'a registered agent' });
  await checkHeard(session.options);
  const { signal } = session.options;
  let end: () => void = () => undefined;
  const rung = new Promise<void>((resolve) => (end = resolve));
  let isRung = false;
  const ring = async ({ text }: RingRequest): Promise<RingAnswer> => {
    if (isRung) return { result: 'failed', detail: 'it has been rung already' };
    isRung = true;
    await session.print(wordsOf(text, again(session)));
    end();
    return { result: 'written' };
  };
  // Asked before it waits itself, so that the answer is about the others.
  const problem = await session.with(await session.connect(token), async (client) => {
    const name = client.state.kind === 'connected' ? client.state.welcome.agent?.name : undefined;
    const reach = (await client.ask('who', { agent: name ?? '' })).agents[0]?.reach;
    return reach?.state === 'wakes' ? (ringers[reach.ringer ?? '']?.label ?? 'another way') : undefined;
  });
  if (problem !== undefined) {
    await session.print(`Parley can wake you already, through ${problem}: nothing to wait for.`);
    return;
  }
  await session.with(await session.connect(token, { present: true, ringers: [ringer], ring }), async (client) => {
    const stopped = new Promise<void>((resolve, reject) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      client.onState((state) => (state.kind === 'failed' ? reject(state.error) : undefined));
    });
    await Promise.race([rung, stopped]);
    // Answered behind what we said of the ring, so that the broker has that when we go.
    if (isRung) await client.tested([]).catch(() => undefined);
  });
}

/** The ring, and how to wait for the next one. */
function wordsOf(text: string, command: string): string {
  const words = plain(text);
  const shown = words.length > longestWords ? `${words.slice(0, longestWords)}…` : words;
  return `${shown}\nTo be woken again: ${command} (in the background)`;
}

/** The command line that waits anew. */
function again({ options: { home }, flags }: Session): string {
  const launcher = path.join(home, homeFiles.bin, process.platform === 'win32' ? 'parley.cmd' : 'parley');
  const program = fs.existsSync(launcher) ? launcher : 'parley';
  const quoted = /^[\w./:\\-]+$/.test(program) ? program : JSON.stringify(program);
  return `${quoted} await${flags.as === undefined ? '' : ` --as ${JSON.stringify(flags.as)}`}`;
}

/** @throws `background_unheard` for a client of which it is known that the end of a background command starts no turn */
async function checkHeard({ env, cwd }: Session['options']): Promise<void> {
  const client = agentEnvironment(env)?.platform;
  const unheard = (how: string): ParleyError => new ParleyError('background_unheard', { client: client ?? '', how });
  switch (client) {
    case 'Codex':
    case 'OpenCode':
      throw unheard('It is rung in another way. Connect it with parley connect.');
    case 'Cursor':
      throw unheard('Use parley poll --wait in the foreground.');
    case 'Gemini CLI':
      if (!(await geminiWakes(env, cwd)))
        throw unheard('Run parley connect gemini --wake once, and start Gemini CLI again.');
      return;
    default:
      return;
  }
}

/** Gemini CLI starts a turn for the end of a background command with two of its settings only. */
async function geminiWakes(env: NodeJS.ProcessEnv, cwd: string): Promise<boolean> {
  const { valueAt } = await import('../connect/jsonEdits');
  const user = [env['GEMINI_CLI_HOME'], env['HOME'], env['USERPROFILE'], homedir()].find((one) => (one ?? '') !== '');
  const files = [cwd, user ?? cwd].map((folder) => path.join(folder, '.gemini', 'settings.json'));
  const texts = files.map((file) => {
    try {
      return fs.readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  });
  // What the folder says goes before what the user says.
  const setting = (...at: string[]): unknown => {
    try {
      return texts.map((text) => valueAt(text, at)).find((one) => one !== undefined);
    } catch {
      return undefined; // not what Gemini CLI reads either
    }
  };
  return (
    setting('tools', 'shell', 'backgroundCompletionBehavior') === 'inject' &&
    setting('experimental', 'modelSteering') === true
  );
}
