// Takes the README's pictures from those that the tests in a real VS Code left behind. Run `npm run test:workbench` first.
// Usage: npm run pictures
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

/** Name in the README, and the test's screenshot that it is. */
const pictures = {
  thread: 'thread-view-light',
  connect: 'connect-change',
  doctor: 'doctor-broker-gone',
};

await mkdir(path.join(root, 'media/readme'), { recursive: true });
for (const [name, screenshot] of Object.entries(pictures)) {
  const from = path.join(root, 'test-output/screenshots', `${screenshot}.png`);
  await copyFile(from, path.join(root, 'media/readme', `${name}.png`));
}
