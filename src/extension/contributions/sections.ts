import type { SettingName } from './settings';

/** Sections of the settings, in their order. */
export const sections = {
  rings: 'Rings',
  threads: 'Threads',
  agent: 'Agent of This Window',
  broker: 'Broker',
} as const;

/** Where each setting stands: a new one has to be given its place. */
export const sectionOf: Readonly<Record<SettingName, keyof typeof sections>> = {
  disturb: 'rings',
  'doNotDisturb.hours': 'rings',
  'wake.typedLine': 'rings',
  'wake.headless': 'rings',
  openThreads: 'threads',
  agentName: 'agent',
  'chat.mayWake': 'agent',
  home: 'broker',
  autoStart: 'broker',
};
