import type { Output } from '../../src/contract/operations';
import type { ListenEvent } from '../../src/contract/views';
import type { CliProcess, Ran } from '../support/cliProcess';
import { until } from '../support/until';
import type { Heard, Player, ReadThread, Seen, Told } from './players';

/** An agent that runs commands, as any agent with a shell can; what comes to it is what its `parley watch` prints. */
export class CliPlayer implements Player {
  readonly name: string;
  readonly #cli: CliProcess;
  readonly #watch: ReturnType<CliProcess['watch']>;

  private constructor(cli: CliProcess, name: string) {
    this.#cli = cli;
    this.name = name;
    this.#watch = cli.watch(name);
  }

  static async join(
    cli: CliProcess,
    name: string,
    platform: string,
    capabilities: readonly string[],
  ): Promise<CliPlayer> {
    const card = ['--platform', platform, '--capabilities', capabilities.join(',')];
    worked(await cli.run(undefined, ['register', '--name', name, ...card]));
    const player = new CliPlayer(cli, name);
    await until(`${name} to listen`, async () => {
      const [agent] = (await cli.json<Output<'who'>>(name, 'who', name)).agents;
      return agent?.reach.state === 'listening';
    });
    return player;
  }

  async who(): Promise<Told & { readonly agents: readonly Seen[] }> {
    const { agents } = await this.#cli.json<Output<'who'>>(this.name, 'who');
    return { ...(await this.#run('who')), agents };
  }

  call(agent: string, topic: string): Promise<Told> {
    return this.#run('call', agent, '--topic', topic);
  }

  accept(call: string): Promise<Told> {
    return this.#run('accept', call);
  }

  send(text: string): Promise<Told> {
    return this.#run('send', text);
  }

  leave(): Promise<Told> {
    return this.#run('leave');
  }

  async read(thread: string): Promise<Told & ReadThread> {
    const told = await this.#run('read', thread);
    const read = await this.#cli.json<Output<'read'>>(this.name, 'read', thread);
    const said = read.messages.filter(({ type }) => type === 'message');
    return {
      ...told,
      topic: read.thread.topic,
      state: read.thread.state,
      said: said.map(({ fromName, content }) => [fromName, content] as const),
    };
  }

  search(words: string): Promise<Told> {
    return this.#run('search', words);
  }

  heard(): readonly Heard[] {
    return this.#watch.events().flatMap(heardOf);
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#watch.child.once('exit', resolve));
    this.#watch.child.kill('SIGTERM');
    if ((await ended) !== 0) throw new Error(`the watch of ${this.name} did not end well`);
  }

  async #run(...words: readonly string[]): Promise<Told> {
    return { text: worked(await this.#cli.run(this.name, words)).stdout };
  }
}

function worked(ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(`ended with ${ran.code}: ${ran.stderr}`);
  return ran;
}

function heardOf(event: ListenEvent): Heard[] {
  switch (event.what) {
    case 'call':
      return [{ what: 'call', call: event.call.id, from: event.call.fromName, topic: event.call.topic }];
    case 'outcome':
      if (event.outcome !== 'accepted') return [];
      return [{ what: 'answered', by: event.agent, thread: event.call.thread }];
    case 'message': {
      const { type, fromName: from, content: text, thread } = event.message;
      if (type === 'message') return [{ what: 'said', from, text, thread }];
      return type === 'system' ? [] : [{ what: type === 'join' ? 'joined' : 'left', from }];
    }
    case 'closed':
      return [{ what: 'closed', thread: event.thread }];
    default:
      return [];
  }
}
