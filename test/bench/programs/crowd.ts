// Many agents that are connected and listen, and to whom nothing is said: whoever talks beside them should not notice.
import { connect } from '../../../src/client/client';
import { takeTasks } from './tasks';

export interface CrowdOptions {
  readonly home: string;
  readonly agents: number;
}

async function open({ home, agents }: CrowdOptions): Promise<void> {
  const desk = await connect({ home, client: 'bench', version: '1' });
  for (let count = 0; count < agents; count++) {
    const { token } = await desk.ask('register', { name: `Extra${count}` });
    const client = await connect({ home, token, client: 'bench', version: '1', present: true, seat: true });
    client.subscribe(() => undefined);
  }
}

takeTasks({ open: (options) => open(options as CrowdOptions), round: () => Promise.resolve([]) });
