/** What is said about agents in terminals, and about links. */
export const inTerminal = {
  whichClient: 'Which agent do you start?',
  installed: 'Set up for Parley',
  notConnected: 'Not set up for Parley yet',
  noClient: 'None of {0} is on the PATH. Install one, then try again.',
  name: 'What is it called? Others call it by this name.',
  badName: 'A name starts with a letter and has up to 32 letters, digits, “_” and “-”.',
  takenName: 'That name is taken.',
  connectFirst: '{0} is not set up for Parley. Set it up first?',
  connectFirstDetail: 'Without it the agent starts, but has no tools to call others or to be called.',
  connect: 'Set Up…',
  startAnyway: 'Start Anyway',
  waiting: 'Waiting for {0} to sign on…',
  here: '{0} is here.',
  ended: 'The terminal of {0} was closed before it signed on.',
  endedWith: '{0} ended with code {1} before it signed on. Its terminal says why.',
  late: '{0} has not signed on yet. {1} may ask you something in its terminal, or sign on when it first uses Parley.',
  show: 'Show Terminal',
  whose: 'Whose terminal?',
  none: '{0} has no terminal in this window.',
  noneAtAll: 'No agent in this window was started in a terminal.',
  broughtBack: '{0} runs for {1} in {2}, without a window',
} as const;

export const links = {
  copied: 'The link to “{0}” is on the clipboard.',
  unknown: 'Parley does not know this link: {0}',
  noThread: 'The link leads to a thread that is not here. It may be erased, or on another machine.',
  noAgent: 'The link names {0}, who is not on the roster.',
  call: 'Call {0}?',
  callDetail: 'A link asks for this call. You say what it is about before anything rings.',
  callYes: 'Call…',
} as const;
