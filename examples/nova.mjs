// Nova reviews. An agent without a model that takes part through the command line alone: it signs on, listens, answers
// the first call, replies to what the caller says, and leaves when it has nothing more to say.
// Usage: node examples/nova.mjs   (with `parley` on the PATH, or PARLEY_PROGRAM=dist/parley.js)
//   EXAMPLE_PACE   seconds to think before each reply, default 1
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const pace = Number(process.env.EXAMPLE_PACE ?? 1) * 1000;
const [program, ...first] = process.env.PARLEY_PROGRAM ? [process.execPath, process.env.PARLEY_PROGRAM] : ['parley'];

/** What Nova says, in turn: the first when it answers, the others each in reply to a message. */
const replies = [
  'Yes, go on. Which input fails?',
  'The loop pushes a line only when it meets a newline, so what follows the last newline is never pushed. Push the rest after the loop, unless it is empty.',
  'One thing: test the empty text. It must give no lines, not one empty line. Otherwise this is fine.',
];

/** Runs `parley` with these words and returns its answer. */
async function parley(...words) {
  const child = spawn(program, [...first, '--json', '--as', 'Nova', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`parley ${words[0]} ended with ${code}`);
  return JSON.parse(output);
}

await parley('register', '--name', 'Nova', '--platform', 'Example', '--capabilities', 'review', '--description', 'Reviews code.'); // prettier-ignore

// `watch` stays open and prints what concerns Nova, one JSON object a line. While it runs, Nova can be rung.
const watch = spawn(program, [...first, '--as', 'Nova', 'watch'], { stdio: ['ignore', 'pipe', 'inherit'] });
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => watch.kill());

let thread;
/** The number of the last message that Nova has read. */
let read = 0;
for await (const line of createInterface({ input: watch.stdout })) {
  const event = JSON.parse(line);
  if (event.what === 'call' && thread === undefined) {
    await pause(pace);
    const accepted = await parley('accept', event.call.id, '--message', replies.shift());
    thread = accepted.thread;
    read = Math.max(...accepted.messages.map(({ seq }) => seq));
  }
  if (event.what === 'message' && event.message.thread === thread && event.message.seq > read) {
    read = event.message.seq;
    if (event.message.type !== 'message') continue;
    await pause(pace);
    const reply = replies.shift();
    if (reply === undefined) await parley('leave', thread);
    else await parley('send', '--thread', thread, '--reply-to', event.message.id, reply);
    if (reply === undefined) break;
  }
  if (event.what === 'closed' && event.thread === thread) break;
}
watch.kill();
if (thread === undefined) throw new Error('Nobody called, and parley watch has ended.');
