import type { Client } from '../../src/client/client';
import type { Watched } from '../../src/contract/wire';

/** What receipts become, as they become it. */
export class ReceiptBook {
  /** By call or message: what handed it over. */
  readonly #seen = new Map<string, string>();
  readonly #reports = new Map<string, string>();
  #isOpen = true;

  constructor(person: Client) {
    person.watch((event) => (this.#isOpen ? this.#note(event) : undefined));
  }

  /** What handed the call or message over, `hook` for one; undefined while it is not seen. */
  seenBy(subject: string): string | undefined {
    return this.#seen.get(subject);
  }

  /** What came of the last try to ring for it, in words. */
  reportOf(subject: string): string | undefined {
    return this.#reports.get(subject);
  }

  end(): void {
    this.#isOpen = false;
  }

  #note(event: Watched): void {
    if (event.type === 'receipt.seen') {
      const { calls, messages, via } = event.payload;
      for (const subject of [...calls, ...messages]) this.#seen.set(subject, via);
    }
    if (event.type === 'receipt.rung') {
      const { ringer, result, detail } = event.payload.report;
      this.#reports.set(event.payload.subject, `${ringer}: ${result} ${detail ?? ''}`);
    }
  }
}
