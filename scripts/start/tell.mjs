// What `npm start` writes to the terminal while it works. Colours only where a terminal shows them.
const isTerminal = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';

const style = (code) => (text) => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text);
export const bold = style(1);
export const dim = style(2);
export const green = style(32);
export const red = style(31);
export const cyan = style(36);

/** How often a slow step says that it is still at work, in milliseconds. */
const progressInterval = 5_000;

export function tell(line = '') {
  process.stdout.write(`${line}\n`);
}

/** Runs a step that may be slow: says that it begins, that it is still at work, and how long it took. */
export async function step(what, work) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  tell(dim(`${what} …`));
  const timer = setInterval(() => tell(dim(`${what}: still at work after ${seconds()}`)), progressInterval);
  try {
    const result = await work();
    tell(dim(`${what}: done in ${seconds()}`));
    return result;
  } finally {
    clearInterval(timer);
  }
}
