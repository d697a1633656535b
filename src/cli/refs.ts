import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidArgumentError } from 'commander';
import { defaultLimits } from '../core/limits';
import { utf8Length } from '../core/text';
import type { RefView } from '../contract/views';

/** Files larger than this are pointed to without an excerpt. Bytes. */
const largestFile = 8 * 1024 * 1024;

/**
 * `file`, `file:12` or `file:12-20` (lines from 1, the last one included) as a pointer into the code, with what stands
 * there now.
 * @throws InvalidArgumentError when there is no such file or line
 */
export function refAt(text: string, cwd = process.cwd()): RefView {
  const parts = /^(.*?)(?::(\d+)(?:-(\d+))?)?$/.exec(text);
  const file = path.resolve(cwd, parts?.[1] ?? text);
  const uri = pathToFileURL(file).href;
  const first = parts?.[2];
  let size: number;
  try {
    ({ size } = fs.statSync(file));
  } catch {
    throw new InvalidArgumentError(`There is no file ${file}.`);
  }
  if (first === undefined) return { uri };
  const from = Number(first);
  const to = Number(parts?.[3] ?? first);
  if (from < 1 || to < from)
    throw new InvalidArgumentError('Lines count from 1, and the last is not before the first.');
  const range = { start: { line: from - 1, character: 0 }, end: { line: to, character: 0 } };
  if (size > largestFile) return { uri, range };
  const there = fs
    .readFileSync(file, 'utf8')
    .split(/(?<=\n)/)
    .slice(from - 1, to)
    .join('');
  if (there === '') throw new InvalidArgumentError(`${file} has no line ${from}.`);
  return { uri, range, excerpt: firstBytes(there), hash: createHash('sha256').update(there).digest('hex') };
}

/** As much of the text as an excerpt may have. */
function firstBytes(text: string): string {
  let excerpt = text.slice(0, defaultLimits.refExcerptBytes);
  while (utf8Length(excerpt) > defaultLimits.refExcerptBytes) excerpt = excerpt.slice(0, -1);
  return /[\ud800-\udbff]$/.test(excerpt) ? excerpt.slice(0, -1) : excerpt;
}
