import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How long the launcher may take to answer, in milliseconds. A cold start takes a tenth of a second. */
export const roundTripTimeout = 15_000;

/** What a client would see. */
export interface RoundTrip {
  readonly tools: readonly string[];
}

/**
 * Runs the launcher's `mcp` as a client would: says hello, asks for the tools, and ends it.
 * @throws Error with a problem in words when it does not answer as it should
 */
export async function roundTrip(launcher: string, env: NodeJS.ProcessEnv): Promise<RoundTrip> {
  const child = spawn(launcher, ['mcp'], { env, stdio: ['pipe', 'pipe', 'pipe'], shell: process.platform === 'win32' });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (said = (said + part).slice(-2000)));
  child.stdin.on('error', () => undefined);
  const timer = setTimeout(() => child.kill('SIGKILL'), roundTripTimeout);
  try {
    return await new Promise<RoundTrip>((resolve, reject) => {
      const send = (message: object): void =>
        void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(new Error(`it cannot be started (${error.code ?? ''})`)),
      );
      child.once('close', (code, signal) => {
        const [line] = said.trim().split('\n').slice(-1);
        reject(
          new Error(
            signal === 'SIGKILL' ? 'it took too long' : `it ended with ${code ?? signal ?? '?'} (${line ?? ''})`,
          ),
        );
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        const answer = answerOf(line);
        if (answer?.id === 1) {
          send({ method: 'notifications/initialized' });
          send({ id: 2, method: 'tools/list', params: {} });
        }
        if (answer?.id === 2) {
          const tools = (answer.result?.tools ?? []).map(({ name }) => name);
          if (tools.length > 0) resolve({ tools });
          else reject(new Error('it offers no tools'));
        }
      });
      const clientInfo = { name: 'parley-connect', version: '1' };
      send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } });
    });
  } finally {
    clearTimeout(timer);
    child.removeAllListeners('close');
    // An end of input is how a client leaves.
    child.stdin.end();
    const kill = setTimeout(() => child.kill('SIGKILL'), 2000);
    child.once('close', () => clearTimeout(kill));
  }
}

interface Answer {
  readonly id?: unknown;
  readonly result?: { readonly tools?: readonly { readonly name: string }[] };
}

function answerOf(line: string): Answer | undefined {
  try {
    return JSON.parse(line) as Answer;
  } catch {
    return undefined;
  }
}
