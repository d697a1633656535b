import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface InboxLine {
  readonly type: string;
  readonly token?: string;
  readonly msg_id?: string;
  readonly from?: string;
  readonly priority?: string;
  readonly message?: { readonly content: string };
}

/** A Claude Code session as far as its inbox goes: a socket that takes lines, and a record of its state. */
export class FakeInbox {
  readonly lines: InboxLine[] = [];
  readonly socket: string;
  readonly folder: string;
  readonly #root: string;
  readonly #server: Server;

  private constructor(root: string) {
    this.#root = root;
    this.folder = path.join(root, '.claude');
    this.socket = path.join(root, 'cc-socks', '4711.sock');
    this.#server = createServer((connection) => {
      let text = '';
      connection.setEncoding('utf8');
      connection.on('data', (chunk: string) => (text += chunk));
      connection.on('end', () => {
        for (const line of text.split('\n')) if (line !== '') this.lines.push(JSON.parse(line) as InboxLine);
      });
    });
  }

  static async start(): Promise<FakeInbox> {
    const root = await mkdtemp(path.join(tmpdir(), 'parley-ring-'));
    const inbox = new FakeInbox(root);
    await mkdir(path.dirname(inbox.socket), { mode: 0o700 });
    await mkdir(path.join(inbox.folder, 'sessions'), { recursive: true });
    await new Promise<void>((resolve) => inbox.#server.listen(inbox.socket, resolve));
    return inbox;
  }

  /** The messages that came so far. */
  get texts(): string[] {
    return this.lines.flatMap(({ message }) => (message ? [message.content] : []));
  }

  async setState(state: object): Promise<void> {
    const record = { pid: 4711, messagingSocketPath: this.socket, sessionId: 'session-1', ...state };
    await writeFile(path.join(this.folder, 'sessions/4711.json'), JSON.stringify(record));
  }

  /** Leaves word at a sender's address, in pieces when told so. */
  async say(address: string, line: object, pieces = 1): Promise<void> {
    const text = `${JSON.stringify(line)}\n`;
    const size = Math.ceil(text.length / pieces);
    const connection = connect(address);
    await new Promise((resolve, reject) => connection.once('connect', resolve).once('error', reject));
    for (let at = 0; at < text.length; at += size) {
      await new Promise((resolve) => connection.write(text.slice(at, at + size), resolve));
    }
    await new Promise<void>((resolve) => connection.end(resolve));
  }

  async vanish(): Promise<void> {
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async stop(): Promise<void> {
    await this.vanish();
    await rm(this.#root, { recursive: true, force: true });
  }
}
