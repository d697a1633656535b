import { plural } from '../../contract/wording';

/** What is said when a piece of code or text goes to an agent. */
export const send = {
  whom: 'Which agent gets {0}?',
  how: 'How does {0} get it?',
  call: 'Call Now',
  callDetail: '{0} is rung, and you talk in a live thread.',
  message: 'Leave a Message',
  messageDetail: 'It waits in the inbox of {0}, who answers when it suits.',
  into: 'Into “{0}”',
  intoDetail: 'A thread that you are both in.',
  words: 'What do you say to {0}?',
  wordsMissing: 'Say in a line what it is about.',

  /** What is sent, as part of the question whom it goes to. */
  places: plural('{1}', '{0} places'),
  problem: 'this problem',
  terminal: 'what is selected in the terminal',
  review: plural('the change in {0} file', 'the changes in {0} files'),

  /** What the agent reads. */
  lookAt: 'Please look at {0}',
  problemAt: 'Please look at this problem in {0}',
  problemSays: '{0} in {1}: {2}',
  fromTerminal: 'From the terminal “{0}”',
  reviewOf: plural('Please review my change in {0} file of {1}', 'Please review my changes in {0} files of {1}'),
  reviewBase: 'Compared with commit {0}, branch {1}.',
  reviewStaged: 'What is staged, compared with commit {0}, branch {1}.',
  reviewUnstaged: 'What is not staged, compared with what is.',
  reviewMore: plural(
    '{0} more changed file has no pointer here: {1}',
    '{0} more changed files have no pointer here: {1}',
  ),
  notSaved: 'not saved yet',
  asAt: 'as at commit {0}',
  asStaged: 'as staged',
  deleted: 'deleted',
  added: 'new file',
  lines: '+{0} −{1}',

  severity: { error: 'Error', warning: 'Warning', information: 'Note', hint: 'Hint' },
  sendProblem: 'Send to Agent…',

  nothingHere: 'Nothing is here to send: open a file, or select something.',
  noFile: 'Only files can be sent.',
  noTerminalSelection: 'Nothing is selected in the terminal.',
  noGit: 'There is no git repository in this window, or VS Code’s git is off.',
  nothingToReview: 'There is nothing to review: {0} has no changes.',
  whichRepository: 'Which repository?',
  whichChanges: 'Which changes shall be reviewed?',
  allChanges: 'All Changes',
  allChangesDetail: 'Everything since the last commit, staged or not',
  staged: 'Staged Changes',
  stagedDetail: 'What the next commit would hold',
  unstaged: 'Changes That Are Not Staged',
  unstagedDetail: 'What the next commit would leave out',
} as const;
