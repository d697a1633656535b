import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { clientNames, type ClientName } from '../connect/clientNames';
import { clientOf } from '../connect/clients';
import { conditionOf } from '../connect/condition';
import { Connector } from '../connect/connector';
import { hookCommand } from '../connect/hookCommands';
import { hookMoments } from '../contract/hooks';
import { statOf } from './files';
import { fail, none, ok, warn, type Check, type Patient, type Seen } from './finding';
import { connectClient, placePrograms } from './fixes';
import { words } from './words';

/** How long the launcher or a hook may take (ms). */
const longest = 10_000;
/** A hook that takes longer than this warns (ms): an agent waits for it after every tool. */
const slowHook = 1000;

const say = words.programs;

function programs({ autostart, version }: Patient): Seen {
  const { program } = autostart;
  return statOf(program)?.isFile() === true
    ? ok(say.runBy(version, autostart.runtime ?? process.execPath))
    : fail(say.missing(program), say.reinstall);
}

async function launcher(patient: Patient): Promise<Seen> {
  const file = patient.launcher;
  const fix = placePrograms(patient);
  if (!existsSync(file)) return warn(say.noLauncher(file), say.openCode, fix);
  const { problem, stdout, took } = await run(file, ['--version'], patient);
  if (problem !== undefined) return fail(say.broken(file, problem), say.openCode, fix);
  const version = stdout.trim();
  return version === patient.version
    ? ok(say.answers(version, took))
    : warn(say.otherVersion(version, patient.version), say.openCode, fix);
}

/** What a client says to a hook, of a session that nobody has. */
const standIn = JSON.stringify({ session_id: 'parley-doctor', hook_event_name: 'Doctor', tool_name: 'Doctor' });

/**
 * Runs each hook once, by the line that clients hand to their shells. Of a session that nobody has it has nothing to say,
 * and as Codex's it signs nobody on.
 */
async function hooks(patient: Patient): Promise<Seen> {
  if (!existsSync(patient.launcher)) return none(words.nothing);
  const took: string[] = [];
  let isSlow = false;
  for (const moment of hookMoments) {
    const line = hookCommand(patient.launcher, moment, 'codex', patient.platform);
    const ran = await run(line, [], patient, standIn);
    const problem = ran.problem ?? (ran.stdout === '' ? undefined : words.hooks.said);
    if (problem !== undefined) return fail(words.hooks.bad(moment, problem), say.openCode, placePrograms(patient));
    isSlow ||= ran.took > slowHook;
    took.push(words.hooks.moment(moment, ran.took));
  }
  const found = words.hooks.took(took.join(', '));
  return isSlow ? warn(found, words.hooks.slow) : ok(found);
}

interface Ran {
  readonly stdout: string;
  readonly took: number;
  /** Why it did not go as it should. */
  readonly problem?: string;
}

/** Runs a program, or without words a line of the shell, with nothing of an agent's session in its environment. */
function run(program: string, argv: readonly string[], { env, home }: Patient, input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const began = performance.now();
    let [stdout, stderr] = ['', ''];
    const child = spawn(program, argv, {
      env: { ...env, PARLEY_HOME: home, PARLEY_AGENT: '', CODEX_THREAD_ID: '' },
      shell: argv.length === 0 || process.platform === 'win32',
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: longest,
      killSignal: 'SIGKILL',
    });
    const end = (problem?: string): void => {
      const took = Math.round(performance.now() - began);
      resolve({ stdout, took, ...(problem !== undefined && { problem }) });
    };
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => (stderr = (stderr + part.toString()).slice(-500)));
    child.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    child.once('close', (code, signal) => {
      if (code === 0) {
        end();
        return;
      }
      const [line = ''] = stderr.trim().split('\n').slice(-1);
      const how = String(code);
      if (signal !== null) end(say.tookTooLong(longest / 1000));
      else end(line === '' ? say.exit(how) : say.exitSaying(how, line));
    });
  });
}

async function client(patient: Patient, name: ClientName): Promise<Seen> {
  const { home, launcher: program, env, userFolder, platform, clock, hands } = patient;
  // In the editor itself the extension gives the chat its tools.
  if (name === 'vscode' && hands.connectClient && hands.placePrograms) return ok(words.clients.extension);
  const place = { launcher: program, env, userFolder, platform, exists: existsSync };
  const connector = new Connector({ home, place, now: () => clock.now(), newId: () => 'doctor' });
  const { title } = clientOf(name);
  const fix = connectClient(patient, name, title);
  const condition = await conditionOf(connector, name, place);
  switch (condition.kind) {
    case 'none':
      if (!condition.isHere) return none(words.clients.absent);
      return { ...none(words.clients.notConnected), todo: words.clients.connect(name), ...(fix && { fix }) };
    case 'whole': {
      if (!existsSync(program)) return fail(words.clients.launcherGone, say.openCode, placePrograms(patient));
      const { asks } = condition;
      return ok(words.clients[asks === undefined ? 'connected' : asks ? 'asks' : 'allowed']);
    }
    case 'stale': {
      const said = ({ file, holds }: (typeof condition.files)[number]): string =>
        `${holds.map((part) => words.clients.part[part]).join(', ')} (${path.basename(file)})`;
      return warn(words.clients.stale(condition.files.map(said).join('; ')), words.clients.connect(name), fix);
    }
    case 'broken':
      return warn(condition.error.code, condition.error.message);
  }
}

const rows = { programs, launcher, hooks } as const;

export const clientChecks: readonly Check[] = [
  ...Object.entries(rows).map(([id, look]): Check => ({
    id,
    group: 'clients',
    title: () => words.check[id as keyof typeof rows],
    look,
  })),
  ...clientNames.map((name): Check => ({
    id: name,
    group: 'clients',
    title: () => clientOf(name).title,
    look: (patient) => client(patient, name),
  })),
];
