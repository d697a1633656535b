import { hookTaken, hookTakes } from '../contract/hooks';
import { ringerSocketSource } from './ringerSocket';

/**
 * The plugin that OpenCode loads. It takes rings on a socket in Parley's home and puts them before the session that used
 * Parley last, else the one that did something last, else a new one that it shows; and at the end of a turn it asks `parley
 * hook` what came in, and goes on with that as the next prompt. It fails open. Tried with 1.18.33.
 */
export function openCodePlugin(launcher: string): string {
  return `// Written by Parley (parley connect opencode --remove takes it out).
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import * as path from 'node:path';

const launcher = ${JSON.stringify(launcher)};
const longest = 10_000;
const title = 'Parley';

/**
 * Hands over what the hook has to say, if anything: without Parley, without a broker, and whenever something fails, nothing.
 * The hook is told whether it was taken, and only then counts it as seen.
 */
function ask(moment, session, take) {
  return new Promise((resolve) => {
    let output = '';
    let isHanded = false;
    const child = spawn(launcher, ['hook', moment, 'opencode'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: longest,
      shell: process.platform === 'win32',
      env: { ...process.env, OPENCODE_SESSION_ID: session, ${hookTakes}: '1' },
    });
    child.on('error', resolve);
    child.on('close', resolve);
    child.stdin.on('error', () => undefined);
    child.stdin.write(JSON.stringify({ session_id: session }) + '\\n');
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', async (data) => {
      output += data;
      if (isHanded || !output.includes('\\n')) return;
      isHanded = true;
      try {
        await take(JSON.parse(output).text);
        child.stdin.end('${hookTaken}\\n');
      } catch {
        child.stdin.end();
      }
    });
  });
}
${ringerSocketSource}
export const Parley = async ({ client, directory }) => {
  /** Sessions of subagents: nobody talks with those. */
  const children = new Set();
  /** What a session waits for from its user: by session, in words. */
  const waits = new Map();
  let caller;
  let latest;

  async function prompt(session, text) {
    const { error } = await client.session.promptAsync({ path: { id: session }, body: { parts: [{ type: 'text', text }] } });
    if (error) throw new Error(error.data?.message ?? error.name ?? 'OpenCode refused it');
  }

  /** A session for who is at the start screen; it is shown there. */
  async function begin() {
    const { data, error } = await client.session.create({ body: { title } });
    if (error || !data) throw new Error('OpenCode made no session');
    await client.tui
      .publish({ body: { type: 'tui.session.select', properties: { sessionID: data.id } } })
      .catch(() => undefined);
    return data.id;
  }

  async function answer(asked, { isGone }) {
    const known = caller ?? latest;
    if (asked.test === true) return { process: process.pid, session: known };
    if (typeof asked.ring !== 'string') return { error: 'that is no ring' };
    const session = known ?? (latest = await begin());
    // Whoever gave up rings by another way: nothing is to come twice.
    if (isGone()) return {};
    const waiting = waits.get(session);
    await prompt(session, asked.ring);
    return { sent: session, waits: waiting };
  }

  listenForRings('opencode', process.pid + ' ' + directory, answer);

  return {
    'tool.execute.before': async ({ tool, sessionID }) => {
      if (tool.startsWith('parley_') && !children.has(sessionID)) caller = sessionID;
    },
    event: async ({ event: { type, properties } }) => {
      const session = properties?.sessionID ?? properties?.info?.sessionID ?? properties?.info?.id;
      if (typeof session !== 'string') return;
      if (type === 'session.created' && properties.info?.parentID) children.add(session);
      if (type === 'session.deleted') {
        children.delete(session);
        waits.delete(session);
        if (caller === session) caller = undefined;
        if (latest === session) latest = undefined;
        return;
      }
      if (children.has(session)) return;
      if (/^(session|message)\\./.test(type)) latest = session;
      if (type === 'permission.asked') waits.set(session, 'permission prompt');
      if (type === 'question.asked') waits.set(session, 'question to its user');
      if (/^(permission|question)\\.(replied|rejected)$/.test(type)) waits.delete(session);
      if (type !== 'session.idle') return;
      waits.delete(session);
      await ask('stop', session, (text) => prompt(session, text));
    },
  };
};
`;
}
