import type { Broker } from '../broker/broker';
import type { Offer } from '../broker/toolOffers';
import { ParleyError } from '../contract/errors';
import type { Input } from '../contract/operations';
import type { ToolRuleView, ToolView } from '../contract/taskViews';
import { findAgent } from '../core/agents';
import type { Agent, AgentId } from '../core/model';
import { utf8Length } from '../core/text';
import { allowTool, checkUse, mayUse, useAsTask } from '../core/tools';
import type { AskOptions } from './exchange';
import { self, waitOf, type Caller, type Handled, type Handlers } from './handler';
import { ends, taskOf, waitForTask } from './tasks';

/** Tools in one list, and bytes of them. */
const mostTools = 200;
const mostBytes = 256 * 1024;
/** Longest that a tool is waited for, in ms. */
const longestUse = 600_000;

export const toolHandlers: Handlers<'tools' | 'useTool' | 'allowTool'> = {
  async tools(broker, caller, { agent: name }, { budget = mostBytes }) {
    const agent = self(caller);
    const { state } = broker;
    const owners =
      name === undefined ? [...state.agents.values()] : [broker.board.run((step) => findAgent(step, name))];
    const all = owners
      .filter(({ id }) => id !== agent || name !== undefined)
      .sort((a, b) => a.name.localeCompare(b.name))
      .flatMap((owner) => broker.offers.of(owner.id).map((offer) => toolView(broker, agent, owner, offer)));
    const tools: ToolView[] = [];
    let bytes = 0;
    for (const tool of all.slice(0, mostTools)) {
      bytes += utf8Length(JSON.stringify(tool));
      if (bytes > budget && tools.length > 0) break;
      tools.push(tool);
    }
    const more = all.length - tools.length;
    await broker.board.durable();
    return { output: { tools, ...(more > 0 && { more }), waiting: broker.views.waiting(agent) } };
  },

  async useTool(broker, caller, input, options) {
    const by = self(caller);
    const owner = broker.board.run((step) => findAgent(step, input.agent));
    const offers = broker.offers.of(owner.id);
    const offer = offers.find(({ card }) => card.name === input.tool);
    if (!offer) {
      const known = offers.slice(0, 20).map(({ card }) => card.name);
      throw new ParleyError('unknown_tool', { agent: owner.name, tool: input.tool, known });
    }
    broker.board.run((step) => checkUse(step, by, owner.id, input.tool));
    const args = input.args ?? {};
    checkSize(broker, args);
    await broker.schemas.checkArgs(offer.card, args);
    if (!offer.client) return useByTask(broker, caller, owner, input, options);
    const { use, answer } = await broker.uses.use({
      by,
      asker: caller.client,
      owner: owner.id,
      offer,
      args,
      timeout: Math.min(
        input.timeout === undefined ? broker.board.world.limits.toolTimeout : input.timeout * 1000,
        longestUse,
      ),
      key: input.key,
      signal: options.signal,
      progress: options.progress && (({ text = '', progress }) => options.progress?.(text, progress)),
    });
    const { content, structured, isError = false } = answer;
    return {
      output: {
        use,
        result: { content, ...(structured !== undefined && { structured }) },
        isError,
        waiting: broker.views.waiting(by),
      },
    };
  },

  async allowTool(broker, caller, { agent, owner, tool, allow }) {
    const by = self(caller);
    await broker.board.change((step) => {
      if (allow === undefined) return;
      const who = agent === undefined ? undefined : findAgent(step, agent).id;
      const whose = owner === undefined ? undefined : findAgent(step, owner).id;
      allowTool(step, by, { agent: who, owner: whose, tool: tool === '*' ? undefined : tool }, allow);
    });
    const name = (id: AgentId): string => broker.views.name(id);
    const rules = broker.state.toolRules.map((rule): ToolRuleView => ({
      ...(rule.agent !== undefined && { agent: name(rule.agent) }),
      ...(rule.owner !== undefined && { owner: name(rule.owner) }),
      ...(rule.tool !== undefined && { tool: rule.tool }),
      allow: rule.allow,
    }));
    return { output: { rules, waiting: broker.views.waiting(by) } };
  },
};

/** No program runs the tool: its use is a task, and with `wait` its result the answer. */
async function useByTask(
  broker: Broker,
  caller: Caller,
  owner: Agent,
  { tool, args = {}, timeout, wait, key }: Input<'useTool'>,
  options: AskOptions,
): Promise<Handled<'useTool'>> {
  const by = self(caller);
  const within = timeout === undefined ? undefined : timeout * 1000;
  const id = await broker.board.change((step) => useAsTask(step, by, { owner: owner.id, tool, args, within, key }));
  const heard = await waitForTask(broker, caller, id, waitOf(wait), options, ends);
  const task = taskOf(broker, id);
  const { state, said, result } = task;
  const isOver = state === 'completed';
  const isFailed = state === 'failed' || state === 'canceled' || state === 'rejected';
  const content = said ?? (isOver ? '' : `It is a task for ${owner.name} now: ${state}.`);
  return {
    output: {
      use: id,
      result: { content, ...(isOver && result !== undefined && { structured: result }) },
      isError: isFailed,
      task,
      waiting: broker.views.waiting(by),
    },
    delivery: heard?.delivery,
  };
}

function toolView(broker: Broker, user: AgentId, owner: Agent, { card, client }: Offer): ToolView {
  return {
    agent: owner.name,
    name: card.name,
    description: card.description,
    input: card.input as ToolView['input'],
    live: client !== undefined,
    allowed: mayUse(broker.state, user, owner.id, card.name),
  };
}

/** @throws `tool_args_too_large` */
function checkSize(broker: Broker, args: object): void {
  const bytes = utf8Length(JSON.stringify(args));
  const { toolArgsBytes: limit } = broker.board.world.limits;
  if (bytes > limit) throw new ParleyError('tool_args_too_large', { bytes, limit });
}
