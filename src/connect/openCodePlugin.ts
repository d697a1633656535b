/**
 * The plugin that OpenCode loads: at the end of a turn it asks `parley hook` what came in, and goes on with that as the next
 * prompt. It fails open, and never says anything by itself.
 */
export function openCodePlugin(launcher: string): string {
  return `// Written by Parley (parley connect opencode --remove takes it out).
import { spawn } from 'node:child_process';

const launcher = ${JSON.stringify(launcher)};
const longest = 10_000;

/** What the hook has to say, or nothing: without Parley, without a broker, and whenever something fails. */
function ask(moment, session) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(launcher, ['hook', moment, 'opencode'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: longest,
      shell: process.platform === 'win32',
      env: { ...process.env, OPENCODE_SESSION_ID: session },
    });
    child.on('error', () => resolve(''));
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify({ session_id: session }));
    child.stdout.on('data', (data) => (output += data));
    child.on('close', (code) => {
      try {
        resolve(code === 0 && output !== '' ? (JSON.parse(output).text ?? '') : '');
      } catch {
        resolve('');
      }
    });
  });
}

export const Parley = async ({ client }) => ({
  event: async ({ event }) => {
    const session = event.properties?.sessionID ?? event.properties?.info?.id;
    if (event.type !== 'session.idle' || !session) return;
    const text = await ask('stop', session);
    if (text === '') return;
    await client.session.promptAsync({ path: { id: session }, body: { parts: [{ type: 'text', text }] } }).catch(() => undefined);
  },
});
`;
}
