import { errno } from './errors';
import { type Files, replaceFile } from './files';
import { type CoverEntry, sha256 } from './manifest';

/** A checkpoint longer than this is not read. */
export const maxCheckpointBytes = 512 * 1024 * 1024;

/** The head state as it was when every event up to `offset` had been applied. */
export interface Checkpoint {
  readonly offset: number;
  readonly state: unknown;
}

/** `00000000000000000042.json`, and `00000000000000000042.copy.json` beside it. */
export function checkpointName(offset: number, isCopy = false): string {
  return `${String(offset).padStart(20, '0')}${isCopy ? '.copy' : ''}.json`;
}

/**
 * A checkpoint as the file holds it. The first line is the SHA-256 of the rest, so that it can be believed even when
 * the manifest is lost.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Buffer {
  const body = JSON.stringify({ offset: checkpoint.offset, state: checkpoint.state });
  return Buffer.from(`${sha256(body)}\n${body}`);
}

/**
 * Writes an encoded checkpoint beside the ones that are there; the manifest decides when it counts.
 *
 * @throws StoreError as `replaceFile` does.
 */
export async function writeCheckpoint(files: Files, folder: string, offset: number, data: Buffer): Promise<CoverEntry> {
  const name = checkpointName(offset);
  await replaceFile(files, folder, name, data);
  return { name, offset, length: data.length, sha256: sha256(data) };
}

/** Writes what is in a checkpoint once more, beside it, so that the loss of one of them loses nothing. */
export async function copyCheckpoint(files: Files, folder: string, entry: CoverEntry): Promise<CoverEntry> {
  const data = await files.read(`${folder}/${entry.name}`, maxCheckpointBytes);
  const name = checkpointName(entry.offset, entry.name === checkpointName(entry.offset));
  await replaceFile(files, folder, name, data);
  return { ...entry, name };
}

/** The entry of a checkpoint that proves itself, for a home whose manifest is lost. */
export async function readSoundCheckpoint(
  files: Files,
  folder: string,
  name: string,
  offset: number,
): Promise<CoverEntry | undefined> {
  const data = await readIfSound(files, `${folder}/${name}`);
  if (!data || !decodeCheckpoint(data, offset)) return undefined;
  return { name, offset, length: data.length, sha256: sha256(data) };
}

/** Reads a checkpoint; answers nothing when it is gone or a bit of it is wrong. */
export async function readCheckpoint(files: Files, folder: string, entry: CoverEntry): Promise<Checkpoint | undefined> {
  const data = await readIfSound(files, `${folder}/${entry.name}`);
  if (!data || data.length !== entry.length || sha256(data) !== entry.sha256) return undefined;
  return decodeCheckpoint(data, entry.offset);
}

/** The newest checkpoint in `folder` that proves itself, for a home whose manifest is lost. */
export async function findCheckpoint(files: Files, folder: string): Promise<Checkpoint | undefined> {
  const names = (await files.list(folder)).filter((name) => /^\d{20}(\.copy)?\.json$/.test(name));
  for (const name of names.sort().reverse()) {
    const data = await readIfSound(files, `${folder}/${name}`);
    const checkpoint = data && decodeCheckpoint(data, Number.parseInt(name, 10));
    if (checkpoint) return checkpoint;
  }
  return undefined;
}

/** Only a lasting reason makes a checkpoint unreadable; being out of file handles, for one, says nothing about it. */
async function readIfSound(files: Files, path: string): Promise<Uint8Array | undefined> {
  try {
    return await files.read(path, maxCheckpointBytes);
  } catch (error) {
    if (['ENOENT', 'EFBIG', 'EIO'].includes(errno(error))) return undefined;
    throw error;
  }
}

function decodeCheckpoint(data: Uint8Array, offset: number): Checkpoint | undefined {
  const text = Buffer.from(data).toString('utf8');
  const line = text.indexOf('\n');
  const body = text.slice(line + 1);
  if (line !== 64 || text.slice(0, line) !== sha256(body)) return undefined;
  const checkpoint = JSON.parse(body) as Checkpoint;
  return checkpoint.offset === offset ? checkpoint : undefined;
}
