import * as z from 'zod';
import { agentView, policies, waitingView } from '../views';
import { agentName, key, operation } from './operation';

/** What the person allows an agent, or everyone; a field that is not there was not decided. */
export const ruleView = z.object({
  policy: z.enum(policies).optional().describe('what calls do at most: the stricter of this and their own holds'),
  hold: z.boolean().optional().describe('gets no rings: calls wait'),
  mute: z.boolean().optional().describe('the person is not notified about it'),
  maySend: z.boolean().optional(),
  mayWake: z.boolean().optional().describe('whether what it sends may wake others; true permits every ringer'),
  wakesPerHour: z.number().int().optional().describe('how often it may be woken in an hour'),
});

export const govern = {
  govern: operation({
    description:
      'What the person allows an agent, or everyone: call policy, hold, mute, sending, waking. Null takes back.',
    input: z.object({
      agent: agentName.optional().describe('absent: the rule for everyone who has none of their own'),
      policy: z.enum(policies).nullable().optional(),
      hold: z.boolean().nullable().optional(),
      mute: z.boolean().nullable().optional(),
      maySend: z.boolean().nullable().optional(),
      mayWake: z.boolean().nullable().optional(),
      wakesPerHour: z.number().int().min(0).max(100_000).nullable().optional(),
    }),
    output: z.object({ agent: agentView.optional(), rule: ruleView, waiting: waitingView }),
    permission: 'admin',
    doors: ['cli'],
  }),
  pauseAll: operation({
    description: 'Stop everything: nothing rings, nobody is woken, what agents write is held until it goes on.',
    input: z.object({ key }),
    output: z.object({ paused: z.boolean(), waiting: waitingView }),
    permission: 'admin',
    doors: ['cli'],
  }),
  resumeAll: operation({
    description: 'Let everything go on: what waited rings, what was held is told.',
    input: z.object({ key }),
    output: z.object({ paused: z.boolean(), waiting: waitingView }),
    permission: 'admin',
    doors: ['cli'],
  }),
} as const;

export type RuleView = z.infer<typeof ruleView>;
