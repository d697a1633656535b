import * as fs from 'node:fs';

/** As long as the journal's segments. */
const fileBytes = 8 * 1024 * 1024;
/** About the length of the record of a message of 300 bytes. */
const recordBytes = 640;

/** A file whose blocks are all there, into which records are written, each synced. What a journal pays at least. */
export class SyncedFile {
  readonly #file: number;
  readonly #record = Buffer.alloc(recordBytes, 'x');
  #position = 0;

  constructor(path: string) {
    this.#file = fs.openSync(path, 'w+', 0o600);
    fs.writeSync(this.#file, Buffer.alloc(fileBytes));
    fs.fsyncSync(this.#file);
  }

  write(): void {
    if (this.#position + recordBytes > fileBytes) this.#position = 0;
    fs.writeSync(this.#file, this.#record, 0, recordBytes, this.#position);
    this.#position += recordBytes;
  }

  sync(done: () => void): void {
    fs.fdatasync(this.#file, (error) => {
      if (error) throw error;
      done();
    });
  }
}
