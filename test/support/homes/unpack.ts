import * as fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/**
 * Homes that older versions have written, each a gzipped JSON object of files in base64, by path.
 *
 * `format1`: Atlas and Nova talked once ("Review of the parser", archived) and have an open thread ("Notes"); a checkpoint and
 * a snapshot at offset 19, and five events behind it, left by a crash.
 */
export type OldHome = 'format1';

/** Puts an old home into an empty folder. */
export function unpackHome(name: OldHome, folder: string): void {
  const packed = fs.readFileSync(path.join(import.meta.dirname, `${name}.json.gz`));
  const files = JSON.parse(gunzipSync(packed).toString('utf8')) as Record<string, string>;
  for (const [file, content] of Object.entries(files)) {
    const target = path.join(folder, file);
    fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
    fs.writeFileSync(target, Buffer.from(content, 'base64'), { mode: 0o600 });
  }
}
