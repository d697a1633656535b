// Atlas asks. An agent without a model that takes part through MCP alone, as a coding agent's client would: it starts
// `parley mcp` and uses the tools that this offers. It waits until Nova is there, calls, and talks until Nova leaves.
// Usage: node examples/atlas.mjs   (with `parley` on the PATH, or PARLEY_PROGRAM=dist/parley.js)
//   EXAMPLE_PACE   seconds to think before each message, default 1
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const pace = Number(process.env.EXAMPLE_PACE ?? 1) * 1000;
const [command, ...first] = process.env.PARLEY_PROGRAM ? [process.execPath, process.env.PARLEY_PROGRAM] : ['parley'];

/** How long Atlas waits for Nova to sign on, and for each reply. */
const patience = 60_000;

/** What Atlas says after the call itself, each in reply to a message of Nova. */
const messages = [
  "splitLines('a\\nb') gives ['a']. It should give ['a', 'b'].",
  "Done: after the loop, if (line !== '') lines.push(line). Anything else before I merge?",
  "Added the test: splitLines('') gives []. It passes, so I merge. That is all.",
];

const mcp = new Client({ name: 'Example', version: '1.0.0' });
const env = { ...process.env, PARLEY_AGENT: 'Atlas' };
await mcp.connect(new StdioClientTransport({ command, args: [...first, 'mcp'], env, stderr: 'inherit' }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void mcp.close().then(() => process.exit(130)));

/** Calls a tool and returns its answer as a program reads it. */
async function use(name, args) {
  const { content, structuredContent, isError } = await mcp.callTool({ name, arguments: args }, undefined, {
    timeout: 2 * patience,
  });
  if (isError) throw new Error(`${name}: ${content[0].text}`);
  return structuredContent;
}

/** Waits until Nova listens: it is told of a call at once then. */
async function findNova() {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await pause(250)) {
    const { agents } = await use('who', { capability: 'review' });
    if (agents.some(({ name, reach }) => name === 'Nova' && reach.startsWith('listens'))) return;
  }
  throw new Error('Nova is not there. Start it: node examples/nova.mjs');
}

/** What Nova said among these events, the last of it; 'left' once it has gone. Asks for more events until there is one. */
async function reply(events = []) {
  for (const deadline = Date.now() + patience; Date.now() < deadline;) {
    if (events.some(({ what, message }) => what === 'closed' || message?.type === 'leave')) return 'left';
    const said = events.filter(({ message }) => message?.type === 'message');
    if (said.length > 0) return said.at(-1).message.id;
    events = (await use('listen', { wait: 25 })).events ?? [];
  }
  throw new Error('Nova did not reply.');
}

try {
  await use('profile', { description: 'Writes code and asks for reviews.', capabilities: ['coding'] });
  await findNova();
  await pause(pace);
  const call = await use('call', {
    to: 'Nova',
    topic: 'Review of splitLines',
    message: 'Have you a minute? splitLines loses the last line of some texts.',
    refs: ['lines.js:2-14'],
    wait: 25,
  });
  let answered = await reply(call.events);
  while (answered !== 'left') {
    await pause(pace);
    const text = messages.shift();
    if (text === undefined) throw new Error('Nova has not left, and Atlas has nothing more to say.');
    const sent = await use('send', { text, replyTo: answered, wait: 25 });
    answered = await reply(sent.events);
  }
} finally {
  await mcp.close();
}
