import { StoreError } from '../errors';
import type { IndexedMessage } from './answers';
import {
  type ExportCounts,
  type ExportedAgent,
  type ExportedCall,
  type ExportedTask,
  type ExportedThread,
  chain,
  exportKinds,
  exportVersion,
  noCounts,
} from './exportFormat';
import type { Message } from '../../core/model';

/** One line of an export that counts for an import. */
export type ImportedLine =
  | { readonly kind: 'agent'; readonly agent: ExportedAgent }
  | { readonly kind: 'task'; readonly task: ExportedTask }
  | { readonly kind: 'call'; readonly call: ExportedCall }
  | { readonly kind: 'thread'; readonly thread: ExportedThread }
  | { readonly kind: 'message'; readonly message: Message; readonly receipts: IndexedMessage['receipts'] };

/** A line longer than this is in no export, bytes. */
export const longestLine = 4 * 1024 * 1024;

type Shape = Readonly<Record<string, 'text' | 'number' | 'text?' | 'number?' | 'list' | 'object'>>;

const shapes = {
  agent: { id: 'text', name: 'text', kind: 'text', card: 'object', lastAt: 'number' },
  task: {
    ...{ id: 'text', from: 'text', to: 'text', title: 'text', state: 'text', placedAt: 'number', steps: 'list' },
    ...{ refs: 'list', changedAt: 'number', overAt: 'number?', text: 'text?', said: 'text?', thread: 'text?' },
  },
  step: { at: 'number', change: 'text', by: 'text?', said: 'text?', fence: 'number' },
  call: { id: 'text', from: 'text', topic: 'text', placedAt: 'number', to: 'list', threads: 'list' },
  leg: { agent: 'text', state: 'text' },
  thread: {
    ...{ id: 'text', topic: 'text', mode: 'text', state: 'text', home: 'text', call: 'text?', openedAt: 'number' },
    ...{ lastAt: 'number', closedAt: 'number?', reason: 'text?', messages: 'number', participants: 'list' },
  },
  participant: { agent: 'text', joinedAt: 'number', leftAt: 'number?' },
  message: {
    ...{ id: 'text', thread: 'text', from: 'text', type: 'text', content: 'text', refs: 'list', replyTo: 'text?' },
    ...{ broadcast: 'text?', seq: 'number', timestamp: 'number', receipts: 'list' },
  },
  ref: { uri: 'text', note: 'text?', excerpt: 'text?' },
  receipt: { agent: 'text', state: 'text', at: 'number', ringer: 'text?', result: 'text?', detail: 'text?' },
} satisfies Record<string, Shape>;

/** Reads the lines of an export one after the other, and holds them against each other. */
export class ImportLines {
  /** The number of the line that was read last, from 1. */
  #line = 0;
  #checksum = '';
  #counts: ExportCounts = { ...noCounts };
  #thread: { readonly id: string; readonly messages: number; seq: number } | undefined;
  #ended = false;

  /** @returns nothing for the first and the last line. @throws StoreError `import_refused` that names the line */
  read(line: string): ImportedLine | undefined {
    this.#line++;
    const [kind, content] = this.#parse(line);
    if (this.#ended) throw this.#refuse('comes after the end');
    if (this.#line === 1) {
      this.#begin(kind, content);
    } else if (kind === 'end') {
      this.#end(content);
      return undefined;
    }
    this.#checksum = chain(this.#checksum, line);
    if (this.#line === 1) return undefined;
    switch (kind) {
      case 'agent': {
        this.#counts.agent++;
        return { kind, agent: this.#shaped(content, shapes.agent) as unknown as ExportedAgent };
      }
      case 'task': {
        this.#counts.task++;
        const task = this.#shaped(content, shapes.task) as unknown as ExportedTask;
        for (const step of task.steps) this.#shaped(step, shapes.step);
        return { kind, task };
      }
      case 'call': {
        this.#counts.call++;
        const call = this.#shaped(content, shapes.call) as unknown as ExportedCall;
        for (const leg of call.to) this.#shaped(leg, shapes.leg);
        if (!call.threads.every((id) => typeof id === 'string')) throw this.#refuse('has a thread that is none');
        return { kind, call };
      }
      case 'thread': {
        this.#counts.thread++;
        const thread = this.#shaped(content, shapes.thread) as unknown as ExportedThread;
        for (const place of thread.participants) this.#shaped(place, shapes.participant);
        this.#thread = { id: thread.id, messages: thread.messages, seq: 0 };
        return { kind, thread };
      }
      case 'message': {
        this.#counts.message++;
        return this.#message(content);
      }
      default:
        throw this.#refuse(`has a "${kind.slice(0, 32)}", which no export has`);
    }
  }

  /** After the last line. @throws StoreError `import_refused` when it was not the end */
  close(): void {
    this.#line++;
    if (!this.#ended) throw this.#refuse('is missing: the file is cut off');
  }

  #parse(line: string): [string, unknown] {
    let parsed: unknown;
    try {
      parsed = JSON.parse(line);
    } catch {
      throw this.#refuse(this.#line === 1 ? 'is not the beginning of an export of Parley' : 'is not JSON');
    }
    const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
    const [only] = entries;
    if (!only || entries.length > 1) throw this.#refuse('does not say what it is');
    return only;
  }

  #begin(kind: string, content: unknown): void {
    if (kind !== 'parley') throw this.#refuse('is not the beginning of an export of Parley');
    const { version } = this.#shaped(content, { version: 'number' });
    if (Number(version) > exportVersion) throw this.#refuse('is of a newer Parley');
  }

  #end(content: unknown): void {
    const told = this.#shaped(content, { checksum: 'text' });
    for (const kind of exportKinds) {
      // A file from before there were tasks has none, and does not count them.
      if ((told[kind] ?? 0) === this.#counts[kind]) continue;
      throw this.#refuse(`tells of ${String(told[kind])} of ${kind}, and there are ${this.#counts[kind]}`);
    }
    if (told['checksum'] !== this.#checksum) throw this.#refuse('has another checksum than the lines before it');
    this.#ended = true;
  }

  #message(content: unknown): ImportedLine {
    const { receipts, ...message } = this.#shaped(content, shapes.message) as unknown as Message & {
      receipts: IndexedMessage['receipts'];
    };
    for (const ref of message.refs) this.#shaped(ref, shapes.ref);
    for (const receipt of receipts) this.#shaped(receipt, shapes.receipt);
    const thread = this.#thread;
    if (thread?.id !== message.thread) throw this.#refuse('has a message that is not of the thread before it');
    if (message.seq <= thread.seq || message.seq > thread.messages) throw this.#refuse('has a message out of order');
    thread.seq = message.seq;
    return { kind: 'message', message, receipts };
  }

  #shaped(value: unknown, shape: Shape): Record<string, unknown> {
    if (typeof value !== 'object' || value === null) throw this.#refuse('has no content');
    const record = value as Record<string, unknown>;
    for (const [name, wanted] of Object.entries(shape)) {
      if (!fits(record[name], wanted)) throw this.#refuse(`has a wrong "${name}"`);
    }
    return record;
  }

  #refuse(problem: string): StoreError {
    const facts = { line: this.#line, problem };
    return new StoreError('import_refused', `Line ${this.#line} ${problem}.`, undefined, facts);
  }
}

function fits(value: unknown, wanted: Shape[string]): boolean {
  switch (wanted) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return Number.isSafeInteger(value) && Number(value) >= 0;
    case 'text?':
      return value === undefined || value === null || typeof value === 'string';
    case 'number?':
      return value === undefined || value === null || Number.isSafeInteger(value);
    case 'list':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null;
  }
}
