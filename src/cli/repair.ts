import { spawn } from 'node:child_process';
import * as z from 'zod';
import { ParleyError, fromWire } from '../contract/errors';
import { brokerEnvironment } from '../client/starter';
import { counted, hint, lines } from './pieces';
import type { Session } from './session';
import { plain, styled, type Terminal } from './terminal';

/** What the broker's program says when it has repaired a home. */
const reportShape = z.looseObject({
  changed: z.boolean(),
  gaps: z.array(z.object({ from: z.number(), to: z.number() })),
  threads: z.array(z.object({ thread: z.string(), messages: z.number() })),
  stateLostBefore: z.number().optional(),
  archives: z.array(z.string()),
  dropped: z.array(z.string()),
  kept: z.array(z.string()),
});
const facts = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]));
const answerShape = z.union([
  z.object({ report: reportShape }),
  z.object({ error: z.object({ code: z.string(), facts }) }),
]);

type Report = z.infer<typeof reportShape>;

/**
 * Makes a damaged home writable again, with the broker's own program: nothing else writes there. Only the person may.
 * @throws `forbidden`, `broker_already_running`, and what keeps the home from being repaired
 */
export async function repair(session: Session): Promise<void> {
  // Only that it is the person: a damaged home may have no token any more.
  session.personToken();
  const { autostart, home } = session.options;
  const answer = await run(autostart.runtime ?? process.execPath, [autostart.program, '--repair'], {
    ...brokerEnvironment(autostart.env, home),
  });
  if ('error' in answer) throw fromWire(answer.error);
  if (session.isJson) await session.printJson(answer.report);
  else await session.print(reportText(session.terminal, answer.report));
}

/** Runs the program until it ends, and reads the line that it writes. */
function run(runtime: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<z.infer<typeof answerShape>> {
  return new Promise((resolve, reject) => {
    const child = spawn(runtime, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (data: Buffer) => (text += data.toString()));
    child.on('error', (cause) => reject(failed(cause.message, cause)));
    child.on('close', (code) => {
      try {
        resolve(answerShape.parse(JSON.parse(text)));
      } catch (cause) {
        reject(failed(`the repair ended with exit code ${code ?? 'none'} and no report`, cause));
      }
    });
  });
}

function failed(problem: string, cause: unknown): ParleyError {
  return new ParleyError('broker_start_failed', { problem, log: 'standard error' }, { cause });
}

function reportText(terminal: Terminal, report: Report): string {
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
