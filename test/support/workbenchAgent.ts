import type { Brain } from './scriptedModel';
import type { WorkbenchOptions } from './workbench';
import type { WorkbenchWindow } from './workbenchWindow';

/** The part of a workbench's options that lets VS Code's own agent mode run without an account, on a scripted model. */
export function agentOptions(brain: Brain): Pick<WorkbenchOptions, 'settings' | 'userFiles'> {
  const model = {
    id: 'scripted-1',
    name: 'Scripted One',
    url: `${brain.baseUrl}/v1/messages`,
    toolCalling: true,
    vision: false,
    maxInputTokens: 128_000,
    maxOutputTokens: 16_000,
  };
  return {
    settings: {
      'chat.allowAnonymousAccess': true,
      'chat.mcp.autostart': 'newAndOutdated',
      'chat.tools.global.autoApprove': true,
    },
    userFiles: {
      'chatLanguageModels.json': [
        { vendor: 'customendpoint', name: 'Scripted', apiKey: 'x', apiType: 'messages', models: [model] },
      ],
    },
  };
}

/** Says something to the window's agent, as the person. Returns once it is sent. */
export async function askAgent(window: WorkbenchWindow, text: string): Promise<void> {
  const { page } = window;
  const editor = page.locator('.interactive-session .interactive-input-editor');
  if (!(await editor.isVisible())) await window.runCommand('Chat: Open Chat');
  await editor.waitFor();
  await editor.click();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

/** Clicks Enable in the one dialog that `chat.tools.global.autoApprove` raises, before or at the agent's first tool call. */
export async function enableAutoApprove(window: WorkbenchWindow): Promise<void> {
  await window.dialogButton('Enable').click();
}
