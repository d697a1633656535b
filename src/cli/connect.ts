import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import type { ClientName } from '../connect/clientNames';
import { clientOf } from '../connect/clients';
import { Connector, shownChange, type Plan } from '../connect/connector';
import { roundTrip } from '../connect/roundTrip';
import { ParleyError } from '../contract/errors';
import { homeFiles } from '../contract/home';
import { Asker } from './asker';
import type { Session } from './session';
import { plainLines, styled } from './terminal';

/** Flags of `parley connect`. */
export interface ConnectFlags {
  readonly remove?: boolean;
  readonly yes?: boolean;
  readonly allow?: boolean;
  readonly wake?: boolean;
  /** What clients are to run; default: the launcher in the home. */
  readonly launcher?: string;
}

/**
 * Sets a client up, or takes that out: shows the change, asks, makes it, and tries it.
 * @throws `config_malformed`, `config_unwritable`, `config_too_large`, `config_changed`, `connection_untested`, `no_launcher`,
 *   `bad_input` when nobody is there to be asked
 */
export async function connectClient(session: Session, name: ClientName, flags: ConnectFlags): Promise<void> {
  const { home, env, clock } = session.options;
  const launcher = launcherOf(session, flags);
  const userFolder = env['HOME'] ?? env['USERPROFILE'] ?? homedir();
  const place = { launcher, env, userFolder, platform: process.platform, exists: fs.existsSync };
  const connector = new Connector({ home, place, now: () => clock.now(), newId: randomUUID });
  const asker = new Asker(session, flags.yes === true);
  try {
    const plan =
      flags.remove === true ? await connector.planRemove(name) : await planned(connector, name, flags, asker);
    if (!session.isJson) await show(session, plan);
    if (plan.files.length > 0) {
      await asker.confirm(plan.kind === 'connect' ? 'Make this change?' : 'Take this out?');
      await connector.carryOut(plan);
    }
    const tools = plan.kind === 'connect' ? await tried(name, launcher, env) : [];
    await tell(session, plan, tools, connector.backups(name));
  } finally {
    asker.close();
  }
}

async function planned(connector: Connector, name: ClientName, flags: ConnectFlags, asker: Asker): Promise<Plan> {
  const { allow, wake, title } = clientOf(name);
  const offer = `Shall ${title} use Parley's tools without asking you each time? (${allow ?? ''})`;
  const isAllowed = flags.allow === true || (allow !== undefined && (await asker.offer(offer)));
  const wakeOffer = `Shall a call wake an idle session of ${title}? (${wake ?? ''})`;
  const isWoken = flags.wake === true || (wake !== undefined && (await asker.offer(wakeOffer)));
  return connector.planConnect(name, { isAllowed, isWoken });
}

function launcherOf({ options }: Session, flags: ConnectFlags): string {
  const name = process.platform === 'win32' ? 'parley.cmd' : 'parley';
  const launcher = path.resolve(options.cwd, flags.launcher ?? path.join(options.home, homeFiles.bin, name));
  if (flags.remove !== true && !fs.existsSync(launcher)) throw new ParleyError('no_launcher', { launcher });
  return launcher;
}

async function tried(name: ClientName, launcher: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  try {
    return (await roundTrip(launcher, env)).tools;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new ParleyError('connection_untested', { client: clientOf(name).title, name, launcher, problem });
  }
}

async function show(session: Session, plan: Plan): Promise<void> {
  const { terminal } = session;
  for (const file of plan.files) {
    const lines = shownChange(file).split('\n').flatMap(plainLines);
    const coloured = lines.map((line) => {
      if (line.startsWith('+')) return styled(terminal, 'green', line);
      return line.startsWith('-') ? styled(terminal, 'red', line) : line;
    });
    await session.print(`${coloured.join('\n')}\n`);
  }
}

async function tell(session: Session, plan: Plan, tools: readonly string[], backups: string): Promise<void> {
  const { client, kind, files, kept } = plan;
  const { title, note } = clientOf(client);
  if (session.isJson) {
    await session.printJson({ client, kind, changed: files.map(({ file }) => file), kept, tools });
    return;
  }
  for (const file of kept) await session.print(`Left as it is, because somebody changed it: ${file}`);
  if (kind === 'remove') {
    await session.print(files.length === 0 ? `${title} is not connected.` : `${title} is no longer connected.`);
    return;
  }
  const done = files.length === 0 ? `${title} was connected already` : `${title} is connected`;
  await session.print(`${done}, and Parley answers with ${tools.length} tools. ${note}`);
  if (files.length > 0)
    await session.print(`Files as they were: ${backups}. To take it out: parley connect ${client} --remove`);
}
