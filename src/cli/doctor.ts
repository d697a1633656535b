import * as fs from 'node:fs';
import * as path from 'node:path';
import * as z from 'zod';
import { toParleyError } from '../contract/errors';
import { homeFiles } from '../contract/home';
import type { BrokerRecord } from '../contract/wire';
import { agentEnvironment, isSandboxed } from '../client/agentEnvironment';
import { checkSocket, readBrokerRecord } from '../client/brokerRecord';
import { readAdminToken } from '../client/identityStore';
import { stillRuns } from '../client/processes';
import type { Session } from './session';
import { plain, styled, table, type Cell, type Style } from './terminal';

/** One thing that was looked at. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do about it; empty when nothing is. */
  readonly todo: string;
}

type Check = (session: Session) => Finding | Promise<Finding>;

const ok = (check: string, found: string): Finding => ({ check, state: 'ok', found, todo: '' });
const warn = (check: string, found: string, todo: string): Finding => ({ check, state: 'warn', found, todo });
const fail = (check: string, found: string, todo: string): Finding => ({ check, state: 'fail', found, todo });

/** Less free space than this warns, than that fails. Bytes. The journal takes 8 MiB at a time. */
const lowSpace = 512 * 1024 * 1024;
const noSpace = 32 * 1024 * 1024;

/** File systems by the number that statfs gives, where a journal is not safe: gone at reboot, or locks that do not hold. */
const oddFileSystems: ReadonlyMap<number, readonly [name: string, why: string]> = new Map([
  [0x01021994, ['tmpfs', 'is gone after a restart of the machine']],
  [0x858458f6, ['ramfs', 'is gone after a restart of the machine']],
  [0x6969, ['NFS', 'has no locks and syncs that can be relied on, and no sockets']],
  [0xff534d42, ['CIFS', 'has no locks and syncs that can be relied on, and no sockets']],
  [0xfe534d42, ['SMB', 'has no locks and syncs that can be relied on, and no sockets']],
  [0x01021997, ['9p', 'has no syncs that can be relied on']],
]);

const checks: readonly Check[] = [
  home,
  permissions,
  writing,
  fileSystem,
  space,
  lock,
  record,
  socket,
  answering,
  journal,
  programs,
  identities,
  place,
];

/** Looks at everything a broker and its clients need; works with the broker down, and starts none. Returns the exit code. */
export async function doctor(session: Session): Promise<number> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(await check(session));
  const healthy = findings.every(({ state }) => state !== 'fail');
  if (session.isJson) await session.printJson({ healthy, findings });
  else await session.print(findings.map((finding) => shown(session, finding)).join('\n'));
  return healthy ? 0 : 1;
}

function shown({ terminal }: Session, { check, state, found, todo }: Finding): string {
  const style: Style = state === 'ok' ? 'green' : state === 'warn' ? 'yellow' : 'red';
  const cells: Cell[] = [[state.padEnd(4), style], [check.padEnd(12), 'bold'], [plain(found)]];
  return table(terminal, [cells]) + (todo === '' ? '' : `\n${styled(terminal, 'dim', `      → ${plain(todo)}`)}`);
}

function stat(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file);
  } catch {
    return undefined;
  }
}

function home({ options }: Session): Finding {
  const found = stat(options.home);
  if (!found)
    return warn(
      'home',
      `${options.home} is not there`,
      'It is made when the broker starts first: parley broker start.',
    );
  if (!found.isDirectory())
    return fail('home', `${options.home} is not a folder`, 'Move that file, or set PARLEY_HOME to a folder.');
  return ok('home', options.home);
}

function permissions({ options }: Session): Finding {
  const name = 'permissions';
  const found = stat(options.home);
  if (!found || process.platform === 'win32') return ok(name, 'nothing to check');
  if (found.uid !== process.getuid?.())
    return fail(name, 'the home belongs to another user', 'Set PARLEY_HOME to a folder of yours.');
  const open = [options.home, ...secrets(options.home)].filter((file) => ((stat(file)?.mode ?? 0) & 0o077) !== 0);
  if (open.length === 0) return ok(name, 'yours alone');
  return warn(name, `others can open ${open.join(', ')}`, `Run chmod go-rwx ${open.join(' ')}`);
}

function secrets(folder: string): string[] {
  const kept = path.join(folder, homeFiles.identities);
  let files: string[] = [];
  try {
    files = fs.readdirSync(kept).map((file) => path.join(kept, file));
  } catch {
    // None are kept.
  }
  return [path.join(folder, homeFiles.adminToken), kept, ...files];
}

function writing({ options }: Session): Finding {
  if (!stat(options.home)) return ok('writing', 'nothing to check');
  const probe = path.join(options.home, `.doctor-${process.pid}`);
  try {
    const file = fs.openSync(probe, 'wx', 0o600);
    try {
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
      fs.unlinkSync(probe);
    }
    return ok('writing', 'can write and sync');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const todo =
      code === 'ENOSPC'
        ? 'Free some space.'
        : 'Give yourself write permission, or set PARLEY_HOME to a folder of yours.';
    return fail('writing', `cannot write (${code ?? 'unknown'})`, todo);
  }
}

