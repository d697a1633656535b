import type { Database, SqlJsStatic, SqlValue, Statement } from 'sql.js';
import { pragmas } from './schema';

/** One row, by column. */
export type Row = Record<string, SqlValue>;

/**
 * A SQLite database in memory. The only place that prepares statements: an export closes and opens the database behind
 * our back, which frees all of them, sets the pragmas back and would silently throw an open transaction away.
 */
export class SqlDatabase {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();
  #inTransaction = false;

  constructor(sql: SqlJsStatic, bytes?: Uint8Array) {
    this.#database = new sql.Database(bytes);
    this.#database.exec(pragmas);
  }

  /** Runs several statements, without values. */
  script(text: string): void {
    this.#database.exec(text);
  }

  /** Runs one statement; `undefined` stands for null. */
  run(text: string, ...values: (SqlValue | undefined)[]): void {
    this.#prepared(text).run(bound(values));
  }

  all(text: string, ...values: (SqlValue | undefined)[]): Row[] {
    const statement = this.#prepared(text);
    const rows: Row[] = [];
    statement.bind(bound(values));
    try {
      while (statement.step()) rows.push(statement.getAsObject());
    } finally {
      statement.reset();
    }
    return rows;
  }

  get(text: string, ...values: (SqlValue | undefined)[]): Row | undefined {
    return this.all(text, ...values)[0];
  }

  /**
   * Runs the one statement that stands in `text` and hands its rows over until `take` answers false.
   *
   * @returns the columns. @throws Error with SQLite's own words, also when there are several statements.
   */
  each(text: string, take: (values: SqlValue[]) => boolean): string[] {
    const statements = this.#database.iterateStatements(text);
    const { value: statement } = statements.next() as { readonly value?: Statement };
    if (!statement) throw new Error('there is no statement');
    const columns = statement.getColumnNames();
    const rest = statements.getRemainingSQL().replace(/--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/|[\s;]/g, '');
    if (rest !== '') throw new Error('only one statement is possible');
    while (statement.step()) if (!take(statement.get())) break;
    return columns;
  }

  /** Where other databases of the same SQLite find this one, to attach it. */
  get path(): string {
    return (this.#database as Database & { readonly filename: string }).filename;
  }

  /** Bytes of the database. */
  get bytes(): number {
    const pages = Number(this.get('pragma page_count')?.['page_count']);
    return pages * Number(this.get('pragma page_size')?.['page_size']);
  }

  /** How many rows the last statement that writes has changed. */
  get changed(): number {
    return this.#database.getRowsModified();
  }

  /** All of `work` or nothing of it. */
  transaction(work: () => void): void {
    this.#database.exec('begin');
    this.#inTransaction = true;
    try {
      work();
      this.#database.exec('commit');
    } catch (error) {
      this.#database.exec('rollback');
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  /** The whole database as the bytes of a SQLite file. @throws Error inside a transaction. */
  export(): Uint8Array {
    if (this.#inTransaction) throw new Error('an export would throw the transaction away');
    this.#statements.clear();
    const bytes = this.#database.export();
    this.#database.exec(pragmas);
    return bytes;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepared(text: string): Statement {
    let statement = this.#statements.get(text);
    if (!statement) this.#statements.set(text, (statement = this.#database.prepare(text)));
    return statement;
  }
}

function bound(values: (SqlValue | undefined)[]): SqlValue[] {
  return values.map((value) => value ?? null);
}
