import * as vscode from 'vscode';

/** Activates the extension that the environment names and says how long that took, in ms. */
export async function run(): Promise<void> {
  const id = process.env['BENCH_EXTENSION'] ?? '';
  const extension = vscode.extensions.getExtension(id);
  if (!extension) throw new Error(`${id} is not there`);
  if (extension.isActive) throw new Error(`${id} was active before it was asked for`);
  const began = performance.now();
  await extension.activate();
  console.log(`activation ${performance.now() - began}`);
}
