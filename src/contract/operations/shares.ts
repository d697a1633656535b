import * as z from 'zod';
import { waitingView } from '../views';
import { agentName, key, operation } from './operation';

const time = z.number().int();
/** Names and values, as of an environment or of HTTP headers. */
const pairs = z.record(z.string().min(1).max(256), z.string().max(8192));

/** An MCP server that the person shares with the roster. Values of its environment and headers are never shown. */
export const shareView = z.object({
  name: z.string().describe('its name on the roster'),
  agent: z.string(),
  transport: z.enum(['stdio', 'http']),
  command: z.array(z.string()).optional().describe('what is run, and its arguments'),
  folder: z.string().optional(),
  url: z.string().optional(),
  environment: z.array(z.string()).optional().describe('names only'),
  headers: z.array(z.string()).optional().describe('names only'),
  state: z.enum(['starting', 'running', 'waiting']).describe('waiting: it is gone, and is started again'),
  tools: z.number().int(),
  leftOut: z
    .array(z.object({ name: z.string(), problem: z.string() }))
    .optional()
    .describe('tools that cannot be offered'),
  problem: z.string().optional().describe('why it went or did not start'),
  retryAt: time.optional().describe('when it is started again'),
});

export type ShareView = z.infer<typeof shareView>;

/** MCP servers whose tools stand on the roster. */
export const shares = {
  share: operation({
    description:
      'Share an MCP server with the roster: its tools appear under its name. It is started once to see that it works.',
    input: z.object({
      name: agentName.describe('its name on the roster'),
      command: z.array(z.string().min(1).max(4096)).min(1).max(100).optional().describe('a program and its arguments'),
      folder: z.string().min(1).max(4096).optional().describe('where it runs; default: your own folder'),
      environment: pairs.optional().describe('what it gets besides PATH, HOME and the like'),
      url: z.string().max(2048).optional().describe('instead of a command: where it is reached (streamable HTTP)'),
      headers: pairs.optional().describe('with a url: what is sent along'),
      key,
    }),
    output: z.object({ share: shareView, waiting: waitingView }),
    permission: 'admin',
    doors: ['cli'],
  }),
  shares: operation({
    description: 'The MCP servers that are shared, and how they are.',
    input: z.object({}),
    output: z.object({ shares: z.array(shareView), waiting: waitingView }),
    permission: 'admin',
    doors: ['cli'],
  }),
  unshare: operation({
    description: 'Share an MCP server no more: it is stopped, and its name leaves the roster.',
    input: z.object({ name: agentName, key }),
    output: z.object({ name: z.string(), waiting: waitingView }),
    permission: 'admin',
    doors: ['cli'],
  }),
} as const;
