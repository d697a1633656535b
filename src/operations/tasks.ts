import { ParleyError } from '../contract/errors';
import type { Handlers } from './handler';

/** Not yet. */
function refuse(): never {
  throw new ParleyError('internal');
}

export const taskHandlers: Handlers<'delegate' | 'cancelTask' | 'report' | 'tasks' | 'task'> = {
  delegate: refuse,
  cancelTask: refuse,
  report: refuse,
  tasks: refuse,
  task: refuse,
};
