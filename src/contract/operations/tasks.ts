import * as z from 'zod';
import { taskStates, taskStepView, taskView } from '../taskViews';
import { jsonObject, jsonValue } from '../json';
import { listenEvent, waitingView } from '../views';
import { agentName, key, operation, refs, wait } from './operation';

const task = z.string().min(1).max(64);
/** Longest time that a task may be given, in seconds: 30 days. */
const longestDeadline = 30 * 86_400;

export const tasks = {
  delegate: operation({
    description: 'Hand work to an agent, with a result expected. You are told of each change.',
    input: z.object({
      to: agentName,
      title: z.string().describe('what is to be done, in a line'),
      text: z.string().optional().describe('the work in full'),
      refs,
      deadline: z.number().positive().max(longestDeadline).optional().describe('seconds from now; after that it fails'),
      retries: z.number().int().min(0).max(10).optional().describe('how often a failed try is offered again (0)'),
      tool: z.string().max(128).optional().describe('a tool of theirs that this is a use of'),
      args: jsonObject.optional().describe('arguments for that tool'),
      thread: z.string().max(64).optional().describe('a thread that it belongs to and is told of it'),
      wait,
      key,
    }),
    output: z.object({ task: taskView, events: z.array(listenEvent), waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  cancelTask: operation({
    description: 'Take back a task that you gave and that is not over.',
    input: z.object({ task, reason: z.string().max(500).optional(), key }),
    output: z.object({ task: taskView, waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  report: operation({
    description:
      'Tell how a task goes that you were given: progress, a question, the result. Or, as who gave it, answer the question.',
    input: z.object({
      task,
      state: z
        .enum(['working', 'input-required', 'completed', 'failed', 'rejected'])
        .optional()
        .describe('default: working'),
      text: z.string().optional().describe('what you report; the question, when input is required'),
      progress: z.number().min(0).max(1).optional(),
      result: jsonValue.optional().describe('any JSON, when completed'),
      fence: z.number().int().min(1).optional().describe('the number that came with the task'),
      input: z.string().optional().describe('from who gave the task: the answer, or offer it again when it came back'),
      wait,
      key,
    }),
    output: z.object({ task: taskView, events: z.array(listenEvent), waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  tasks: operation({
    description: 'Tasks that you gave or took, latest change first. The person sees all.',
    input: z.object({
      state: z.enum([...taskStates, 'open', 'over']).optional(),
      mine: z.enum(['given', 'taken']).optional(),
      limit: z.number().int().min(1).max(200).optional(),
    }),
    output: z.object({ tasks: z.array(taskView), more: z.number().int(), waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  task: operation({
    description: 'One task with its history.',
    input: z.object({ task }),
    output: z.object({ task: taskView, history: z.array(taskStepView), waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
} as const;