function fileSystem({ options }: Session): Finding {
  const name = 'file system';
  try {
    const odd = oddFileSystems.get(fs.statfsSync(options.home).type);
    if (!odd) return ok(name, 'local');
    return warn(name, `${odd[0]}, which ${odd[1]}`, 'Set PARLEY_HOME to a folder on a local disk.');
  } catch {
    return ok(name, 'nothing to check');
  }
}

function space({ options }: Session): Finding {
  const name = 'disk space';
  try {
    const { bavail, bsize } = fs.statfsSync(options.home);
    const free = bavail * bsize;
    const found = `${Math.floor(free / 1024 / 1024)} MiB free`;
    if (free < noSpace) return fail(name, found, 'Free some space: without it nothing new is taken.');
    return free < lowSpace ? warn(name, found, 'Free some space soon.') : ok(name, found);
  } catch {
    return ok(name, 'nothing to check');
  }
}

const lockShape = z.object({ pid: z.number(), host: z.string() });

function lock({ options }: Session): Finding {
  let text: string;
  try {
    text = fs.readFileSync(path.join(options.home, homeFiles.lock), 'utf8');
  } catch {
    return ok('lock', 'free');
  }
  try {
    const { pid, host } = lockShape.parse(JSON.parse(text));
    return ok('lock', `held by process ${pid} on ${host}`);
  } catch {
    return warn(
      'lock',
      'cannot be read',
      'If no broker runs on any machine with this home, remove the file "lock" in it.',
    );
  }
}

/** The record, and what is wrong with it; looked at by two checks. */
function recordOf({ options }: Session): BrokerRecord | undefined {
  try {
    return readBrokerRecord(options.home);
  } catch {
    return undefined;
  }
}

function record(session: Session): Finding {
  const found = recordOf(session);
  const file = path.join(session.options.home, homeFiles.broker);
  if (!found) {
    return stat(file)
      ? warn('broker', `${file} is not whole`, 'Start the broker: parley broker start.')
      : warn('broker', 'does not run', 'It starts when it is needed, or by parley broker start.');
  }
  const { pid, processStart } = found;
  if (stillRuns(session.options.processes, { pid, start: processStart }))
    return ok('broker', `process ${pid}, version ${found.version}`);
  return warn(
    'broker',
    `process ${pid} is gone and has left its record`,
    'It starts again when it is needed, or by parley broker start.',
  );
}

function socket(session: Session): Finding {
  const found = recordOf(session);
  if (!found) return ok('socket', 'nothing to check');
  try {
    checkSocket(found.socket, process.getuid?.());
    return ok('socket', found.socket);
  } catch (error) {
    return fail('socket', found.socket, toParleyError(error).message);
  }
}

async function answering(session: Session): Promise<Finding> {
  if (!recordOf(session)) return ok('answering', 'nothing to check');
  try {
    return await session.with(await session.connect(undefined, { start: false }), async (client) => {
      const { version, protocol } = await client.ready();
      const found = `version ${version}, protocol ${protocol}`;
      if (version === session.options.version) return ok('answering', found);
      return warn(
        'answering',
        `${found}; this program is ${session.options.version}`,
        'Update the older of the two, then parley broker stop.',
      );
    });
  } catch (error) {
    const known = toParleyError(error);
    return known.code === 'broker_gone'
      ? warn('answering', 'nobody answers', known.message)
      : fail('answering', known.code, known.message);
  }
}

async function journal(session: Session): Promise<Finding> {
  const token = session.surroundings.isTerminal ? readAdminToken(session.options.home) : undefined;
  if (!recordOf(session) || token === undefined)
    return ok('journal', 'not asked (only the person may, with the broker running)');
  try {
    return await session.with(await session.connect(token, { start: false }), async (client) => {
      const { readOnly, repaired, offset, durability } = await client.ask('status', {});
      if (readOnly !== undefined)
        return fail(
          'journal',
          `read only: ${readOnly}`,
          'Stop the broker (parley broker stop), then parley doctor --repair. What is damaged is kept.',
        );
      const found = `offset ${offset}, durability ${durability}`;
      return repaired === undefined ? ok('journal', found) : warn('journal', `${found}; the start cut ${repaired}`, '');
    });
  } catch (error) {
    return warn('journal', 'cannot be asked', toParleyError(error).message);
  }
}

function programs({ options }: Session): Finding {
  const { program } = options.autostart;
  return stat(program)?.isFile() === true
    ? ok('programs', `version ${options.version}, run by ${process.execPath}`)
    : fail('programs', `${program} is missing`, 'Install Parley again.');
}

function identities({ store }: Session): Finding {
  const kept = store.list();
  const names = kept.slice(0, 8).map(({ name }) => name);
  return ok(
    'identities',
    kept.length === 0 ? 'none kept' : `${kept.length} kept: ${names.join(', ')}${kept.length > 8 ? ', …' : ''}`,
  );
}

function place({ options }: Session): Finding {
  const name = 'run from';
  if (isSandboxed(options.env)) {
    return warn(
      name,
      "an agent's sandbox, from which no broker can be started",
      'Start Parley from VS Code or a plain terminal.',
    );
  }
  const client = agentEnvironment(options.env);
  return ok(
    name,
    client ? `${client.platform}: what is said here is said by an agent` : 'a terminal or script, with no agent in it',
  );
}
