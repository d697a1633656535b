import path from 'node:path';

/**
 * Starts the two example agents. Resolves when both have ended well; rejects with what an agent wrote when it has not.
 * `pace`: how long each thinks before it speaks, in seconds.
 */
export async function runAgents({ root, places, launcher, env, pace }) {
  const agentEnv = { ...env, PARLEY_PROGRAM: path.join(places.programs, 'parley.js'), EXAMPLE_PACE: String(pace) };
  await Promise.all(['nova', 'atlas'].map((name) => runAgent(name, { root, places, launcher, env: agentEnv })));
}

async function runAgent(name, { root, places, launcher, env }) {
  const program = path.join(root, 'examples', `${name}.mjs`);
  const child = launcher.start(process.execPath, [program], {
    cwd: places.project,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (data) => (errors = (errors + data).slice(-4000)));
  const code = await new Promise((resolve, reject) =>
    child.once('error', reject).once('close', (code, signal) => resolve(code ?? signal)),
  );
  if (code !== 0) throw new Error(`the agent ${name} ended with ${code}:\n${errors.trim()}`);
}
