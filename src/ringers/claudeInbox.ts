import { randomUUID } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import type { RingAnswer, RingerTest, RingRequest } from '../contract/wire';
import { frames, longestLine, readStatus } from './claudeFrames';
import { configFolder, findSession } from './claudeSession';
import { ReturnAddress, sweepAddresses } from './returnAddress';
import type { Availability, LateReport, Ringer } from './ringer';
import type { TriedVersions } from './versions';

/** How long the inbox may take to let us connect and write (ms). */
const writeTimeout = 2000;
/** Rings whose later fate is still told. */
const mostOutstanding = 500;
/** Senders with an address of their own; more share the last one. */
const mostAddresses = 64;

export interface ClaudeInboxParts {
  /** `CLAUDE_CODE_MESSAGING_SOCKET` and `CLAUDE_CODE_MESSAGING_TOKEN`. */
  readonly socket: string;
  readonly token: string;
  readonly sessionId?: string | undefined;
  /** Claude Code's configuration folder, for its record of the session. */
  readonly folder?: string | undefined;
  /** Told what Claude Code says of a ring afterwards. */
  readonly report: (report: LateReport) => void;
  readonly isAlive?: (pid: number) => boolean;
  /** The inbox is undocumented: the versions that it was tried with. */
  readonly tried?: TriedVersions | undefined;
}

/** Rings a Claude Code session through its inbox socket: an idle one starts a turn, a busy one sees it after its tool. */
export class ClaudeInboxRinger implements Ringer {
  readonly name = 'claude-inbox';
  readonly #parts: ClaudeInboxParts;
  /** By sender: Claude Code counts and limits messages by the address that they come from. */
  readonly #addresses = new Map<string, Promise<ReturnAddress | undefined>>();
  readonly #outstanding = new Map<string, { readonly subject: string; readonly agent: string }>();
  readonly #rings = new Map<string, number>();
  #swept: Promise<void> | undefined;
  #isDisposed = false;

  constructor(parts: ClaudeInboxParts) {
    this.#parts = parts;
  }

  /** Undefined when the environment is not that of a Claude Code session with an inbox. */
  static of(
    env: NodeJS.ProcessEnv,
    report: ClaudeInboxParts['report'],
    tried?: TriedVersions,
  ): ClaudeInboxRinger | undefined {
    const socket = env['CLAUDE_CODE_MESSAGING_SOCKET'];
    const token = env['CLAUDE_CODE_MESSAGING_TOKEN'];
    if (socket === undefined || socket === '' || token === undefined || token === '') return undefined;
    const sessionId = env['CLAUDE_CODE_SESSION_ID'];
    return new ClaudeInboxRinger({ socket, token, sessionId, folder: configFolder(env), report, tried });
  }

