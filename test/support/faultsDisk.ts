import type { Files, OpenFile } from '../../src/store/files';
import type { SeededRandom } from './faultsRandom';

const sectorBytes = 512;

type Change = { kind: 'write'; position: number; data: Buffer } | { kind: 'truncate'; length: number };

/** Content as the system shows it, as the platters have it, and what lies between. */
interface Inode {
  /** Another one after every change, on any disk. */
  stamp: number;
  shown: Buffer;
  synced: Buffer;
  pending: Change[];
}

type Entries = Map<string, Inode>;
type EntryChange =
  | { kind: 'add'; name: string; inode: Inode }
  | { kind: 'remove'; name: string }
  | { kind: 'rename'; from: string; to: string };

interface Folder {
  shown: Entries;
  synced: Entries;
  pending: EntryChange[];
}

let stamps = 0;

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

function split(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf('/');
  return { folder: path.slice(0, slash), name: path.slice(slash + 1) };
}

function changed(content: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') {
    const cut = Buffer.alloc(change.length);
    content.copy(cut);
    return cut;
  }
  const end = change.position + change.data.length;
  const target = end > content.length ? Buffer.concat([content, Buffer.alloc(end - content.length)]) : content;
  change.data.copy(target, change.position);
  return target;
}

function applyEntry(entries: Entries, change: EntryChange): void {
  if (change.kind === 'add') entries.set(change.name, change.inode);
  else if (change.kind === 'remove') entries.delete(change.name);
  else {
    const inode = entries.get(change.from);
    entries.delete(change.from);
    if (inode) entries.set(change.to, inode);
  }
}

/**
 * A disk in memory that knows what a power cut may leave: of unsynced writes any subset of their 512-byte sectors, in
 * any order; of unsynced changes to a folder any prefix (file systems journal those in order). Syncing a file does not
 * make its name durable. Folders themselves are durable at once.
 */
export class MemoryDisk {
  /** Bytes that all files together may have. */
  capacity = Number.POSITIVE_INFINITY;
  /** Whether `sync` and `syncFolder` do anything: a disk that lies. */
  honest = true;
  readonly #folders = new Map<string, Folder>();

  /** The content of every file, as the system shows it. */
  contents(): Map<string, Buffer> {
    const all = new Map<string, Buffer>();
    for (const [path, folder] of this.#folders) {
      for (const [name, inode] of folder.shown) all.set(`${path}/${name}`, Buffer.from(inode.shown));
    }
    return all;
  }

  /** A disk with these files, all of them synced. */
  static of(contents: ReadonlyMap<string, Buffer>, folders: readonly string[] = []): MemoryDisk {
    const disk = new MemoryDisk();
    for (const folder of folders) disk.#folder(folder);
    for (const [path, content] of contents) {
      const { folder, name } = split(path);
      const inode: Inode = { stamp: ++stamps, shown: Buffer.from(content), synced: Buffer.from(content), pending: [] };
      disk.#folder(folder).shown.set(name, inode);
      disk.#folder(folder).synced.set(name, inode);
    }
    return disk;
  }

  get folders(): string[] {
    return [...this.#folders.keys()];
  }

  /** The disk as it is found after the power went at this instant. */
  afterPowerCut(random: SeededRandom): MemoryDisk {
    const kept = new MemoryDisk();
    const survivors = new Map<Inode, Inode>();
    // Each cut has its own luck, so that all, none and some of the unsynced sectors are all common.
    const luck = [0, 1, random.next()][random.between(0, 2)] ?? 0;
    const survive = (inode: Inode): Inode => {
      const known = survivors.get(inode);
      if (known) return known;
      let content: Buffer = Buffer.from(inode.synced);
      for (const change of inode.pending) {
        for (const part of sectors(change)) if (random.chance(luck)) content = changed(content, part);
      }
      const survivor: Inode = { stamp: ++stamps, shown: content, synced: Buffer.from(content), pending: [] };
      survivors.set(inode, survivor);
      return survivor;
    };
    for (const [path, folder] of this.#folders) {
      const entries: Entries = new Map(folder.synced);
      for (const change of folder.pending.slice(0, random.between(0, folder.pending.length)))
        applyEntry(entries, change);
      const target = kept.#folder(path);
      for (const [name, inode] of entries) {
        target.shown.set(name, survive(inode));
        target.synced.set(name, survive(inode));
      }
    }
    return kept;
  }

  #folder(path: string): Folder {
    let folder = this.#folders.get(path);
    if (!folder) this.#folders.set(path, (folder = { shown: new Map(), synced: new Map(), pending: [] }));
    return folder;
  }

