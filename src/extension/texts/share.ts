import { plural } from '../../contract/wording';

/** What is said when MCP servers are shared with the roster. */
export const share = {
  which: 'Which MCP server do you share?',
  commandLine: 'Another Command Line…',
  commandLineDetail: 'A program that speaks MCP on its standard input and output',
  cannot: 'Asks for something that only VS Code can fill in, or is not of the known form',
  cannotShare:
    '{0} cannot be shared: it asks for something that only VS Code can fill in, or is not of the known form.',
  line: 'The program and its arguments. Double quotes hold words together; no shell reads it.',
  lineMissing: 'Say which program is run.',
  name: 'What is it called on the roster?',
  badName: 'A name starts with a letter and has up to 32 letters, digits, “_” and “-”.',
  taken: '{0} is on the roster already. Choose another name.',
  sure: 'Share {0} with every agent on the roster?',
  sureDetail:
    '{0}\n\nParley’s broker starts it and keeps it running, also when no window is open, until you stop sharing it. Every agent that may use tools can use its tools, as you.',
  inFolder: 'In {0}',
  withVariables: 'With {0}',
  yes: 'Share',
  starting: 'Starting {0}…',
  shared: plural('{1} is shared: {0} tool.', '{1} is shared: {0} tools.'),
  whichToStop: 'Which server is shared no more?',
  none: 'No MCP server is shared.',
  stopped: '{0} is shared no more.',
} as const;
