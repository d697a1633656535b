import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { ParleyError } from '../contract/errors';
import type { ClientName } from './clientNames';
import { clientOf, type ConnectChoices, type FileChange, type Place } from './clients';
import { checkUnchanged, checkWritable, findFile, replaceFile, type FoundFile } from './configFile';
import { cleared, withEntries, withoutEntries } from './configText';
import { ConnectionRecords, hashOf, type RecordedFile } from './connectionRecord';

export interface ConnectorOptions {
  /** Absolute path of the home: records and backups are kept there. */
  readonly home: string;
  readonly place: Place;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Makes names that nobody else has. */
  readonly newId: () => string;
}

/** What will happen to one file. Nothing has happened yet. */
export interface PlannedFile {
  readonly file: string;
  readonly found: FoundFile;
  /** What the file will hold; undefined when it will be gone. */
  readonly after: Buffer | undefined;
  /** The file without our entries, to return to; undefined when there was none. */
  readonly before: Buffer | undefined;
  readonly change: FileChange;
  /** Folders that were made for it when it was connected first. */
  readonly made: readonly string[];
}

export interface Plan {
  readonly client: ClientName;
  readonly kind: 'connect' | 'remove';
  /** Files that change. None: everything is as wanted already. */
  readonly files: readonly PlannedFile[];
  /** Files of ours that stay, because somebody has changed them. */
  readonly kept: readonly string[];
  /** Every file of the client that has our entries afterwards. */
  readonly all: readonly PlannedFile[];
}

