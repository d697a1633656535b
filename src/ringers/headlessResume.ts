import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { RingAnswer } from '../contract/wire';
import type { HeadlessSession } from './headlessClients';
import { DoorClosed, type Door, type DoorTest, type LateReport, type Ring, type RingerClock } from './ringer';
import { TriedVersions } from './versions';

/** How long a session that was brought back may run (ms): then it is ended. */
export const resumeLimit = 600_000;
/** How long a program that was asked to end has for it (ms). */
const endPatience = 5000;
/** The end of what it says against us that is kept, in characters. */
const longestComplaint = 2000;

/** What is known of the agent when it is to be brought back. */
export interface Resumable {
  readonly session: HeadlessSession;
  /** The client's program, absolute. */
  readonly program: string;
  /** The agent's workspace, absolute: it runs there. */
  readonly folder: string;
}

/** A session that was brought back, for as long as it runs. */
export interface HeadlessRun {
  /** As it is called before people. */
  readonly client: string;
  readonly folder: string;
  /** Resolves when its program has ended. */
  readonly ended: Promise<unknown>;
}

export interface HeadlessResumeParts {
  /** @throws DoorClosed with the reason why it cannot be brought back from here now, e.g. its session runs */
  readonly find: () => Promise<Resumable>;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: RingerClock;
  /** Told when a session that was brought back failed. */
  readonly report: (report: LateReport) => void;
  /** Told of each run that began and ended, for the log. */
  readonly note: (text: string) => void;
  /** Told of each run that began: the client, where it runs, and when that is over (never rejected). */
  readonly began?: (run: HeadlessRun) => void;
}

/**
 * Brings the session of an agent that is away back by its client's own program, once, without a window and without a shell.
 * One at a time. That it was started is all that a ring says; a run that fails is reported afterwards.
 */
export class HeadlessResumeDoor implements Door {
  readonly name = 'headless-resume';
  /** Programs may take seconds to say their version. */
  readonly timeout = 20_000;
  readonly #parts: HeadlessResumeParts;
  #running: ChildProcess | undefined;
  #cancelLimit: () => void = () => undefined;

  constructor(parts: HeadlessResumeParts) {
    this.#parts = parts;
  }

  async look(): Promise<void> {
    await this.#find();
  }

  async test(signal: AbortSignal): Promise<DoorTest> {
    const { session, program } = await this.#find();
    const version = await this.#version(program, signal);
    check(session, version);
    return { did: `ran ${session.client.program} for its version`, version };
  }

  async ring({ text, request }: Ring, signal: AbortSignal): Promise<RingAnswer> {
    const { session, program, folder } = await this.#find();
    check(session, await this.#version(program, signal));
    signal.throwIfAborted();
    // Nothing may have begun meanwhile.
    this.#mustBeFree();
    const { client, id } = session;
    const { env } = this.#parts;
    const isPosix = process.platform !== 'win32';
    // A group of its own, so that what it starts ends with it.
    const child = spawn(program, client.arguments(id, text), {
      cwd: folder,
      env,
      shell: false,
      detached: isPosix,
      windowsHide: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    this.#running = child;
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => {
        this.#running = undefined;
        reject(error);
      });
    });
    this.#parts.note(`${client.title} goes on with the session ${id} in ${folder}, process ${child.pid ?? 0}`);
    const ended = new Promise((resolve) => child.once('close', resolve));
    this.#parts.began?.({ client: client.title, folder, ended });
    this.#follow(child, ({ detail }) => {
      this.#parts.report({
        subject: request.subject,
        agent: request.agent,
        ringer: this.name,
        result: 'failed',
        detail,
      });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(client.readsInput ? text : '');
    return { result: 'written' };
  }

  async dispose(): Promise<void> {
    const child = this.#running;
    if (!child) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    this.#end(child);
    await ended;
  }

  #follow(child: ChildProcess, failed: (why: { readonly detail: string }) => void): void {
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (said: string) => {
      complaint = (complaint + said).slice(-longestComplaint);
    });
    let isLate = false;
    this.#cancelLimit = this.#parts.clock.after(resumeLimit, () => {
      isLate = true;
      this.#end(child);
    });
    child.once('close', (code, signal) => {
      this.#cancelLimit();
      if (this.#running === child) this.#running = undefined;
      this.#parts.note(`process ${child.pid ?? 0} ended with ${code ?? signal ?? 'nothing'}`);
      if (isLate) failed({ detail: `it ran for ${resumeLimit / 60_000} minutes and was ended` });
      else if (code !== 0)
        failed({ detail: `it ended with ${code ?? signal ?? ''}: ${lastLine(complaint)}`.slice(0, 200) });
    });
  }

  #end(child: ChildProcess): void {
    kill(child, 'SIGTERM');
    const cancel = this.#parts.clock.after(endPatience, () => kill(child, 'SIGKILL'));
    child.once('close', cancel);
  }

  /** @throws DoorClosed */
  async #find(): Promise<Resumable> {
    this.#mustBeFree();
    const found = await this.#parts.find();
    if (!path.isAbsolute(found.program) || !path.isAbsolute(found.folder))
      throw new DoorClosed('its place is not known');
    await access(found.program, constants.X_OK).catch(() => {
      throw new DoorClosed(`the program ${found.session.client.program} is not found`);
    });
    return found;
  }

  #mustBeFree(): void {
    if (this.#running) throw new DoorClosed('its session is being brought back already');
  }

  /** @throws with its last line when it fails */
  #version(program: string, signal: AbortSignal): Promise<string> {
    const { env } = this.#parts;
    return new Promise((resolve, reject) => {
      const options = { env, signal, windowsHide: true, maxBuffer: 64 * 1024 };
      execFile(program, ['--version'], options, (error, stdout, stderr) => {
        if (error) reject(new Error(lastLine(stderr) || error.message, { cause: error }));
        else resolve(/(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1]?.replace(/\.$/, '') ?? '');
      });
    });
  }
}

/** @throws DoorClosed for a version that was not tried */
function check({ client }: HeadlessSession, version: string): void {
  const problem = new TriedVersions(client.title, client.tried, () => version).problem();
  if (problem !== undefined) throw new DoorClosed(problem);
}

/** The program and what it started; one that is gone already is left alone. */
function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It ended this moment.
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
