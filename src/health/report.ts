import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { clientNames } from '../connect/clientNames';
import { isErrorCode, type ErrorCode } from '../contract/errors';
import { homeFiles } from '../contract/home';
import { protocol } from '../contract/wire';
import type { Finding, Patient } from './finding';

/** How much of the end of each log is read, in bytes. */
const logTail = 256 * 1024;
/** Codes that are told, the latest. */
const mostCodes = 20;

/**
 * Checks whose words, when all is well, hold nothing but our own sentences and numbers. Of every other finding, and of
 * every one that is not well, the report says the state alone: those name files, agents and processes.
 */
const speakable: ReadonlySet<string> = new Set([
  ...['permissions', 'writing', 'file system', 'disk space', 'settings', 'format', 'answering', 'journal', 'index'],
  ...['launcher', 'hooks'],
  ...clientNames,
]);

/**
 * What may be shown to anyone about this Parley, as Markdown: versions, platform, how the doctor's checks stand, codes of
 * the last errors in the logs. Nothing in it is a name, a path, a token, or anything that was said.
 * @param around more lines of the same kind, e.g. the editor's version; whoever gives them answers for them
 */
export function issueReport(
  { home, version }: Pick<Patient, 'home' | 'version'>,
  findings: readonly Finding[],
  around: Readonly<Record<string, string>> = {},
): string {
  const versions: Readonly<Record<string, string>> = {
    Parley: `${version}, protocol ${protocol}`,
    ...around,
    Platform: `${os.platform()} ${os.release()} ${os.arch()}`,
    Runtime: `Node ${process.versions.node}${process.versions['electron'] === undefined ? '' : `, Electron ${process.versions['electron']}`}`,
  };
  const checks = findings.map(({ check, state, found }) => {
    const isSaid = (state === 'ok' || state === 'none') && speakable.has(check);
    return `| ${check} | ${state} | ${isSaid ? found : ''} |`;
  });
  const codes = lastCodes(home);
  return [
    ...Object.entries(versions).map(([name, value]) => `- ${name}: ${value}`),
    '',
    '| check | state | |',
    '|---|---|---|',
    ...checks,
    '',
    codes.length === 0 ? 'No error stands in the logs.' : 'Last errors in the logs (time in UTC, code):',
    ...codes.map(({ at, code }) => `- ${at} \`${code}\``),
    '',
  ].join('\n');
}

interface Told {
  /** ISO time to the minute; empty where the line has none. */
  readonly at: string;
  readonly code: ErrorCode;
}

/** The codes of our errors in the broker's logs. Nothing else of a line is looked at but its time. */
function lastCodes(home: string): Told[] {
  const told = ['start.log', 'broker.log'].flatMap((name) => codesIn(tailOf(path.join(home, homeFiles.logs, name))));
  return told.slice(-mostCodes);
}

function codesIn(text: string): Told[] {
  return text.split('\n').flatMap((line) => {
    const [, at = ''] = /"time":"(\d{4}-\d\d-\d\dT\d\d:\d\d)/.exec(line) ?? [];
    const words = /"code":"([a-z_]+)"/.exec(line);
    const [, code = ''] = words ?? [];
    return isErrorCode(code) ? [{ at, code }] : [];
  });
}

function tailOf(file: string): string {
  try {
    const opened = fs.openSync(file, 'r');
    try {
      const { size } = fs.fstatSync(opened);
      const bytes = Buffer.alloc(Math.min(size, logTail));
      fs.readSync(opened, bytes, 0, bytes.length, size - bytes.length);
      return bytes.toString();
    } finally {
      fs.closeSync(opened);
    }
  } catch {
    return '';
  }
}