/** Sets clients up, and takes that out again. A plan is made first and can be shown; only `carryOut` writes. */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #records: ConnectionRecords;

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.#records = new ConnectionRecords(options.home);
  }

  /** Where the files as they were are kept. */
  backups(client: ClientName): string {
    return this.#records.folder(client);
  }

  /** @throws `config_malformed`, `config_unwritable`, `config_too_large` */
  async planConnect(client: ClientName, options: ConnectChoices): Promise<Plan> {
    const record = await this.#records.read(client);
    const all: PlannedFile[] = [];
    const widest = this.#widest(client);
    for (const change of clientOf(client).changes(this.#options.place, options)) {
      const found = await findFile(change.file);
      const recorded = record?.files.find(({ file }) => file === change.file);
      // What stands under our name already, and not by us, is somebody's: it comes back when we go.
      const whole = widest.find(({ file }) => file === change.file) ?? change;
      const before = recorded ? await this.#without(client, whole, found, recorded) : found.bytes;
      const after = withEntries(change.file, before, change.edit);
      all.push({ file: change.file, found, after, before, change, made: recorded?.made ?? [] });
    }
    const over = record ? await this.#over(client, all, record.files) : [];
    return this.#checked({ client, kind: 'connect', files: [...all.filter(changes), ...over], kept: [], all });
  }

  /** Files that have entries of ours from another choice, and are to have none now. */
  async #over(
    client: ClientName,
    all: readonly PlannedFile[],
    recorded: readonly RecordedFile[],
  ): Promise<PlannedFile[]> {
    const over: PlannedFile[] = [];
    for (const change of this.#widest(client)) {
      const own = recorded.find(({ file }) => file === change.file);
      if (!own || all.some(({ file }) => file === change.file)) continue;
      const found = await findFile(change.file);
      const after = await this.#without(client, change, found, own);
      over.push({ file: change.file, found, after, before: after, change, made: own.made });
    }
    return over.filter(changes);
  }

  /** @throws as `planConnect` */
  async planRemove(client: ClientName): Promise<Plan> {
    const record = await this.#records.read(client);
    const files: PlannedFile[] = [];
    const kept: string[] = [];
    for (const change of this.#widest(client)) {
      const found = await findFile(change.file);
      if (!found.bytes) continue;
      const recorded = record?.files.find(({ file }) => file === change.file);
      const after = await this.#without(client, change, found, recorded);
      const planned = { file: change.file, found, after, before: after, change, made: recorded?.made ?? [] };
      if (changes(planned)) files.push(planned);
      else if (change.isOwn && recorded) kept.push(change.file);
    }
    return this.#checked({ client, kind: 'remove', files, kept, all: [] });
  }

  /** Everything that any choice may have put there: it has to be found again, whatever was chosen then. */
  #widest(client: ClientName): readonly FileChange[] {
    return clientOf(client).changes(this.#options.place, { isAllowed: true, isWoken: true });
  }

  /** The file as it would be without us; undefined for none. */
  async #without(
    client: ClientName,
    { file, edit }: FileChange,
    { bytes }: FoundFile,
    recorded: RecordedFile | undefined,
  ): Promise<Buffer | undefined> {
    if (!bytes) return undefined;
    const before = recorded && (await this.#records.before(client, recorded));
    // A backup that is gone is as good as none at all.
    if (!recorded || (recorded.backup !== undefined && !before)) return cleared(file, bytes, edit);
    if (hashOf(bytes) === recorded.written) return before;
    return before?.equals(bytes) === true ? before : withoutEntries(file, bytes, before, edit);
  }

  async #checked(plan: Plan): Promise<Plan> {
    for (const { found } of plan.files) await checkWritable(found);
    return plan;
  }

  /**
   * Writes what was planned: the backups first, then each file whole. When one cannot be written, those before it are put
   * back.
   * @throws `config_changed`, `config_unwritable`, `home_read_only`
   */
  async carryOut(plan: Plan): Promise<void> {
    const done = await this.#records.alone(plan.client, () => this.#carryOut(plan));
    // Somebody else carries out a plan at this moment: whatever was shown will be something else in the end.
    if (!done) throw new ParleyError('config_changed', { file: plan.files[0]?.file ?? '' });
  }

  async #carryOut(plan: Plan): Promise<void> {
    const { client, kind } = plan;
    for (const { found } of plan.files) await checkUnchanged(found);
    const { newId, now } = this.#options;
    const record = kind === 'connect' ? await this.#keep(plan) : [];
    const done: PlannedFile[] = [];
    try {
      if (kind === 'connect') await this.#records.write(client, { connectedAt: now(), files: record });
      for (const planned of plan.files) {
        const made = await replaceFile(planned.found, planned.after, newId());
        done.push(planned);
        const recorded = record.find(({ file }) => file === planned.file);
        recorded?.made.push(...made);
        if (made.length > 0 && kind === 'connect')
          await this.#records.write(client, { connectedAt: now(), files: record });
      }
    } catch (error) {
      for (const planned of done.reverse()) await this.#putBack(planned);
      throw error;
    }
    await removeFolders(plan.files.filter(({ after }) => after === undefined).flatMap(({ made }) => made));
    if (kind === 'remove') await this.#records.remove(client);
  }

  async #putBack({ file, found }: PlannedFile): Promise<void> {
    const now = await findFile(file);
    await replaceFile(now, found.bytes, this.#options.newId());
  }

  async #keep({ client, all }: Plan): Promise<RecordedFile[]> {
    const kept: RecordedFile[] = [];
    for (const { file, before, after, made } of all) {
      const name = `${kept.length}-${path.basename(file)}`;
      const backup = before && (await this.#records.keep(client, name, before));
      kept.push({
        file,
        ...(backup !== undefined && { backup }),
        written: hashOf(after ?? Buffer.alloc(0)),
        made: [...made],
      });
    }
    return kept;
  }
}

function changes({ found, after }: PlannedFile): boolean {
  return after === undefined ? found.bytes !== undefined : found.bytes?.equals(after) !== true;
}

/** Those that are empty again, the innermost first. */
async function removeFolders(made: readonly string[]): Promise<void> {
  const innermostFirst = [...made].sort((a, b) => b.length - a.length);
  for (const folder of innermostFirst) await fs.rmdir(folder).catch(() => undefined);
}

/** The change of one file, line by line, as `diff -u` shows it. */
export function shownChange({ file, found, after }: PlannedFile): string {
  const text = (bytes: Buffer | undefined): string => bytes?.toString() ?? '';
  const [from, to] = [found.bytes ? file : '/dev/null', after ? file : '/dev/null'];
  return createTwoFilesPatch(from, to, text(found.bytes), text(after), undefined, undefined, { context: 3 })
    .split('\n')
    .slice(1)
    .join('\n')
    .trimEnd();
}
