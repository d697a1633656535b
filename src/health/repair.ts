import { spawn } from 'node:child_process';
import * as z from 'zod';
import { ParleyError, fromWire } from '../contract/errors';
import { brokerEnvironment, type Autostart } from '../client/starter';

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

export type RepairReport = z.infer<typeof reportShape>;

/**
 * Makes a damaged home writable again, with the broker's own program: nothing else writes there. No broker may run.
 * @throws `broker_already_running`, and what keeps the home from being repaired
 */
export async function runRepair(options: {
  readonly home: string;
  readonly autostart: Autostart;
}): Promise<RepairReport> {
  const { autostart, home } = options;
  const answer = await run(autostart.runtime ?? process.execPath, [autostart.program, '--repair'], {
    ...brokerEnvironment(autostart.env, home),
  });
  if ('error' in answer) throw fromWire(answer.error);
  return answer.report;
}

/** Runs the program until it ends, and reads the line that it writes. */
function run(runtime: string, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<z.infer<typeof answerShape>> {
  return new Promise((resolve, reject) => {
    const child = spawn(runtime, argv, { env, stdio: ['ignore', 'pipe', 'inherit'] });
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
