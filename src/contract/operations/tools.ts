import * as z from 'zod';
import { taskView, toolResultView, toolRuleView, toolView } from '../taskViews';
import { jsonObject } from '../json';
import { waitingView } from '../views';
import { agentName, key, maxWait, operation, wait } from './operation';

/** A tool that is offered. */
export const toolCard = z.object({
  name: z.string().max(256),
  description: z.string().max(8192),
  input: jsonObject.describe('JSON Schema of its arguments, of type object'),
});

/** What `offer` of the rpc door takes. */
export const offerInput = z.object({ tools: z.array(toolCard).max(1000) });

const tool = z.string().min(1).max(128);

export const tools = {
  tools: operation({
    description: 'The tools that agents offer to each other.',
    input: z.object({ agent: agentName.optional() }),
    output: z.object({
      tools: z.array(toolView),
      more: z.number().int().optional().describe('tools left out: name an agent'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  useTool: operation({
    description: 'Use a tool of another agent. Where no program of theirs runs it, it becomes a task for them.',
    input: z.object({
      agent: agentName.describe('whose tool'),
      tool,
      args: jsonObject.optional().describe('as the tool’s schema says'),
      timeout: z.number().positive().max(maxWait).optional().describe('seconds that the tool may take (60)'),
      wait: wait.describe('when it becomes a task: seconds to wait for its result'),
      key,
    }),
    output: z.object({
      use: z.string(),
      result: toolResultView,
      isError: z.boolean().describe('the tool itself says that it failed'),
      task: taskView.optional().describe('it became this task; the result comes by listen'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  allowTool: operation({
    description: 'The person says who may use which tools of whom; without allow, the rules as they are.',
    input: z.object({
      agent: agentName.optional().describe('who; default: everyone'),
      owner: agentName.optional().describe('whose tools; default: everyone’s'),
      tool: tool.optional().describe('which tool; default, or *: all of them'),
      allow: z.boolean().nullable().optional().describe('null takes the rule back'),
    }),
    output: z.object({ rules: z.array(toolRuleView), waiting: waitingView }),
    permission: 'admin',
    doors: ['cli'],
  }),
} as const;
