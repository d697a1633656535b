import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { once } from 'node:events';
import * as path from 'node:path';
import { ParleyError } from '../contract/errors';
import type { Input, Output } from '../contract/operations';
import type { Client } from '../client/client';
import { counted } from './pieces';
import type { Session } from './session';

/** Bytes of a file that are handed over at once: well below what an import takes. */
const pieceBytes = 256 * 1024;
/** How often a terminal is told how far it is. Milliseconds. */
const tellEvery = 200;

/**
 * Everything that was said as JSON lines, to a file (which is there when it is whole, and not before) or, without one and for
 * `-`, to standard output.
 */
export async function exportAll(session: Session, given: string | undefined): Promise<void> {
  const out = given === '-' ? undefined : given;
  const progress = new Progress(session, out !== undefined);
  await session.with(await session.connect(session.personToken()), async (client) => {
    if (out === undefined) {
      for await (const text of pages(session, client)) await session.print(text.replace(/\n$/, ''));
      return;
    }
    const whole = path.resolve(session.options.cwd, out);
    const temporary = `${whole}.part`;
    try {
      const file = createWriteStream(temporary, { mode: 0o600 });
      await once(file, 'open');
      let bytes = 0;
      for await (const text of pages(session, client)) {
        if (!file.write(text)) await once(file, 'drain');
        progress.tell((bytes += Buffer.byteLength(text)));
      }
      file.end();
      await once(file, 'close');
      await rename(temporary, whole);
      progress.end();
      if (session.isJson) await session.printJson({ file: out, bytes });
      else await session.print(`Exported ${sizeOf(bytes)} to ${out}.`);
    } catch (error) {
      progress.end();
      await rm(temporary, { force: true });
      throw ofFile(error, out);
    }
  });
}

async function* pages(session: Session, client: Client): AsyncGenerator<string> {
  const { signal } = session.options;
  let cursor: string | undefined;
  do {
    const page: Output<'export'> = await client.ask('export', cursor === undefined ? {} : { cursor }, { signal });
    yield page.lines;
    ({ cursor } = page);
  } while (cursor !== undefined);
}

/** Takes in a file that `exportAll` made. Nothing changes before all of it was checked. */
export async function importAll(session: Session, given: string): Promise<void> {
  const name = path.resolve(session.options.cwd, given);
  let size: number;
  try {
    ({ size } = statSync(name));
  } catch (error) {
    throw ofFile(error, name);
  }
  const progress = new Progress(session, true, size);
  await session.with(await session.connect(session.personToken()), async (client) => {
    const { signal } = session.options;
    let sent: Output<'import'> | undefined;
    const hand = async (text: string, end: boolean): Promise<void> => {
      const piece: Input<'import'> = { text, ...(end && { end }) };
      const at = sent === undefined ? {} : { upload: sent.upload, position: sent.position };
      sent = await client.ask('import', { ...piece, ...at }, { signal });
      progress.tell(sent.position);
    };
    try {
      // Decoded by the stream, so that no character is cut in two.
      const file = createReadStream(name, { encoding: 'utf8', highWaterMark: pieceBytes });
      for await (const text of file) await hand(text as string, false);
      await hand('', true);
    } catch (error) {
      throw ofFile(error, name);
    } finally {
      progress.end();
    }
    const done = sent?.done;
    if (session.isJson) await session.printJson(done ?? {});
    else if (done) {
      await session.print(takenIn(done));
    }
  });
}

/** What came of an import, in a line. */
export function takenIn({ threads, messages, tasks, known }: NonNullable<Output<'import'>['done']>): string {
  const taken = [
    threads === 0 ? '' : `${counted(threads, 'thread')} with ${counted(messages, 'message') || 'no message'}`,
    counted(tasks, 'task'),
  ].filter((part) => part !== '');
  const here =
    known === 0 ? '' : `${counted(known, 'thread')} ${known === 1 ? 'was' : 'were'} here already, or erased here`;
  if (taken.length === 0) return here === '' ? 'The file has nothing to take in.' : `Nothing new: ${here}.`;
  return `Took in ${taken.join(' and ')}${here === '' ? '' : `; ${here}`}.`;
}

/** A line on standard error that is written over as it goes on; nothing where that is no terminal. */
class Progress {
  readonly #session: Session;
  readonly #isShown: boolean;
  readonly #whole: number | undefined;
  #told = 0;

  constructor(session: Session, isWanted: boolean, whole?: number) {
    this.#session = session;
    this.#isShown = isWanted && session.options.stderr.isTTY === true && !session.isJson;
    this.#whole = whole;
  }

  tell(bytes: number): void {
    const now = this.#session.options.clock.now();
    if (!this.#isShown || now - this.#told < tellEvery) return;
    this.#told = now;
    const part = this.#whole ? ` (${Math.floor((100 * bytes) / this.#whole)} %)` : '';
    this.#session.options.stderr.write(`\r${sizeOf(bytes)}${part}\u001b[K`);
  }

  end(): void {
    if (this.#told > 0) this.#session.options.stderr.write('\r\u001b[K');
    this.#told = 0;
  }
}

function sizeOf(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** What the system says of a file, as an error of ours; any other as it is. */
function ofFile(error: unknown, name: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  return new ParleyError('file_failed', { file: name, problem: code });
}
