import type { Writable } from 'node:stream';
import { checkSocket } from '../client/checkSocket';
import { newIdentity, whoAmI, type Surroundings } from '../client/identity';
import { lastingAncestor } from '../client/processes';
import { Link, type LinkEvents } from '../client/link';
import type { Identity } from '../contract/home';
import type { HookMoment } from '../contract/hooks';
import type { Input, OperationName, Output } from '../contract/operations';
import type { Hello } from '../contract/wire';
import { ownEnvironment } from './bridgedClient';
import type { HookOptions } from './hook';
import { eventNames, hookClient, type HookClientName, type HookInput } from './hookClients';
import { isRungByItsBridge, waitingAdvice } from './hookDoors';
import type { HookHome } from './hookHome';
import { hookWords, tooMuch, waitingWords } from './hookWords';

/** Events told at once, and bytes of agents' words among them. */
const mostEvents = 12;
const wordsBudget = 6 * 1024;

/** Which hook runs, of whom, and what the client said. */
export interface HookCase {
  readonly moment: HookMoment;
  readonly client: HookClientName;
  readonly input: HookInput;
  /** Whether the client took what was said, where it tells. Others have taken it when their end of the pipe has. */
  readonly taken?: () => Promise<boolean>;
}

/** What a hook has to do with the broker. */
export class HookTalk {
  readonly #options: HookOptions;
  readonly #home: HookHome;
  readonly #case: HookCase;

  constructor(options: HookOptions, home: HookHome, hookCase: HookCase) {
    this.#options = options;
    this.#home = home;
    this.#case = hookCase;
  }

