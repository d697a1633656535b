import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { equipment } from '../support/provision';
import { runInHost } from '../support/workbenchHost';
import { makeFolder } from './home';
import { line, table } from './report';
import { median } from './statistics';

const runs = 5;

interface Manifest {
  publisher: string;
  name: string;
  activationEvents: string[];
}

/** Activation in a real VS Code, beside an extension that does nothing. Needs `dist/`, as `npm run build` leaves it. */
export async function activation(): Promise<void> {
  line(
    `Activation: from asking for it until it is done, in the extension host of a real VS Code, in ms; median of ${runs}.\n`,
  );
  const empty = await emptyExtension();
  const parley = await waitingParley();
  if (parley === undefined) {
    line('  not measured: there is no dist/; `npm run build` makes it.');
    return;
  }
  const found = { empty: [] as number[], parley: [] as number[] };
  for (let run = 0; run < runs; run++) {
    found.empty.push(await activate(empty, 'parley.bench-empty'));
    found.parley.push(await activate(parley, 'parley.parley'));
  }
  table(
    ['', 'median', 'each'],
    Object.entries(found).map(([name, all]) => [
      name,
      median(all).toFixed(1),
      all.map((ms) => ms.toFixed(1)).join(' '),
    ]),
  );
}

async function activate(extension: string, id: string): Promise<number> {
  const home = await makeFolder();
  const { code, log } = await runInHost({
    extension,
    tests: path.join(equipment.root, 'test/bench/host/activation.host.ts'),
    env: { PARLEY_HOME: home, BENCH_EXTENSION: id },
  });
  const milliseconds = /^activation (\S+)$/m.exec(log)?.[1];
  if (code !== 0 || milliseconds === undefined) throw new Error(`${id} was not activated:\n${log}`);
  return Number(milliseconds);
}

async function emptyExtension(): Promise<string> {
  const folder = await makeFolder();
  const manifest = { publisher: 'parley', name: 'bench-empty', version: '1.0.0', engines: { vscode: '^1.105.0' } };
  await writeFile(
    path.join(folder, 'package.json'),
    JSON.stringify({ ...manifest, main: './main.js', activationEvents: [] }),
  );
  await writeFile(path.join(folder, 'main.js'), 'exports.activate = () => undefined;\n');
  return folder;
}

/** Parley as it is built, but activated by nothing: the editor's own start would otherwise be part of the measure. */
async function waitingParley(): Promise<string | undefined> {
  const folder = await makeFolder();
  const { root } = equipment;
  try {
    await cp(path.join(root, 'dist'), path.join(folder, 'dist'), { recursive: true });
  } catch {
    await rm(folder, { recursive: true });
    return undefined;
  }
  await mkdir(path.join(folder, 'media'), { recursive: true });
  await cp(path.join(root, 'media'), path.join(folder, 'media'), { recursive: true });
  await cp(path.join(root, 'package.nls.json'), path.join(folder, 'package.nls.json'));
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as Manifest;
  manifest.activationEvents = [];
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}
