import { type Files, unlinkIfThere } from './files';
import { type Layout, sparePath, writerMark, writerMarkPattern } from './layout';
import { type FoundManifest, type Manifest, homeFormat } from './manifest';
import { type OpenEnd, type Recovered, straySegments } from './recovery';
import { parseSegmentName } from './segment';

/** Makes this process the one whose acknowledgements count; answers its epoch. MUST come before the journal is read. */
export async function takeWriting(files: Files, layout: Layout, manifest: Manifest): Promise<number> {
  const names = await files.list(layout.journal);
  const marks = names.flatMap((name) => writerMarkPattern.exec(name)?.slice(1).map(Number) ?? []);
  const used = names.flatMap((name) => parseSegmentName(name)?.epoch ?? []);
  const epoch = Math.max(manifest.epoch, ...marks, ...used) + 1;
  const file = await files.open(writerMark(layout, epoch), 'create');
  await file.close();
  for (const old of marks) await files.unlink(writerMark(layout, old));
  return epoch;
}

/** Nothing is ever added behind a torn write: it is cut off, and that is synced, first. */
export async function cutOpenEnd(files: Files, layout: Layout, end: OpenEnd): Promise<void> {
  if (end.length === 0) return;
  const file = await files.open(`${layout.journal}/${end.entry.name}`, 'change');
  try {
    await file.truncate(end.length);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The manifest of a home that is being opened: what was torn is cut, what did not prove itself is out. */
export function begun(now: Manifest, epoch: number, recovered: Recovered, end: OpenEnd | undefined): Manifest {
  const rejected = new Set(recovered.report.rejectedCheckpoints);
  const segments = now.segments.flatMap((entry) => {
    if (!end || entry.name !== end.entry.name) return [entry];
    if (end.length === 0) return [];
    return [{ ...entry, final: { last: end.last, length: end.length, sha256: end.sha256 } }];
  });
  const checkpoints = now.checkpoints.filter((entry) => !rejected.has(entry.name));
  return { ...now, format: homeFormat, epoch, segments, checkpoints };
}

/** Removes what a crash left over and nothing refers to. */
export async function removeStrays(
  files: Files,
  layout: Layout,
  found: FoundManifest,
  manifest: Manifest,
): Promise<void> {
  const strays = (await straySegments(files, layout, manifest)).map((stray) => `${layout.journal}/${stray.name}`);
  for (const [folder, listed] of [
    [layout.checkpoints, manifest.checkpoints],
    [layout.archives, manifest.archives],
  ] as const) {
    const kept = new Set(listed.map((entry) => entry.name));
    for (const name of found.kind === 'new' ? [] : await files.list(folder)) {
      if (!kept.has(name)) strays.push(`${folder}/${name}`);
    }
  }
  if (files.exists(layout.uploads)) {
    for (const name of await files.list(layout.uploads)) strays.push(`${layout.uploads}/${name}`);
  }
  for (const path of [...strays, sparePath(layout)]) await unlinkIfThere(files, path);
}

/**
 * Removes for certain what nothing refers to any more and what may hold words that were erased up to `offset`: old files
 * that could not be removed before, what repairs have put aside, what was left of imports.
 *
 * @throws what removing throws
 */
export async function removeForgotten(files: Files, layout: Layout, manifest: Manifest, offset: number): Promise<void> {
  // A segment that begins later may be on its way into the manifest.
  const segments = (await straySegments(files, layout, manifest)).filter(({ first }) => first <= offset);
  const listed = new Set([...manifest.checkpoints, ...manifest.archives].map(({ name }) => name));
  const isGone = (name: string): boolean => !listed.has(name);
  const folders: [string, string[]][] = [
    [layout.journal, segments.map(({ name }) => name)],
    [layout.checkpoints, (await files.list(layout.checkpoints)).filter(isGone)],
    [layout.archives, (await files.list(layout.archives)).filter(isGone)],
  ];
  for (const folder of [layout.damaged, layout.uploads]) {
    if (files.exists(folder)) folders.push([folder, await files.list(folder)]);
  }
  for (const [folder, names] of folders) {
    for (const name of names) await unlinkIfThere(files, `${folder}/${name}`);
    await files.syncFolder(folder);
  }
}
