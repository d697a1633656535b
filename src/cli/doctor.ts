import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { agentEnvironment } from '../client/agentEnvironment';
import { readAdminToken } from '../client/identityStore';
import { homeFiles } from '../contract/home';
import { examine, isHealthy } from '../health/examine';
import type { Finding, Hands, Patient } from '../health/finding';
import { issueReport } from '../health/report';
import { Asker } from './asker';
import type { Session } from './session';
import { plain, styled, table, type Cell, type Style } from './terminal';

/** Flags of `parley doctor`. */
export interface DoctorFlags {
  /** Mend what Parley can mend. */
  readonly fix?: boolean;
  readonly yes?: boolean;
  /** Print what may be shown to anyone, for an issue. */
  readonly report?: boolean;
}

/** Looks at everything a broker and its clients need; works with the broker down, and starts none. Returns the exit code. */
export async function doctor(session: Session, flags: DoctorFlags = {}): Promise<number> {
  const patient = patientOf(session, flags);
  let findings = await examine(patient);
  if (flags.report === true) {
    await session.print(issueReport(patient, findings));
    return 0;
  }
  if (flags.fix === true) {
    await mend(session, findings, flags);
    findings = await examine(patient);
  }
  const healthy = isHealthy(findings);
  const told = findings.map(({ fix, ...rest }) => ({ ...rest, ...(fix && { fix: fix.name }) }));
  if (session.isJson) await session.printJson({ healthy, findings: told });
  else await session.print(text(session, findings, flags));
  return healthy ? 0 : 1;
}

/** Runs every fix that the person agrees to, in the order of the findings. @throws `forbidden`, and what a fix throws */
async function mend(session: Session, findings: readonly Finding[], flags: DoctorFlags): Promise<void> {
  // Who is no person has no business with what stops and starts the broker.
  session.personToken();
  const asker = new Asker(session, flags.yes === true);
  try {
    for (const { check, found, fix } of findings) {
      if (!fix) continue;
      const question = `${check}: ${plain(found)}\n  ${fix.title}?${fix.asks === undefined ? '' : ` ${fix.asks}`}`;
      if (!(await asker.agrees(question))) continue;
      await fix.run();
      if (!session.isJson) await session.print(styled(session.terminal, 'green', `${check}: done`));
    }
  } finally {
    asker.close();
  }
}

/** What the doctor looks at from here. Only the person, at a terminal, sees what only the person may. */
function patientOf(session: Session, { yes }: DoctorFlags): Patient {
  const { home, env, version, clock, processes, autostart } = session.options;
  const isPerson = session.surroundings.isTerminal && !agentEnvironment(env);
  const launcher = path.join(home, homeFiles.bin, process.platform === 'win32' ? 'parley.cmd' : 'parley');
  const connectClient: Hands['connectClient'] = async (client) =>
    (await import('./connect')).connectClient(session, client, { yes: yes === true });
  return {
    home,
    launcher,
    env,
    userFolder: env['HOME'] ?? env['USERPROFILE'] ?? homedir(),
    platform: process.platform,
    version,
    clock,
    processes,
    autostart,
    personToken: () => (isPerson ? readAdminToken(home) : undefined),
    hands: existsSync(launcher) ? { connectClient } : {},
  };
}

const styles: Readonly<Record<Finding['state'], Style>> = { ok: 'green', warn: 'yellow', fail: 'red', none: 'dim' };

function text(session: Session, findings: readonly Finding[], { fix }: DoctorFlags): string {
  const lines = findings.map((finding) => shown(session, finding));
  const mends = fix !== true && findings.some((finding) => finding.fix && finding.state !== 'none');
  if (mends) lines.push(styled(session.terminal, 'dim', 'parley doctor --fix mends what Parley can mend itself.'));
  return lines.join('\n');
}

function shown({ terminal }: Session, { check, state, found, todo }: Finding): string {
  const mark = state === 'none' ? '–' : state;
  const cells: Cell[] = [[mark.padEnd(4), styles[state]], [check.padEnd(12), 'bold'], [plain(found)]];
  return table(terminal, [cells]) + (todo === '' ? '' : `\n${styled(terminal, 'dim', `      → ${plain(todo)}`)}`);
}
