export function line(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Rows under a head, in columns: the first to the left, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, column) => {
      const isText = column === 0 || column === head.length - 1;
      return isText ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
    });
    line(`  ${cells.join('  ').trimEnd()}`);
  }
  line();
}

/** One goal: what was measured beside the most that it may be; ends in `ok` or by how much it was missed. */
export function goal(name: string, measured: number, most: number, unit: string): void {
  const verdict = measured <= most ? 'ok' : `missed by ${short(measured - most)} ${unit}`;
  line(`  goal  ${name}: ${short(measured)} of ${short(most)} ${unit}: ${verdict}`);
}

/** As {@link goal}, where more is better. */
export function atLeast(name: string, measured: number, least: number, unit: string): void {
  const verdict = measured >= least ? 'ok' : `missed by ${short(least - measured)} ${unit}`;
  line(`  goal  ${name}: ${short(measured)}, at least ${short(least)} ${unit}: ${verdict}`);
}

/** Three digits, however large. */
export function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
