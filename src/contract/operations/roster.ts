import * as z from 'zod';
import { agentView, waitingView } from '../views';
import { agentName, operation } from './operation';

/** When the person is not to be disturbed. */
export const quietView = z.object({
  on: z.boolean().describe('now: calls go to the inbox without ringing'),
  until: z.number().int().optional().describe('while on: when it ends by itself (ms); absent: when the person says so'),
  hours: z.string().optional().describe('when it begins by itself, e.g. 22:00-07:00 mon-fri'),
});

/** A call that an agent placed or got, as it ended or stands. */
export const pastCallView = z.object({
  id: z.string(),
  from: z.string(),
  fromName: z.string(),
  topic: z.string(),
  placedAt: z.number().int(),
  to: z.array(z.object({ agent: z.string(), name: z.string(), state: z.string() })),
});

/** What the person does with the agents on the roster, and with their own peace. */
export const roster = {
  renameAgent: operation({
    description: 'Give an agent another name.',
    input: z.object({ agent: agentName, name: z.string().max(64).describe('the name that it has from now on') }),
    output: z.object({ agent: agentView, waiting: waitingView }),
    permission: 'admin',
    doors: ['cli'],
  }),
  disconnect: operation({
    description:
      'Sign an agent off: it leaves its threads, what it asked for and what waits for it ends, its connections close, its name is free. What was said stays. A client that still runs may sign on anew.',
    input: z.object({ agent: agentName }),
    output: z.object({ agent: z.string().describe('the name that it had'), waiting: waitingView }),
    permission: 'admin',
    doors: ['cli'],
  }),
  pastCalls: operation({
    description: 'The last calls of an agent, the latest first: who, about what, and how each ended.',
    input: z.object({ agent: agentName, limit: z.number().int().min(1).max(50).optional().describe('default 10') }),
    output: z.object({ calls: z.array(pastCallView), waiting: waitingView }),
    permission: 'admin',
    doors: ['cli'],
  }),
  doNotDisturb: operation({
    description:
      'Leave the person alone, now, for a while or at the same hours every week: calls go to the inbox without ringing. Without arguments: how it stands.',
    input: z.object({
      on: z.boolean().optional(),
      for: z
        .number()
        .min(1)
        .max(31 * 86_400)
        .optional()
        .describe('with on: ends by itself after so many seconds'),
      hours: z
        .string()
        .max(500)
        .nullable()
        .optional()
        .describe('when it begins by itself, by the clock of the machine, e.g. 22:00-07:00 mon-fri; null: no more'),
    }),
    output: z.object({ doNotDisturb: quietView, waiting: waitingView }),
    permission: 'admin',
    doors: ['cli'],
  }),
} as const;

export type QuietView = z.infer<typeof quietView>;
export type PastCallView = z.infer<typeof pastCallView>;
