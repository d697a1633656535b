import { ParleyError } from '../contract/errors';
import type { Handlers } from './handler';

const later = (operation: string): Promise<never> =>
  Promise.reject(new ParleyError('unknown_operation', { operation }));

export const roomHandlers: Handlers<
  'open' | 'join' | 'rename' | 'pause' | 'resume' | 'grant' | 'typing' | 'broadcast'
> = {
  open: () => later('open'),
  join: () => later('join'),
  rename: () => later('rename'),
  pause: () => later('pause'),
  resume: () => later('resume'),
  grant: () => later('grant'),
  typing: () => later('typing'),
  broadcast: () => later('broadcast'),
};
