// An MCP server that does on demand what a shared server may do to the broker.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import * as z from 'zod';

const server = new McpServer({ name: 'test-server', version: '1.0.0' });
const text = (words) => ({ content: [{ type: 'text', text: words }] });

server.registerTool('environment', { description: 'Its environment' }, () => text(JSON.stringify(process.env)));
server.registerTool('process', { description: 'Its process and folder' }, () =>
  text(`${process.pid} ${process.cwd()}`),
);
server.registerTool('grow', { description: 'Offers one tool more' }, () => {
  server.registerTool('grown', { description: 'Came later' }, () => text('I am new.'));
  return text('grown');
});
server.registerTool('fail', { description: 'Says that it failed' }, () => ({ ...text('It broke.'), isError: true }));
server.registerTool('die', { description: 'Ends the server' }, () => {
  process.stderr.write('out of luck\n', () => process.exit(3));
  return new Promise(() => undefined);
});
let stopped = 0;
server.registerTool('stopped', { description: 'How many waits were cancelled' }, () => text(String(stopped)));
server.registerTool(
  'wait',
  { description: 'Tells progress, and waits until it is cancelled', inputSchema: { words: z.string() } },
  async ({ words }, { signal, sendNotification, _meta }) => {
    const progressToken = _meta?.progressToken;
    if (progressToken !== undefined)
      await sendNotification({
        method: 'notifications/progress',
        params: { progressToken, progress: 1, total: 4, message: words },
      });
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    stopped++;
    return text('cancelled');
  },
);
const transport = new StdioServerTransport();
await server.connect(transport);

// With `restless` its list changes while it is read: the first two answers come when the third was asked for, and
// that one is slow.
if (process.argv.includes('restless')) {
  const [take, send, lists, held] = [transport.onmessage, transport.send.bind(transport), [], []];
  transport.onmessage = (message, extra) => {
    if (message.method === 'tools/list') {
      lists.push(message.id);
      if (lists.length === 2) server.sendToolListChanged();
      if (lists.length === 3) for (const answer of held.splice(0)) void send(answer);
    }
    take(message, extra);
  };
  transport.send = async (message, options) => {
    if (lists.includes(message.id) && lists.length < 3) held.push(message);
    else if (message.id === lists[2]) setTimeout(() => void send(message, options), 100);
    else await send(message, options);
  };
}