  async available(): Promise<Availability> {
    if (this.#isDisposed) return { available: false, reason: 'the session has ended' };
    const untried = this.#parts.tried?.problem();
    if (untried !== undefined) return { available: false, reason: untried };
    if (isPipe(this.#parts.socket)) return { available: true };
    const stat = await lstat(this.#parts.socket).catch(() => undefined);
    if (stat?.isSocket() !== true) return { available: false, reason: 'its inbox socket is gone' };
    if (process.getuid !== undefined && stat.uid !== process.getuid()) {
      return { available: false, reason: 'its inbox socket belongs to another user' };
    }
    return { available: true };
  }

  async ring(request: RingRequest): Promise<RingAnswer> {
    try {
      const state = await this.available();
      if (!state.available) return { result: 'failed', detail: state.reason };
      const prompt = await this.#openPrompt();
      await this.#write(request);
      return prompt === undefined ? { result: 'written' } : { result: 'held', detail: prompt };
    } catch (error) {
      return { result: 'failed', detail: error instanceof Error ? error.message.slice(0, 200) : 'unknown' };
    }
  }

  /** Connects and says nothing: the inbox reads no line, and nobody is woken. */
  async selfTest(): Promise<RingerTest> {
    const began = performance.now();
    const state = await this.available();
    const problem = state.available
      ? await knock(this.#parts.socket).catch((error: unknown) =>
          String(error instanceof Error ? error.message : error),
        )
      : state.reason;
    const common = { ringer: this.name, did: 'connected to its inbox socket', milliseconds: performance.now() - began };
    return problem === undefined ? { ...common, works: true } : { ...common, works: false, detail: problem };
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    const addresses = await Promise.all(this.#addresses.values());
    this.#addresses.clear();
    await Promise.all(addresses.map(async (address) => address?.close()));
  }

  /** What the session's own record says it waits for from its user, e.g. `permission prompt`. */
  async #openPrompt(): Promise<string | undefined> {
    const { folder, socket, sessionId } = this.#parts;
    const session = folder === undefined ? undefined : await findSession(folder, { socket, sessionId });
    return session?.status === 'waiting' ? (session.waitingFor ?? 'a prompt') : undefined;
  }

  async #write(request: RingRequest): Promise<void> {
    const address = await this.#addressFor(request.fromId);
    const id = randomUUID();
    const lines = frames(this.#parts.token, {
      id,
      from: address?.path ?? this.#addressPath(0),
      text: this.#distinct(request),
    });
    if (lines.length > longestLine) throw new Error('the ring is too long');
    this.#remember(id, request);
    await writeTo(this.#parts.socket, lines);
  }

  /** The same text twice would be dropped as a repetition, so a repeated ring says so. */
  #distinct({ subject, text }: RingRequest): string {
    const times = (this.#rings.get(subject) ?? 0) + 1;
    this.#rings.delete(subject);
    this.#rings.set(subject, times);
    trim(this.#rings, mostOutstanding);
    return times === 1 ? text : `${text}\n(Parley says this for the ${ordinal(times)} time: ${subject})`;
  }

  #remember(id: string, { subject, agent }: RingRequest): void {
    this.#outstanding.set(id, { subject, agent });
    trim(this.#outstanding, mostOutstanding);
  }

  async #addressFor(sender: string): Promise<ReturnAddress | undefined> {
    await (this.#swept ??= this.#sweep());
    const known = [...this.#addresses];
    const key = known.length < mostAddresses || this.#addresses.has(sender) ? sender : (known.at(-1)?.[0] ?? sender);
    let address = this.#addresses.get(key);
    if (!address) {
      address = ReturnAddress.open(this.#addressPath(known.length + 1), (line) => this.#heard(line));
      this.#addresses.set(key, address);
    }
    return address;
  }

  #addressPath(number: number): string {
    const name = `parley-${process.pid}-${number}.sock`;
    if (isPipe(this.#parts.socket)) return `\\\\.\\pipe\\${name}`;
    return path.join(path.dirname(this.#parts.socket), name);
  }

  async #sweep(): Promise<void> {
    if (isPipe(this.#parts.socket)) return;
    await sweepAddresses(path.dirname(this.#parts.socket), this.#parts.isAlive ?? isAlive);
  }

  #heard(line: string): void {
    const status = readStatus(line);
    for (const id of status?.ids ?? []) {
      const ring = this.#outstanding.get(id);
      if (ring && status) this.#parts.report({ ...ring, ringer: this.name, ...status.answer });
    }
  }
}

/** Connects, and leaves without a word. */
function knock(socket: string): Promise<undefined> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    connection.setTimeout(writeTimeout, () => connection.destroy(new Error('its inbox does not answer')));
    connection.once('error', reject);
    connection.once('connect', () => {
      connection.end();
      connection.resume();
      resolve(undefined);
    });
  });
}

function writeTo(socket: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    connection.setTimeout(writeTimeout, () => connection.destroy(new Error('its inbox does not answer')));
    connection.once('error', reject);
    connection.once('connect', () => {
      connection.end(text, () => {
        // The other side may close first, or keep its half open: neither says more.
        connection.on('error', () => undefined);
        connection.resume();
        resolve();
      });
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const isPipe = (socket: string): boolean => socket.startsWith('\\\\');

/** Forgets the oldest beyond `most`. */
function trim(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

function ordinal(number: number): string {
  return { 2: '2nd', 3: '3rd' }[number] ?? `${number}th`;
}
