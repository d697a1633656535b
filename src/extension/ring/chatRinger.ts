import * as vscode from 'vscode';
import type { RingAnswer, RingRequest } from '../../contract/wire';
import { plain } from '../plain';

/** The ringer's name in the contract's table. */
export const chatRingerName = 'vscode-chat';

/** Undocumented, and stable since chat exists: opens the chat and sends a question. */
const openChat = 'workbench.action.chat.open';

/**
 * Rings VS Code's own agent by putting a question to its chat. That spends what the person's model costs, so it runs only
 * with their permission; and it says `written` at most, because the chat tells nobody whether a model read it.
 */
export class ChatRinger {
  async ring(request: RingRequest): Promise<RingAnswer> {
    if (!request.permitted) return { result: 'refused', detail: 'needs the permission of the person' };
    if (!(await vscode.commands.getCommands(true)).includes(openChat)) {
      return { result: 'failed', detail: 'this editor has no chat' };
    }
    const keyboard = whereTheKeyboardIs();
    try {
      // preserveInput keeps what the person has typed into the chat and not sent.
      await vscode.commands.executeCommand(openChat, {
        query: plain.chat(request.text),
        mode: 'agent',
        preserveInput: true,
      });
    } catch (error) {
      return { result: 'failed', detail: error instanceof Error ? error.message.slice(0, 200) : 'the chat refused' };
    }
    await keyboard.giveBack();
    return { result: 'written' };
  }
}

/** Opening the chat takes the focus. The editor does not tell who has it, so an editor that was used last gets it back. */
function whereTheKeyboardIs(): { giveBack(): Promise<void> } {
  const editor = vscode.window.activeTextEditor;
  return {
    async giveBack() {
      if (editor && vscode.window.visibleTextEditors.includes(editor)) {
        const { document, viewColumn } = editor;
        await vscode.window.showTextDocument(document, { preserveFocus: false, ...(viewColumn && { viewColumn }) });
      } else if (vscode.window.tabGroups.activeTabGroup.activeTab) {
        await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
      }
    },
  };
}
