import { isJson } from '../contract/json';
import { rpcMethods, type ToolAnswer, type ToolRequest } from '../contract/wire';
import type { Link } from './link';
import type { OfferedTool, ToolRun } from './options';

/** A longer answer (characters of JSON) would cost the connection: it is told as a failure of the tool. */
const longestAnswer = 1024 * 1024;

/** The tools that a client runs for its agent. */
export class ToolDesk {
  readonly #tools: ReadonlyMap<string, OfferedTool>;

  constructor(tools: readonly OfferedTool[]) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
  }

  /** @throws ParleyError */
  async offerOver(link: Link): Promise<void> {
    const tools = [...this.#tools.values()].map(({ name, description, input }) => ({ name, description, input }));
    await link.request(rpcMethods.offer, { tools });
  }

  /** Runs one. Never rejects: what goes wrong is an answer too. */
  async use(request: ToolRequest, run: ToolRun): Promise<ToolAnswer> {
    const tool = this.#tools.get(request.tool);
    if (!tool) return failure(`there is no tool ${request.tool} here any more`);
    try {
      const { content, structured, isError } = await tool.run(request, run);
      const answer = {
        content,
        ...(structured !== undefined && { structured }),
        ...(isError === true && { isError }),
      };
      if (!isJson(answer)) return failure('the answer of the tool is no JSON');
      return JSON.stringify(answer).length > longestAnswer ? failure('the answer of the tool is too long') : answer;
    } catch (error) {
      return failure(error instanceof Error ? error.message : String(error));
    }
  }
}

function failure(content: string): ToolAnswer {
  return { content, isError: true };
}
