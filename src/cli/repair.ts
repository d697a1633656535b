import { runRepair, type RepairReport } from '../health/repair';
import { counted, hint, lines } from './pieces';
import type { Session } from './session';
import { plain, styled, type Terminal } from './terminal';

/**
 * Makes a damaged home writable again, with the broker's own program: nothing else writes there. Only the person may.
 * @throws `forbidden`, `broker_already_running`, and what keeps the home from being repaired
 */
export async function repair(session: Session): Promise<void> {
  // Only that it is the person: a damaged home may have no token any more.
  session.personToken();
  const report = await runRepair(session.options);
  if (session.isJson) await session.printJson(report);
  else await session.print(reportText(session.terminal, report));
}

function reportText(terminal: Terminal, report: RepairReport): string {
  if (!report.changed) return 'Nothing was wrong with the home.';
  const lost = report.gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const list = (title: string, names: readonly string[]): string =>
    names.length === 0 ? '' : lines(`${title}:`, ...names.map((name) => `  ${plain(name)}`));
  return lines(
    styled(terminal, 'green', 'The home can be written again.'),
    lost === 0 ? 'No event is lost.' : styled(terminal, 'red', `${counted(lost, 'event')} lost:`),
    ...report.gaps.map(({ from, to }) => `  ${from} to ${to}`),
    report.stateLostBefore === undefined
      ? ''
      : styled(terminal, 'red', `Who was there and what was open before event ${report.stateLostBefore} is lost.`),
    list(
      'Threads that miss messages',
      report.threads.map(({ thread, messages }) => `${thread}: ${counted(messages, 'message')}`),
    ),
    list('Archives that are lost', report.archives),
    list('Left out, others stand for them', report.dropped),
    list('Kept as they were, in the folder "damaged" of the home', report.kept),
    hint(terminal, 'parley broker start'),
  );
}
