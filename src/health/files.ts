import * as fs from 'node:fs';
import * as path from 'node:path';
import { homeFiles } from '../contract/home';

/** Undefined when there is no such file, or it may not be looked at. */
export function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file);
  } catch {
    return undefined;
  }
}

/** Files of the home that hold tokens, and their folder. */
export function secretsOf(home: string): string[] {
  const kept = path.join(home, homeFiles.identities);
  return [path.join(home, homeFiles.adminToken), kept, ...namesIn(kept).map((file) => path.join(kept, file))];
}

/** Bytes of the files right inside a folder; 0 when there is none. */
export function bytesIn(folder: string): number {
  return namesIn(folder).reduce((sum, name) => sum + (statOf(path.join(folder, name))?.size ?? 0), 0);
}

/** Bytes in the largest unit that fits, e.g. `8 MiB`. */
export function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KiB`;
  if (bytes < 1024 * 1024 * 1024) return `${Math.round(bytes / 1024 / 1024)} MiB`;
  return `${(bytes / 1024 / 1024 / 1024).toFixed(1)} GiB`;
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}
