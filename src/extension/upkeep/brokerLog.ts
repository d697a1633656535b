import { statSync } from 'node:fs';
import path from 'node:path';
import { homeFiles } from '../../contract/home';

/**
 * The log to read about the broker: the one written last. A broker that failed to start has written start.log, and has not
 * opened its own, broker.log, which may be there from an earlier one. Undefined when neither is there.
 */
export function brokerLog(home: string): string | undefined {
  const [newest] = ['broker.log', 'start.log']
    .map((name) => path.join(home, homeFiles.logs, name))
    .map((file) => ({ file, written: statSync(file, { throwIfNoEntry: false })?.mtimeMs }))
    .filter(({ written }) => written !== undefined)
    .sort((a, b) => (b.written ?? 0) - (a.written ?? 0));
  return newest?.file;
}
