import type { Command } from './commands';

/** Commands that begin in the editor, the explorer, a terminal or a link, and not in a view of Parley. */
export const editorCommands = {
  sendSelection: { title: 'Send Selection to Agent…', icon: '$(comment-discussion)', palette: 'editorIsOpen' },
  sendFile: { title: 'Send File to Agent…', icon: '$(comment-discussion)', palette: 'editorIsOpen' },
  /** Runs from the quick fixes of a problem, which bring the problem along. */
  sendProblem: { title: 'Send Problem to Agent…', palette: 'false' },
  sendTerminalSelection: { title: 'Send Terminal Selection to Agent…', palette: 'terminalTextSelected' },
  askForReview: {
    title: 'Ask for Review of Changes…',
    icon: '$(git-pull-request)',
    palette: 'gitOpenRepositoryCount != 0',
  },
  newAgentTerminal: { title: 'New Agent in Terminal…', icon: '$(terminal)' },
  showTerminal: { title: 'Show Terminal', icon: '$(terminal)', palette: 'parley.terminals' },
  copyThreadLink: { title: 'Copy Link to Thread', icon: '$(link)' },
} as const satisfies Readonly<Record<string, Command>>;
