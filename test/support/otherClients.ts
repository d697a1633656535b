import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import versions from '../../scripts/equipment.json';
import { equipment } from './provision';

const run = promisify(execFile);

/** Real clients that only `npm run test:clients` installs: together about a gigabyte. */
export const otherClients = {
  codex: '@openai/codex',
  gemini: '@google/gemini-cli',
  copilot: '@github/copilot',
  opencode: 'opencode-ai',
} as const;

export type OtherClient = keyof typeof otherClients;

/** Installs the client from the npm registry unless it is there; prints its size and the seconds; answers its program. */
export async function provideClient(client: OtherClient): Promise<string> {
  const name = `client-${client}-${versions[client]}`;
  const folder = path.join(equipment.root, '.cache', name);
  const program = path.join(folder, 'node_modules/.bin', client);
  if (!fs.existsSync(program)) {
    const work = `${folder}.${process.pid}`;
    fs.mkdirSync(work, { recursive: true });
    fs.writeFileSync(path.join(work, 'package.json'), '{ "private": true }\n');
    const env = Object.fromEntries(Object.entries(process.env).filter(([variable]) => !variable.startsWith('npm_')));
    const began = performance.now();
    await run('npm', ['install', '--no-audit', '--no-fund', `${otherClients[client]}@${versions[client]}`], {
      cwd: work,
      env,
    });
    fs.renameSync(work, folder);
    console.log(`${client} ${versions[client]}: installed in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  const { stdout } = await run('du', ['-sm', folder]);
  console.log(`${client} ${versions[client]}: ${stdout.split('\t')[0] ?? '?'} MB on disk`);
  return program;
}

/** What `opencode.json` has to say for a model of ours at this address, which takes so many tokens. */
export function openCodeConfig(url: string, context = 128_000): object {
  return {
    // Else it writes that itself.
    $schema: 'https://opencode.ai/config.json',
    autoupdate: false,
    share: 'disabled',
    model: 'lab/scripted',
    small_model: 'lab/scripted',
    enabled_providers: ['lab'],
    provider: {
      lab: {
        npm: '@ai-sdk/openai-compatible',
        name: 'Lab',
        options: { baseURL: `${url}/v1`, apiKey: 'x' },
        models: { scripted: { name: 'scripted', tool_call: true, limit: { context, output: 8000 } } },
      },
    },
  };
}
