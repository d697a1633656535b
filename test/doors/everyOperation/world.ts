import type { Client as McpSdkClient } from '@modelcontextprotocol/sdk/client/index.js';
import type { Client } from '../../../src/client/client';
import { IdentityStore } from '../../../src/client/identityStore';
import { errorTexts } from '../../../src/contract/errors';
import type { OperationName } from '../../../src/contract/operations';
import type { BrokerProcess } from '../../support/brokerProcess';
import { mcpClient } from '../../support/mcpClient';
import { run } from '../../unit/cli/run';

export type DoorName = 'rpc' | 'mcp' | 'cli';

/** One agent with a connection of its own, and its token kept for the command line. */
export interface Party {
  readonly name: string;
  readonly id: string;
  readonly token: string;
  readonly client: Client;
}

/** What one door answered: its words, or its error's code. */
export interface Answered {
  readonly shown: string;
  readonly code: string | undefined;
}

/** Three agents that nobody else knows, and the person; a new one for each try of each operation. */
export class World {
  readonly a: Party;
  readonly b: Party;
  readonly c: Party;
  readonly person: Client;
  readonly #broker: BrokerProcess;

  private constructor(broker: BrokerProcess, person: Client, [a, b, c]: readonly [Party, Party, Party]) {
    this.#broker = broker;
    this.person = person;
    this.a = a;
    this.b = b;
    this.c = c;
  }

  static async make(broker: BrokerProcess, person: Client, number: number): Promise<World> {
    const join = async (letter: string): Promise<Party> => {
      const name = `${letter}${number}`;
      const client = await broker.agent(name);
      new IdentityStore(broker.home).add({ id: client.id, name, token: client.token, sessions: [], savedAt: number });
      return { name, id: client.id, token: client.token, client };
    };
    return new World(broker, person, [await join('Atlas'), await join('Bea'), await join('Cleo')]);
  }

  leave(): void {
    for (const { client } of [this.a, this.b, this.c]) client.close();
  }

  /** `a` and `b` talk. Answers their thread. */
  async talk(topic = 'Lunch'): Promise<string> {
    const { call } = await this.a.client.ask('call', { to: this.b.name, topic });
    const { thread } = await this.b.client.ask('answer', { call: call.id, answer: 'accept' });
    if (thread === undefined) throw new Error('no thread');
    return thread;
  }

  /** An archived thread of theirs in which one thing was said. */
  async archived(text: string): Promise<string> {
    const thread = await this.talk();
    await this.a.client.ask('send', { thread, text });
    await this.a.client.ask('leave', { thread, close: true });
    return thread;
  }

  /** Something that `b` alone is good at. */
  async skill(): Promise<string> {
    const skill = `skill-of-${this.b.name}`;
    await this.b.client.ask('profile', { capabilities: [skill] });
    return skill;
  }

  /** A task that `from` gave to `to`. */
  async task(from: Party, to: Party): Promise<string> {
    return (await from.client.ask('delegate', { to: to.name, title: 'Mend it' })).task.id;
  }

  /** Through rpc, as this agent, as the person, or as nobody. */
  async byRpc(as: Party | 'person' | 'stranger', operation: OperationName, input: object): Promise<Answered> {
    const client = as === 'person' ? this.person : as === 'stranger' ? await this.#broker.connect() : as.client;
    try {
      // The table has a right input and a wrong one for each.
      return { shown: JSON.stringify(await client.ask(operation, input as never)), code: undefined };
    } catch (error) {
      return { shown: '', code: (error as { code?: string }).code ?? String(error) };
    }
  }

  /** Through the tool, as the agent. */
  async byMcp(as: Party, tool: string, given: Record<string, unknown>): Promise<Answered> {
    const client: McpSdkClient = await mcpClient(this.#broker.record()?.socket ?? '', as.token);
    try {
      const result = await client.callTool({ name: tool, arguments: given });
      const text = (result.content as readonly { readonly text?: string }[]).map((one) => one.text ?? '').join('\n');
      const [code] = /^[a-z_]+(?=:)/.exec(text) ?? [text];
      return result.isError === true ? { shown: '', code } : { shown: text + JSON.stringify(result), code: undefined };
    } finally {
      await client.close();
    }
  }

  /** Through the command line: in an environment of the agent's, or at the person's terminal. */
  async byCli(as: Party | 'person', words: readonly string[]): Promise<Answered> {
    const around = as === 'person' ? { terminal: true } : { env: { PARLEY_AGENT: as.name } };
    const ran = await run(this.#broker.home, [...words, '--json'], around);
    if (ran.code === 0) return { shown: ran.stdout, code: undefined };
    const { code } = (JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '{}') as { error: { code: string } }).error;
    // The exit code says the same.
    const exit = errorTexts[code as keyof typeof errorTexts].exit;
    return { shown: '', code: exit === ran.code ? code : `${code}, but exit code ${ran.code}` };
  }
}
