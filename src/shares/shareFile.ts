import * as fs from 'node:fs';
import * as path from 'node:path';
import * as z from 'zod';
import { homeFiles } from '../contract/home';

/** One shared server as it is kept: `shares.json` in the home, mode 0600, because an environment may hold secrets. */
const share = z.object({
  name: z.string(),
  /** Its agent on the roster. */
  agent: z.string(),
  command: z.array(z.string()).optional(),
  folder: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  url: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
});
const file = z.object({ version: z.literal(1), shares: z.array(share) });

export type Share = z.infer<typeof share>;

/** The servers that are shared in this home. */
export class ShareFile {
  readonly #path: string;

  constructor(home: string) {
    this.#path = path.join(home, homeFiles.shares);
  }

  /** None when there is no file. @throws what reading throws, and for a file that is damaged or of a newer program */
  read(): Share[] {
    let text: string;
    try {
      text = fs.readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return file.parse(JSON.parse(text)).shares;
  }

  /** Replaces the file as a whole. */
  write(shares: readonly Share[]): void {
    const temporary = `${this.#path}.${process.pid}.tmp`;
    fs.writeFileSync(temporary, `${JSON.stringify({ version: 1, shares }, null, 2)}\n`, { mode: 0o600 });
    fs.renameSync(temporary, this.#path);
  }
}
