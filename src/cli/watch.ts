import type { Session } from './session';
import { plainJson } from './terminal';

/**
 * Events as JSON lines, held open until the command is ended: for an agent what concerns it, for the person everything. An
 * event counts as seen once standard output took its line.
 */
export async function watch(session: Session): Promise<void> {
  const { isPerson, token } = session.speaker();
  const { signal } = session.options;
  await session.with(await session.connect(token, { present: !isPerson }), async (client) => {
    const ended = new Promise<void>((resolve, reject) => {
      const stop = (): void => resolve();
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      // Whoever read us is gone: that is an end, not an error.
      session.options.stdout.on('error', stop);
      client.onState((state) => {
        if (state.kind === 'lost' && state.error.code === 'broker_gone') session.note('the broker is away; waiting');
        if (state.kind === 'connected') session.note('the broker is back');
        if (state.kind === 'failed') reject(state.error);
      });
    });
    if (isPerson) client.watch((event) => void session.print(plainJson(event)).catch(() => undefined));
    else client.subscribe((event) => session.print(plainJson(event)));
    await ended;
  });
}
