import type { OperationCommand } from './command';

/** What `profile` may change besides the presence. */
const card = ['name', 'description', 'capabilities', 'platform', 'version', 'workspace', 'files', 'policy'];

export const people: readonly OperationCommand[] = [
  {
    name: 'who',
    group: 'people',
    operation: 'who',
    positional: [{ field: 'agent', name: 'agent', required: false }],
    without: ['topic'],
    shape: (given) => (Object.keys(given).length === 0 ? { nearby: true } : given),
    example: 'parley who --capability review',
  },
  {
    name: 'find',
    group: 'people',
    operation: 'who',
    description: 'Who is good at something: by capability, or best first by the words of a topic.',
    positional: [{ field: 'topic', name: 'topic', required: false, many: 'words' }],
    without: ['agent', 'nearby'],
    example: 'parley find "parsers in TypeScript" --status available',
  },
  {
    name: 'profile',
    group: 'people',
    operation: 'profile',
    example: 'parley profile --capabilities coding,review --policy accept',
  },
  {
    name: 'presence',
    group: 'people',
    operation: 'profile',
    description: 'Set whether calls ring (available) or go to your inbox (busy).',
    positional: [{ field: 'presence', name: 'available|busy', required: true }],
    without: card,
    example: 'parley presence busy',
  },
];
