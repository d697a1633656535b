import type { Output } from '../contract/operations';
import { hint, lines, waiting } from './pieces';
import { clockTime, plain, plainJson, plainLines, shortId, styled, table, type Cell, type Terminal } from './terminal';

type Hit = Output<'search'>['hits'][number];

/** What a search found, best first: where and who, and the words among those around them. */
export function searchHits(terminal: Terminal, output: Output<'search'>): string {
  const { hits, words, cursor, unreadable } = output;
  const nothing = words.length === 0 ? 'That has no word to look for.' : 'Nothing was found.';
  return lines(
    ...(hits.length === 0 ? [nothing] : hits.map((hit) => searchHit(terminal, hit))),
    cursor === undefined ? '' : hint(terminal, `there is more: --cursor ${cursor}`),
    ...unreadable.map((file) => styled(terminal, 'yellow', `${plain(file)} could not be searched.`)),
    waiting(terminal, output.waiting),
  );
}

function searchHit(terminal: Terminal, hit: Hit): string {
  const { message } = hit;
  const who = message === undefined ? 'topic' : plain(message.fromName);
  const seq = message === undefined ? '' : ` --after ${message.seq - 1}`;
  return lines(
    `${styled(terminal, 'bold', who)}  "${plain(hit.topic)}"  ${styled(terminal, 'dim', clockTime(terminal.now, hit.at))}`,
    `  ${styled(terminal, 'dim', '│')} ${marked(terminal, hit)}`,
    hint(terminal, `parley read ${shortId(hit.thread)}${seq}`),
  );
}

/** The snippet with the words that were looked for in another colour. */
function marked(terminal: Terminal, { snippet, marks }: Hit): string {
  const clean = (text: string): string => plainLines(text).join(' ');
  let shown = '';
  let from = 0;
  for (const { start, length } of marks) {
    if (start < from) continue;
    shown +=
      clean(snippet.slice(from, start)) + styled(terminal, 'yellow', clean(snippet.slice(start, start + length)));
    from = start + length;
  }
  return shown + clean(snippet.slice(from));
}

/** Rows of an SQL query as columns, or as a line of JSON each where no person reads them. */
export function sqlRows(terminal: Terminal, { columns, rows, more }: Output<'sql'>, asLines: boolean): string {
  if (asLines) {
    return rows
      .map((row) => plainJson(Object.fromEntries(columns.map((column, index) => [column, row[index]]))))
      .join('\n');
  }
  const head = columns.map((column): Cell => [plain(column), 'bold']);
  const shown = rows.map((row) =>
    row.map((value): Cell => (value === null ? ['null', 'dim'] : [plain(String(value))])),
  );
  const most = more
    ? `only the first ${rows.length} rows: --limit`
    : `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`;
  return lines(table(terminal, [head, ...shown]), hint(terminal, most));
}
