import * as z from 'zod';
import { operation } from './operation';
import { quietView } from './roster';

export const admin = {
  wake: operation({
    description: 'Let the agent answer: permits the wake and runs the ringers for a call that waits.',
    input: z.object({ call: z.string().max(64), agent: z.string().max(64) }),
    output: z.object({ ringers: z.array(z.string()) }),
    permission: 'admin',
    doors: [],
  }),
  status: operation({
    description: 'The broker: version, uptime, sizes, what it knows of itself.',
    input: z.object({}),
    output: z.object({
      version: z.string(),
      pid: z.number().int(),
      home: z.string(),
      socket: z.string(),
      startedAt: z.number(),
      offset: z.number().int(),
      agents: z.number().int(),
      connections: z.number().int(),
      openThreads: z.number().int(),
      paused: z.boolean().describe('the person has paused everything'),
      doNotDisturb: quietView,
      durability: z.enum(['fsync', 'os']),
      memory: z.number().int().describe('resident bytes'),
      readOnly: z.string().optional().describe('why nothing can be written'),
      repaired: z.string().optional().describe('what the start found damaged and cut'),
    }),
    permission: 'observer',
    doors: ['cli'],
  }),
  stop: operation({
    description: 'Stop the broker cleanly.',
    input: z.object({
      reason: z.string().max(200).optional(),
      successor: z
        .object({ version: z.string().max(64), build: z.number() })
        .optional()
        .describe('hand-over: older programs than this start no broker any more'),
    }),
    output: z.object({}),
    permission: 'admin',
    doors: ['cli'],
  }),
} as const;
