/** What was dropped: addresses, or, from outside the editor, files of which the page sees name and size alone. */
export interface Dropped {
  readonly uris: string[];
  readonly files: { readonly name: string; readonly size: number }[];
}

/** As much of what is dragged as is read here: a `DataTransfer`. */
export interface Dragged {
  readonly types: readonly string[];
  readonly files: Iterable<{ readonly name: string; readonly size: number }>;
  getData(type: string): string;
}

/** Where editors and browsers put addresses, best first. */
const lists = ['application/vnd.code.uri-list', 'text/uri-list'];

/** Reads at most `most` of what was dropped. */
export function dropped(data: Dragged, most: number): Dropped {
  const uris = lists.map((type) => addresses(data.getData(type))).find((found) => found.length > 0) ?? [];
  const files = uris.length > 0 ? [] : [...data.files].map(({ name, size }) => ({ name: name.slice(0, 255), size }));
  return { uris: uris.slice(0, most), files: files.slice(0, most) };
}

/** Whether it holds what `dropped` reads; its content cannot be seen before it is dropped. */
export function canDrop({ types }: Pick<Dragged, 'types'>): boolean {
  return types.some((type) => type === 'Files' || lists.includes(type));
}

/** The lines of a list of addresses that are such; lines that begin with `#` are comments. */
function addresses(list: string): string[] {
  return list.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#') && line.length <= 4096);
}
