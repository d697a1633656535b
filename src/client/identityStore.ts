import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as z from 'zod';
import { ParleyError } from '../contract/errors';
import { homeFiles, type Identity } from '../contract/home';

const identityShape = z.object({
  id: z.string().regex(/^[0-9A-Za-z]{1,64}$/),
  name: z.string(),
  formerly: z.array(z.string()).optional(),
  token: z.string().min(1),
  sessions: z.array(z.string()),
  process: z.object({ pid: z.number().int(), start: z.string() }).optional(),
  savedAt: z.number(),
});

/** Sessions of one agent that are remembered; the oldest go first. */
const maxSessions = 32;
/** Former names of one agent that are remembered; the oldest go first. */
const maxNames = 8;

/** The identities that this machine's programs hold, one file each in the home. Files are 0600, the folder 0700. */
export class IdentityStore {
  readonly #folder: string;
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
    this.#folder = path.join(home, homeFiles.identities);
  }

  /** All of them, the latest saved first. Files that are not whole are left out. */
  list(): Identity[] {
    let names: string[];
    try {
      names = fs.readdirSync(this.#folder);
    } catch {
      return [];
    }
    return names
      .filter((name) => name.endsWith('.json'))
      .map((name) => this.#read(path.join(this.#folder, name)))
      .filter((identity) => identity !== undefined)
      .sort((a, b) => b.savedAt - a.savedAt);
  }

  /** Without regard to case; the latest saved when a name was used twice. Who has the name goes before who had it. */
  byName(name: string): Identity | undefined {
    const lower = name.toLowerCase();
    const all = this.list();
    return (
      all.find((identity) => identity.name.toLowerCase() === lower) ??
      all.find(({ formerly = [] }) => formerly.some((one) => one.toLowerCase() === lower))
    );
  }

  /**
   * Keeps a new identity. The file is created by us or not at all.
   * @throws `home_read_only`
   */
  add(identity: Identity): void {
    this.#write(() => fs.writeFileSync(this.#file(identity.id), JSON.stringify(identity), { mode: 0o600, flag: 'wx' }));
  }

  /** Replaces a kept identity, whole. @throws `home_read_only` */
  update(identity: Identity): void {
    const file = this.#file(identity.id);
    const temporary = `${file}.${randomUUID()}.tmp`;
    this.#write(() => {
      fs.writeFileSync(temporary, JSON.stringify(identity), { mode: 0o600, flag: 'wx' });
      fs.renameSync(temporary, file);
    });
  }

  /** Remembers that this session of a client is that agent too. */
  addSession(identity: Identity, session: string): Identity {
    if (identity.sessions.includes(session)) return identity;
    const changed = { ...identity, sessions: [...identity.sessions, session].slice(-maxSessions) };
    this.update(changed);
    return changed;
  }

  /** The agent is called so now, as the broker says. Nothing happens when it is not kept here, or is kept under that name. */
  keepName({ id, name }: { readonly id: string; readonly name: string }): void {
    const identity = this.list().find((one) => one.id === id);
    if (!identity || identity.name === name) return;
    const formerly = [...(identity.formerly ?? []).filter((one) => one !== name), identity.name].slice(-maxNames);
    try {
      this.update({ ...identity, name, formerly });
    } catch {
      // A home that cannot be written to: the agent is found under its former name.
    }
  }

  remove(identity: Identity): void {
    fs.rmSync(this.#file(identity.id), { force: true });
  }

  #file(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }

  #read(file: string): Identity | undefined {
    try {
      const { process, formerly, ...identity } = identityShape.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
      return { ...identity, ...(process && { process }), ...(formerly && { formerly }) };
    } catch {
      return undefined;
    }
  }

  #write(write: () => void): void {
    try {
      fs.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      write();
    } catch (error) {
      throw new ParleyError('home_read_only', { home: this.#home }, { cause: error });
    }
  }
}

/** The person's token; undefined until a broker has run in this home, or when it may not be read. */
export function readAdminToken(home: string): string | undefined {
  try {
    const token = fs.readFileSync(path.join(home, homeFiles.adminToken), 'utf8').trim();
    return token === '' ? undefined : token;
  } catch {
    return undefined;
  }
}
