import { someThread, type OperationCommand } from './command';

const aThread = '01JD3N6W7Y2V4XK8T0QZB5CMRA';

/** What only the person may do, at a terminal. */
export const rules: readonly OperationCommand[] = [
  {
    name: 'rule',
    group: 'rules',
    operation: 'govern',
    description:
      'See or set what an agent may, or everyone who has no rule of their own: what calls do, holding, muting, sending, waking.',
    positional: [{ field: 'agent', name: 'agent', required: false }],
    example: 'parley rule Nova --hold on --wakes-per-hour 10',
  },
  {
    name: 'rename-agent',
    group: 'rules',
    operation: 'renameAgent',
    positional: [
      { field: 'agent', name: 'agent', required: true },
      { field: 'name', name: 'name', required: true },
    ],
    example: 'parley rename-agent Nova Reviewer',
  },
  {
    name: 'disconnect',
    group: 'rules',
    operation: 'disconnect',
    positional: [{ field: 'agent', name: 'agent', required: true }],
    example: 'parley disconnect Nova',
  },
  {
    name: 'calls',
    group: 'rules',
    operation: 'pastCalls',
    positional: [{ field: 'agent', name: 'agent', required: true }],
    example: 'parley calls Nova --limit 20',
  },
  {
    name: 'do-not-disturb',
    group: 'rules',
    operation: 'doNotDisturb',
    positional: [{ field: 'on', name: 'on|off', required: false }],
    // A while without a word for it is meant to begin.
    shape: ({ on, ...given }) => {
      const isOn = on ?? (given['for'] === undefined ? undefined : 'on');
      return { ...given, ...(isOn !== undefined && { on: isOn === 'on' ? true : isOn === 'off' ? false : isOn }) };
    },
    example: 'parley do-not-disturb on --for 2h',
  },
  { name: 'pause', group: 'rules', operation: 'pause', positional: [someThread], example: `parley pause ${aThread}` },
  {
    name: 'resume',
    group: 'rules',
    operation: 'resume',
    positional: [someThread],
    example: `parley resume ${aThread}`,
  },
  { name: 'pause-all', group: 'rules', operation: 'pauseAll', example: 'parley pause-all' },
  { name: 'resume-all', group: 'rules', operation: 'resumeAll', example: 'parley resume-all' },
  {
    name: 'grant',
    group: 'rules',
    operation: 'grant',
    positional: [someThread],
    example: `parley grant ${aThread} --turns 50`,
  },
  {
    name: 'allow',
    group: 'rules',
    operation: 'allowTool',
    description: 'Let agents use the tools of others. Without flags: every agent, every tool.',
    preset: { allow: true },
    positional: [{ field: 'tool', name: 'tool', required: false }],
    example: 'parley allow lint --owner Nova --agent Atlas',
  },
  {
    name: 'deny',
    group: 'rules',
    operation: 'allowTool',
    description: 'Forbid agents the tools of others. Without flags: every agent, every tool.',
    preset: { allow: false },
    positional: [{ field: 'tool', name: 'tool', required: false }],
    example: 'parley deny open_file --agent Atlas',
  },
  {
    name: 'tool-rules',
    group: 'rules',
    operation: 'allowTool',
    description: 'Who may use which tools of whom.',
    without: ['allow'],
    positional: [{ field: 'tool', name: 'tool', required: false }],
    switches: [{ name: 'forget', description: 'take back the rule of exactly this tool, agent and owner' }],
    shape: ({ forget, ...given }) => (forget === true ? { ...given, allow: null } : {}),
    example: 'parley tool-rules open_file --agent Atlas --forget',
  },
];
