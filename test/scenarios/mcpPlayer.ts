import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { BrokerProcess } from '../support/brokerProcess';
import { mcpClient } from '../support/mcpClient';
import type { Heard, Player, ReadThread, Seen, Told } from './players';

/** What a tool answered: its text for the model and its content for programs. */
interface Answer {
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** How long the agent waits in one `listen`, seconds. */
const listenWait = 20;

interface LeanEvent {
  readonly what: string;
  readonly call?: { readonly id: string; readonly from: string; readonly topic: string; readonly thread?: string };
  readonly message?: { readonly type: string; readonly from: string; readonly text: string };
  readonly thread?: string;
  readonly agent?: string;
  readonly outcome?: string;
}

/** An agent that uses the tools, as an MCP client's model does; it listens whenever it does nothing else. */
export class McpPlayer implements Player {
  readonly name: string;
  readonly #client: Client;
  readonly #heard: Heard[] = [];
  readonly #ended = new AbortController();
  #listening: Promise<void> = Promise.resolve();

  private constructor(client: Client, name: string) {
    this.#client = client;
    this.name = name;
    this.#listening = this.#listen();
  }

  static async join(
    broker: BrokerProcess,
    name: string,
    platform: string,
    capabilities: readonly string[],
  ): Promise<McpPlayer> {
    const stranger = await broker.connect();
    const { token } = await stranger.ask('register', { name, platform });
    stranger.close();
    const client = await mcpClient(broker.record()?.socket ?? '', token, platform);
    const player = new McpPlayer(client, name);
    await player.#use('profile', { capabilities });
    return player;
  }

  async who(): Promise<Told & { readonly agents: readonly Seen[] }> {
    const { text, data } = await this.#use('who', {});
    const agents = data['agents'] as (Seen & { capabilities?: readonly string[] })[];
    return { text, agents: agents.map((one) => ({ ...one, capabilities: one.capabilities ?? [] })) };
  }

  call(agent: string, topic: string): Promise<Told> {
    return this.#use('call', { to: agent, topic, wait: 0 });
  }

  accept(call: string): Promise<Told> {
    return this.#use('answer', { answer: 'accept', call });
  }

  send(text: string): Promise<Told> {
    return this.#use('send', { text, wait: 0 });
  }

  leave(): Promise<Told> {
    return this.#use('leave', {});
  }

  async read(thread: string): Promise<Told & ReadThread> {
    const { text, data } = await this.#use('read', { thread });
    const read = data as unknown as {
      readonly thread: { readonly topic: string; readonly state: string };
      readonly messages: readonly { readonly type: string; readonly from: string; readonly text: string }[];
    };
    const said = read.messages.filter(({ type }) => type === 'message');
    return { text, ...read.thread, said: said.map((one) => [one.from, one.text] as const) };
  }

  search(words: string): Promise<Told> {
    return this.#use('search', { query: words });
  }

  heard(): readonly Heard[] {
    return this.#heard;
  }

  async end(): Promise<void> {
    this.#ended.abort();
    await this.#listening;
    await this.#client.close();
  }

  async #listen(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      try {
        const { data } = await this.#use('listen', { wait: listenWait }, this.#ended.signal);
        this.#heard.push(...((data['events'] ?? []) as LeanEvent[]).flatMap(heardOf));
      } catch (error) {
        if (this.#ended.signal.aborted) return;
        throw error;
      }
    }
  }

  async #use(name: string, given: Record<string, unknown>, signal?: AbortSignal): Promise<Answer> {
    const result = await this.#client.callTool({ name, arguments: given }, undefined, signal && { signal });
    const [content] = result.content as readonly { readonly text?: string }[];
    const text = content?.text ?? '';
    if (result.isError === true) throw new Error(`${name}: ${text}`);
    const data = (result.structuredContent ?? {}) as Record<string, unknown>;
    // What came with another answer was told too.
    if (name !== 'listen') this.#heard.push(...((data['events'] ?? []) as LeanEvent[]).flatMap(heardOf));
    return { text, data };
  }
}

function heardOf({ what, call, message, thread, agent = '', outcome }: LeanEvent): Heard[] {
  if (what === 'call' && call) return [{ what, call: call.id, from: call.from, topic: call.topic }];
  if (what === 'outcome' && outcome === 'accepted') return [{ what: 'answered', by: agent, thread: call?.thread }];
  if (what === 'closed' && thread !== undefined) return [{ what, thread }];
  if (what !== 'message' || !message) return [];
  const { type, from, text } = message;
  if (type === 'message') return [{ what: 'said', from, text, thread }];
  return type === 'system' ? [] : [{ what: type === 'join' ? 'joined' : 'left', from }];
}
