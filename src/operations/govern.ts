import { ParleyError } from '../contract/errors';
import type { Handlers } from './handler';

export const governHandlers: Handlers<'govern' | 'pauseAll' | 'resumeAll'> = {
  govern: () => Promise.reject(new ParleyError('unknown_operation', { operation: 'govern' })),
  pauseAll: () => Promise.reject(new ParleyError('unknown_operation', { operation: 'pauseAll' })),
  resumeAll: () => Promise.reject(new ParleyError('unknown_operation', { operation: 'resumeAll' })),
};
