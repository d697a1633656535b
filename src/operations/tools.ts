import { ParleyError } from '../contract/errors';
import type { Handlers } from './handler';

/** Not yet. */
function refuse(): never {
  throw new ParleyError('internal');
}

export const toolHandlers: Handlers<'tools' | 'useTool' | 'allowTool'> = {
  tools: refuse,
  useTool: refuse,
  allowTool: refuse,
};
