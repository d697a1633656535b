import type { OutgoingHttpHeaders } from 'node:http';
import { McpDoor, type McpLimits } from '../../src/doors/mcp/mcpDoor';
import { testExchange, type Party } from '../support/testExchange';
import { OpenStream } from './mcpEvents';
import { headersOf, HttpBench, type Reply } from './mcpHttp';
import { statelessBody, statelessHeaders } from './mcpStateless';

/** The two ways to ask; everything that both can be asked is tested over both. */
export const eras = ['session', 'stateless'] as const;
export type Era = (typeof eras)[number];

/** The MCP door before the real broker, with time that the test moves. */
export class BrokerBench extends HttpBench {
  readonly office: ReturnType<typeof testExchange>;

  private constructor(office: ReturnType<typeof testExchange>, limits: Partial<McpLimits>) {
    super(new McpDoor(office.exchange, { clock: office.clock, log: () => undefined, limits }));
    this.office = office;
  }

  static async open(limits: Partial<McpLimits> = {}): Promise<BrokerBench> {
    return new BrokerBench(testExchange(), limits).start();
  }

  /** An agent that speaks over MCP in that era. */
  async enter(name: string, era: Era): Promise<McpAgent> {
    const party = await this.office.join(name, { present: false, seat: false });
    return new McpAgent(this, party, era, era === 'session' ? await this.beginWith(party.token) : undefined);
  }
}

/** One agent's client, which knows its era and nothing else. */
export class McpAgent {
  readonly party: Party;
  readonly #bench: BrokerBench;
  readonly #era: Era;
  readonly #session: string | undefined;
  #lastId = 0;

  constructor(bench: BrokerBench, party: Party, era: Era, session: string | undefined) {
    this.#bench = bench;
    this.party = party;
    this.#era = era;
    this.#session = session;
  }

  send(method: string, params: Record<string, unknown> = {}, more: OutgoingHttpHeaders = {}): Promise<Reply> {
    const { headers, body } = this.request(method, params);
    return this.#bench.send('POST', { ...headers, ...more }, JSON.stringify(body));
  }

  /** The result of a request. @throws with the error that came instead */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async ask(method: string, params: Record<string, unknown> = {}): Promise<any> {
    const { messages, body } = await this.send(method, params);
    const last = messages.at(-1);
    if (last?.result === undefined) throw Object.assign(new Error(body), { error: last?.error as unknown });
    return last.result as unknown;
  }

  /** The error of a request. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async refusal(method: string, params: Record<string, unknown> = {}): Promise<any> {
    const { messages, body } = await this.send(method, params);
    const last = messages.at(-1);
    if (last?.error === undefined) throw new Error(`not refused: ${body}`);
    return last.error as unknown;
  }

  /** A tool's structured result. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async call(name: string, args: Record<string, unknown> = {}): Promise<any> {
    const result = (await this.ask('tools/call', { name, arguments: args })) as { structuredContent?: unknown };
    return result.structuredContent ?? result;
  }

  stream(method: 'GET' | 'POST', rpc?: string, params: Record<string, unknown> = {}): Promise<OpenStream> {
    if (rpc === undefined) return OpenStream.open(this.#bench, method, this.request('', {}).headers);
    const { headers, body } = this.request(rpc, params);
    return OpenStream.open(this.#bench, method, headers, body);
  }

  request(method: string, params: Record<string, unknown>): { headers: OutgoingHttpHeaders; body: object } {
    const id = ++this.#lastId;
    const authorization = `Bearer ${this.party.token}`;
    if (this.#era === 'session') {
      return { headers: headersOf(this.#session, { authorization }), body: { jsonrpc: '2.0', id, method, params } };
    }
    const { _meta: meta, ...rest } = params as { _meta?: Record<string, unknown> };
    const request = { id, method, params: rest, ...(meta && { meta }) };
    return { headers: statelessHeaders(request, { authorization }), body: statelessBody(request) };
  }
}