  #change(path: string, change: EntryChange): void {
    const folder = this.#folder(path);
    applyEntry(folder.shown, change);
    folder.pending.push(change);
  }

  #used(): number {
    let used = 0;
    for (const folder of this.#folders.values()) for (const inode of folder.shown.values()) used += inode.shown.length;
    return used;
  }

  #inode(path: string): Inode | undefined {
    const { folder, name } = split(path);
    return this.#folders.get(folder)?.shown.get(name);
  }

  #write(inode: Inode, path: string, data: Uint8Array, position: number): number {
    const growth = position + data.length - inode.shown.length;
    if (growth > 0 && this.#used() + growth > this.capacity) throw failure('ENOSPC', path);
    const change: Change = { kind: 'write', position, data: Buffer.from(data) };
    inode.stamp = ++stamps;
    inode.shown = changed(inode.shown, change);
    inode.pending.push(change);
    return data.length;
  }

  #sync(inode: Inode): void {
    if (!this.honest) return;
    inode.synced = Buffer.from(inode.shown);
    inode.pending = [];
  }

  #create(path: string): Inode {
    const { folder, name } = split(path);
    if (!this.#folders.has(folder)) throw failure('ENOENT', path);
    if (this.#inode(path)) throw failure('EEXIST', path);
    const inode: Inode = { stamp: ++stamps, shown: Buffer.alloc(0), synced: Buffer.alloc(0), pending: [] };
    this.#change(folder, { kind: 'add', name, inode });
    return inode;
  }

  #opened(inode: Inode, path: string): OpenFile {
    return {
      writeNow: (data, position) => this.#write(inode, path, data, position),
      write: async (data, position) => this.#write(inode, path, data, position),
      sync: async () => this.#sync(inode),
      truncate: async (length) => {
        const change: Change = { kind: 'truncate', length };
        inode.stamp = ++stamps;
        inode.shown = changed(inode.shown, change);
        inode.pending.push(change);
      },
      close: async () => undefined,
    };
  }

  /** The store's way to this disk. */
  readonly files: Files = {
    open: async (path, how) => {
      if (how === 'create') return this.#opened(this.#create(path), path);
      const inode = this.#inode(path);
      if (!inode) throw failure('ENOENT', path);
      return this.#opened(inode, path);
    },
    read: async (path, limit) => {
      const inode = this.#inode(path);
      if (!inode) throw failure('ENOENT', path);
      if (inode.shown.length > limit) throw failure('EFBIG', path);
      return Buffer.from(inode.shown);
    },
    openRead: async (path) => {
      const inode = this.#inode(path);
      if (!inode) throw failure('ENOENT', path);
      return {
        readNow: (target, position) =>
          position >= inode.shown.length ? 0 : inode.shown.copy(target, 0, position, position + target.length),
        closeNow: () => undefined,
      };
    },
    stamp: async (path) => {
      const inode = this.#inode(path);
      if (!inode) throw failure('ENOENT', path);
      return { length: inode.shown.length, mark: String(inode.stamp) };
    },
    readRange: async (path, position, length) => {
      const inode = this.#inode(path);
      if (!inode) throw failure('ENOENT', path);
      return Buffer.from(inode.shown.subarray(position, position + length));
    },
    createWhole: async (path, data) => {
      const inode = this.#create(path);
      this.#write(inode, path, data, 0);
      this.#sync(inode);
    },
    rename: async (from, to) => {
      const [source, target] = [split(from), split(to)];
      if (source.folder !== target.folder) throw failure('EXDEV', from);
      if (!this.#inode(from)) throw failure('ENOENT', from);
      this.#change(source.folder, { kind: 'rename', from: source.name, to: target.name });
    },
    unlink: async (path) => {
      const { folder, name } = split(path);
      if (!this.#inode(path)) throw failure('ENOENT', path);
      this.#change(folder, { kind: 'remove', name });
    },
    list: async (path) => {
      const folder = this.#folders.get(path);
      if (!folder) throw failure('ENOENT', path);
      return [...folder.shown.keys()];
    },
    makeFolder: async (path) => void this.#folder(path),
    syncFolder: async (path) => {
      if (!this.honest) return;
      const folder = this.#folder(path);
      folder.synced = new Map(folder.shown);
      folder.pending = [];
    },
    exists: (path) => this.#inode(path) !== undefined,
  };
}

/** A write, cut where the sectors of the disk meet; anything else is whole or not at all. */
function sectors(change: Change): Change[] {
  if (change.kind === 'truncate') return [change];
  const parts: Change[] = [];
  const end = change.position + change.data.length;
  for (let at = change.position; at < end;) {
    const next = Math.min(end, (Math.floor(at / sectorBytes) + 1) * sectorBytes);
    const data = change.data.subarray(at - change.position, next - change.position);
    parts.push({ kind: 'write', position: at, data });
    at = next;
  }
  return parts;
}
