import * as fs from 'node:fs';
import * as path from 'node:path';
import pino from 'pino';

/** A log file is turned over at this size (bytes); the one before is kept. */
const mostBytes = 5 * 1024 * 1024;

/** Writes one JSON object a line to `file`. What agents say and tokens never go in: facts are ids, codes and numbers. */
export function openLog(file: string): (what: string, facts: object) => void {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  let written = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  let descriptor = fs.openSync(file, 'a', 0o600);
  const stream = {
    write(line: string): void {
      try {
        if (written > mostBytes) {
          fs.closeSync(descriptor);
          fs.renameSync(file, `${file}.1`);
          descriptor = fs.openSync(file, 'a', 0o600);
          written = 0;
        }
        fs.writeSync(descriptor, line);
        written += line.length;
      } catch {
        // A full disk must not take the switchboard down with its log.
      }
    },
  };
  const logger = pino(
    {
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    stream,
  );
  return (what, facts) => logger.info(facts, what);
}
