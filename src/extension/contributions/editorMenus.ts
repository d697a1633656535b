import { connected, contextKeys } from './ids';
import type { MenuItem } from './menus';

const roster = 'view == parley.roster';

/** Entries in menus that are the editor's own, and of what begins outside of Parley's views. */
export const editorMenus: Readonly<Record<string, readonly MenuItem[]>> = {
  'editor/context': [
    { command: 'sendSelection', when: `${connected} && editorHasSelection`, group: '1_parley@1' },
    { command: 'sendFile', when: `${connected} && !editorHasSelection && resourceScheme == file`, group: '1_parley@1' },
  ],
  'editor/title/context': [
    { command: 'sendFile', when: `${connected} && resourceScheme == file`, group: '1_parley@1' },
  ],
  'explorer/context': [{ command: 'sendFile', when: `${connected} && resourceScheme == file`, group: '5_parley@1' }],
  'scm/resourceState/context': [{ command: 'sendFile', when: connected, group: '5_parley@1' }],
  'scm/title': [{ command: 'askForReview', when: `${connected} && scmProvider == git`, group: '5_parley@1' }],
  'terminal/context': [
    { command: 'sendTerminalSelection', when: `${connected} && terminalTextSelected`, group: '1_parley@1' },
  ],
  'view/title': [{ command: 'newAgentTerminal', when: roster, group: '1_new@1' }],
  'view/item/context': [
    {
      command: 'showTerminal',
      when: `${roster} && viewItem =~ /^agent/ && ${contextKeys.terminals}`,
      group: '1_call@5',
    },
    { command: 'copyThreadLink', when: 'viewItem =~ /^thread/', group: '3_keep@5' },
  ],
};
