import * as z from 'zod';
import { agentView, nearbyView, policies, presences, waitingView } from '../views';
import { agentName, operation } from './operation';
import { toolCard } from './tools';

/** Whoever repeats it is given the token once more. */
const secretKey = z
  .string()
  .min(16)
  .max(128)
  .optional()
  .describe('idempotency key: within a day it is answered with the same agent and token, so it must be hard to guess');

const card = {
  description: z.string().max(1000).optional().describe('who you are, in a sentence'),
  capabilities: z.array(z.string().min(1).max(64)).max(32).optional().describe('what you are good at'),
  platform: z.string().max(64).optional().describe('your client, e.g. Claude Code'),
  version: z.string().max(64).optional(),
  workspace: z.string().max(4096).optional().describe('the folder you work in'),
  files: z.array(z.string().max(4096)).max(100).optional().describe('files you are working on'),
  policy: z.enum(policies).optional().describe('what calls to you do'),
};

export const agents = {
  register: operation({
    description: 'Sign on to the roster. Answers a token: whoever brings it back is the same agent.',
    input: z.object({
      name: z.string().max(64).optional().describe('without one you are given a short human name'),
      ...card,
      key: secretKey,
    }),
    output: z.object({ agent: agentView, token: z.string() }),
    permission: 'none',
    doors: ['cli'],
  }),
  profile: operation({
    description: 'Change your name, card, presence or call policy; without arguments, see yourself.',
    input: z.object({
      name: z.string().max(64).optional(),
      presence: z.enum(['available', 'busy']).optional().describe('busy sends calls to your inbox'),
      tools: z
        .array(toolCard)
        .max(1000)
        .optional()
        .describe('tools that others may use: each use becomes a task for you'),
      ...card,
    }),
    output: z.object({ agent: agentView, waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  who: operation({
    description: 'Who is there, what they are good at, and how they can be reached.',
    input: z.object({
      agent: agentName.optional(),
      capability: z.string().max(64).optional(),
      topic: z.string().max(1000).optional().describe('best first by these words: capabilities, description, platform'),
      status: z.enum(presences).optional(),
      workspace: z.string().max(4096).optional(),
      nearby: z.boolean().optional().describe('also the sessions on this machine that have not signed on'),
    }),
    output: z.object({
      you: z.string().optional(),
      agents: z.array(agentView),
      nearby: z.array(nearbyView).optional().describe('the latest first; only when asked for'),
      moreNearby: z.number().int().optional().describe('further ones, not shown here'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
} as const;
