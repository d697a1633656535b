import * as path from 'node:path';
import { ParleyError } from '../contract/errors';
import { homeFiles } from '../contract/home';
import { isNewer } from '../contract/versions';
import { protocol, type BrokerRecord, type Hello } from '../contract/wire';
import { isSandboxed } from './agentEnvironment';
import { checkSocket, readBrokerRecord } from './brokerRecord';
import { pause, type Clock } from './clock';
import { readAdminToken } from './identityStore';
import { Link, type LinkEvents } from './link';
import type { ConnectOptions } from './options';
import { startBroker, type Autostart } from './starter';

/** How long a started broker may take until it answers. Milliseconds. */
const startTimeout = 15_000;
/** How often a starting broker is looked for, until it is there or the time is over: nothing tells when a socket begins to answer. Milliseconds. */
const startPoll = 20;
/** Another holds the home and does not answer: it may be ending, so starting is tried again after this. Milliseconds. */
const startAgain = 250;

/** How long a broker that hands over may take to end. Milliseconds. */
const handOverTimeout = 5000;

export interface ReachOptions {
  readonly mayStart: boolean;
  /** True when nobody waits for this attempt any more. */
  readonly isStale: () => boolean;
}

/** Finds the broker by its record, or starts one. */
export class Dialer {
  readonly #home: string;
  readonly #autostart: () => Autostart | undefined;
  readonly #clock: Clock;

  constructor(options: Pick<ConnectOptions, 'home' | 'autostart'>, clock: Clock) {
    this.#home = options.home;
    const { autostart } = options;
    this.#autostart = typeof autostart === 'function' ? autostart : () => autostart;
    this.#clock = clock;
  }

  async reach(
    hello: Omit<Hello, 'protocol'>,
    token: ConnectOptions['token'],
    events: LinkEvents,
    { mayStart, isStale }: ReachOptions,
  ): Promise<Link> {
    const dial = (record: BrokerRecord): Promise<Link> => {
      checkSocket(record.socket, process.getuid?.());
      // Read as late as this: the person's token is there only once a broker has been.
      const bearer = typeof token === 'function' ? token() : token;
      return Link.open(record, bearer, { ...hello, protocol }, events, this.#clock);
    };
    const autostart = this.#autostart();
    if (mayStart && autostart) await this.#replaceOlder(hello, autostart);
    const link = await this.#dialNow(dial);
    if (link) return link;
    if (!autostart || !mayStart) throw new ParleyError('broker_gone');
    return this.#start(autostart, dial, isStale);
  }

  /** Asks a broker that is older than the program we would start to hand over to it. One that will not is left as it is. */
  async #replaceOlder(hello: Omit<Hello, 'protocol'>, { version, build, env }: Autostart): Promise<void> {
    const record = readBrokerRecord(this.#home);
    if (version === undefined || build === undefined || !record || isSandboxed(env)) return;
    const successor = { version, build };
    const token = readAdminToken(this.#home);
    if (token === undefined || !isNewer(successor, record)) return;
    try {
      checkSocket(record.socket, process.getuid?.());
      const { client } = hello;
      const asker = { client, version, seat: false, present: false, ringers: [], protocol: record.protocol };
      const link = await Link.open(record, token, asker, noEvents, this.#clock);
      await link.request('stop', { reason: 'hand-over', successor });
      link.close();
    } catch {
      return;
    }
    const deadline = this.#clock.now() + handOverTimeout;
    while (this.#clock.now() < deadline && readBrokerRecord(this.#home)?.pid === record.pid) {
      await pause(this.#clock, startPoll);
    }
  }

  /** Undefined when nobody is there. */
  async #dialNow(dial: (record: BrokerRecord) => Promise<Link>): Promise<Link | undefined> {
    const record = readBrokerRecord(this.#home);
    if (!record) return undefined;
    try {
      return await dial(record);
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'broker_gone') return undefined;
      throw error;
    }
  }

  async #start(
    autostart: Autostart,
    dial: (record: BrokerRecord) => Promise<Link>,
    isStale: () => boolean,
  ): Promise<Link> {
    const deadline = this.#clock.now() + startTimeout;
    let started = startBroker(this.#home, autostart);
    let startedAt = this.#clock.now();
    while (!isStale()) {
      await pause(this.#clock, startPoll);
      const ended = started.ended();
      const link = await this.#dialNow(dial);
      if (link) return link;
      if (ended instanceof ParleyError) throw ended;
      const now = this.#clock.now();
      if (now > deadline) {
        const problem = `it did not answer within ${startTimeout / 1000} s`;
        throw new ParleyError('broker_start_failed', { problem, log: path.join(this.#home, homeFiles.logs) });
      }
      if (ended === 'yes' && now - startedAt >= startAgain) {
        started = startBroker(this.#home, autostart);
        startedAt = now;
      }
    }
    throw new ParleyError('broker_gone');
  }
}

const noEvents: LinkEvents = {
  told: () => undefined,
  event: () => undefined,
  ring: () => Promise.resolve({ result: 'failed' }),
  useTool: () => Promise.reject(new ParleyError('broker_gone')),
  stopping: () => undefined,
  lost: () => undefined,
};