  async run(): Promise<void> {
    const surroundings = this.#surroundings();
    const known = this.#who(surroundings);
    if (known) await this.#tell(known);
    else if (this.#case.moment === 'session-start') await this.#signOn(surroundings);
  }

  /** What is around us, without what another client left there, and with the session that ours has told. */
  #surroundings(): Surroundings {
    const { client, input } = this.#case;
    const { session } = input;
    const { clientName, variable } = hookClient(client);
    const env = { ...ownEnvironment(clientName, this.#options.env) };
    if (variable !== undefined && session !== undefined) env[variable] = session;
    return { env, isTerminal: false, processes: this.#options.processes };
  }

  #who(surroundings: Surroundings): Identity | undefined {
    try {
      const who = whoAmI(this.#home, surroundings);
      return who.kind === 'agent' ? who.identity : undefined;
    } catch {
      return this.#ofOurProcess(surroundings);
    }
  }

  /** Who registered in this very process of a client that has one session at a time: in an earlier session of it, or its bridge. */
  #ofOurProcess({ processes }: Surroundings): Identity | undefined {
    if (hookClient(this.#case.client).shares !== 'process') return undefined;
    const own = lastingAncestor(processes);
    return this.#home.list().find(({ process }) => process && process.pid === own?.pid && process.start === own.start);
  }

  async #tell({ id, name, token }: Identity): Promise<void> {
    const { moment, client, input } = this.#case;
    const link = await this.#link(token);
    try {
      const ringing = moment === 'stop' ? await this.#reasons(link, id) : [];
      if (ringing === undefined) return;
      const { output, delivery } = await ask(link, 'listen', { wait: 0, limit: mostEvents });
      const { events, more, waiting } = output;
      const words = hookWords(link.welcome.agent?.name ?? name, events, ringing, more, waiting);
      const begins = moment === 'session-start';
      const said = words === '' && begins ? waitingWords(waiting) : (words ?? tooMuch(events.length));
      const text = [said, begins ? this.#advice() : ''].filter((part) => part !== '').join('\n');
      if (text === '') return;
      const { context, goOn } = hookClient(client);
      const answer = moment === 'stop' ? goOn(text) : context(text, input.event ?? eventNames[moment]);
      await write(this.#options.stdout, JSON.stringify(answer));
      const { taken } = this.#case;
      if (taken && !(await taken())) return;
      const calls = events.flatMap((event) => (event.what === 'call' ? [event.call.id] : []));
      if (moment === 'stop') {
        this.#home.holdCalls(id, [...this.#home.heldCalls(id), ...ringing.map((call) => call.id), ...calls]);
      }
      if (words !== undefined && delivery !== undefined) {
        await link.request('confirm', { deliveries: [delivery], via: 'hook' });
      }
    } finally {
      link.close();
    }
  }

  /**
   * Why the turn should go on: calls that ring and have not kept it going before, or something new in a live conversation.
   * Undefined: it may end, and what else waits can wait.
   */
  async #reasons(link: Link, id: string): Promise<Output<'inbox'>['calls'] | undefined> {
    const { output } = await ask(link, 'inbox', { limit: 50 });
    const held = new Set(this.#home.heldCalls(id));
    const rings = output.calls.filter((call) =>
      call.to.some(({ agent, state }) => agent === id && state === 'ringing'),
    );
    const ringing = rings.filter((call) => !held.has(call.id));
    const talks = output.threads.some(({ mode, state, unread }) => mode === 'live' && state === 'open' && unread > 0);
    return ringing.length > 0 || talks ? ringing : undefined;
  }

  /**
   * A session that is not on the roster signs on, where its bridge will know the agent again by the session. Who can be rung
   * has a bridge that signs on by itself at this very moment; two agents for one session would be one too many.
   */
  async #signOn(surroundings: Surroundings): Promise<void> {
    const { client, input } = this.#case;
    const { platform, shares } = hookClient(client);
    const { env } = surroundings;
    if (shares === 'nothing' || input.session === undefined || (env['PARLEY_AGENT'] ?? '') !== '') return;
    if (isRungByItsBridge(client, env)) return;
    const link = await this.#link(undefined);
    try {
      const workspace = env['CLAUDE_PROJECT_DIR'] ?? input.cwd ?? this.#options.cwd;
      const { output } = await ask(link, 'register', { platform, workspace });
      const { id, name } = output.agent;
      this.#home.add(newIdentity({ id, name, token: output.token }, surroundings, this.#options.clock.now()));
      const text =
        `You are on Parley, the phone between the coding agents on this machine, as "${name}". ` +
        `Others can call you or leave messages; you are told when they do. Use Parley's tools: who, call, answer, send, listen.`;
      const { context } = hookClient(client);
      const whole = [text, this.#advice()].filter((part) => part !== '').join('\n');
      await write(this.#options.stdout, JSON.stringify(context(whole, input.event ?? eventNames['session-start'])));
    } finally {
      link.close();
    }
  }

  #advice(): string {
    const { home, env, cwd } = this.#options;
    return waitingAdvice(this.#case.client, { home, env, cwd: this.#case.input.cwd ?? cwd });
  }

  async #link(token: string | undefined): Promise<Link> {
    const record = this.#home.broker();
    if (!record) throw new Error('no broker');
    checkSocket(record.socket, process.getuid?.());
    const { version, clock } = this.#options;
    // A single request: it claims no seat, and is not presence.
    const hello: Hello = {
      client: 'parley-hook',
      version,
      protocol: record.protocol,
      seat: false,
      present: false,
      ringers: [],
      budget: wordsBudget,
    };
    return Link.open(record, token, hello, silent, clock);
  }
}

const silent: LinkEvents = {
  told: () => undefined,
  event: () => undefined,
  ring: () => Promise.resolve({ result: 'failed' }),
  useTool: () => Promise.reject(new Error('no tools here')),
  stopping: () => undefined,
  lost: () => undefined,
};

interface Answer<N extends OperationName> {
  readonly output: Output<N>;
  readonly delivery?: string;
}

function ask<N extends OperationName>(link: Link, operation: N, input: Input<N>): Promise<Answer<N>> {
  return link.request<Answer<N>>(operation, input);
}

/** Resolves when the system took all of it. */
function write(stdout: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.on('error', reject);
    stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve()));
  });
}
