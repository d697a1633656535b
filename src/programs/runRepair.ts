import { homeOf } from '../broker/home';
import { fromStorage } from '../broker/storageErrors';
import { errorTexts, toParleyError, toWire } from '../contract/errors';
import { machineClock } from '../store/clock';
import { nodeFiles } from '../store/nodeFiles';
import { machineProcesses } from '../store/processes';
import { repairHome } from '../store/repair';

/**
 * Repairs this environment's home and writes one line of JSON to standard output: `{"report": RepairReport}`, or
 * `{"error": WireError}` with the exit code of that error (53 while a broker runs).
 */
export async function runRepair(): Promise<void> {
  // What is put aside is for nobody else to read.
  process.umask(0o077);
  const home = homeOf(process.env);
  try {
    const report = await repairHome({ files: nodeFiles, home, processes: machineProcesses(), clock: machineClock });
    process.stdout.write(`${JSON.stringify({ report })}\n`);
  } catch (cause) {
    const error = toParleyError(fromStorage(cause, home));
    process.stdout.write(`${JSON.stringify({ error: toWire(error) })}\n`);
    process.exitCode = errorTexts[error.code].exit;
  }
}
