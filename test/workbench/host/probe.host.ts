import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** Runs inside the extension host: VS Code's own MCP client finds the probe's tool over the Unix socket and calls it. */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('parley-test.probe');
  assert.ok(extension, 'the probe is loaded');
  await extension.activate();
  const probes = (): string[] => vscode.lm.tools.map((tool) => tool.name).filter((name) => name.includes('probe'));
  // The workbench hears of a new provider a little later, and starting what it has not heard of does nothing.
  while (probes().length === 0) {
    await vscode.commands.executeCommand('workbench.mcp.startServer', '*', { waitForLiveTools: true });
  }
  console.log(`tools: ${probes().join(' ')}`);
  const input = { text: 'from the host' };
  const result = await vscode.lm.invokeTool('mcp_probe_echo', { input, toolInvocationToken: undefined });
  const [part] = result.content;
  assert.ok(part instanceof vscode.LanguageModelTextPart);
  assert.equal(part.value, 'echo of from the host');
}
